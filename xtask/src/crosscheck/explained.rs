//! Differences that are right: which ones, and where docs/DIFFERENCES.md says why.
//!
//! Each explanation names the call, the field and the condition under which it holds. A difference that
//! no explanation fits fails the check.

use std::collections::BTreeMap;

use serde_json::Value;

use super::compare::Difference;
use super::tree::Tree;

/// What stands for an attribute that is denied, or that a zombie does not have, in a set of attributes.
const UNAVAILABLE: &str = "(denied or zombie)";

/// What is known about the subject of a difference.
pub(super) struct Context<'a> {
    /// What the call was told.
    pub(super) arguments: &'a Value,
    /// Our other answers about the same process, by call.
    pub(super) answers: &'a BTreeMap<String, Tree>,
    /// Our whole answer, and psutil's.
    pub(super) ours: &'a Tree,
    pub(super) theirs: &'a Tree,
    /// The answering processes have root's rights.
    pub(super) root: bool,
    /// The captured machine that is looked at; empty for this one.
    pub(super) machine: &'a str,
    /// The process is in another network namespace than those that answer.
    pub(super) elsewhere: bool,
}

impl Context<'_> {
    fn answer(&self, call: &str) -> Option<&Value> {
        self.answers.get(call).and_then(Tree::leaf)
    }

    /// Kernel threads have no arguments, are no zombies, and are children of kthreadd or kthreadd.
    fn is_kernel_thread(&self) -> bool {
        self.answer("cmdline") == Some(&Value::Array(Vec::new()))
            && self.answer("status") != Some(&"zombie".into())
            && (self.answer("ppid") == Some(&2.into()) || self.answer("ppid") == Some(&0.into()))
    }

    fn is_zombie(&self) -> bool {
        self.answer("status") == Some(&"zombie".into())
    }

    /// Asked for `environ`, by name or because everything was asked for.
    fn wants_environ(&self) -> bool {
        match &self.arguments["attrs"] {
            Value::Array(names) => names.iter().any(|name| name == "environ"),
            _ => true,
        }
    }
}

pub(super) struct Explanation {
    /// The heading in docs/DIFFERENCES.md.
    pub(super) section: &'static str,
    holds: fn(&Difference, &Context<'_>) -> bool,
}

/// Returns the first explanation that fits.
pub(super) fn explain(difference: &Difference, context: &Context<'_>) -> Option<&'static str> {
    let found = ALL.iter().find(|one| (one.holds)(difference, context));
    found.map(|one| one.section)
}

impl Difference {
    /// What was asked, also where it was asked together with others; and the path in its answer.
    fn attribute(&self) -> (&str, &[String]) {
        let skip = match self.call.as_str() {
            "process as_dict" => 0,
            "iterate" => 1,
            call => return (call.strip_prefix("process ").unwrap_or(call), &self.path),
        };
        match self.path.get(skip..) {
            Some([attribute, rest @ ..]) => (attribute, rest),
            _ => (&self.call, &self.path),
        }
    }

    fn is(&self, attributes: &[&str], field: &str) -> bool {
        let (attribute, rest) = self.attribute();
        let last = rest.last().map_or("", String::as_str);
        attributes.contains(&attribute) && last == field
    }

    /// psutil fails with this, where we do not.
    fn they_fail_with(&self, kind: &str) -> bool {
        let fails = |tree: &Option<Tree>| tree.as_ref().and_then(Tree::failure) == Some(kind);
        fails(&self.theirs) && !fails(&self.before)
    }

    fn they_do_not_fail(&self) -> bool {
        self.theirs
            .as_ref()
            .is_some_and(|tree| tree.failure().is_none())
    }

    fn ours_is_null(&self) -> bool {
        leaf(&self.before) == Some(&Value::Null)
    }

    /// We say denied, and psutil does not.
    fn we_are_denied(&self) -> bool {
        denied(&self.before) && !denied(&self.theirs)
    }

    /// psutil says denied, and we do not.
    fn they_are_denied(&self) -> bool {
        denied(&self.theirs) && !denied(&self.before)
    }

    /// A row that only psutil has.
    fn only_theirs(&self) -> bool {
        self.before.is_none() && self.after.is_none() && self.theirs.is_some()
    }
}

fn leaf(tree: &Option<Tree>) -> Option<&Value> {
    tree.as_ref().and_then(Tree::leaf)
}

fn denied(tree: &Option<Tree>) -> bool {
    tree.as_ref().is_some_and(|tree| {
        tree.failure() == Some("AccessDenied") || tree.text() == Some(UNAVAILABLE)
    })
}

fn column<'a>(row: &'a Option<Tree>, name: &str) -> Option<&'a Value> {
    row.as_ref()
        .and_then(|row| row.get(name))
        .and_then(Tree::leaf)
}

/// The bytes of a text, which may be an array of numbers.
fn bytes(text: Option<&Value>) -> Vec<u8> {
    match text {
        Some(Value::String(text)) => text.clone().into_bytes(),
        Some(Value::Array(bytes)) => {
            let bytes = bytes.iter().filter_map(Value::as_u64);
            bytes.filter_map(|byte| u8::try_from(byte).ok()).collect()
        }
        _ => Vec::new(),
    }
}

fn has_byte(text: Option<&Value>, test: fn(u8) -> bool) -> bool {
    bytes(text).into_iter().any(test)
}

const BLANK: fn(u8) -> bool = |byte| matches!(byte, b' ' | b'\t' | b'\n');

/// The table that a row is in.
fn table<'a>(whole: &'a Tree, difference: &Difference) -> &'a Tree {
    let above = difference.path.len().saturating_sub(1);
    let path = difference.path.get(..above).unwrap_or_default();
    path.iter()
        .try_fold(whole, |tree, name| tree.get(name))
        .unwrap_or(whole)
}

/// A row of `table` for which `test` holds.
fn any_row(table: &Tree, test: impl Fn(&Option<Tree>) -> bool) -> bool {
    let rows = table.children().into_iter().flatten();
    rows.into_iter().any(|(_, row)| test(&Some(row.clone())))
}

const CONNECTIONS: &[&str] = &["net_connections", "own_connections"];

fn last(difference: &Difference) -> &str {
    difference.path.last().map_or("", String::as_str)
}

/// The family, type and addresses in the name of a row, without its owner.
fn socket(row: &str) -> (Option<&str>, Option<&str>) {
    (
        row.split(" fd ").next(),
        row.find(" [").and_then(|at| row.get(at..)),
    )
}

fn is_connection(difference: &Difference) -> bool {
    let (attribute, rest) = difference.attribute();
    CONNECTIONS.contains(&attribute) && rest.len() == 1
}

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        section: "What is unknown is absent, not zero",
        holds: |one, _| {
            let zero = leaf(&one.theirs).and_then(Value::as_f64) == Some(0.0);
            let named = one.is(&["cpu_freq"], "min")
                || one.is(&["cpu_freq"], "max")
                || one.is(&["cpu_stats"], "syscalls")
                || one.is(&["disk_usage"], "percent")
                || one.is(&["net_if_stats"], "speed")
                || one.is(&["ionice"], "value")
                || one.is(&["cpu_percent"], "")
                || one.is(&["memory_maps"], "anonymous");
            zero && one.ours_is_null() && named
        },
    },
    Explanation {
        section: "Fields that Linux stopped counting",
        holds: |one, _| {
            let memory = ["memory_info", "memory_full_info"];
            let named = one.is(&memory, "lib") || one.is(&memory, "dirty");
            named && one.only_theirs() && leaf(&one.theirs) == Some(&0.into())
        },
    },
    Explanation {
        section: "Kernel threads have an environment: none",
        holds: |one, context| {
            let (attribute, _) = one.attribute();
            let known = context.is_kernel_thread() && context.wants_environ();
            let empty = one.before.as_ref().and_then(|row| row.get("environ"));
            let empty = empty
                .and_then(Tree::children)
                .is_some_and(BTreeMap::is_empty);
            match attribute {
                "environ" | "process as_dict" => known && one.they_fail_with("NoSuchProcess"),
                "iterate" => one.only_ours() && context.wants_environ() && empty,
                _ => false,
            }
        },
    },
    Explanation {
        section: "Deleted files are open files",
        holds: |one, _| {
            let (attribute, _) = one.attribute();
            let deleted = column(&one.before, "deleted") == Some(&true.into());
            attribute == "open_files" && one.only_ours() && deleted
        },
    },
    Explanation {
        section: "Unix socket paths with blanks",
        holds: |one, context| {
            if !is_connection(one) {
                return false;
            }
            if one.only_ours() {
                return has_byte(column(&one.before, "raw laddr"), BLANK);
            }
            // psutil has the socket without its path, or with a part of it.
            let same = |name, row: &Option<Tree>| column(row, name) == column(&one.theirs, name);
            one.only_theirs()
                && any_row(table(context.ours, one), |row| {
                    same("fd", row) && same("pid", row) && has_byte(column(row, "raw laddr"), BLANK)
                })
        },
    },
    Explanation {
        section: "A newline in a socket path",
        holds: |one, context| {
            let newline =
                |row: &Option<Tree>| has_byte(column(row, "raw laddr"), |byte| byte == b'\n');
            one.call == "net_connections"
                && one.path.is_empty()
                && one.they_fail_with("Crash")
                && any_row(context.ours, newline)
        },
    },
    Explanation {
        section: "A connection that is being made",
        holds: |one, context| {
            let state = Some(&Value::from("SYN_RECV"));
            one.call == "net_connections"
                && one.path.is_empty()
                && one.they_fail_with("Crash")
                && any_row(context.ours, |row| column(row, "status") == state)
        },
    },
    Explanation {
        section: "Sockets with several owners",
        holds: |one, context| {
            let owners = column(&one.before, "raw owners").and_then(Value::as_array);
            // psutil has the same socket with another owner.
            let others = table(context.theirs, one).children().into_iter().flatten();
            is_connection(one)
                && one.only_ours()
                && owners.is_some_and(|owners| owners.len() > 1)
                && others
                    .into_iter()
                    .any(|(name, _)| socket(name) == socket(last(one)))
        },
    },
    Explanation {
        section: "Sockets of other network namespaces",
        holds: |one, context| is_connection(one) && one.only_ours() && context.elsewhere,
    },
    Explanation {
        section: "Names that look like lines of status",
        holds: |one, context| {
            let (attribute, _) = one.attribute();
            let name = context.answer("name").and_then(Value::as_str);
            [
                "num_threads",
                "uids",
                "gids",
                "username",
                "num_ctx_switches",
            ]
            .contains(&attribute)
                && name.is_some_and(|name| name.contains(":\t"))
        },
    },
    Explanation {
        section: "Thread names with a parenthesis",
        holds: |one, context| {
            let named = |row: &Option<Tree>| has_byte(column(row, "name"), |byte| byte == b')');
            match one.attribute() {
                // One such thread, and psutil cannot list any of them.
                ("threads", []) => {
                    one.they_fail_with("InvalidArgument") && any_row(context.ours, named)
                }
                ("threads", [_, field]) => {
                    matches!(field.as_str(), "user_time" | "system_time") && named(&one.row)
                }
                _ => false,
            }
        },
    },
    Explanation {
        section: "Newlines in mapped paths",
        holds: |one, _| {
            let newline = |text: Option<&Value>| has_byte(text, |byte| byte == b'\n');
            let escaped =
                |text: Option<&Value>| bytes(text).windows(4).any(|four| four == b"\\012");
            let (attribute, rest) = one.attribute();
            if attribute != "memory_maps" {
                return false;
            }
            let ours = newline(leaf(&one.before)) || newline(column(&one.before, "path"));
            let theirs = escaped(leaf(&one.theirs)) || escaped(column(&one.theirs, "path"));
            match rest {
                [_, field] => field == "path" && ours && theirs,
                _ => (one.only_ours() && ours) || (one.only_theirs() && theirs),
            }
        },
    },
    Explanation {
        section: "The memory of a zombie",
        holds: |one, context| {
            let (attribute, rest) = one.attribute();
            let named = matches!(
                attribute,
                "memory_full_info" | "memory_footprint" | "environ"
            );
            // The kernel refuses the environment to others before it finds that there is none.
            let refused = attribute == "environ" && one.they_fail_with("AccessDenied");
            let answered = one.they_do_not_fail() || refused;
            named && rest.is_empty() && context.is_zombie() && answered
        },
    },
    Explanation {
        section: "Shares of less than a second",
        holds: |one, context| {
            one.call == "formula cpu_times_percent"
                && context.arguments["total"]
                    .as_f64()
                    .is_some_and(|total| total < 1.0)
        },
    },
    Explanation {
        section: "Proportional memory, rounded per mapping",
        holds: |one, context| {
            let number = |tree: &Option<Tree>| leaf(tree).and_then(Value::as_f64);
            let mappings = context.answers.get("mappings").and_then(Tree::children);
            let limit = mappings.map_or(0, BTreeMap::len) as f64 * 1024.0;
            one.call == "process as_dict"
                && one.is(&["memory_full_info"], "pss")
                && number(&one.theirs)
                    .zip(number(&one.before))
                    .is_some_and(|(theirs, ours)| (0.0..=limit).contains(&(theirs - ours)))
        },
    },
    Explanation {
        section: "The program of a process that may not be looked at",
        holds: |one, context| {
            let (attribute, _) = one.attribute();
            attribute == "exe" && !context.root && one.we_are_denied()
        },
    },
    Explanation {
        section: "CPUs that share a frequency policy",
        holds: |one, _| one.call == "cpu_freq" && one.path.len() == 1 && one.only_ours(),
    },
    Explanation {
        section: "The speed of another machine's CPUs",
        holds: |one, context| one.is(&["cpu_freq"], "current") && !context.machine.is_empty(),
    },
    Explanation {
        section: "Limits of temperatures are not copied",
        holds: |one, context| {
            let theirs = one
                .path
                .first()
                .and_then(|name| context.theirs.get(name))
                .cloned();
            let copied = column(&theirs, "high") == column(&theirs, "critical");
            let named = one.is(&["sensors_temperatures"], "high")
                || one.is(&["sensors_temperatures"], "critical");
            named && one.ours_is_null() && copied
        },
    },
    Explanation {
        section: "Fans of drivers of two kinds",
        holds: |one, context| {
            let some = context
                .theirs
                .children()
                .is_some_and(|rows| !rows.is_empty());
            one.call == "sensors_fans" && one.only_ours() && some
        },
    },
    Explanation {
        section: "Machines without power supplies",
        holds: |one, _| {
            one.call == "sensors_battery" && one.they_fail_with("NotFound") && one.ours_is_null()
        },
    },
    Explanation {
        section: "Files that a captured machine does not have",
        holds: |one, context| {
            let unsupported = one.before.as_ref().and_then(Tree::failure) == Some("Unsupported");
            !context.machine.is_empty() && unsupported && one.they_fail_with("NotFound")
        },
    },
    Explanation {
        section: "Limits are no secret",
        holds: |one, _| one.call == "process rlimit" && one.they_are_denied(),
    },
    Explanation {
        section: "Waiting ends with the process",
        holds: |one, context| {
            one.call == "process wait"
                && context.is_zombie()
                && one.they_fail_with("TimedOut")
                && one.ours_is_null()
        },
    },
    Explanation {
        section: "Handles of processes that are gone",
        holds: |one, context| {
            let gone = one.before.as_ref().and_then(Tree::failure) == Some("NoSuchProcess");
            one.call == "process create_time"
                && gone
                && context.answer("status") == Some(&"gone".into())
        },
    },
    Explanation {
        section: "Classes of I/O priority that do not exist",
        holds: |one, context| {
            let invalid = one.before.as_ref().and_then(Tree::failure) == Some("InvalidArgument");
            let class = context.arguments["values"][0].as_u64();
            one.call == "process set_ionice" && invalid && class.is_some_and(|class| class > 3)
        },
    },
    Explanation {
        section: "The number of descriptors is no secret",
        holds: |one, context| {
            let (attribute, _) = one.attribute();
            attribute == "num_fds" && !context.root && one.they_are_denied()
        },
    },
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_explanation_has_its_section() {
        let document = include_str!("../../../docs/DIFFERENCES.md");
        for one in super::ALL {
            let heading = format!("\n### {}\n", one.section);
            assert!(document.contains(&heading), "{}", one.section);
        }
    }
}
