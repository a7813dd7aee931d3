//! Lists of CPUs, as in `/sys/devices/system/cpu/online` and the `_list` files of the topology.
//!
//! Format (cpuset(7) "List format", kernel `lib/vsprintf.c` `%*pbl`): `0-4,9`. The lists of cpufreq
//! (`affected_cpus`) have blanks in place of commas. An empty list is an empty line.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "cpu list";

/// Consecutive CPUs, the last one included; `first` is not above `last`.
///
/// A range can be much longer than its text: iterate over it, or count with [`Row::count`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The first CPU.
    pub first: u32,
    /// The last CPU.
    pub last: u32,
}

impl Row {
    /// How many CPUs.
    #[must_use]
    pub fn count(self) -> u64 {
        u64::from(self.last)
            .saturating_sub(u64::from(self.first))
            .saturating_add(1)
    }

    /// The CPUs of the range.
    #[must_use]
    pub const fn cpus(self) -> core::ops::RangeInclusive<u32> {
        self.first..=self.last
    }
}

/// The ranges, in the order of the text.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row, ParseError>> {
    let mut scan = Scan::new(SOURCE, input);
    core::iter::from_fn(move || {
        loop {
            scan.skip_blanks();
            match scan.rest().first()? {
                b',' | b'\n' => scan.skip(1),
                _ => break,
            };
        }
        let item = range(&mut scan);
        if item.is_err() {
            // On to what follows the next separator.
            let length = scan
                .rest()
                .iter()
                .take_while(|&&b| !matches!(b, b',' | b' ' | b'\t' | b'\n'))
                .count();
            scan.skip(length);
        }
        Some(item)
    })
}

fn range(scan: &mut Scan<'_>) -> Result<Row, ParseError> {
    let first = scan.number("first")?;
    let last = if scan.eat(b'-') {
        scan.number("last")?
    } else {
        first
    };
    match scan.rest().first() {
        None | Some(b',' | b' ' | b'\t' | b'\n') if first <= last => Ok(Row { first, last }),
        _ => Err(scan.error("last", Problem::Malformed)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: &[Option<(u32, u32)>]) {
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| row.ok().map(|row| (row.first, row.last)))
            .collect();
        assert_eq!(got, expect, "{input:?}");
    }

    #[test]
    fn lists_in_every_shape() {
        check(
            "0-3,8,10-11\n",
            &[Some((0, 3)), Some((8, 8)), Some((10, 11))],
        );
        check("0\n", &[Some((0, 0))]);
        check("0 1 5\n", &[Some((0, 0)), Some((1, 1)), Some((5, 5))]);
        check("0, 2", &[Some((0, 0)), Some((2, 2))]);
        check("\n", &[]);
        check("", &[]);
        check("0-4294967295", &[Some((0, u32::MAX))]);
        check("0-4294967296,7", &[None, Some((7, 7))]);
        check("3-1,x,2-,-,7", &[None, None, None, None, Some((7, 7))]);
        check("0-31:2/4", &[None]);
    }

    #[test]
    fn a_range_is_counted_without_walking_it() {
        let all = rows(b"0-4294967295").next().unwrap().unwrap();
        assert_eq!(all.count(), 1 << 32);
        assert_eq!(
            rows(b"4-6").next().unwrap().unwrap().cpus().sum::<u32>(),
            15
        );
    }

    proptest! {
        #[test]
        fn lists_round_trip(ranges in proptest::collection::vec((0_u32..10_000, 0_u32..100), 0..20)) {
            let expect: Vec<_> = ranges.iter().map(|&(first, more)| Row { first, last: first + more }).collect();
            let text = expect
                .iter()
                .map(|row| if row.first == row.last { row.first.to_string() } else { format!("{}-{}", row.first, row.last) })
                .collect::<Vec<_>>()
                .join(",") + "\n";
            let got: Vec<_> = rows(text.as_bytes()).map(Result::unwrap).collect();
            prop_assert_eq!(got, expect);
        }

        #[test]
        fn lists_never_panic_and_end(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(rows(&input).count() <= input.len());
        }
    }
}
