//! The list of psutil's tests that cannot apply to pslens: what each does to psutil itself, and which
//! test of ours has its case.

use std::collections::HashSet;
use std::path::Path;

use crate::step::Outcome;

/// One test of psutil's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// As pytest names it: `tests/test_linux.py::TestMisc::test_it`.
    pub(super) test: String,
    why: String,
    /// Tests of this repository, `FILE::NAME`.
    ours: Vec<String>,
}

#[cfg(test)]
impl Entry {
    pub(super) fn for_test(test: &str) -> Self {
        let (test, why, ours) = (test.to_owned(), "a reason".to_owned(), Vec::new());
        Self { test, why, ours }
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<Entry>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&text).map_err(|why| format!("{}: {why}", path.display()))
}

/// A line with a test's name, and below it, indented, `why: REASON` and any number of `ours: FILE::NAME`.
fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines() {
        let words = line.trim();
        if words.is_empty() || words.starts_with('#') {
            continue;
        }
        if !line.starts_with(' ') {
            entries.push(Entry {
                test: words.to_owned(),
                why: String::new(),
                ours: Vec::new(),
            });
            continue;
        }
        let entry = entries
            .last_mut()
            .ok_or_else(|| format!("{words:?} belongs to no test"))?;
        match words.split_once(": ") {
            Some(("why", why)) if entry.why.is_empty() => entry.why = why.to_owned(),
            Some(("ours", test)) => entry.ours.push(test.to_owned()),
            _ => return Err(format!("{}: not understood: {words:?}", entry.test)),
        }
    }
    let mut seen = HashSet::new();
    for entry in &entries {
        if entry.why.is_empty() {
            return Err(format!("{} has no reason", entry.test));
        }
        if !seen.insert(&entry.test) {
            return Err(format!("{} is listed twice", entry.test));
        }
    }
    Ok(entries)
}

/// The tests of ours that the list names must be there, in Python or in Rust.
pub(super) fn check_ours(entries: &[Entry], root: &Path) -> Outcome {
    for entry in entries {
        for ours in &entry.ours {
            if !exists(ours, root) {
                return Err(format!(
                    "{}: there is no test {ours} in this repository",
                    entry.test
                ));
            }
        }
    }
    Ok(())
}

fn exists(test: &str, root: &Path) -> bool {
    let Some((file, path)) = test.split_once("::") else {
        return false;
    };
    // Of `Class::test` the last part, which is what the source has.
    let name = path.rsplit("::").next().unwrap_or(path);
    let source = std::fs::read_to_string(root.join(file)).unwrap_or_default();
    let heads = [format!("def {name}("), format!("fn {name}(")];
    source
        .lines()
        .any(|line| heads.iter().any(|head| line.trim_start().starts_with(head)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_a_reason_and_tests_of_ours() {
        let text =
            "# A comment.\n\ntests/a.py::T::test_a\n    why: patches it\n    ours: x.rs::y\n";
        let entry = Entry {
            test: "tests/a.py::T::test_a".to_owned(),
            why: "patches it".to_owned(),
            ours: vec!["x.rs::y".to_owned()],
        };
        assert_eq!(parse(text), Ok(vec![entry]));
        for wrong in [
            "a::b\n",
            "    why: of nothing\n",
            "a::b\n    why: x\n    why: y\n",
            "a::b\n    why: x\na::b\n    why: x\n",
            "a::b\n    why: x\n    maybe: y\n",
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_list_of_this_repository_names_tests_that_exist() {
        let root = crate::step::root();
        let entries = read(&root.join(super::super::LIST)).unwrap();
        assert!(!entries.is_empty());
        assert_eq!(check_ours(&entries, &root), Ok(()));
    }

    #[test]
    fn our_tests_are_looked_up() {
        let root = crate::step::root();
        let this = "xtask/src/conformance/list.rs";
        assert!(exists(&format!("{this}::our_tests_are_looked_up"), &root));
        assert!(exists(
            &format!("{this}::tests::our_tests_are_looked_up"),
            &root
        ));
        assert!(!exists(&format!("{this}::our_tests"), &root));
        assert!(!exists("nowhere.rs::exists", &root));
        assert!(!exists("exists", &root));
    }
}
