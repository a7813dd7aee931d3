//! Waiting for children of this process, and for processes that are not.

use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pslens::process::{
    self, ExitStatus, Limit, Limits, Outcome, Resource, Signal, Status, WaitEvent,
};
use pslens::{ErrorKind, Process};

use crate::children::{Running, until};
use crate::puppet::{Builder, PATIENCE, Role, Stage};

pub(crate) const ROLES: &[(&str, Role)] = &[
    ("interrupted", interrupted),
    ("few_descriptors", few_descriptors),
    ("tracer", |stage| {
        let pid = stage.argument().into_string().unwrap();
        crate::ffi::trace(pid.parse().unwrap()).unwrap();
        stage.ready("");
        stage.hold();
    }),
];

fn shell(script: &str) -> Running {
    Running::start(Command::new("/bin/sh").args(["-c", script]))
}

#[test]
fn a_child_is_reaped_and_says_how_it_ended() {
    for code in [0, 1, 255] {
        let child = shell(&format!("exit {code}"));
        assert_eq!(child.wait().unwrap(), Some(ExitStatus::Exited(code)));
        assert!(!child.is_running().unwrap());
        // It was reaped: nobody knows any more.
        assert_eq!(child.wait().unwrap(), None);
        assert_eq!(child.try_wait().unwrap(), Outcome::Gone(None));
        assert_eq!(child.wait_timeout(Duration::ZERO).unwrap(), None);
    }
    for signal in [Signal::KILL, Signal::TERM, "RTMAX".parse().unwrap()] {
        let child = Running::idle();
        assert_eq!(child.try_wait().unwrap(), Outcome::Running);
        child.send_signal(signal).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status, Some(ExitStatus::Signaled(signal)));
        assert_eq!(status.unwrap().returncode(), -signal.as_raw());
    }
}

#[test]
fn a_zombie_is_reaped_at_once() {
    let zombie = Running::zombie();
    let status = zombie.wait_timeout(Duration::ZERO).unwrap();
    assert_eq!(status, Some(ExitStatus::Exited(0)));
}

#[test]
fn a_stopped_child_has_not_ended() {
    let child = Running::idle();
    child.suspend().unwrap();
    child.reaches(Status::Stopped);
    assert_eq!(child.try_wait().unwrap(), Outcome::Running);
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status, Some(ExitStatus::Signaled(Signal::KILL)));
}

#[test]
fn what_takes_too_long_times_out() {
    let child = Running::idle();
    let timeout = Duration::from_millis(30);
    let started = Instant::now();
    let error = child.wait_timeout(timeout).unwrap_err();
    assert!(started.elapsed() >= timeout);
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(error.pid(), Some(child.pid()));
    assert!(child.is_running().unwrap());
    // So long that it cannot be added to any moment.
    child.kill().unwrap();
    assert!(child.wait_timeout(Duration::MAX).unwrap().is_some());
}

/// A process that is not our child, and whose parent never reaps.
struct Orphan {
    _parent: Running,
    process: Process,
}

impl Orphan {
    fn new() -> Self {
        let mut parent = Running::start(
            Command::new("/bin/sh")
                .args(["-c", "sleep 1000 >/dev/null & echo $!; exec sleep 1001"])
                .stdout(Stdio::piped()),
        );
        let mut line = String::new();
        let stdout = parent.child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let process = Process::new(line.trim().parse::<pslens::Pid>().unwrap()).unwrap();
        // From here on it is not a shell, which would reap.
        until(|| parent.name().unwrap() == "sleep");
        Self {
            _parent: parent,
            process,
        }
    }
}

#[test]
fn a_process_that_is_no_child_ends_when_it_exits() {
    let orphan = Orphan::new();
    assert_eq!(orphan.process.try_wait().unwrap(), Outcome::Running);
    orphan.process.kill().unwrap();
    assert_eq!(orphan.process.wait_timeout(PATIENCE).unwrap(), None);
    // It exited, and it was not ours to reap.
    assert_eq!(orphan.process.status().unwrap(), Status::Zombie);

    let orphan = Orphan::new();
    orphan.process.kill().unwrap();
    let waited = process::wait_all([orphan.process.clone()], Some(PATIENCE), |_, status| {
        assert_eq!(status, None);
    })
    .unwrap();
    assert_eq!(waited.gone, [(orphan.process.clone(), None)]);
    assert_eq!(orphan.process.status().unwrap(), Status::Zombie);
}

#[test]
fn a_debugger_delays_the_status_and_does_not_lose_it() {
    let child = Running::idle();
    let tracer = Builder::new("tracer")
        .argument(child.pid().to_string())
        .ready();
    child.reaches(Status::TracingStop);
    assert_eq!(child.try_wait().unwrap(), Outcome::Running);
    child.kill().unwrap();
    child.reaches(Status::Zombie);
    // The debugger has not looked yet, so the kernel does not tell us.
    let error = child.wait_timeout(Duration::from_millis(20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let waited = process::wait_all([child.clone()], Some(Duration::from_millis(20)), |_, _| {});
    assert_eq!(waited.unwrap().alive.len(), 1);
    let status = std::thread::scope(|scope| {
        let waiting =
            scope.spawn(|| process::wait_all([child.clone()], Some(PATIENCE), |_, _| {}).unwrap());
        drop(tracer);
        waiting.join().unwrap().gone[0].1
    });
    assert_eq!(status, Some(ExitStatus::Signaled(Signal::KILL)));
}

#[test]
fn all_are_waited_for_and_each_is_told_once() {
    let children: Vec<_> = (0..20).map(|code| shell(&format!("exit {code}"))).collect();
    // Each of them twice.
    let processes = children
        .iter()
        .chain(&children)
        .map(|child| (**child).clone());
    let mut told = Vec::new();
    let waited = process::wait_all(processes, None, |process, status| {
        told.push((process.clone(), status));
    })
    .unwrap();
    assert_eq!(waited.gone, told);
    assert!(waited.alive.is_empty());
    assert_eq!(told.len(), children.len());
    for (code, child) in (0..).zip(&children) {
        assert!(told.contains(&((**child).clone(), Some(ExitStatus::Exited(code)))));
    }
}

#[test]
fn those_that_run_on_are_alive() {
    let (ends, lasts) = (Running::idle(), Running::idle());
    let gone = Running::idle().reaped();
    let processes = [lasts.clone(), ends.clone(), gone.clone()];
    let none = process::wait_all(Vec::new(), None, |_, _| {}).unwrap();
    assert!(none.gone.is_empty() && none.alive.is_empty());
    let waited = process::wait_all(processes.clone(), Some(Duration::ZERO), |_, _| {}).unwrap();
    assert_eq!(waited.gone, [(gone.clone(), None)]);
    assert_eq!(waited.alive, [lasts.clone(), ends.clone()]);
    ends.terminate().unwrap();
    let waited = process::wait_procs(processes, Some(Duration::from_millis(300)), |_, _| {});
    let waited = waited.unwrap();
    let status = Some(ExitStatus::Signaled(Signal::TERM));
    assert_eq!(waited.gone, [(gone, None), (ends.clone(), status)]);
    assert_eq!(waited.alive, std::slice::from_ref(&*lasts));
}

/// Signals that are caught do not shorten a wait, and do not end it.
fn interrupted(stage: &Stage) {
    crate::ffi::catch(Signal::USR1.as_raw()).unwrap();
    let timeout = Duration::from_millis(300);
    stage.ready("");
    let child = Running::idle();
    let started = Instant::now();
    let error = child.wait_timeout(timeout).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let waited = process::wait_all(vec![child.clone()], Some(timeout), |_, _| {}).unwrap();
    assert_eq!(waited.alive.len(), 1);
    let elapsed = started.elapsed();
    assert!(
        elapsed >= timeout * 2 && elapsed < timeout * 20,
        "{elapsed:?}"
    );
    stage.ready("waited");
    stage.hold();
}

#[test]
fn signals_do_not_shorten_a_wait() {
    let mut puppet = Builder::new("interrupted").ready();
    let process = puppet.process();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| puppet.hear());
        while !waiting.is_finished() {
            // To any of its threads; stopping and continuing interrupts those that wait as well.
            process.send_signal(Signal::USR1).unwrap();
            process.suspend().unwrap();
            process.resume().unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(waiting.join().unwrap(), "waited");
    });
    puppet.finish();
}

/// A process of one thread, which gets every signal itself, waits for its parent: one process, then two.
#[test]
fn a_wait_can_be_given_up_when_a_signal_comes() {
    crate::ffi::catch(Signal::USR1.as_raw()).unwrap();
    let me = Process::current().unwrap();
    let other = Running::idle();
    let child = crate::ffi::fork(|| {
        let give_up = || ControlFlow::Break(());
        if me.wait_interruptible(None, give_up).ok() != Some(Outcome::Running) {
            return 1;
        }
        let both = [me.clone(), (*other).clone()];
        let waited = process::wait_all_interruptible(both, None, |event| {
            assert!(matches!(event, WaitEvent::Interrupted));
            ControlFlow::Break(())
        });
        u8::from(waited.map_or(0, |waited| waited.alive.len()) != 2)
    });
    let child = Process::new(child.unwrap()).unwrap();
    let end = Instant::now() + PATIENCE;
    let status = loop {
        child.send_signal(Signal::USR1).unwrap();
        match child.wait_timeout(Duration::from_millis(5)) {
            Ok(status) => break status,
            Err(_) => assert!(Instant::now() < end, "it waits on"),
        }
    };
    assert_eq!(status, Some(ExitStatus::Exited(0)));
}

#[test]
fn the_first_end_can_be_enough() {
    let stays = Running::idle();
    let goes = shell("exit 3");
    let mut told = Vec::new();
    let both = [(*stays).clone(), (*goes).clone()];
    let waited = process::wait_all_interruptible(both, None, |event| {
        if let WaitEvent::Gone(process, status) = event {
            told.push((process.pid(), status));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    let waited = waited.unwrap();
    assert_eq!(told, [(goes.pid(), Some(ExitStatus::Exited(3)))]);
    assert_eq!((waited.gone.len(), waited.alive.len()), (1, 1));
}

/// Whoever gives up at the first of several ends still gets to know how the others ended.
#[test]
fn an_end_that_is_not_told_is_not_lost() {
    let ended: Vec<_> = (0..5).map(|_| shell("exit 3")).collect();
    for process in &ended {
        while process.status().unwrap() != Status::Zombie {
            std::thread::yield_now();
        }
    }
    let mut left: Vec<Process> = ended.iter().map(|process| (**process).clone()).collect();
    while !left.is_empty() {
        let before = left.len();
        let waited =
            process::wait_all_interruptible(left, None, |_| ControlFlow::Break(())).unwrap();
        assert!(matches!(
            waited.gone[..],
            [(_, Some(ExitStatus::Exited(3)))]
        ));
        assert_eq!(waited.alive.len(), before - 1);
        left = waited.alive;
    }
}

/// More processes than descriptors; those of other threads still work.
fn few_descriptors(stage: &Stage) {
    let children: Vec<_> = (0..100).map(|_| Running::idle()).collect();
    let me = Process::current().unwrap();
    let limits = me.rlimit(Resource::Nofile).unwrap();
    let few = Limits {
        soft: Limit::At(u64::from(me.num_fds().unwrap()) + 40),
        ..limits
    };
    me.set_rlimit(Resource::Nofile, few).unwrap();
    let all = || children.iter().map(|child| (**child).clone());
    let waited = process::wait_all(all(), Some(Duration::from_millis(50)), |_, _| {}).unwrap();
    assert_eq!((waited.gone.len(), waited.alive.len()), (0, 100));

    // Not one by one from the first: those that are polled end first, then those that are not.
    let mut told = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for child in children.iter().rev() {
                child.kill().unwrap();
                std::fs::File::open("/dev/null").unwrap();
            }
        });
        let waited = process::wait_all(all(), Some(PATIENCE), |_, status| {
            assert_eq!(status, Some(ExitStatus::Signaled(Signal::KILL)));
            told += 1;
        })
        .unwrap();
        assert_eq!((waited.gone.len(), waited.alive.len()), (100, 0));
    });
    assert_eq!(told, 100);

    // No descriptor at all: children are still found and reaped.
    let child = Running::idle();
    let none = Limits {
        soft: Limit::At(0),
        ..limits
    };
    me.set_rlimit(Resource::Nofile, none).unwrap();
    let early = child.wait_timeout(Duration::from_millis(5)).unwrap_err();
    let waited = process::wait_all([child.clone()], Some(Duration::from_millis(5)), |_, _| {});
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&child.child),
        rustix::process::Signal::KILL,
    )
    .unwrap();
    let refused = me.set_rlimit(Resource::Nofile, limits).unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(24), "{refused}");
    rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit {
            current: limits.soft.value(),
            maximum: limits.hard.value(),
        },
    )
    .unwrap();
    assert_eq!(early.kind(), ErrorKind::TimedOut, "{early}");
    assert_eq!(waited.unwrap().alive.len(), 1);
    stage.ready("waited");
    stage.hold();
}

#[test]
fn more_processes_than_descriptors_can_be_waited_for() {
    let mut puppet = Builder::new("few_descriptors").start();
    assert_eq!(puppet.hear(), "waited");
    puppet.finish();
}

#[test]
fn waiting_uses_no_cpu_time() {
    let children: Vec<_> = (0..200).map(|_| Running::idle()).collect();
    let processes: Vec<_> = children.iter().map(|child| (**child).clone()).collect();
    // Of this thread alone: other tests run beside it.
    let spent = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::try_from(time).unwrap()
    };
    let before = spent();
    let waited = process::wait_all(processes, Some(Duration::from_millis(500)), |_, _| {});
    assert_eq!(waited.unwrap().alive.len(), 200);
    let spent = spent() - before;
    // A loop that looked every 40 ms would use several times as much.
    assert!(spent < Duration::from_millis(30), "{spent:?}");
}
