//! `cargo xtask conformance`: psutil's own tests, unchanged, with psutil and with pslens in its place.
//!
//! Every test that passes with psutil on this machine must pass with pslens, unless the list of tests
//! that do not apply has it, with a reason.

mod list;
mod psutil;
mod verdict;

use std::path::Path;

use crate::step::{self, Outcome};
use crate::suite::Count;
use list::Entry;
use psutil::{Distribution, Outcomes};
use verdict::Verdict;

/// Relative to the repository.
const LIST: &str = "crates/pslens-python/conformance/not-applicable.txt";

/// How often a test that failed is tried again, alone.
const RETRIES: usize = 2;

/// More failures than this are no accidents; trying all of them again would take hours.
const MOST_RETRIED: usize = 20;

pub(crate) fn run(args: &[String]) -> Outcome {
    if !args.is_empty() {
        return Err("takes no arguments".into());
    }
    check(&mut Count::default())
}

/// The whole comparison. What applies is counted.
pub(crate) fn check(count: &mut Count) -> Outcome {
    let entries = list::read(&step::root().join(LIST))?;
    list::check_ours(&entries, &step::root())?;
    let distribution = Distribution::fetch()?;
    let theirs = distribution.site_of_psutil()?;
    let ours = distribution.site_of_pslens()?;
    step::timed("conformance", || {
        let with_psutil = distribution.run("psutil", &theirs, None)?;
        if !with_psutil.any_passed() {
            return Err("no test passed with psutil itself".into());
        }
        let mut with_pslens = distribution.run("pslens", &ours, None)?;
        let retried = retry(
            &distribution,
            &ours,
            &entries,
            &with_psutil,
            &mut with_pslens,
        )?;
        let verdict = Verdict::of(&entries, &with_psutil, &with_pslens);
        print!("{}", verdict.table());
        for (test, tries) in &retried {
            println!("  flaky: {test} failed and passed when it was run alone, try {tries}");
        }
        count.add(verdict.count());
        verdict.outcome()
    })
}

/// Tests may fail because the machine is busy or because of what ran before them: those that would
/// count against pslens are run alone before they do. Returns those that passed then, and in which try.
fn retry(
    distribution: &Distribution,
    site: &Path,
    entries: &[Entry],
    with_psutil: &Outcomes,
    with_pslens: &mut Outcomes,
) -> Result<Vec<(String, usize)>, String> {
    let failed = Verdict::of(entries, with_psutil, with_pslens).worse;
    let mut retried = Vec::new();
    if failed.len() > MOST_RETRIED {
        println!(
            "    {} tests failed, too many to try again alone",
            failed.len()
        );
        return Ok(retried);
    }
    for test in failed {
        for attempt in 1..=RETRIES {
            let again = distribution.run("pslens-again", site, Some(&test))?;
            if again.passed(&test) {
                with_pslens.replace(&test, &again);
                retried.push((test, attempt));
                break;
            }
        }
    }
    Ok(retried)
}
