//! `/proc/[pid]/fdinfo/[fd]`: where a descriptor stands and how it was opened.
//!
//! Format (proc(5), kernel `fs/proc/fd.c`, since Linux 2.6.22): lines `pos:\t0`, `flags:\t0100002`.
//! Sockets, event descriptors, DRM devices and others add lines of their own.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/[pid]/fdinfo/[fd]";

/// What every descriptor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fdinfo {
    /// File offset, bytes. Negative only for devices whose offsets are addresses (`/proc/[pid]/mem`).
    pub pos: i64,
    /// The `O_*` flags of `open`, and `O_CLOEXEC`.
    pub flags: u32,
    /// The mount that the file is on, as in `mountinfo`. Since Linux 3.15.
    pub mnt_id: Option<u64>,
    /// The inode number. Since Linux 5.14.
    pub ino: Option<u64>,
}

/// Decodes the text.
///
/// # Errors
/// When `pos` or `flags` is missing, or one of the four is malformed.
pub fn parse(input: &[u8]) -> Result<Fdinfo, ParseError> {
    let mut scan = Scan::new(SOURCE, input);
    let (mut pos, mut flags, mut mnt_id, mut ino) = (None, None, None, None);
    while let Some(mut line) = scan.line() {
        // The general lines come first: what a driver prints later under the same key is not meant.
        match line.until(b':') {
            b"pos" if pos.is_none() => pos = Some(line.signed("pos")?),
            b"flags" if flags.is_none() => flags = Some(line.octal("flags")?),
            b"mnt_id" if mnt_id.is_none() => mnt_id = Some(line.number("mnt_id")?),
            b"ino" if ino.is_none() => ino = Some(line.number("ino")?),
            _ => {}
        }
    }
    Ok(Fdinfo {
        pos: pos.ok_or_else(|| scan.error("pos", Problem::Missing))?,
        flags: flags.ok_or_else(|| scan.error("flags", Problem::Missing))?,
        mnt_id,
        ino,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// pos, flags, `mnt_id`, ino
    type Expect = (i64, u32, Option<u64>, Option<u64>);

    fn check(input: &str, expect: Result<Expect, (&str, Problem)>) {
        let got = parse(input.as_bytes()).map(|f| (f.pos, f.flags, f.mnt_id, f.ino));
        assert_eq!(
            got.map_err(|e| (e.field(), e.problem())),
            expect,
            "{input:?}"
        );
    }

    #[test]
    fn pid_fdinfo_of_every_kernel() {
        check("pos:\t0\nflags:\t0100002\n", Ok((0, 0o100_002, None, None)));
        check(
            "pos:\t42\nflags:\t0100000\nmnt_id:\t24\n",
            Ok((42, 0o100_000, Some(24), None)),
        );
        check(
            "pos:\t0\nflags:\t02004002\nmnt_id:\t15\nino:\t2057\nlock:\t1: POSIX\n",
            Ok((0, 0o2_004_002, Some(15), Some(2057))),
        );
        check(
            "pos:\t0\nflags:\t00\nmnt_id:\t15\nino:\t7\ninotify wd:3 ino:9e7e\nino:\tx\npos:\t9\n",
            Ok((0, 0, Some(15), Some(7))),
        );
        check("pos:\t-4096\nflags:\t02\n", Ok((-4096, 2, None, None)));
    }

    #[test]
    fn pid_fdinfo_that_is_none() {
        check("", Err(("pos", Problem::Missing)));
        check("pos:\t0\n", Err(("flags", Problem::Missing)));
        check("pos:\t\nflags:\t02\n", Err(("pos", Problem::Missing)));
        check("pos:\tx\nflags:\t02\n", Err(("pos", Problem::Malformed)));
        check("pos:\t0\nflags:\t9\n", Err(("flags", Problem::Malformed)));
        check(
            "pos:\t0\nflags:\t040000000000\n",
            Err(("flags", Problem::OutOfRange)),
        );
    }

    proptest! {
        #[test]
        fn pid_fdinfo_round_trips(pos: i64, flags: u32, mnt_id: Option<u64>, ino: Option<u64>) {
            let mut text = format!("pos:\t{pos}\nflags:\t0{flags:o}\n");
            if let Some(id) = mnt_id { text.push_str(&format!("mnt_id:\t{id}\n")); }
            if let Some(number) = ino { text.push_str(&format!("ino:\t{number}\n")); }
            prop_assert_eq!(parse(text.as_bytes()), Ok(Fdinfo { pos, flags, mnt_id, ino }));
        }

        #[test]
        fn pid_fdinfo_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&input);
        }
    }
}
