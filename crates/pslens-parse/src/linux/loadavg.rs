//! `/proc/loadavg`: how many tasks ran or waited, averaged over 1, 5 and 15 minutes.
//!
//! Format (proc(5), kernel `fs/proc/loadavg.c`): `0.20 0.18 0.12 1/80 11206`.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/loadavg";

/// The three averages, in hundredths, which is all the precision the kernel prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loadavg {
    /// Over the last minute.
    pub one: u64,
    /// Over the last five minutes.
    pub five: u64,
    /// Over the last fifteen minutes.
    pub fifteen: u64,
}

/// Decodes the text of `/proc/loadavg`.
///
/// # Errors
/// When one of the three averages is missing or not a number.
pub fn parse(input: &[u8]) -> Result<Loadavg, ParseError> {
    let mut scan = Scan::new(SOURCE, input);
    Ok(Loadavg {
        one: hundredths(&mut scan, "load1")?,
        five: hundredths(&mut scan, "load5")?,
        fifteen: hundredths(&mut scan, "load15")?,
    })
}

fn hundredths(scan: &mut Scan<'_>, field: &'static str) -> Result<u64, ParseError> {
    let whole: u64 = scan.number(field)?;
    if !scan.eat(b'.') || !scan.rest().first().is_some_and(u8::is_ascii_digit) {
        return Err(scan.error(field, Problem::Malformed));
    }
    let fraction: u64 = scan.number(field)?;
    whole
        .checked_mul(100)
        .and_then(|hundreds| hundreds.checked_add(fraction))
        .filter(|_| fraction < 100)
        .ok_or_else(|| scan.error(field, Problem::OutOfRange))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: Option<[u64; 3]>) {
        let got = parse(input.as_bytes()).ok();
        assert_eq!(got.map(|l| [l.one, l.five, l.fifteen]), expect, "{input:?}");
    }

    #[test]
    fn loadavg_in_every_shape() {
        check("0.20 0.18 0.12 1/80 11206\n", Some([20, 18, 12]));
        check(
            "312.07 1000.00 0.99 3/4021 99\n",
            Some([31207, 100_000, 99]),
        );
        check("0.20 0.18", None);
        check("0.20 0.18 x", None);
        check("0. 0.18 0.10", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn loadavg_round_trips(one in 0_u64..10_000_000, five in 0_u64..10_000_000, fifteen in 0_u64..10_000_000) {
            let text = |v: u64| format!("{}.{:02}", v / 100, v % 100);
            let line = format!("{} {} {} 1/80 11206\n", text(one), text(five), text(fifteen));
            prop_assert_eq!(parse(line.as_bytes()), Ok(Loadavg { one, five, fifteen }));
        }

        #[test]
        fn loadavg_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&input);
        }
    }
}
