//! Starting the program.

use std::ffi::OsStr;
use std::process::{Command, Output};

use serde_json::Value;

pub(crate) fn pslens<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pslens"));
    command.args(args).env("TZ", "UTC");
    command
}

/// What it answers, when all is well.
pub(crate) fn answer<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    let output = pslens(args).output().unwrap();
    assert_eq!(stderr(&output), "");
    assert_eq!(output.status.code(), Some(0));
    stdout(&output)
}

/// The objects of a JSON answer, when all is well.
pub(crate) fn objects<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Vec<Value> {
    serde_json::from_str(&answer(args)).unwrap()
}

/// The program ends with this status, and says one line that has `expect` in it.
pub(crate) fn fails(args: &[&str], status: i32, expect: &str) {
    let output = pslens(args).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(status), "{args:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
    assert!(said.contains(expect), "{args:?}: {said}");
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
