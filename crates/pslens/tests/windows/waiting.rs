//! Waiting for processes, and what they exit with.

use std::io::Write;
use std::ops::ControlFlow;
use std::process::Stdio;
use std::time::{Duration, Instant};

use pslens::process::{self, Child, ExitStatus, Outcome, WaitEvent};
use pslens::{ErrorKind, Process};

use crate::evidence;
use crate::puppet::{self, PATIENCE, Puppet};

#[test]
fn every_exit_code_is_told() {
    // 259 is what a living process has; the last one is that of a bad memory access.
    for code in [0, 1, 259, 255, i32::MIN, 0xc000_0005_u32.cast_signed()] {
        let mut puppet = Puppet::start();
        let process = puppet.child().process().clone();
        assert_eq!(process.try_wait().unwrap(), Outcome::Running);
        puppet.exit(code);
        let status = Some(ExitStatus::Exited(code));
        assert_eq!(process.wait().unwrap(), status);
        // Nobody reaps: whoever asks while it is open is told.
        assert_eq!(process.try_wait().unwrap(), Outcome::Gone(status));
        assert_eq!(puppet.child().wait().unwrap(), status);
        assert!(!process.is_running().unwrap());
        drop(puppet);
        puppet::eventually(|| process.wait().unwrap().is_none());
    }
    evidence::called("Process::wait");
}

#[test]
fn a_wait_ends_when_the_time_is_over() {
    let puppet = Puppet::start();
    for timeout in [
        Duration::ZERO,
        Duration::from_nanos(1),
        Duration::from_millis(150),
    ] {
        let started = Instant::now();
        let error = puppet.wait_timeout(timeout).unwrap_err();
        assert!(started.elapsed() >= timeout);
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(error.pid(), Some(puppet.pid()));
    }
    let waited = process::wait_all(
        [(*puppet).clone()],
        Some(Duration::from_millis(50)),
        |_, _| {},
    );
    assert_eq!(waited.unwrap().alive.len(), 1);
}

#[test]
fn whoever_waits_is_asked_whether_to_go_on() {
    let puppet = Puppet::start();
    let mut asked = 0;
    let started = Instant::now();
    let outcome = puppet.wait_interruptible(None, || {
        asked += 1;
        match asked {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    assert_eq!(outcome.unwrap(), Outcome::Running);
    assert!(started.elapsed() < PATIENCE);
    let mut asked = 0;
    let waited = process::wait_all_interruptible([(*puppet).clone()], None, |event| {
        assert!(matches!(event, WaitEvent::Interrupted));
        asked += 1;
        match asked {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    assert_eq!(waited.unwrap().alive.len(), 1);
}

#[test]
fn the_exit_code_of_what_is_no_child_is_told() {
    let mut puppet = Puppet::start();
    puppet.tell("start 42");
    let pid: u32 = puppet.answer().parse().unwrap();
    let grandchild = Process::new(pid).unwrap();
    assert_eq!(grandchild.try_wait().unwrap(), Outcome::Running);
    puppet.tell("now");
    assert_eq!(grandchild.wait().unwrap(), Some(ExitStatus::Exited(42)));
}

#[test]
fn a_child_that_has_ended_before_anybody_asks_is_remembered() {
    let mut child = Child::spawn(puppet::command().stderr(Stdio::null())).unwrap();
    let process = child.process().clone();
    process.kill().unwrap();
    puppet::eventually(|| !process.is_running().unwrap());
    // Not even when one that ended later is forgotten: this value has it open.
    let later = Puppet::start().forgotten();
    puppet::eventually(|| later.try_wait().unwrap() == Outcome::Gone(None));
    let status = Some(ExitStatus::Exited(15));
    assert_eq!(process.try_wait().unwrap(), Outcome::Gone(status));
    assert_eq!(child.wait().unwrap(), status);
    assert_eq!(child.wait().unwrap(), status);
}

#[test]
fn many_are_waited_for_and_each_is_told_once() {
    // More than one call of the system can wait for.
    let mut puppets: Vec<Puppet> = (0..70).map(|_| Puppet::start()).collect();
    let processes: Vec<Process> = puppets.iter().map(|puppet| (**puppet).clone()).collect();
    let twice = processes.iter().chain(&processes).cloned();
    let nobody = process::wait_all(twice, Some(Duration::from_millis(20)), |_, _| panic!());
    assert_eq!(nobody.unwrap().alive, processes);
    // The last one is not in the first group; the first one that ends tells the others to.
    let mut told = Vec::new();
    puppets[69].exit(69);
    let waited = process::wait_all_interruptible(processes.clone(), Some(PATIENCE), |event| {
        let WaitEvent::Gone(process, status) = event else {
            return ControlFlow::Continue(());
        };
        told.push((process.pid(), status));
        if told.len() == 1 {
            for (code, puppet) in (0..).zip(&mut puppets[..69]) {
                puppet.exit(code);
            }
        }
        ControlFlow::Continue(())
    });
    let waited = waited.unwrap();
    assert_eq!((waited.gone.len(), waited.alive.len()), (70, 0));
    assert_eq!(told[0].0, processes[69].pid());
    told.sort_by_key(|(_, status)| status.map(ExitStatus::returncode));
    let expect: Vec<_> = (0..)
        .zip(&processes)
        .map(|(code, process)| (process.pid(), Some(ExitStatus::Exited(code))))
        .collect();
    assert_eq!(told, expect);
    // All at once, all of which are over.
    let again = process::wait_procs(processes, None, |_, status| assert!(status.is_some()));
    assert_eq!(again.unwrap().gone.len(), 70);
    evidence::called("process::wait_all");
}

#[test]
fn whoever_has_given_up_is_told_no_more() {
    let mut puppets: Vec<Puppet> = (0..3).map(|_| Puppet::start()).collect();
    for puppet in &mut puppets {
        puppet.exit(0);
        puppet.child().wait().unwrap();
    }
    let processes = puppets.iter().map(|puppet| (**puppet).clone());
    let waited = process::wait_all_interruptible(processes, None, |_| ControlFlow::Break(()));
    let waited = waited.unwrap();
    assert_eq!((waited.gone.len(), waited.alive.len()), (1, 2));
}

#[test]
fn what_is_gone_has_ended_somehow() {
    let gone = Puppet::start().forgotten();
    puppet::eventually(|| gone.try_wait().unwrap() == Outcome::Gone(None));
    assert_eq!(gone.wait().unwrap(), None);
    let waited = process::wait_all([gone.clone()], None, |_, status| assert_eq!(status, None));
    assert_eq!(waited.unwrap().gone.len(), 1);
}

#[test]
fn number_0_is_nobody_to_wait_for() {
    let idle = Process::new(0).unwrap();
    let error = idle.try_wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn much_output_on_both_streams_is_no_deadlock() {
    const MUCH: usize = 1 << 20;
    let mut child = Child::spawn(puppet::command().stderr(Stdio::piped())).unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "fill {MUCH}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status, Some(ExitStatus::Exited(0)));
    for bytes in [&output.stdout, &output.stderr] {
        assert_eq!(bytes.iter().filter(|byte| **byte == 0xff).count(), MUCH);
    }
    evidence::called("process::Child");
}

#[test]
fn streams_that_are_no_pipes_have_no_output() {
    let child = Child::spawn(
        puppet::command()
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
    )
    .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status, Some(ExitStatus::Exited(0)));
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let error = Child::spawn(&mut std::process::Command::new(r"C:\no\such.exe")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.path(), Some(r"C:\no\such.exe".as_ref()));
}
