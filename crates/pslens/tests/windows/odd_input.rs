//! Numbers that are special, nobody's, or no longer anybody's.

use std::time::SystemTime;

use pslens::process::{self, AttributeSet, Pid};
use pslens::{ErrorKind, Process, host};

use crate::child::Child;
use crate::evidence::called;

fn assert_gone<T: std::fmt::Debug>(result: pslens::Result<T>) {
    let kind = result.map_err(|error| error.kind());
    assert!(matches!(kind, Err(ErrorKind::NoSuchProcess)), "{kind:?}");
}

/// The idle process: there without being a process. wine has none in its table.
#[test]
fn number_0_is_the_idle_process() {
    assert!(process::pid_exists(Pid::from(0)).unwrap());
    let idle = Process::new(0).unwrap();
    assert!(idle.is_running().unwrap());
    assert_eq!(idle, Process::new(0).unwrap());
    assert_eq!(idle.name().unwrap(), "System Idle Process");
    if process::pids().unwrap().contains(&Pid::from(0)) {
        let info = idle.info(AttributeSet::ALL).unwrap();
        assert!(info.num_threads.value().is_some_and(|threads| *threads > 0));
        assert_eq!(idle.create_time().unwrap(), host::boot_time().unwrap());
        assert_eq!(idle.ppid().unwrap(), Pid::from(0));
        assert_eq!(idle.parent().unwrap(), None);
    } else {
        assert_gone(idle.info(AttributeSet::ALL));
        assert_gone(idle.num_threads());
        assert_gone(idle.create_time());
    }
}

/// The kernel's own process, which only administrators may open. wine has none.
#[test]
fn number_4_is_the_kernel() {
    if !process::pid_exists(Pid::from(4)).unwrap() {
        assert_gone(Process::new(4));
        return;
    }
    let system = Process::new(4).unwrap();
    assert_eq!(system.name().unwrap(), "System");
    assert!(system.num_threads().unwrap() > 1);
    assert!(system.create_time().unwrap() < SystemTime::now());
    assert!(system.is_running().unwrap());
    let info = system.info(AttributeSet::ALL).unwrap();
    assert!(info.memory_info.value().is_some());
}

/// Windows opens 5 to 7 as 4, and may refuse it for that reason.
#[test]
fn numbers_between_processes_are_nobodys() {
    for pid in [1, 2, 3, 5, 6, 7, 0xffff_fff0, u32::MAX - 3, u32::MAX] {
        assert!(!process::pid_exists(Pid::from(pid)).unwrap(), "{pid}");
        assert_gone(Process::new(pid));
    }
}

#[test]
fn who_has_ended_is_gone_though_its_handle_is_open() {
    let mut child = Child::waiting();
    let process = child.process();
    let mut look = process.oneshot().unwrap();
    assert!(process.is_running().unwrap());
    assert_eq!(look.ppid().unwrap(), std::process::id().into());
    child.end();
    assert!(!process.is_running().unwrap());
    assert!(!process::pid_exists(process.pid()).unwrap());
    assert_gone(Process::new(process.pid()));
    assert_gone(process.name());
    assert_gone(process.ppid());
    assert_gone(process.create_time());
    assert_gone(process.cpu_times());
    assert_gone(process.memory_info());
    assert_gone(process.memory_info_ex());
    assert_gone(process.io_counters());
    assert_gone(process.num_handles());
    assert_gone(process.num_threads());
    assert_gone(process.threads());
    assert_gone(process.status());
    assert_gone(process.page_faults());
    assert_gone(process.num_ctx_switches());
    assert_gone(process.info(AttributeSet::EMPTY));
    assert_gone(process.info(AttributeSet::ALL));
    assert_gone(process.oneshot());
    assert_gone(process.parent());
    assert_gone(process.children());
    // Also for a look that began before.
    assert_gone(look.memory_info());
    called("Process::is_running");
}

#[test]
#[ignore = "the part of a child"]
fn refuses_everybody() {
    crate::ffi::refuse_everybody();
    crate::child::wait_for_the_end();
}

/// As processes of other users do.
#[test]
fn a_process_that_refuses_to_be_opened_is_told_by_the_table() {
    let mut child = Child::start("odd_input::refuses_everybody");
    let pid = Pid::from(child.pid());
    assert!(process::pid_exists(pid).unwrap());
    // Nor are the numbers above it somebody's because they are refused as well.
    assert!(!process::pid_exists(Pid::from(child.pid() + 1)).unwrap());
    assert_gone(Process::new(child.pid() + 3));
    let process = child.process();
    assert!(process.is_running().unwrap());
    assert_eq!(process.ppid().unwrap(), std::process::id().into());
    assert_eq!(
        process.name().unwrap(),
        Process::current().unwrap().name().unwrap()
    );
    assert!(process.create_time().unwrap() <= SystemTime::now());
    assert!(process.memory_info().unwrap().rss > 0);
    assert!(process.num_handles().unwrap() > 0);
    process.cpu_times().unwrap();
    process.io_counters().unwrap();
    let info = process.info(AttributeSet::ALL).unwrap();
    assert!(info.name.value().is_some() && info.threads.value().is_some());
    // It has a command line, which the table does not have.
    let denied = process.cmdline().map_err(|error| error.kind());
    assert!(
        matches!(
            denied,
            Err(ErrorKind::AccessDenied | ErrorKind::Unsupported)
        ),
        "{denied:?}"
    );
    let mut look = process.oneshot().unwrap();
    assert_eq!(look.name().unwrap(), process.name().unwrap());
    child.end();
    assert!(!process.is_running().unwrap());
    assert_gone(process.name());
    assert_gone(process.num_threads());
    assert_gone(process.info(AttributeSet::EMPTY));
}
