//! `prlimit` beside prlimit(1).

use serde_json::Value;

use super::{Comparison, original};
use crate::program::{answer, objects};
use crate::settings::Sleeper;

/// The limits of the process as both have them.
fn compare(test: &str, pid: &str, comparison: &mut Comparison) -> Option<()> {
    let columns = "RESOURCE,SOFT,HARD";
    let raw = ["--raw", "--noheadings", "-o", columns, "--pid", pid];
    let theirs = original(test, "prlimit", &raw)?;
    let ours = objects(["prlimit", "--pid", pid, "--json"]);
    comparison.equal("rows", ours.len(), theirs.lines().count());
    let written = |limit: &Value| match limit.as_i64() {
        Some(-1) => "unlimited".to_owned(),
        _ => limit.to_string(),
    };
    for (ours, theirs) in ours.iter().zip(theirs.lines()) {
        let words: Vec<&str> = theirs.split_whitespace().collect();
        let name = ours["resource"].as_str().unwrap().replace("RLIMIT_", "");
        comparison.equal("resource", &*name, words[0]);
        comparison.equal(&name, written(&ours["soft"]), words[1]);
        comparison.equal(&name, written(&ours["hard"]), words[2]);
    }
    // The table, in bytes and without the words that are ours.
    let ours = ["--pid", pid, "--bytes", "--noheadings", "-o", columns];
    let ours = answer(["prlimit"].iter().chain(&ours));
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        comparison.equal("line", words(ours), words(theirs));
    }
    Some(())
}

#[test]
fn prlimit_agrees() {
    const TEST: &str = "originals::prlimit::prlimit_agrees";
    let sleeper = Sleeper::start();
    let pid = sleeper.pid();
    let mut comparison = Comparison::of("prlimit");
    if compare(TEST, &pid, &mut comparison).is_none() {
        return;
    }
    // Each only downwards, which everybody may.
    for limits in [
        &["--nofile=900:1000", "-c=0:"][..],
        &[
            "-n=800",
            "-s=1048576:",
            "--as=8500000000000000:9000000000000000",
        ],
        &[
            "--cpu=5000:6000",
            "-x=20:30",
            "--rttime=1000000",
            "-m=unlimited:",
        ],
        &[
            "--fsize=4096:",
            "-u=500:",
            "--data=1000000000:",
            "-l=4096",
            "-q=4096",
        ],
        &["-i=100", "-e=0", "-r=0", "-v=8000000000:"],
    ] {
        answer(["prlimit", "--pid", &pid].iter().chain(limits));
        compare(TEST, &pid, &mut comparison).unwrap();
    }
    for limits in [&["-n700:", "-t4000"][..], &["--nofile=600", "--core=0"]] {
        let line = [&["--pid", &*pid], limits].concat();
        original(TEST, "prlimit", &line).unwrap();
        compare(TEST, &pid, &mut comparison).unwrap();
    }
    // A program that is started so.
    let line = [
        "--nofile=64:128",
        "-c=0",
        "sh",
        "-c",
        "ulimit -Sn; ulimit -Hn; ulimit -c",
    ];
    let ours = answer(["prlimit"].iter().chain(&line));
    comparison.equal("command", ours, original(TEST, "prlimit", &line).unwrap());
    comparison.finish();
}
