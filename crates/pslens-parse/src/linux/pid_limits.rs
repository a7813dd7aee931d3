//! `/proc/[pid]/limits`: the resource limits of a process.
//!
//! Format (proc(5), kernel `fs/proc/base.c`, since Linux 2.6.24): a heading, then one line per limit. The
//! name fills the first 25 columns and holds blanks; soft and hard limit and the unit follow, a blank
//! between them. Two limits have no unit.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/[pid]/limits";

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The kernel's words for it: `Max open files`.
    pub name: &'a [u8],
    /// What counts now; `None`: unlimited.
    pub soft: Option<u64>,
    /// How far an unprivileged process may raise it; `None`: unlimited.
    pub hard: Option<u64>,
    /// `bytes`, `seconds`, `us`, ...; empty for the nice and real-time priorities.
    pub units: &'a [u8],
}

/// Iterates over the limits, in the kernel's order.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut scan = Scan::new(SOURCE, input);
    if input.starts_with(b"Limit ") {
        scan.line();
    }
    core::iter::from_fn(move || scan.line().map(row))
}

fn row(mut line: Scan<'_>) -> Result<Row<'_>, ParseError> {
    let name = line.skip(25).trim_ascii_end();
    if name.is_empty() {
        return Err(line.error("Limit", Problem::Missing));
    }
    Ok(Row {
        name,
        soft: limit(&mut line, "Soft Limit")?,
        hard: limit(&mut line, "Hard Limit")?,
        units: line.word(),
    })
}

fn limit(line: &mut Scan<'_>, field: &'static str) -> Result<Option<u64>, ParseError> {
    line.skip_blanks();
    if line.rest().starts_with(b"unlimited") {
        line.word();
        return Ok(None);
    }
    line.number(field).map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADING: &str =
        "Limit                     Soft Limit           Hard Limit           Units     \n";

    type Expect<'a> = (&'a str, Option<u64>, Option<u64>, &'a str);

    fn check(input: &str, expect: &[Result<Expect<'_>, &str>]) {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| {
                row.map(|r| (text(r.name), r.soft, r.hard, text(r.units)))
                    .map_err(|e| e.field())
            })
            .collect();
        assert_eq!(got, expect, "{input}");
    }

    #[test]
    fn pid_limits_in_every_shape() {
        check("", &[]);
        check(HEADING, &[]);
        check(
            &format!(
                "{HEADING}\
                 Max cpu time              unlimited            unlimited            seconds   \n\
                 Max open files            1024                 524288               files     \n\
                 Max address space         18446744073709551614 unlimited            bytes     \n\
                 Max nice priority         0                    0                    \n\
                 Max realtime timeout      unlimited            unlimited            us"
            ),
            &[
                Ok(("Max cpu time", None, None, "seconds")),
                Ok(("Max open files", Some(1024), Some(524_288), "files")),
                Ok(("Max address space", Some(u64::MAX - 1), None, "bytes")),
                Ok(("Max nice priority", Some(0), Some(0), "")),
                Ok(("Max realtime timeout", None, None, "us")),
            ],
        );
    }

    #[test]
    fn pid_limits_go_on_after_a_bad_row() {
        check(
            "\nMax\nMax open files            x\nMax open files            5\n\
             Max open files            5                    99999999999999999999 files\n\
             Max open files            5                    6                    files\n",
            &[
                Err("Limit"),
                Err("Soft Limit"),
                Err("Soft Limit"),
                Err("Hard Limit"),
                Err("Hard Limit"),
                Ok(("Max open files", Some(5), Some(6), "files")),
            ],
        );
    }

    proptest! {
        #[test]
        fn pid_limits_round_trip(
            limits in proptest::collection::vec(("Max [a-z ]{0,20}[a-z]", any::<(Option<u64>, Option<u64>)>(), "[a-z]{0,10}"), 0..8),
        ) {
            let show = |limit: Option<u64>| limit.map_or("unlimited".to_owned(), |l| l.to_string());
            let mut text = HEADING.to_owned();
            for (name, (soft, hard), units) in &limits {
                text.push_str(&format!("{name:<25} {:<20} {:<20} {units:<10}\n", show(*soft), show(*hard)));
            }
            let got: Vec<_> = rows(text.as_bytes()).map(|row| {
                let row = row.unwrap();
                (row.name.to_vec(), row.soft, row.hard, row.units.to_vec())
            }).collect();
            let expect: Vec<_> = limits.iter().map(|(name, (soft, hard), units)| {
                (name.as_bytes().to_vec(), *soft, *hard, units.as_bytes().to_vec())
            }).collect();
            prop_assert_eq!(got, expect);
        }

        #[test]
        fn pid_limits_never_panic(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = rows(&input).count();
        }
    }
}
