//! `killall` beside killall(1) of psmisc.

use std::process::Command;

use super::Comparison;
use crate::program::{pslens, skip, stderr, stdout};
use crate::puppet::Puppet;

/// The numbers in `Killed NAME(PID) with signal 18`.
fn numbers(said: &str) -> Vec<String> {
    let mut numbers: Vec<String> = said
        .lines()
        .filter_map(|line| {
            let (_, rest) = line.strip_prefix("Killed ")?.rsplit_once('(')?;
            Some(rest.split_once(')')?.0.to_owned())
        })
        .collect();
    numbers.sort();
    numbers
}

#[test]
fn killall_signals_whom_killall_signals() {
    const TEST: &str = "originals::killall::killall_signals_whom_killall_signals";
    let mut first = Puppet::start();
    let mut second = first.namesake();
    let copy = Puppet::with_own_file();
    let (name, path) = (first.name.as_str(), copy.path.to_str().unwrap());
    let upper = name.to_uppercase();
    let mut comparison = Comparison::of("killall");
    // CONT does nothing to who runs.
    for args in [
        &[name][..],
        &["-e", name],
        &[upper.as_str()],
        &["-I", &upper],
        &["-r", name],
        &[name, &copy.name],
        &[path],
        &["-o", "1h", name],
        &["-y", "1h", name],
        &["no-such-name-anywhere"],
    ] {
        let theirs = Command::new("killall")
            .args(["-v", "-s", "CONT"])
            .args(args)
            .output();
        let Ok(theirs) = theirs else {
            return skip(TEST, "no killall");
        };
        let json = ["killall", "--json", "-s", "CONT"];
        let ours = pslens(json.iter().chain(args)).output().unwrap();
        let sent: Vec<serde_json::Value> = serde_json::from_str(&stdout(&ours)).unwrap();
        let mut pids: Vec<String> = sent.iter().map(|to| to["pid"].to_string()).collect();
        pids.sort();
        comparison.equal(args, &pids, &numbers(&stderr(&theirs)));
        comparison.equal(args, ours.status.code(), theirs.status.code());
    }
    assert!(first.is_running() && second.is_running());
    comparison.finish();
}
