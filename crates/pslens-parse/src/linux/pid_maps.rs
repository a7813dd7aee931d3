//! `/proc/[pid]/maps`: the mappings of an address space, one line each.
//!
//! Format (proc(5), kernel `fs/proc/task_mmu.c`): `start-end perms offset major:minor inode`, blanks,
//! path. Addresses, offset and device numbers are hexadecimal. The path is the rest of the line: it may
//! hold blanks, and a line end in it is printed as `\012`.

use std::borrow::Cow;

use super::decimal;
use super::find;
use crate::error::{ParseError, Problem};

const SOURCE: &str = "/proc/[pid]/maps";

/// One mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Row<'a> {
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// `rwx` or dashes, then `p` (private) or `s` (shared).
    pub perms: &'a [u8],
    /// Where in the file, bytes.
    pub offset: u64,
    /// Major number of the file's device; 0 without a file.
    pub dev_major: u32,
    /// Minor number of the file's device.
    pub dev_minor: u32,
    /// The file's inode number; 0 without a file.
    pub inode: u64,
    /// File or `[heap]`, `[stack]`, ... as printed: see [`unescape`]. Empty for anonymous memory.
    /// A removed file has ` (deleted)` appended.
    pub path: &'a [u8],
}

/// Iterates over the mappings, in address order. Nothing for kernel threads and zombies.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut rest = input;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let at = input.len().saturating_sub(rest.len());
        let (line, next) = find::line(rest);
        rest = next;
        Some(row(line).map_err(|bad| bad.locate(SOURCE, at)))
    })
}

/// A path as the file system knows it: `\012` is a line end.
///
/// The kernel escapes nothing else, not even the backslash, so a file whose name really holds the four
/// characters `\012` cannot be told from one with a line end in its name.
#[must_use]
pub fn unescape(path: &[u8]) -> Cow<'_, [u8]> {
    const ESCAPE: &[u8] = b"\\012";
    if find::first(b'\\', path).is_none() {
        return Cow::Borrowed(path);
    }
    let mut plain = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, tail)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(ESCAPE) {
            plain.push(b'\n');
            rest = tail;
        } else {
            plain.push(byte);
            rest = tail;
        }
    }
    Cow::Owned(plain)
}

/// What is wrong with a line, and how far from its start.
pub(super) struct Bad {
    field: &'static str,
    from_start: usize,
}

impl Bad {
    /// The error, for a line that starts at `at`.
    #[cold]
    pub(super) fn locate(self, source: &'static str, at: usize) -> ParseError {
        let offset = at.saturating_add(self.from_start);
        ParseError::new(source, self.field, offset, Problem::Malformed)
    }
}

/// Decodes one line, without its line end.
#[inline]
pub(super) fn row(line: &[u8]) -> Result<Row<'_>, Bad> {
    let bad = |field, at: &[u8]| Bad {
        field,
        from_start: line.len().saturating_sub(at.len()),
    };
    let (start, rest) = hex(line, b'-').ok_or_else(|| bad("start", line))?;
    let (end, at) = hex(rest, b' ').ok_or_else(|| bad("end", rest))?;
    let (perms, rest) = word(at).ok_or_else(|| bad("perms", at))?;
    let (offset, at) = hex(rest, b' ').ok_or_else(|| bad("offset", rest))?;
    let (dev_major, rest) = hex(at, b':').ok_or_else(|| bad("dev", at))?;
    let (dev_minor, rest) = hex(rest, b' ').ok_or_else(|| bad("dev", at))?;
    let small = |number: u64| u32::try_from(number).map_err(|_| bad("dev", at));
    let (inode, path) = inode(rest).ok_or_else(|| bad("inode", rest))?;
    Ok(Row {
        start,
        end,
        perms,
        offset,
        dev_major: small(dev_major)?,
        dev_minor: small(dev_minor)?,
        inode,
        path,
    })
}

/// A hexadecimal number that ends with `end`, and what follows; `None` if it is not one.
#[inline(always)]
fn hex(text: &[u8], end: u8) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    let mut rest = text;
    loop {
        let (&byte, tail) = rest.split_first()?;
        let digit = match byte {
            b'0'..=b'9' => byte.wrapping_sub(b'0'),
            b'a'..=b'f' => byte.wrapping_sub(b'a').wrapping_add(10),
            _ if byte == end && rest.len() < text.len() => return Some((value, tail)),
            _ => return None,
        };
        if value >> 60 != 0 {
            return None;
        }
        value = (value << 4) | u64::from(digit);
        rest = tail;
    }
}

/// The inode number, and the path behind the blanks that follow it.
#[inline(always)]
fn inode(text: &[u8]) -> Option<(u64, &[u8])> {
    let (value, mut rest) = decimal::leading(text);
    let value = value?;
    if !matches!(rest, [] | [b' ', ..]) {
        return None;
    }
    // Paths are aligned with up to 25 blanks.
    while let Some(tail) = rest.strip_prefix(b"        ") {
        rest = tail;
    }
    while let [b' ', tail @ ..] = rest {
        rest = tail;
    }
    Some((value, rest))
}

#[inline(always)]
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|&byte| byte == b' ')?;
    let (word, rest) = text.split_at_checked(end)?;
    Some((word, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(line: &str, expect: Result<Row<'_>, (&str, usize)>) {
        let mut all = rows(line.as_bytes());
        let got = all.next().unwrap();
        assert_eq!(got.map_err(|e| (e.field(), e.offset())), expect, "{line:?}");
        assert!(all.next().is_none(), "{line:?}");
    }

    #[test]
    fn pid_maps_in_every_shape() {
        let mapped = Row {
            start: 0x55fc_71c8_c000,
            end: 0x55fc_71c8_e000,
            perms: b"r--p",
            offset: 0x2000,
            dev_major: 0xfe,
            dev_minor: 0,
            inode: 247_282,
            path: b"/usr/bin/head",
        };
        check(
            "55fc71c8c000-55fc71c8e000 r--p 00002000 fe:00 247282                     /usr/bin/head\n",
            Ok(mapped),
        );
        check(
            "55fc71c8c000-55fc71c8e000 r--p 00002000 fe:00 247282                     /a b (deleted)",
            Ok(Row {
                path: b"/a b (deleted)",
                ..mapped
            }),
        );
        check(
            "55fc71c8c000-55fc71c8e000 r--p 00002000 fe:00 247282                     /x\\012Pss: 0 kB \n",
            Ok(Row {
                path: b"/x\\012Pss: 0 kB ",
                ..mapped
            }),
        );
        // 2.6 on 32 bits; with and without the blank after the inode of anonymous memory.
        for line in [
            "0804d000-0806e000 rw-p 0804d000 00:00 0 \n",
            "0804d000-0806e000 rw-p 0804d000 00:00 0\n",
        ] {
            check(
                line,
                Ok(Row {
                    start: 0x0804_d000,
                    end: 0x0806_e000,
                    perms: b"rw-p",
                    offset: 0x0804_d000,
                    ..Row::default()
                }),
            );
        }
        check(
            "ffffffffff600000-ffffffffff601000 --xp 00000000 103:100000 18446744073709551615                  [vsyscall]\n",
            Ok(Row {
                start: 0xffff_ffff_ff60_0000,
                end: 0xffff_ffff_ff60_1000,
                perms: b"--xp",
                offset: 0,
                dev_major: 0x103,
                dev_minor: 0x10_0000,
                inode: u64::MAX,
                path: b"[vsyscall]",
            }),
        );
        assert_eq!(rows(b"").count(), 0);
    }

    #[test]
    fn pid_maps_that_are_none() {
        check("\n", Err(("start", 0)));
        check("Rss: 5 kB\n", Err(("start", 0)));
        check("-1 r--p 0 0:0 0\n", Err(("start", 0)));
        check("1-\n", Err(("end", 2)));
        check("1-11112222333344445 r--p 0 0:0 0\n", Err(("end", 2)));
        check("1-2 r--p", Err(("perms", 4)));
        check("1-2 r--p x 0:0 0\n", Err(("offset", 9)));
        check("1-2 r--p 0 0 0\n", Err(("dev", 11)));
        check("1-2 r--p 0 0:100000000 0\n", Err(("dev", 11)));
        check("1-2 r--p 0 0:0 18446744073709551616\n", Err(("inode", 15)));
        check("1-2 r--p 0 0:0 5x\n", Err(("inode", 15)));
        check("1-2 r--p 0 0:0 ", Err(("inode", 15)));
    }

    #[test]
    fn pid_maps_go_on_after_a_bad_row() {
        let mut all = rows(b"1-2 r--p 0 0:0 0\nbad\n2-3 rw-p 0 0:0 0 /x\n");
        assert!(all.next().unwrap().is_ok());
        assert_eq!(all.next().unwrap().unwrap_err().offset(), 17);
        assert_eq!(all.next().unwrap().unwrap().path, b"/x");
        assert!(all.next().is_none());
    }

    #[test]
    fn pid_maps_paths_have_one_escape() {
        assert_eq!(unescape(b"/plain"), Cow::Borrowed(&b"/plain"[..]));
        assert_eq!(&*unescape(b"/a\\012b\\012"), b"/a\nb\n");
        assert_eq!(&*unescape(b"/a\\040\\01\\\\012"), b"/a\\040\\01\\\n");
    }

    proptest! {
        #[test]
        fn pid_maps_round_trip(
            numbers in any::<(u64, u64, u64, u32, u32, u64)>(),
            perms in "[r-][w-][x-][ps]",
            path in "(/[^\n]{0,40})?",
        ) {
            let (start, end, offset, dev_major, dev_minor, inode) = numbers;
            let head = format!("{start:08x}-{end:08x} {perms} {offset:08x} {dev_major:02x}:{dev_minor:02x} {inode} ");
            let line = if path.is_empty() { format!("{head}\n") } else { format!("{head:<73}{path}\n") };
            let expect = Row { start, end, perms: perms.as_bytes(), offset, dev_major, dev_minor, inode, path: path.as_bytes() };
            prop_assert_eq!(rows(line.as_bytes()).collect::<Vec<_>>(), vec![Ok(expect)]);
        }

        #[test]
        fn pid_maps_never_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let lines = rows(&input).count();
            prop_assert!(lines <= input.len());
            prop_assert!(unescape(&input).len() <= input.len());
        }
    }
}
