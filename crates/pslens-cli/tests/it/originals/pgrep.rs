//! `pgrep` beside pgrep(1).

use std::collections::HashMap;

use super::{Comparison, original};
use crate::program::answer;
use crate::puppet::Puppet;

fn names(text: &str) -> HashMap<&str, &str> {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .collect()
}

#[test]
fn pgrep_agrees() {
    const TEST: &str = "originals::pgrep::pgrep_agrees";
    let ask = || original(TEST, "pgrep", &["-l", "."]);
    let Some(before) = ask() else { return };
    let ours = answer(["pgrep", "-l", "."]);
    let Some(after) = ask() else { return };
    let (before, ours, after) = (names(&before), names(&ours), names(&after));
    let mut comparison = Comparison::of("pgrep");
    for (pid, name) in before {
        // Those that live through all three under the same name; a worker's changes with its work.
        if after.get(pid) != Some(&name) || name.starts_with("kworker") {
            continue;
        }
        let Some(ours) = ours.get(pid) else {
            comparison.equal(pid, None, Some(name));
            continue;
        };
        // Theirs ends where the kernel cuts it.
        let is_same = *ours == name || (name.len() == 15 && ours.starts_with(name));
        comparison.equal((pid, *ours, name), is_same, true);
    }
    comparison.finish();
}

#[test]
fn pgrep_agrees_about_options() {
    const TEST: &str = "originals::pgrep::pgrep_agrees_about_options";
    let puppets = [Puppet::start(), Puppet::start(), Puppet::start()];
    let _namesake = puppets[0].namesake();
    let (name, upper) = (puppets[0].name.clone(), puppets[0].name.to_uppercase());
    let mine = std::process::id().to_string();
    // All of these tests' names, and nobody else's.
    let all = format!("^pt{:x}n.*z$", std::process::id());
    let full = format!("{name} -c echo");
    let uid = rustix::process::geteuid().as_raw().to_string();
    let mut comparison = Comparison::of("pgrep");
    for args in [
        &["-P", &mine, "-x", &name][..],
        &["-x", &name],
        &["-l", "-x", &name],
        &["-a", "-x", &name],
        &["-c", &name],
        &["-d:", &name],
        &["-i", &upper],
        &["-f", &full],
        &["-u", &uid, &name],
        &["-U", &uid, &name],
        &["-r", "S", &name],
        &["-A", &name],
        &["-x", "-r", "Z", &all],
    ] {
        let Some(theirs) = original_with_status(TEST, args) else {
            return;
        };
        comparison.equal(args, answer_with_status(args), theirs);
    }
    comparison.finish();
}

/// The answer and the exit status: that nothing was found is an answer, too.
fn original_with_status(test: &str, args: &[&str]) -> Option<(String, Option<i32>)> {
    match std::process::Command::new("pgrep").args(args).output() {
        Ok(output) => Some((crate::program::stdout(&output), output.status.code())),
        Err(error) => {
            crate::program::skip(test, &format!("no pgrep: {error}"));
            None
        }
    }
}

fn answer_with_status(args: &[&str]) -> (String, Option<i32>) {
    let output = crate::program::pslens(["pgrep"].iter().chain(args))
        .output()
        .unwrap();
    (crate::program::stdout(&output), output.status.code())
}
