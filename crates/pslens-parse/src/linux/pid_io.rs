//! `/proc/[pid]/io`: what a process and its threads have read and written.
//!
//! Format (proc(5), kernel `fs/proc/base.c`, since Linux 2.6.20): lines `rchar: 6976`.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/[pid]/io";

/// The counters; volumes are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Io {
    /// Returned by `read` and its relatives, also from the page cache, pipes and terminals.
    pub rchar: u64,
    /// Given to `write` and its relatives.
    pub wchar: u64,
    /// System calls that read.
    pub syscr: u64,
    /// System calls that write.
    pub syscw: u64,
    /// Fetched from block devices.
    pub read_bytes: u64,
    /// Sent to block devices, or made dirty in the page cache.
    pub write_bytes: u64,
    /// Part of `write_bytes` that never happened, because the file was truncated or removed first.
    pub cancelled_write_bytes: Option<u64>,
}

/// Decodes the text. Lines that are blank or malformed count as absent.
///
/// # Errors
/// When one of the counters other than `cancelled_write_bytes` is absent.
pub fn parse(input: &[u8]) -> Result<Io, ParseError> {
    let mut scan = Scan::new(SOURCE, input);
    let [mut rchar, mut wchar, mut syscr, mut syscw] = [None; 4];
    let [mut read_bytes, mut write_bytes, mut cancelled] = [None; 3];
    while let Some(mut line) = scan.line() {
        let slot = match line.until(b':') {
            b"rchar" => &mut rchar,
            b"wchar" => &mut wchar,
            b"syscr" => &mut syscr,
            b"syscw" => &mut syscw,
            b"read_bytes" => &mut read_bytes,
            b"write_bytes" => &mut write_bytes,
            b"cancelled_write_bytes" => &mut cancelled,
            _ => continue,
        };
        if let Ok(value) = line.number("counter")
            && line.word().is_empty()
        {
            *slot = Some(value);
        }
    }
    let missing = |field| scan.error(field, Problem::Missing);
    Ok(Io {
        rchar: rchar.ok_or_else(|| missing("rchar"))?,
        wchar: wchar.ok_or_else(|| missing("wchar"))?,
        syscr: syscr.ok_or_else(|| missing("syscr"))?,
        syscw: syscw.ok_or_else(|| missing("syscw"))?,
        read_bytes: read_bytes.ok_or_else(|| missing("read_bytes"))?,
        write_bytes: write_bytes.ok_or_else(|| missing("write_bytes"))?,
        cancelled_write_bytes: cancelled,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: &str = "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\ncancelled_write_bytes: 7\n";

    fn check(input: &str, expect: Result<[u64; 6], &str>) {
        let got = parse(input.as_bytes()).map(|io| {
            [
                io.rchar,
                io.wchar,
                io.syscr,
                io.syscw,
                io.read_bytes,
                io.write_bytes,
            ]
        });
        assert_eq!(got.map_err(|e| e.field()), expect, "{input:?}");
    }

    #[test]
    fn pid_io_in_every_shape() {
        check(ALL, Ok([1, 2, 3, 4, 5, 6]));
        assert_eq!(
            parse(ALL.as_bytes()).unwrap().cancelled_write_bytes,
            Some(7)
        );
        check(
            ALL.strip_suffix("cancelled_write_bytes: 7\n").unwrap(),
            Ok([1, 2, 3, 4, 5, 6]),
        );
        check(
            &ALL.replace("wchar: 2\n", "\nnew: 9\nwchar: 2\n:\n x\n"),
            Ok([1, 2, 3, 4, 5, 6]),
        );
        check(
            &ALL.replace("rchar: 1", "rchar:18446744073709551615"),
            Ok([u64::MAX, 2, 3, 4, 5, 6]),
        );
    }

    #[test]
    fn pid_io_malformed_lines_count_as_absent() {
        check(&ALL.replace("syscr: 3", "syscr"), Err("syscr"));
        check(&ALL.replace("syscr: 3", "syscr: x"), Err("syscr"));
        check(&ALL.replace("syscr: 3", "syscr: 3x"), Err("syscr"));
        check(
            &ALL.replace("rchar: 1", "rchar: 18446744073709551616"),
            Err("rchar"),
        );
        check(&ALL.replace("write_bytes: 6\n", ""), Err("write_bytes"));
        check("", Err("rchar"));
    }

    proptest! {
        #[test]
        fn pid_io_round_trips(v in any::<[u64; 7]>()) {
            let keys = ["rchar", "wchar", "syscr", "syscw", "read_bytes", "write_bytes", "cancelled_write_bytes"];
            let text: String = keys.iter().zip(v).map(|(key, value)| format!("{key}: {value}\n")).collect();
            prop_assert_eq!(parse(text.as_bytes()), Ok(Io {
                rchar: v[0], wchar: v[1], syscr: v[2], syscw: v[3], read_bytes: v[4], write_bytes: v[5],
                cancelled_write_bytes: Some(v[6]),
            }));
        }

        #[test]
        fn pid_io_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&input);
        }
    }
}
