//! `/proc/[pid]/cgroup`: the control groups of a process, one line per hierarchy.
//!
//! Format (cgroups(7), kernel `kernel/cgroup/cgroup.c`): `hierarchy:controllers:path`. Line `0::` is
//! version 2. Paths may hold colons; line ends are not allowed in the names of groups.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/[pid]/cgroup";

/// Membership in one hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// Hierarchy as in `/proc/cgroups`; 0 for version 2.
    pub hierarchy: u32,
    /// Controllers with commas between them, or `name=...`; empty for version 2.
    pub controllers: &'a [u8],
    /// The group, seen from the reader's cgroup namespace; outside of it the path starts with `/..`.
    /// A removed group has ` (deleted)` appended.
    pub path: &'a [u8],
}

impl Row<'_> {
    /// True for the hierarchy of version 2.
    #[must_use]
    pub const fn is_v2(&self) -> bool {
        self.hierarchy == 0 && self.controllers.is_empty()
    }

    /// True if `controller` is attached to this hierarchy, which only version 1 says.
    #[must_use]
    pub fn has(&self, controller: &[u8]) -> bool {
        self.controllers
            .split(|&byte| byte == b',')
            .any(|name| name == controller)
    }
}

/// Iterates over the hierarchies.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut scan = Scan::new(SOURCE, input);
    core::iter::from_fn(move || scan.line().map(row))
}

fn row(mut line: Scan<'_>) -> Result<Row<'_>, ParseError> {
    let hierarchy = line.number("hierarchy")?;
    if !line.eat(b':') {
        return Err(line.error("hierarchy", Problem::Malformed));
    }
    let controllers = line.until(b':');
    let path = line.rest();
    if !path.starts_with(b"/") {
        return Err(line.error("path", Problem::Missing));
    }
    Ok(Row {
        hierarchy,
        controllers,
        path,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: &[Result<(u32, &str, &str), &str>]) {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| {
                row.map(|r| (r.hierarchy, text(r.controllers), text(r.path)))
                    .map_err(|e| e.field())
            })
            .collect();
        assert_eq!(got, expect, "{input}");
    }

    #[test]
    fn pid_cgroup_of_both_versions() {
        check("", &[]);
        check(
            "9:name=systemd:/\n4:cpu,cpuacct:/a:b/c d\n0::/../x.scope (deleted)\n",
            &[
                Ok((9, "name=systemd", "/")),
                Ok((4, "cpu,cpuacct", "/a:b/c d")),
                Ok((0, "", "/../x.scope (deleted)")),
            ],
        );
        let all: Vec<_> = rows(b"4:cpu,cpuacct:/\n0::/\n")
            .map(Result::unwrap)
            .collect();
        assert!(all[0].has(b"cpu") && all[0].has(b"cpuacct") && !all[0].has(b"cp"));
        assert!(all[1].is_v2() && !all[0].is_v2());
    }

    #[test]
    fn pid_cgroup_goes_on_after_a_bad_row() {
        check(
            "\nx::/\n1\n1:\n1:cpu\n1:cpu:x\n4294967296:cpu:/\n2:cpu:/",
            &[
                Err("hierarchy"),
                Err("hierarchy"),
                Err("hierarchy"),
                Err("path"),
                Err("path"),
                Err("path"),
                Err("hierarchy"),
                Ok((2, "cpu", "/")),
            ],
        );
    }

    proptest! {
        #[test]
        fn pid_cgroup_round_trips(
            groups in proptest::collection::vec((any::<u32>(), "[a-z=,_]{0,20}", "/[^\n]{0,30}"), 0..6),
        ) {
            let text: String = groups.iter().map(|(id, names, path)| format!("{id}:{names}:{path}\n")).collect();
            let got: Vec<_> = rows(text.as_bytes()).map(Result::unwrap).collect();
            let expect: Vec<_> = groups.iter().map(|(hierarchy, controllers, path)| Row {
                hierarchy: *hierarchy, controllers: controllers.as_bytes(), path: path.as_bytes(),
            }).collect();
            prop_assert_eq!(got, expect);
        }

        #[test]
        fn pid_cgroup_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = rows(&input).count();
        }
    }
}
