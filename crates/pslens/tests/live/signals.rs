//! Signals to children of this process.

use std::os::unix::process::ExitStatusExt;

use pslens::process::{Signal, Status};
use pslens::{ErrorKind, Process, Root};

use crate::children::Running;

#[test]
fn suspend_stops_and_resume_continues() {
    let child = Running::idle();
    child.suspend().unwrap();
    child.reaches(Status::Stopped);
    child.resume().unwrap();
    child.reaches(Status::Sleeping);
}

#[test]
fn the_signal_that_is_sent_is_the_one_that_ends_it() {
    fn check(signal: Signal, send: impl Fn(&Process) -> pslens::Result<()>) {
        let mut child = Running::idle();
        send(&child).unwrap();
        let status = child.child.wait().unwrap();
        assert_eq!(status.signal(), Some(signal.as_raw()), "{signal}");
    }
    check(Signal::TERM, Process::terminate);
    check(Signal::KILL, Process::kill);
    for signal in [Signal::HUP, "RTMIN+2".parse().unwrap()] {
        check(signal, |process| process.send_signal(signal));
    }
}

#[test]
fn signal_zero_only_looks() {
    let child = Running::idle();
    child.send_signal(Signal::from_raw(0).unwrap()).unwrap();
    child.reaches(Status::Sleeping);
}

#[test]
fn a_stopped_process_can_be_killed() {
    let mut child = Running::idle();
    child.suspend().unwrap();
    child.reaches(Status::Stopped);
    child.kill().unwrap();
    let status = child.child.wait().unwrap();
    assert_eq!(status.signal(), Some(Signal::KILL.as_raw()));
}

#[test]
fn a_zombie_takes_any_signal_silently() {
    let zombie = Running::zombie();
    zombie.kill().unwrap();
    zombie.suspend().unwrap();
    assert_eq!(zombie.status().unwrap(), Status::Zombie);
}

#[test]
fn a_process_that_was_reaped_takes_none() {
    let gone = Running::idle().reaped();
    for result in [
        gone.send_signal(Signal::TERM),
        gone.suspend(),
        gone.resume(),
        gone.terminate(),
        gone.kill(),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSuchProcess, "{error}");
        assert_eq!(error.pid(), Some(gone.pid()));
    }
}

#[test]
fn a_process_of_another_root_is_not_acted_on() {
    // The same processes, but nothing says that the numbers below a mount are this kernel's.
    let root = tempfile::tempdir().unwrap();
    let proc = root.path().join("proc");
    std::os::unix::fs::symlink("/proc", &proc).unwrap();
    let root = Root::at(&proc, root.path().join("sys")).unwrap();
    let child = Running::idle();
    let other = Process::new_in(child.pid(), &root).unwrap();
    let limits = pslens::process::Limits {
        soft: pslens::process::Limit::At(0),
        hard: pslens::process::Limit::At(0),
    };
    for result in [
        other.kill(),
        other.set_nice(1),
        other.set_ionice(pslens::process::IoPriority::Idle),
        other.set_cpu_affinity(&[0]),
        other.reset_cpu_affinity(),
        other.set_rlimit(pslens::process::Resource::Core, limits),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    child.reaches(Status::Sleeping);
}

#[test]
fn pid_zero_is_nobody() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("0")).unwrap();
    std::fs::copy("/proc/self/stat", root.path().join("0/stat")).unwrap();
    let root = Root::at(root.path(), root.path()).unwrap();
    let nobody = Process::new_in(0_u32, &root).unwrap();
    assert_eq!(
        nobody.kill().unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    assert_eq!(
        nobody.set_nice(0).unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
}

#[test]
fn another_users_process_is_denied() {
    if !rustix::process::geteuid().is_root() {
        // The first process is root's.
        let error = Process::new(1_u32).unwrap().terminate().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessDenied);
        return;
    }
    crate::skip(
        "another_users_process_is_denied",
        "root may signal everybody",
    );
}
