//! `/proc/vmstat`: counters of the memory management since boot, and current amounts.
//!
//! Format (kernel `mm/vmstat.c`): lines `name value`. Amounts and traffic are in pages unless the name
//! says otherwise. The file comes in pieces of a page: read until the end.

use crate::error::ParseError;
use crate::scan::Scan;

const SOURCE: &str = "/proc/vmstat";

/// One counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The kernel's name.
    pub name: &'a [u8],
    /// The value.
    pub value: u64,
}

/// The swap traffic, in pages since boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vmstat {
    /// Pages read from swap. Missing in kernels without swap.
    pub pswpin: Option<u64>,
    /// Pages written to swap. Missing in kernels without swap.
    pub pswpout: Option<u64>,
}

/// Decodes the text of `/proc/vmstat`.
///
/// # Errors
/// When the number of a known line is malformed.
pub fn parse(input: &[u8]) -> Result<Vmstat, ParseError> {
    let mut found = Vmstat::default();
    let mut scan = Scan::new(SOURCE, input);
    while let Some(mut line) = scan.line() {
        match line.word() {
            b"pswpin" => found.pswpin = Some(line.number("pswpin")?),
            b"pswpout" => found.pswpout = Some(line.number("pswpout")?),
            _ => {}
        }
        if found.pswpin.is_some() && found.pswpout.is_some() {
            break;
        }
    }
    Ok(found)
}

/// Every line, in the order of the file.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut scan = Scan::new(SOURCE, input);
    core::iter::from_fn(move || scan.line()).map(|mut line| {
        Ok(Row {
            name: line.word(),
            value: line.number("value")?,
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: Option<(Option<u64>, Option<u64>)>) {
        let got = parse(input.as_bytes()).ok();
        assert_eq!(got.map(|v| (v.pswpin, v.pswpout)), expect, "{input:?}");
    }

    #[test]
    fn vmstat_in_every_shape() {
        check(
            "nr_free_pages 1\npswpin 2\npswpout 3\npswpin_zero 9\n",
            Some((Some(2), Some(3))),
        );
        check("pswpout 3\n", Some((None, Some(3))));
        check("pswpinx 3\nxpswpout 1\n", Some((None, None)));
        check("", Some((None, None)));
        check("pswpin\n", None);
        check("pswpin -1\n", None);
        check("pswpout 18446744073709551616\n", None);
    }

    #[test]
    fn rows_go_on_after_a_bad_line() {
        let got: Vec<_> = rows(b"a 1\nb\nc 3")
            .map(|row| row.ok().map(|row| (row.name, row.value)))
            .collect();
        assert_eq!(got, [Some((b"a".as_slice(), 1)), None, Some((b"c", 3))]);
    }

    proptest! {
        #[test]
        fn vmstat_round_trips(values in proptest::collection::vec(("[a-z_0-9]{1,20}", any::<u64>()), 0..40)) {
            let text: String = values.iter().map(|(name, value)| format!("{name} {value}\n")).collect();
            let got: Vec<_> = rows(text.as_bytes())
                .map(Result::unwrap)
                .map(|row| (String::from_utf8(row.name.to_vec()).unwrap(), row.value))
                .collect();
            prop_assert_eq!(got, values);
        }

        #[test]
        fn vmstat_never_panics(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (parse(&input), rows(&input).count());
        }
    }
}
