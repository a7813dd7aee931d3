//! The test suite: one runner or the other, and an honest count at the end.

use std::path::Path;
use std::process::Command;

use crate::originals;
use crate::sources;
use crate::step::{self, Outcome, cargo, watch};

/// How many tests did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Count {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Runs unit, fixture, live and doc-tests. An `Err` has printed what failed; `count` is filled anyway.
pub(crate) fn run(count: &mut Count) -> Outcome {
    let impossible = step::target_dir().join("skipped-tests.txt");
    // Lists of a former run would be counted again.
    for list in [&impossible, &originals::account()] {
        let _ = std::fs::remove_file(list);
    }
    let nextest = installed("nextest");
    step::timed("tests", || {
        let mut command = if nextest {
            cargo(["nextest", "run", "--locked", "--workspace"])
        } else {
            println!("    cargo-nextest is not installed: cargo test runs the tests");
            cargo(["test", "--locked", "--workspace", "--no-fail-fast"])
        };
        if nextest {
            command.args(["--all-features", "--no-fail-fast", "--color", "never"]);
        } else {
            command.args(["--all-features", "--lib", "--bins", "--tests"]);
            command.args(["--color", "never"]);
        }
        command.env("PSLENS_SKIPPED_TESTS", &impossible);
        command.env("PSLENS_COMPARISONS", originals::account());
        let (output, ok) = watch(&mut command)?;
        originals::report();
        let this = if nextest {
            nextest_count(&output)
        } else {
            harness_count(&output)
        };
        count.add(this);
        verdict(this, ok)?;
        every_test_ran(this)
    })?;
    report_impossible(&impossible, count);
    step::timed("doc-tests", || {
        let mut command = cargo(["test", "--locked", "--workspace", "--doc", "--no-fail-fast"]);
        command.args(["--all-features", "--color", "never"]);
        let (output, ok) = watch(&mut command)?;
        let this = harness_count(&output);
        count.add(this);
        verdict(this, ok)
    })
}

pub(crate) fn verdict(count: Count, ok: bool) -> Outcome {
    if count.failed > 0 {
        Err(format!("{} failed", count.failed))
    } else if !ok {
        Err("the runner failed (see above)".into())
    } else if count.passed == 0 {
        Err("the runner ran nothing".into())
    } else {
        Ok(())
    }
}

/// A run that leaves tests out must not pass: the sources say how many there are at least (a macro
/// can make several out of one). Those of Windows are run by a chore of their own.
fn every_test_ran(count: Count) -> Outcome {
    let mut written: u64 = 0;
    for folder in ["crates", "xtask"] {
        for source in sources::under(folder)? {
            if is_of_windows(&source.path) {
                continue;
            }
            let tests = source.text.lines().filter(|line| line.trim() == "#[test]");
            written += u64::try_from(tests.count()).unwrap_or(0);
        }
    }
    let ran = count.passed + count.failed;
    if ran < written {
        return Err(format!(
            "{ran} tests ran, but the sources have at least {written}"
        ));
    }
    Ok(())
}

/// Compiled for Windows only. Decoders are compiled everywhere.
fn is_of_windows(path: &Path) -> bool {
    !path.starts_with("crates/pslens-parse")
        && path.components().any(|part| part.as_os_str() == "windows")
}

/// Tests that passed because they found that this host cannot run them are skipped, not passed.
fn report_impossible(list: &Path, count: &mut Count) {
    let text = std::fs::read_to_string(list).unwrap_or_default();
    for line in text.lines() {
        println!("    skipped {line}");
        count.passed = count.passed.saturating_sub(1);
        count.skipped += 1;
    }
}

fn installed(subcommand: &str) -> bool {
    let mut command: Command = cargo([subcommand, "--version"]);
    command.output().is_ok_and(|output| output.status.success())
}

/// `     Summary [   0.012s] 5 tests run: 3 passed (1 slow), 2 failed, 1 skipped`
fn nextest_count(output: &str) -> Count {
    let summary = output
        .lines()
        .rev()
        .find(|line| line.trim_start().starts_with("Summary ["))
        .unwrap_or_default();
    let of = |word: &str| {
        let before = summary.find(&format!(" {word}"))?;
        number_at_end(summary.get(..before)?)
    };
    Count {
        passed: of("passed").unwrap_or(0),
        failed: of("failed").unwrap_or(0) + of("timed out").unwrap_or(0),
        skipped: of("skipped").unwrap_or(0),
    }
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`
pub(crate) fn harness_count(output: &str) -> Count {
    let mut sum = Count::default();
    for line in output.lines() {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else {
            continue;
        };
        let of = |word: &str| {
            let before = result.find(&format!(" {word}"))?;
            number_at_end(result.get(..before)?)
        };
        sum.add(Count {
            passed: of("passed").unwrap_or(0),
            failed: of("failed").unwrap_or(0),
            skipped: of("ignored").unwrap_or(0) + of("filtered out").unwrap_or(0),
        });
    }
    sum
}

fn number_at_end(text: &str) -> Option<u64> {
    let start = text.rfind(|c: char| !c.is_ascii_digit())? + 1;
    text.get(start..)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: Count, passed: u64, failed: u64, skipped: u64) {
        let expect = Count {
            passed,
            failed,
            skipped,
        };
        assert_eq!(count, expect);
    }

    #[test]
    fn summaries_of_both_runners_are_understood() {
        let line = "     Summary [   0.012s] 5 tests run: 3 passed (1 slow), 2 failed, 1 skipped";
        check(nextest_count(line), 3, 2, 1);
        let line = "   Summary [ 1.2s] 70 tests run: 70 passed, 0 skipped\n";
        check(nextest_count(line), 70, 0, 0);
        check(nextest_count("nothing"), 0, 0, 0);
        let lines = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out\n\
                     test result: FAILED. 10 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out\n";
        check(harness_count(lines), 13, 4, 3);
    }

    #[test]
    fn empty_run_is_no_success() {
        assert!(verdict(Count::default(), true).is_err());
        assert!(every_test_ran(Count::default()).is_err());
    }
}
