//! `/proc/[pid]/statm`: the memory of a process in pages, exactly.
//!
//! Format (proc(5), kernel `fs/proc/array.c`): `765 427 399 5 0 123 0`. Unlike the `rss` of `stat` and
//! the `VmRSS` of `status`, these are summed over all CPUs when they are read.

use crate::error::ParseError;
use crate::scan::Scan;

const SOURCE: &str = "/proc/[pid]/statm";

/// The seven counts, all in pages. All zero for kernel threads and zombies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statm {
    /// Virtual memory.
    pub size: u64,
    /// Resident memory.
    pub resident: u64,
    /// Resident memory backed by files or shared.
    pub shared: u64,
    /// Program text.
    pub text: u64,
    /// Libraries; always 0 since Linux 2.6.
    pub lib: u64,
    /// Data and stack.
    pub data: u64,
    /// Dirty pages; always 0 since Linux 2.6.
    pub dt: u64,
}

/// Decodes the line.
///
/// # Errors
/// When one of the seven counts is missing or not a number.
pub fn parse(input: &[u8]) -> Result<Statm, ParseError> {
    let mut scan = Scan::new(SOURCE, input);
    Ok(Statm {
        size: scan.number("size")?,
        resident: scan.number("resident")?,
        shared: scan.number("shared")?,
        text: scan.number("text")?,
        lib: scan.number("lib")?,
        data: scan.number("data")?,
        dt: scan.number("dt")?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: Result<[u64; 7], &str>) {
        let got = parse(input.as_bytes())
            .map(|s| [s.size, s.resident, s.shared, s.text, s.lib, s.data, s.dt]);
        assert_eq!(got.map_err(|e| e.field()), expect, "{input:?}");
    }

    #[test]
    fn pid_statm_in_every_shape() {
        check("765 427 399 5 0 123 0\n", Ok([765, 427, 399, 5, 0, 123, 0]));
        check("345 120 101 6 98 16 3\n", Ok([345, 120, 101, 6, 98, 16, 3]));
        check("0 0 0 0 0 0 0\n", Ok([0; 7]));
        check("1 2 3 4 5 6 7 8\n", Ok([1, 2, 3, 4, 5, 6, 7]));
        check("765 427 399 5 0 123\n", Err("dt"));
        check("765 x 399 5 0 123 0\n", Err("resident"));
        check("18446744073709551616 1 1 1 1 1 1\n", Err("size"));
        check("", Err("size"));
    }

    proptest! {
        #[test]
        fn pid_statm_round_trips(v in any::<[u64; 7]>()) {
            let line = format!("{} {} {} {} {} {} {}\n", v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
            let [size, resident, shared, text, lib, data, dt] = v;
            prop_assert_eq!(parse(line.as_bytes()), Ok(Statm { size, resident, shared, text, lib, data, dt }));
        }

        #[test]
        fn pid_statm_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&input);
        }
    }
}
