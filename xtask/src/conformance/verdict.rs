//! Two runs and the list of exceptions, put side by side.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::LIST;
use super::list::Entry;
use super::psutil::{Did, Outcomes};
use crate::step::Outcome;
use crate::suite::Count;

#[derive(Debug)]
pub(super) struct Verdict {
    psutil: Count,
    pslens: Count,
    not_applicable: usize,
    /// Tests that pass with psutil, apply to pslens, and do not pass with it.
    pub(super) worse: Vec<String>,
    /// What the list claims and is not so.
    wrong_entries: Vec<String>,
}

impl Verdict {
    pub(super) fn of(entries: &[Entry], psutil: &Outcomes, pslens: &Outcomes) -> Self {
        let listed: HashSet<&str> = entries.iter().map(|entry| entry.test.as_str()).collect();
        let applies = |test: &&String| !listed.contains(test.as_str());
        let worse = psutil.0.iter().filter(|(_, did)| **did == Did::Pass);
        let worse = worse.map(|(test, _)| test).filter(applies);
        let worse = worse.filter(|test| !pslens.passed(test)).cloned().collect();
        let mut wrong_entries = Vec::new();
        for test in &listed {
            if pslens.passed(test) {
                wrong_entries.push(format!("{test} passes with pslens"));
            } else if !psutil.0.contains_key(*test) {
                wrong_entries.push(format!("{test} is no test of psutil's"));
            }
        }
        wrong_entries.sort();
        Self {
            psutil: sum(psutil.0.values()),
            pslens: sum(pslens
                .0
                .iter()
                .filter(|(test, _)| applies(test))
                .map(|(_, did)| did)),
            not_applicable: listed.len(),
            worse,
            wrong_entries,
        }
    }

    pub(super) fn table(&self) -> String {
        let mut text = format!("{:17}{:>10}{:>10}\n", "", "psutil", "pslens");
        let rows = [
            ("passed", self.psutil.passed, self.pslens.passed),
            ("failed", self.psutil.failed, self.pslens.failed),
            ("skipped", self.psutil.skipped, self.pslens.skipped),
            ("not applicable", 0, self.not_applicable as u64),
        ];
        for (row, psutil, pslens) in rows {
            let _ = writeln!(text, "  {row:15}{psutil:>10}{pslens:>10}");
        }
        for test in &self.worse {
            let _ = writeln!(text, "  passes with psutil and not with pslens: {test}");
        }
        for wrong in &self.wrong_entries {
            let _ = writeln!(text, "  {LIST}: {wrong}");
        }
        text
    }

    /// For the last line of the full check: what fails with psutil as well, and what its tests leave out
    /// themselves (most are for other systems), says nothing about pslens.
    pub(super) fn count(&self) -> Count {
        Count {
            passed: self.pslens.passed,
            failed: self.worse.len() as u64,
            skipped: 0,
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match (self.worse.len(), self.wrong_entries.len()) {
            (0, 0) => Ok(()),
            (0, wrong) => Err(format!("{wrong} wrong entries in {LIST}")),
            (worse, _) => Err(format!(
                "{worse} tests pass with psutil and not with pslens"
            )),
        }
    }
}

fn sum<'a>(outcomes: impl Iterator<Item = &'a Did>) -> Count {
    let mut count = Count::default();
    for did in outcomes {
        match did {
            Did::Pass => count.passed += 1,
            Did::Skip => count.skipped += 1,
            Did::Fail => count.failed += 1,
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(listed: &[&str], pslens: &str) -> Verdict {
        let psutil = Outcomes::parse("passed a::1\npassed a::2\nfailed a::3\n");
        let entries: Vec<Entry> = listed.iter().map(|test| Entry::for_test(test)).collect();
        Verdict::of(&entries, &psutil, &Outcomes::parse(pslens))
    }

    #[test]
    fn what_passes_with_psutil_must_pass() {
        assert!(
            verdict(&[], "passed a::1\npassed a::2\nfailed a::3\n")
                .outcome()
                .is_ok()
        );
        // Failed, skipped, lost in a crash.
        for pslens in [
            "failed a::1\npassed a::2\n",
            "skipped a::1\npassed a::2\n",
            "passed a::2\n",
        ] {
            let verdict = verdict(&[], pslens);
            assert_eq!(verdict.worse, ["a::1"]);
            assert!(verdict.outcome().is_err());
        }
    }

    #[test]
    fn the_list_is_believed_as_far_as_it_is_true() {
        assert!(
            verdict(&["a::1"], "failed a::1\npassed a::2\n")
                .outcome()
                .is_ok()
        );
        assert!(
            verdict(&["a::1"], "passed a::1\npassed a::2\n")
                .outcome()
                .is_err()
        );
        assert!(
            verdict(&["a::4"], "passed a::1\npassed a::2\n")
                .outcome()
                .is_err()
        );
    }

    #[test]
    fn counts_leave_out_what_does_not_apply() {
        let verdict = verdict(&["a::1"], "failed a::1\npassed a::2\nfailed a::3\n");
        let (pslens, reported) = (verdict.pslens, verdict.count());
        assert_eq!(
            (pslens.passed, pslens.failed, verdict.not_applicable),
            (1, 1, 1)
        );
        assert_eq!((reported.passed, reported.failed), (1, 0));
    }
}
