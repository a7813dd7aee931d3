//! `nice` beside nice(1) and renice(1).

use std::process::Command;

use super::{Comparison, original};
use crate::program::{answer, pslens};
use crate::settings::Sleeper;

#[test]
fn nice_agrees() {
    const TEST: &str = "originals::nice::nice_agrees";
    let mut comparison = Comparison::of("nice");
    for line in [
        &[][..],
        &["nice"],
        &["-n", "3", "nice"],
        &["-n3", "nice"],
        &["-3", "nice"],
        &["-13", "-4", "nice"],
        &["-+5", "nice"],
        &["--adjustment=6", "nice"],
        &["-n", "1", "-n", "2", "nice"],
        &["-n", "40", "nice"],
        &["--", "nice", "-n", "7", "nice"],
    ] {
        let Some(theirs) = original(TEST, "nice", line) else {
            return;
        };
        comparison.equal(line, answer(["nice"].iter().chain(line)), theirs);
    }
    for line in [
        &["no-such-program"][..],
        &["-n", "1", "/etc/passwd"],
        &["sh", "-c", "exit 9"],
    ] {
        let ours = pslens(["nice"].iter().chain(line)).output().unwrap();
        let theirs = Command::new("nice").args(line).output().unwrap();
        comparison.equal(line, ours.status.code(), theirs.status.code());
    }
    comparison.finish();
}

#[test]
fn renice_agrees() {
    const TEST: &str = "originals::nice::renice_agrees";
    let sleeper = Sleeper::start();
    let pid = sleeper.pid();
    let mut comparison = Comparison::of("nice");
    for nice in ["7", "11", "19"] {
        if original(TEST, "renice", &["-n", nice, "-p", &pid]).is_none() {
            return;
        }
        comparison.equal("renice", answer(["nice", "-p", &pid]).trim(), nice);
    }
    if rustix::process::getuid().is_root() {
        for nice in ["-20", "0"] {
            answer(["nice", "--to", nice, "-p", &pid]);
            let Some(theirs) = original(TEST, "ps", &["-o", "ni=", "-p", &pid]) else {
                return;
            };
            comparison.equal("--to", nice, theirs.trim());
        }
    }
    comparison.finish();
}
