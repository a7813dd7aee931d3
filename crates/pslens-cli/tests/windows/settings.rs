//! Priorities: the words of Windows, and psutil's numbers.

use crate::child::Child;
use crate::program::{answer, fails, objects};

#[test]
fn niceness_is_a_priority_class() {
    let child = Child::start();
    let pid = child.pid();
    assert_eq!(answer(["nice", "-p", &pid]), "normal\n");
    for (class, number) in [
        ("below-normal", 0x4000),
        ("HIGH", 0x80),
        ("64", 0x40),
        ("normal", 0x20),
    ] {
        let changed = objects(["nice", "--to", class, "-p", &pid, "--json"]);
        assert_eq!(changed[0]["nice"], number, "{class}");
        let table = answer(["ps", "-p", &pid, "-o", "nice="]);
        assert_eq!(answer(["nice", "-p", &pid]).trim(), table.trim());
        assert_eq!(objects(["nice", "-p", &pid, "--json"])[0]["nice"], number);
    }
    answer(["nice", "-n", "5", "-p", &pid]);
    assert_eq!(answer(["nice", "-p", &pid]), "below-normal\n");
    assert_eq!(
        answer(["ps", "-p", &pid, "-o", "stat="])
            .trim_end()
            .get(1..2),
        Some("N")
    );
}

#[test]
fn words_of_other_systems_are_told_what_is_accepted() {
    fails(
        &["nice", "--to", "5", "-p", "4"],
        2,
        "Accepted: idle, below-normal",
    );
    fails(
        &["nice", "--to", "belownormal", "-p", "4"],
        2,
        "'below-normal'",
    );
    fails(
        &["ionice", "-c", "best-effort"],
        2,
        "Accepted: very-low, low",
    );
    // Windows keeps that one to itself.
    fails(&["ionice", "-c", "critical"], 2, "high, or 0 to 3");
    fails(
        &["ionice", "-n", "3", "-p", "4"],
        2,
        "Windows has no levels",
    );
    fails(
        &["nice", "-p", "4294967292"],
        1,
        "there is no process 4294967292",
    );
}

#[test]
fn limits_are_for_jobs() {
    fails(
        &[
            "prlimit",
            "--nofile=10",
            "-p",
            &std::process::id().to_string(),
        ],
        5,
        "not supported",
    );
}
