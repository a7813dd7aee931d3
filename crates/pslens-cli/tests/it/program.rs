//! Starting the program.

use std::ffi::{OsStr, OsString};
use std::process::{Command, Output};

use pslens_fixtures::Machine;
use serde_json::Value;

/// `pslens`, with the clock of Greenwich.
pub(crate) fn pslens<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pslens"));
    command.args(args).env("TZ", "UTC").env("LC_ALL", "C");
    command
}

/// What it answers, when all is well.
pub(crate) fn answer<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    let output = pslens(args).output().unwrap();
    assert_eq!(stderr(&output), "");
    assert_eq!(output.status.code(), Some(0));
    stdout(&output)
}

/// The objects of a JSON answer.
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "for live Linux tests")
)]
pub(crate) fn objects<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Vec<Value> {
    serde_json::from_str(&answer(args)).unwrap()
}

/// As [`objects`], where some mounts or processes may be kept from an ordinary user: whatever is noted.
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "for live Linux tests")
)]
pub(crate) fn objects_despite_notes<S: AsRef<OsStr>>(
    args: impl IntoIterator<Item = S>,
) -> Vec<Value> {
    serde_json::from_slice(&pslens(args).output().unwrap().stdout).unwrap()
}

/// A command line, its words with blanks between, is wrong usage: nothing is done, and one line has all of
/// `expect` in it.
pub(crate) fn refused(line: &str, expect: &[&str]) {
    let output = pslens(line.split(' ')).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{line}: {said}");
    assert_eq!(stdout(&output), "", "{line}");
    assert_eq!(said.lines().count(), 1, "{line}: {said}");
    for part in expect {
        assert!(said.contains(part), "{line}: {said} lacks {part}");
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Reports a test that cannot run here; the test then returns. `cargo xtask test` counts these lines.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "for Linux tools"))]
pub(crate) fn skip(test: &str, reason: &str) {
    use std::io::Write;
    let line = format!("{test}: {reason}\n");
    eprint!("SKIPPED {line}");
    if let Some(path) = std::env::var_os("PSLENS_SKIPPED_TESTS") {
        let mut options = std::fs::OpenOptions::new();
        let mut list = options.append(true).create(true).open(path).unwrap();
        list.write_all(line.as_bytes()).unwrap();
    }
}

/// The answer and its notes. Nothing in it varies: the present is unknown under another root.
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "for captured Linux machines")
)]
pub(crate) fn told(machine: &Machine, args: &[&str]) -> String {
    let roots: [OsString; 4] = [
        "--procfs".into(),
        machine.proc().into(),
        "--sysfs".into(),
        machine.sys().into(),
    ];
    let mut command = pslens(roots);
    let output = command.args(args).output().unwrap();
    let mut told = format!("$ pslens {}\n{}", args.join(" "), stdout(&output));
    let notes = stderr(&output).replace(machine.proc().to_str().unwrap(), "PROCFS");
    told.push_str(&notes);
    told.push_str(&format!("exit status {}\n", output.status.code().unwrap()));
    told
}
