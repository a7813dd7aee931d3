//! Children that the library starts for its caller.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use pslens::process::{self, Child, ExitStatus, Outcome, Signal};
use pslens::{ErrorKind, Process};

fn shell(script: &str) -> Child {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Child::spawn(&mut command).unwrap()
}

#[test]
fn a_child_is_a_process_with_streams() {
    let mut child = shell("read line; echo \"got $line\"; exit 3");
    assert_eq!(child.parent().unwrap(), Some(Process::current().unwrap()));
    assert_eq!(child.try_wait().unwrap(), Outcome::Running);
    let error = child.wait_timeout(Duration::from_millis(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    child.stdin.as_mut().unwrap().write_all(b"this\n").unwrap();
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "got this\n");
    assert_eq!(child.wait().unwrap(), Some(ExitStatus::Exited(3)));
}

#[test]
fn the_status_is_remembered() {
    let mut child = shell("kill -9 $$");
    let status = Some(ExitStatus::Signaled(Signal::KILL));
    for _ in 0..2 {
        assert_eq!(child.wait().unwrap(), status);
        assert_eq!(child.wait_timeout(Duration::ZERO).unwrap(), status);
        assert_eq!(child.try_wait().unwrap(), Outcome::Gone(status));
    }
    assert_eq!(child.kill().unwrap_err().kind(), ErrorKind::NoSuchProcess);
    assert_eq!(child.wait_with_output().unwrap().status, status);
}

#[test]
fn waiting_closes_the_standard_input() {
    let mut cat = shell("cat");
    assert_eq!(cat.wait().unwrap(), Some(ExitStatus::Exited(0)));
}

#[test]
fn much_output_on_both_streams_is_no_deadlock() {
    let script = "head -c 1000000 /dev/zero >&2; head -c 2000000 /dev/zero; echo end >&2";
    let output = shell(script).wait_with_output().unwrap();
    assert_eq!(output.status, Some(ExitStatus::Exited(0)));
    assert_eq!(output.stdout.len(), 2_000_000);
    assert_eq!(output.stderr.len(), 1_000_004);
    let silent = Child::spawn(&mut Command::new("true")).unwrap();
    let output = silent.wait_with_output().unwrap();
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn children_remember_what_waiting_for_all_has_found() {
    let mut children: Vec<_> = (0..5).map(|code| shell(&format!("exit {code}"))).collect();
    children[2].wait().unwrap();
    children.push(shell("exec sleep 1000"));
    let mut order = Child::wait_all(&mut children, Some(Duration::from_secs(1))).unwrap();
    assert_eq!(order.first(), Some(&2));
    order.sort_unstable();
    assert_eq!(order, [0, 1, 2, 3, 4]);
    children[5].kill().unwrap();
    assert_eq!(
        Child::wait_all(&mut children, None).unwrap().last(),
        Some(&5)
    );
    for (code, child) in (0..5).zip(&mut children) {
        assert_eq!(child.wait().unwrap(), Some(ExitStatus::Exited(code)));
    }
}

#[test]
fn somebody_else_may_reap() {
    let mut child = shell("exit 3");
    let waited = process::wait_all([child.process().clone()], None, |_, _| {}).unwrap();
    assert_eq!(waited.gone[0].1, Some(ExitStatus::Exited(3)));
    assert_eq!(child.wait().unwrap(), None);
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let error = Child::spawn(&mut Command::new("/no/such/program")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.path(), Some("/no/such/program".as_ref()));
}
