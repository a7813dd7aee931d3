//! Whether psutil's answer agrees with ours of before and after it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tolerance::tolerance;
use super::tree::Tree;

/// Fields that only the explanations look at.
const RAW: &str = "raw ";

/// A value of psutil that is not between ours.
#[derive(Debug, Clone)]
pub(super) struct Difference {
    pub(super) call: String,
    pub(super) path: Vec<String>,
    pub(super) before: Option<Tree>,
    pub(super) theirs: Option<Tree>,
    pub(super) after: Option<Tree>,
    /// The record of ours that the value is in.
    pub(super) row: Option<Tree>,
}

impl Difference {
    /// psutil has nothing where we have something.
    pub(super) fn only_ours(&self) -> bool {
        self.theirs.is_none()
    }
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) values: u64,
    pub(super) differences: Vec<Difference>,
}

/// Compares psutil's answer to `call` with ours.
pub(super) fn compare(call: &str, before: &Tree, theirs: &Tree, after: &Tree) -> Comparison {
    let mut comparison = Comparison::default();
    let mut walk = Walk {
        call,
        path: Vec::new(),
        row: None,
        comparison: &mut comparison,
    };
    walk.step(Some(before), Some(theirs), Some(after));
    comparison
}

struct Walk<'a> {
    call: &'a str,
    path: Vec<String>,
    row: Option<&'a Tree>,
    comparison: &'a mut Comparison,
}

impl<'a> Walk<'a> {
    fn step(
        &mut self,
        before: Option<&'a Tree>,
        theirs: Option<&'a Tree>,
        after: Option<&'a Tree>,
    ) {
        let Some(answer) = theirs else {
            // Ours both times, never psutil's: psutil misses it. Ours only once: it came or went.
            if before.is_some() && after.is_some() {
                self.comparison.values += 1;
                self.report(before, theirs, after);
            }
            return;
        };
        let children = [before, after].map(|ours| ours.and_then(Tree::children));
        match (answer.children(), children) {
            (Some(fields), [before_fields, after_fields])
                if before_fields.is_some() || after_fields.is_some() =>
            {
                let row = before.or(after);
                self.fields(answer, fields, before_fields, after_fields, row);
            }
            _ => {
                self.comparison.values += 1;
                let agrees = match (answer, before, after) {
                    (_, None, None) => false,
                    (Tree::Leaf(value), _, _) => {
                        let allowed = tolerance(self.call, &self.path);
                        let ours = [before, after].map(|ours| ours.and_then(Tree::leaf));
                        agree(value, ours, allowed)
                    }
                    _ => [before, after].contains(&theirs),
                };
                if !agrees {
                    self.report(before, theirs, after);
                }
            }
        }
    }

    fn fields(
        &mut self,
        answer: &'a Tree,
        fields: &'a BTreeMap<String, Tree>,
        before: Option<&'a BTreeMap<String, Tree>>,
        after: Option<&'a BTreeMap<String, Tree>>,
        row: Option<&'a Tree>,
    ) {
        let get =
            |map: Option<&'a BTreeMap<String, Tree>>, name: &str| map.and_then(|map| map.get(name));
        let whole = matches!(answer, Tree::Map(_));
        // That there is nothing is a value, too.
        self.comparison.values += u64::from(whole);
        let outer = self.row;
        let mut visit = |name: &String, theirs| {
            if name.starts_with(RAW) {
                return;
            }
            self.row = if whole { outer } else { row };
            self.path.push(name.clone());
            self.step(get(before, name), theirs, get(after, name));
            self.path.pop();
        };
        for (name, value) in fields {
            visit(name, Some(value));
        }
        if whole && let (Some(before), Some(_)) = (before, after) {
            for name in before.keys().filter(|name| !fields.contains_key(*name)) {
                visit(name, None);
            }
        }
        self.row = outer;
    }

    fn report(&mut self, before: Option<&Tree>, theirs: Option<&Tree>, after: Option<&Tree>) {
        self.comparison.differences.push(Difference {
            call: self.call.to_owned(),
            path: self.path.clone(),
            before: before.cloned(),
            theirs: theirs.cloned(),
            after: after.cloned(),
            row: self.row.cloned(),
        });
    }
}

/// A number lies between ours, give or take `allowed`; everything else equals one of ours.
fn agree(value: &Value, ours: [Option<&Value>; 2], allowed: f64) -> bool {
    if ours.contains(&Some(value)) {
        return true;
    }
    let Some(number) = value.as_f64() else {
        return false;
    };
    let numbers = ours.into_iter().flatten().filter_map(Value::as_f64);
    let bounds = numbers.fold(None, |bounds, number| match bounds {
        None => Some((number, number)),
        Some((low, high)) => Some((number.min(low), number.max(high))),
    });
    bounds.is_some_and(|(low, high)| (low - allowed..=high + allowed).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::super::tree::{Side, shape};
    use super::*;
    use serde_json::json;

    fn differences(call: &str, before: Value, theirs: Value, after: Value) -> Vec<String> {
        let shaped = |value: Value, side| shape(call, side, json!({"ok": value}));
        let (before, after) = (shaped(before, Side::Ours), shaped(after, Side::Ours));
        let found = compare(call, &before, &shaped(theirs, Side::Theirs), &after);
        let paths = found.differences.iter();
        paths.map(|difference| difference.path.join("/")).collect()
    }

    #[test]
    fn a_counter_may_move_while_it_is_read_and_nothing_else_may() {
        let row = |reads, name| json!({"read_count": reads, "name": name});
        let check = |theirs, expect: &[&str]| {
            let found = differences("io_counters", row(5, "a"), theirs, row(9, "b"));
            assert_eq!(found, expect);
        };
        check(row(7, "a"), &[]);
        check(row(9, "b"), &[]);
        check(row(10, "a"), &["read_count"]);
        check(row(4, "c"), &["name", "read_count"]);
        // More than psutil has is no difference, less is.
        check(json!({"read_count": 5}), &[]);
        check(json!({"read_count": 5, "more": 1}), &["more"]);
    }

    #[test]
    fn members_of_a_set_may_come_and_go_and_nobody_may_miss_one() {
        let check = |theirs, expect: &[&str]| {
            let found = differences("pids", json!([1, 2, 3]), theirs, json!([1, 2, 4]));
            assert_eq!(found, expect);
        };
        check(json!([1, 2]), &[]);
        check(json!([1, 2, 3, 4]), &[]);
        check(json!([1, 3]), &["2"]);
        check(json!([1, 2, 5]), &["5"]);
    }

    #[test]
    fn failures_are_compared_by_kind() {
        let failure = |kind: &str| Tree::Failure(kind.into());
        let check = |theirs: &Tree| {
            let ours = failure("AccessDenied");
            compare("exe", &ours, theirs, &ours).differences.len()
        };
        assert_eq!(check(&failure("AccessDenied")), 0);
        assert_eq!(check(&failure("ZombieProcess")), 1);
        assert_eq!(check(&Tree::Leaf(json!("/bin/sh"))), 1);
    }
}
