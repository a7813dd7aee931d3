//! Acting on processes: ending and suspending them, priorities, CPUs.

use std::time::{Duration, Instant};

use pslens::os::windows::{CtrlEvent, PriorityClass, ProcessExt, enable_debug_privilege};
use pslens::process::{
    ExitStatus, IoHint, IoLevel, IoPriority, Limit, Limits, Resource, Signal, Status,
};
use pslens::{Error, ErrorKind, Process};

use crate::evidence;
use crate::puppet::{CONSOLE_OF_ITS_OWN, PATIENCE, Puppet};

#[test]
fn what_is_ended_exits_with_15() {
    let ways: [(&str, fn(&Process) -> Result<(), Error>); 4] = [
        ("Process::terminate", Process::terminate),
        ("Process::kill", Process::kill),
        ("Process::send_signal", |process| {
            process.send_signal(Signal::TERM)
        }),
        ("Process::send_signal", |process| {
            process.send_signal(Signal::KILL)
        }),
    ];
    for (path, end) in ways {
        let mut puppet = Puppet::start();
        puppet.send_signal(Signal::from_raw(0).unwrap()).unwrap();
        end(&puppet).unwrap();
        let status = puppet.child().wait_timeout(PATIENCE).unwrap();
        assert_eq!(status, Some(ExitStatus::Exited(15)), "{path}");
        // Kept open by us: it has its number still, and is gone all the same.
        assert!(!puppet.is_running().unwrap());
        for result in [end(&puppet), puppet.suspend(), puppet.resume()] {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::NoSuchProcess);
        }
        evidence::called(path);
    }
}

#[test]
fn what_is_suspended_twice_goes_on_after_being_resumed_twice() {
    let mut puppet = Puppet::start();
    let asleep = Duration::from_millis(300);
    puppet.tell("echo 1");
    assert_eq!(puppet.answer(), "1");
    puppet.suspend().unwrap();
    puppet.suspend().unwrap();
    puppet.tell("echo 2");
    assert_eq!(puppet.answer_within(asleep), None);
    puppet.resume().unwrap();
    assert_eq!(puppet.answer_within(asleep), None);
    puppet.resume().unwrap();
    assert_eq!(puppet.answer(), "2");
    // One time too many, and by the names of the signals.
    puppet.resume().unwrap();
    puppet.send_signal(Signal::STOP).unwrap();
    puppet.tell("echo 3");
    assert_eq!(puppet.answer_within(asleep), None);
    puppet.send_signal(Signal::CONT).unwrap();
    assert_eq!(puppet.answer(), "3");
    evidence::called("Process::suspend");
    evidence::called("Process::resume");
}

#[test]
fn a_suspended_process_is_stopped_and_can_be_ended() {
    let mut puppet = Puppet::start();
    puppet.suspend().unwrap();
    // Wine does not say what threads wait for, so there a process always runs.
    let status = puppet.status().unwrap();
    assert!(
        matches!(status, Status::Stopped | Status::Running),
        "{status}"
    );
    puppet.terminate().unwrap();
    let status = puppet.child().wait_timeout(PATIENCE).unwrap();
    assert_eq!(status, Some(ExitStatus::Exited(15)));
}

#[test]
fn signals_that_mean_nothing_are_refused_with_those_that_do() {
    let puppet = Puppet::start();
    for number in 1..=31 {
        let signal = Signal::from_raw(number).unwrap();
        if [Signal::TERM, Signal::KILL, Signal::STOP, Signal::CONT].contains(&signal) {
            continue;
        }
        let error = puppet.send_signal(signal).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let message = error.to_string();
        let expect = format!("got {signal}; accepted: SIGTERM or SIGKILL");
        assert!(message.contains(&expect), "{message}");
    }
    assert!(puppet.is_running().unwrap());
    assert!(Signal::from_raw(32).is_err());
    assert!("RTMIN".parse::<Signal>().is_err());
}

#[test]
fn priority_classes_are_what_was_set() {
    let puppet = Puppet::start();
    for class in PriorityClass::ALL {
        let number = class.as_raw().cast_signed();
        let former = puppet.priority_class().unwrap();
        if let Err(error) = puppet.set_priority_class(class) {
            // That needs a privilege; nothing less is given in its place.
            assert_eq!(class, PriorityClass::Realtime);
            assert_eq!(error.kind(), ErrorKind::AccessDenied);
            assert_eq!(puppet.priority_class().unwrap(), former);
            continue;
        }
        assert_eq!(puppet.priority_class().unwrap(), class);
        assert_eq!(puppet.nice().unwrap(), number);
        puppet.set_priority_class(PriorityClass::Normal).unwrap();
        puppet.set_nice(number).unwrap();
        assert_eq!(puppet.priority_class().unwrap(), class);
    }
    let before = puppet.nice().unwrap();
    for number in [0, -20, 19, -1, 33, i32::MIN] {
        let error = puppet.set_nice(number).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let message = error.to_string();
        assert!(
            message.contains(&format!("got {number}; accepted: 64 (idle), ")),
            "{message}"
        );
    }
    assert_eq!(puppet.nice().unwrap(), before);
    evidence::called("Process::nice");
}

#[test]
fn io_priorities_are_hints() {
    let puppet = Puppet::start();
    if let Err(error) = puppet.set_io_priority(IoHint::Normal) {
        let why = "wine does not implement ProcessIoPriority";
        for result in [
            puppet.io_priority().map(drop),
            puppet.ionice().map(drop),
            Err(error),
        ] {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported);
        }
        return evidence::without_data("Process::ionice", why);
    }
    for hint in IoHint::ALL.into_iter().take(3) {
        puppet.set_ionice(IoPriority::Hint(hint)).unwrap();
        assert_eq!(puppet.ionice().unwrap(), IoPriority::Hint(hint));
        assert_eq!(puppet.io_priority().unwrap(), hint);
        puppet.set_io_priority(IoHint::Normal).unwrap();
        assert_eq!(puppet.io_priority().unwrap(), IoHint::Normal);
    }
    // That needs a privilege.
    if let Err(error) = puppet.set_io_priority(IoHint::High) {
        assert_eq!(error.kind(), ErrorKind::AccessDenied);
    }
    evidence::called("Process::ionice");
}

#[test]
fn io_priorities_that_cannot_be_set_are_refused() {
    let puppet = Puppet::start();
    for priority in [
        IoPriority::None,
        IoPriority::Idle,
        IoPriority::BestEffort(IoLevel::DEFAULT),
        IoPriority::Realtime(IoLevel::DEFAULT),
        IoPriority::Hint(IoHint::Critical),
    ] {
        let error = puppet.set_ionice(priority).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let message = error.to_string();
        assert!(message.contains(&format!("got {priority}")), "{message}");
        assert!(
            message.contains("the hints very-low, low, normal, high"),
            "{message}"
        );
    }
}

#[test]
fn cpus_are_what_was_set() {
    let puppet = Puppet::start();
    let all = puppet.cpu_affinity().unwrap();
    assert!(!all.is_empty() && all.is_sorted());
    for cpu in &all {
        puppet.set_cpu_affinity(&[*cpu, *cpu]).unwrap();
        assert_eq!(puppet.cpu_affinity().unwrap(), [*cpu]);
    }
    puppet.reset_cpu_affinity().unwrap();
    assert_eq!(puppet.cpu_affinity().unwrap(), all);
    for wrong in [u32::MAX, 5000, *all.last().unwrap() + 1] {
        let error = puppet.set_cpu_affinity(&[all[0], wrong]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let message = error.to_string();
        assert!(
            message.contains(&format!("got {wrong}; accepted: one or more CPUs of 0-")),
            "{message}"
        );
    }
    let error = puppet.set_cpu_affinity(&[]).unwrap_err();
    assert!(
        error.to_string().contains("got none; accepted: "),
        "{error}"
    );
    assert_eq!(puppet.cpu_affinity().unwrap(), all);
    evidence::called("Process::cpu_affinity");
}

#[test]
fn there_are_no_limits() {
    let puppet = Puppet::start();
    let limits = Limits {
        soft: Limit::At(1),
        hard: Limit::At(1),
    };
    for result in [
        puppet.rlimit(Resource::Nofile).map(drop),
        puppet.set_rlimit(Resource::Nofile, limits),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

#[test]
fn a_console_event_ends_the_group_that_the_process_leads() {
    // Somebody who has a console, whatever this test has.
    let mut puppet = Puppet::start_with(CONSOLE_OF_ITS_OWN);
    puppet.tell("break");
    let answer = puppet.answer();
    // Without a terminal wine makes no console, and says that there is none.
    if answer.contains("kind: Os") {
        return;
    }
    // STATUS_CONTROL_C_EXIT
    let status = ExitStatus::Exited(0xc000_013a_u32.cast_signed());
    assert_eq!(answer, format!("{:?}", Some(status)));
}

#[test]
fn the_privilege_to_debug_is_given_or_refused() {
    for _ in 0..2 {
        if let Err(error) = enable_debug_privilege() {
            assert_eq!(error.kind(), ErrorKind::AccessDenied, "{error}");
        }
    }
}

/// Everything that acts, for one that must not be acted on.
fn acts(process: &Process) -> Vec<Result<(), Error>> {
    let limits_are_nobodys = process.rlimit(Resource::Core).unwrap_err();
    assert_eq!(limits_are_nobodys.kind(), ErrorKind::Unsupported);
    vec![
        process.terminate(),
        process.kill(),
        process.suspend(),
        process.resume(),
        process.send_signal(Signal::from_raw(0).unwrap()),
        process.set_nice(32),
        process.set_ionice(IoPriority::Hint(IoHint::Normal)),
        process.set_cpu_affinity(&[0]),
        process.reset_cpu_affinity(),
        process.set_priority_class(PriorityClass::Normal),
        process.set_io_priority(IoHint::Normal),
        process.send_ctrl_event(CtrlEvent::Break),
    ]
}

#[test]
fn what_is_gone_is_not_acted_on() {
    let gone = Puppet::start().forgotten();
    let started = Instant::now();
    for result in acts(&gone) {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::NoSuchProcess);
    }
    assert!(gone.priority_class().is_err() && gone.io_priority().is_err());
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn number_0_is_refused() {
    let idle = Process::new(0).unwrap();
    for result in acts(&idle) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
}

#[test]
fn the_kernels_own_process_is_denied() {
    // Wine has none.
    let Ok(system) = Process::new(4) else {
        return;
    };
    for result in acts(&system) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessDenied, "{error}");
    }
}
