//! `/sys/.../uevent`: what the kernel tells udev about a device.
//!
//! Format: `KEY=value` lines (`MAJOR=254`, `DEVNAME=vda`).

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/sys/dev/block/[device]/uevent";

/// One property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its name.
    pub key: &'a [u8],
    /// Its value, which the driver or the hardware has chosen.
    pub value: &'a [u8],
}

/// Decodes the text of a `uevent` file.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut lines = Scan::new(SOURCE, input);
    std::iter::from_fn(move || {
        lines.line().map(|line| {
            let mut rest = line.clone();
            let key = rest.until(b'=');
            if key.is_empty() || key.len() == line.rest().len() {
                return Err(line.error("key", Problem::Malformed));
            }
            Ok(Row {
                key,
                value: rest.rest(),
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: &[Option<(&str, &str)>]) {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| row.ok().map(|row| (text(row.key), text(row.value))))
            .collect();
        assert_eq!(got, expect, "{input:?}");
    }

    #[test]
    fn uevent_in_every_shape() {
        check(
            "MAJOR=254\nDEVNAME=cciss/c0d0\n",
            &[Some(("MAJOR", "254")), Some(("DEVNAME", "cciss/c0d0"))],
        );
        check("A=b=c\nD=\n", &[Some(("A", "b=c")), Some(("D", ""))]);
        check("A\n=b\n\nC=d", &[None, None, None, Some(("C", "d"))]);
    }

    proptest! {
        #[test]
        fn uevent_round_trips(table in proptest::collection::vec(("[A-Z_]{1,8}", "[ -~]{0,12}"), 0..6)) {
            let text: String = table.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
            let expect: Vec<_> = table
                .iter()
                .map(|(key, value)| Ok(Row { key: key.as_bytes(), value: value.as_bytes() }))
                .collect();
            prop_assert_eq!(rows(text.as_bytes()).collect::<Vec<_>>(), expect);
        }

        #[test]
        fn uevent_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = rows(&input).count();
        }
    }
}
