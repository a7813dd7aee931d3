//! `/proc/tty/drivers`: which device numbers are terminals, and what their nodes are called.
//!
//! Format (proc(5), kernel `fs/proc/proc_tty.c`): driver, node name, major number, minor number or
//! range, kind: `pty_slave            /dev/pts      136 0-1048575 pty:slave`.

use super::find;
use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/tty/drivers";

/// The devices of one driver, or a special one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The driver's name, `unknown`, or the path of a special device.
    pub driver: &'a [u8],
    /// What the names of its nodes start with: `/dev/pts`, `/dev/ttyS`. Whether a number follows at
    /// once, after a slash, or not at all, is not said.
    pub node: &'a [u8],
    /// Major device number.
    pub major: u32,
    /// First minor device number.
    pub minor_first: u32,
    /// Last minor device number, equal to the first one for a single device.
    pub minor_last: u32,
    /// `system:console`, `console`, `serial`, `pty:slave`, `pty:master`, `type:N.N`.
    pub kind: &'a [u8],
}

/// Iterates over the drivers.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut scan = Scan::new(SOURCE, input);
    core::iter::from_fn(move || scan.line().map(row))
}

fn row(mut line: Scan<'_>) -> Result<Row<'_>, ParseError> {
    // A driver may have blanks in its name; the node is the only column that starts with "/dev/" after
    // a blank.
    let at = line
        .rest()
        .windows(6)
        .rposition(|bytes| bytes == b" /dev/")
        .ok_or_else(|| line.error("node", Problem::Missing))?;
    let driver = line.skip(at).trim_ascii();
    let node = line.word();
    let major = line.number("major")?;
    let minor_first = line.number("minor")?;
    let minor_last = if line.eat(b'-') {
        line.number("minor")?
    } else {
        minor_first
    };
    let kind = line.rest();
    if find::first(b' ', kind) != Some(0) && !kind.is_empty() {
        return Err(line.error("minor", Problem::Malformed));
    }
    Ok(Row {
        driver,
        node,
        major,
        minor_first,
        minor_last,
        kind: kind.trim_ascii(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Expect<'a> = (&'a str, &'a str, u32, u32, u32, &'a str);

    fn check(input: &str, expect: &[Result<Expect<'_>, &str>]) {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| {
                row.map(|r| {
                    (
                        text(r.driver),
                        text(r.node),
                        r.major,
                        r.minor_first,
                        r.minor_last,
                        text(r.kind),
                    )
                })
                .map_err(|e| e.field())
            })
            .collect();
        assert_eq!(got, expect, "{input}");
    }

    #[test]
    fn tty_drivers_of_every_kernel() {
        check("", &[]);
        check(
            "/dev/tty             /dev/tty        5       0 system:/dev/tty\n\
             /dev/vc/0            /dev/vc/0       4       0 system:vtmaster\n\
             serial               /dev/ttyS       4 64-95 serial\n\
             xen hvc              /dev/hvc      229 0-7 system\n\
             pty_slave            /dev/pts      136 0-1048575 pty:slave\n\
             unknown              /dev/tty        4 1-63 console\n\
             odd                  /dev/odd       99       1 type:3.4",
            &[
                Ok(("/dev/tty", "/dev/tty", 5, 0, 0, "system:/dev/tty")),
                Ok(("/dev/vc/0", "/dev/vc/0", 4, 0, 0, "system:vtmaster")),
                Ok(("serial", "/dev/ttyS", 4, 64, 95, "serial")),
                Ok(("xen hvc", "/dev/hvc", 229, 0, 7, "system")),
                Ok(("pty_slave", "/dev/pts", 136, 0, 1_048_575, "pty:slave")),
                Ok(("unknown", "/dev/tty", 4, 1, 63, "console")),
                Ok(("odd", "/dev/odd", 99, 1, 1, "type:3.4")),
            ],
        );
    }

    #[test]
    fn tty_drivers_go_on_after_a_bad_row() {
        check(
            "\nserial\nserial /dev/ttyS x\nserial /dev/ttyS 4\nserial /dev/ttyS 4 64-x serial\n\
             serial /dev/ttyS 4 4294967296 serial\nserial /dev/ttyS 4 64x\nserial /dev/ttyS 4 64 serial\n",
            &[
                Err("node"),
                Err("node"),
                Err("major"),
                Err("minor"),
                Err("minor"),
                Err("minor"),
                Err("minor"),
                Ok(("serial", "/dev/ttyS", 4, 64, 64, "serial")),
            ],
        );
    }

    proptest! {
        #[test]
        fn tty_drivers_round_trip(
            drivers in proptest::collection::vec(("[a-z_/]{1,25}", "[a-zA-Z/]{0,12}", any::<(u32, u32, u32)>(), "[a-z:./]{1,12}"), 0..6),
        ) {
            let mut text = String::new();
            for (driver, name, (major, first, last), kind) in &drivers {
                let minors = if first == last { format!("{first:7}") } else { format!("{first}-{last}") };
                text.push_str(&format!("{driver:<20} /dev/{name:<8} {major:3} {minors} {kind}\n"));
            }
            let got: Vec<_> = rows(text.as_bytes()).map(|row| {
                let row = row.unwrap();
                (row.driver.to_vec(), row.node.to_vec(), (row.major, row.minor_first, row.minor_last), row.kind.to_vec())
            }).collect();
            let expect: Vec<_> = drivers.iter().map(|(driver, name, numbers, kind)| {
                (driver.as_bytes().to_vec(), format!("/dev/{name}").into_bytes(), *numbers, kind.as_bytes().to_vec())
            }).collect();
            prop_assert_eq!(got, expect);
        }

        #[test]
        fn tty_drivers_never_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = rows(&input).count();
        }
    }
}
