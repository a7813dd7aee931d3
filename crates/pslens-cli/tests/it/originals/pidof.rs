//! `pidof` beside pidof(8).

use super::{Comparison, original};
use crate::program::{answer, pslens, stdout};
use crate::puppet::Puppet;

#[test]
fn pidof_agrees() {
    const TEST: &str = "originals::pidof::pidof_agrees";
    let first = Puppet::start();
    let second = first.namesake();
    let copy = Puppet::with_own_file();
    let (name, path) = (first.name.as_str(), copy.path.to_str().unwrap());
    let mut comparison = Comparison::of("pidof");
    for args in [
        &[name][..],
        &["-s", name],
        &["-o", &first.pid(), name],
        &["-o", &second.pid(), "-o", &first.pid(), name, &copy.name],
        &["-x", name],
        &[path],
        &[name, path],
    ] {
        let Some(theirs) = original(TEST, "pidof", args) else {
            return;
        };
        let ours = answer(["pidof"].iter().chain(args));
        // Theirs are in the order of the names.
        comparison.equal(args, sorted(&ours), sorted(&theirs));
    }
    comparison.finish();
}

#[test]
fn pidof_finds_what_pidof_finds() {
    const TEST: &str = "originals::pidof::pidof_finds_what_pidof_finds";
    // One of them is there for certain.
    let puppet = Puppet::start();
    let mut comparison = Comparison::of("pidof");
    for name in [
        "sh",
        "bash",
        "systemd",
        "kthreadd",
        "init",
        "cargo",
        "sleep",
        &puppet.name,
    ] {
        let ask = || std::process::Command::new("pidof").arg(name).output();
        let (Ok(before), ours, Ok(after)) =
            (ask(), pslens(["pidof", name]).output().unwrap(), ask())
        else {
            return crate::program::skip(TEST, "no pidof");
        };
        let (before, ours, after) = (stdout(&before), stdout(&ours), stdout(&after));
        let (ours, after) = (sorted(&ours), sorted(&after));
        for pid in sorted(&before)
            .into_iter()
            .filter(|pid| after.contains(pid))
        {
            comparison.equal((name, pid), ours.contains(&pid), true);
        }
    }
    comparison.finish();
}

fn sorted(text: &str) -> Vec<&str> {
    let mut pids: Vec<&str> = text.split_whitespace().collect();
    pids.sort_unstable();
    pids
}
