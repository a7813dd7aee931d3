//! `kill` beside kill(1) of procps, whose table has no real-time signals.

use std::os::unix::process::ExitStatusExt;

use super::{Comparison, original};
use crate::program::answer;
use crate::puppet::Puppet;

/// The signal that procps calls by its other name.
fn ours(name: &str) -> &str {
    match name {
        "POLL" => "IO",
        name => name,
    }
}

#[test]
fn kill_has_the_same_names_and_numbers() {
    const TEST: &str = "originals::kill::kill_has_the_same_names_and_numbers";
    let Some(theirs) = original(TEST, "/bin/kill", &["-L"]) else {
        return;
    };
    let words: Vec<&str> = theirs.split_whitespace().collect();
    let table = answer(["kill", "-L"]);
    let table: Vec<&str> = table.split_whitespace().collect();
    let mut comparison = Comparison::of("kill");
    for pair in words.chunks(2) {
        let [number, name] = pair else {
            panic!("{theirs}")
        };
        comparison.equal(
            number,
            table.windows(2).any(|pair| pair == [*number, ours(name)]),
            true,
        );
        let by_number = answer(["kill", "-l", number]);
        comparison.equal(number, by_number.trim_end(), ours(name));
        comparison.equal(name, answer(["kill", "-l", name]).trim_end(), *number);
    }
    let Some(names) = original(TEST, "/bin/kill", &["-l"]) else {
        return;
    };
    let names: Vec<&str> = names.split_whitespace().map(ours).collect();
    let listed = answer(["kill", "-l"]);
    comparison.equal("-l", listed.split_whitespace().collect::<Vec<_>>(), names);
    comparison.finish();
}

#[test]
fn kill_sends_what_kill_sends() {
    const TEST: &str = "originals::kill::kill_sends_what_kill_sends";
    let mut comparison = Comparison::of("kill");
    for args in [
        &[][..],
        &["-1"],
        &["-KILL"],
        &["-SIGUSR1"],
        &["-s", "USR2"],
        &["-s", "10"],
        &["--signal", "ALRM"],
        &["-int"],
    ] {
        let (mut theirs, mut ours) = (Puppet::start(), Puppet::start());
        let pid = theirs.pid();
        let line: Vec<&str> = args.iter().copied().chain([pid.as_str()]).collect();
        if original(TEST, "/bin/kill", &line).is_none() {
            return;
        }
        let pid = ours.pid();
        assert_eq!(
            answer(["kill"].iter().chain(args).chain([&pid.as_str()])),
            ""
        );
        comparison.equal(args, ours.status().signal(), theirs.status().signal());
    }
    comparison.finish();
}
