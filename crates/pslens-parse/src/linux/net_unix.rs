//! `/proc/net/unix`: the local sockets of one network namespace.
//!
//! Format (proc(5), kernel `net/unix/af_unix.c`): a line of headings, then `Num: RefCount Protocol
//! Flags Type St Inode Path`. The path is chosen by whoever bound the socket and is printed raw: it may
//! contain blanks and newlines. A row therefore goes on until the next line that starts as the kernel
//! starts a row. A name can contain a whole such line; the text cannot tell it from a row (the
//! `NETLINK_SOCK_DIAG` interface can), but it costs nobody else's row.

use crate::error::{ParseError, Problem};
use crate::scan::{Scan, memchr};

const SOURCE: &str = "/proc/net/unix";

/// One socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// References to the socket, within the kernel too.
    pub ref_count: u32,
    /// Always 0.
    pub protocol: u32,
    /// `0x10000` if the socket listens.
    pub flags: u32,
    /// 1 stream, 2 datagram, 5 sequential packets.
    pub r#type: u16,
    /// 1 unconnected, 2 connecting, 3 connected, 4 disconnecting.
    pub st: u8,
    /// The inode; 0 if not yet accepted.
    pub inode: u64,
    /// The name as printed: an abstract one starts with `@`, and `@` stands for each NUL byte in it.
    /// `None` if the socket has no name.
    pub path: Option<&'a [u8]>,
}

/// Decodes the rows of `/proc/net/unix`.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut text = Scan::new(SOURCE, input);
    if text.rest().starts_with(b"Num") {
        text.line();
    }
    core::iter::from_fn(move || (!text.is_empty()).then(|| row(&mut text)))
}

fn row<'a>(text: &mut Scan<'a>) -> Result<Row<'a>, ParseError> {
    let (row, path_starts) = match columns(text.clone()) {
        Ok(read) => read,
        Err(error) => {
            text.line();
            return Err(error);
        }
    };
    text.skip(path_starts.offset().saturating_sub(text.offset()));
    if !text.eat(b' ') {
        text.eat(b'\n');
        return Ok(row);
    }
    let path = text.skip(path_length(text.rest()));
    text.eat(b'\n');
    Ok(Row {
        path: Some(path),
        ..row
    })
}

/// The columns before the path, and where the path starts.
fn columns(mut text: Scan<'_>) -> Result<(Row<'_>, Scan<'_>), ParseError> {
    if !starts_row(text.rest()) {
        return Err(text.error("Num", Problem::Malformed));
    }
    // Num: starts_row() has seen the colon.
    text.until(b':');
    let row = Row {
        ref_count: text.hex("RefCount")?,
        protocol: text.hex("Protocol")?,
        flags: text.hex("Flags")?,
        r#type: text.hex("Type")?,
        st: text.hex("St")?,
        inode: text.number("Inode")?,
        path: None,
    };
    Ok((row, text))
}

/// Up to the line end that the next row or the end of the text follows.
fn path_length(text: &[u8]) -> usize {
    let mut length = 0_usize;
    loop {
        let rest = text.get(length..).unwrap_or_default();
        let Some(line) = memchr(b'\n', rest) else {
            return text.len();
        };
        length = length.saturating_add(line);
        let next = length.saturating_add(1);
        let rest = text.get(next..).unwrap_or_default();
        if rest.is_empty() || starts_row(rest) {
            return length;
        }
        length = next;
    }
}

/// True if `text` starts as the kernel starts a row:
/// `%pK: %08X %08X %08X %04X %02X %5lu`, then a blank or the end of the line.
fn starts_row(text: &[u8]) -> bool {
    let hex = |digit: &&u8| digit.is_ascii_hexdigit();
    let pointer = text.iter().take_while(hex).count();
    // 32 or 64 bits; a pointer that must not be shown is all zeros.
    if pointer != 8 && pointer != 16 {
        return false;
    }
    let (_, mut rest) = text.split_at_checked(pointer).unwrap_or_default();
    for (separator, width) in [(":", 0), (" ", 8), (" ", 8), (" ", 8), (" ", 4), (" ", 2)] {
        let Some(after) = rest.strip_prefix(separator.as_bytes()) else {
            return false;
        };
        let Some((column, after)) = after.split_at_checked(width) else {
            return false;
        };
        if column.iter().filter(hex).count() != width {
            return false;
        }
        rest = after;
    }
    let Some(rest) = rest.strip_prefix(b" ") else {
        return false;
    };
    let rest = rest.trim_ascii_start();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && matches!(rest.get(digits), None | Some(b' ' | b'\n'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADINGS: &str = "Num       RefCount Protocol Flags    Type St Inode Path\n";

    type Columns<'a> = (u16, u64, Option<&'a [u8]>);

    fn check(text: &[u8], expect: &[Option<Columns<'_>>]) {
        let text = [HEADINGS.as_bytes(), text].concat();
        let got: Vec<_> = rows(&text)
            .map(|row| row.ok().map(|row| (row.r#type, row.inode, row.path)))
            .collect();
        assert_eq!(got, expect, "{:?}", String::from_utf8_lossy(&text));
    }

    #[test]
    fn net_unix_in_every_shape() {
        check(
            b"0000000050846f8c: 00000003 00000000 00000000 0001 03 22868\n",
            &[Some((1, 22868, None))],
        );
        check(
            b"0000000078105bdd: 00000002 00000000 00010000 0001 01 12345 /run/a b/c\n0000000078105bde: 00000002 00000000 00000000 0002 01     7 @abs@\n",
            &[
                Some((1, 12345, Some(b"/run/a b/c"))),
                Some((2, 7, Some(b"@abs@"))),
            ],
        );
        // Linux 2.6.32, 32 bits.
        check(
            b"f6d2c1c0: 00000002 00000000 00010000 0005 01  6502 /var/run/x\n",
            &[Some((5, 6502, Some(b"/var/run/x")))],
        );
        // Blanks around and nothing but blanks; not UTF-8.
        check(
            b"f6d2c1c0: 00000002 00000000 00010000 0001 01  6502   \nf6d2c1c0: 00000002 00000000 00010000 0001 01  6503 \xff\xfe \n",
            &[
                Some((1, 6502, Some(b"  "))),
                Some((1, 6503, Some(b"\xff\xfe "))),
            ],
        );
        // No line end after the last row; an inode of 0.
        check(
            b"f6d2c1c0: 00000002 00000000 00010000 0001 01     0 x",
            &[Some((1, 0, Some(b"x")))],
        );
        check(b"", &[]);
    }

    #[test]
    fn a_newline_in_a_name_stays_in_the_name() {
        check(
            b"f6d2c1c0: 00000002 00000000 00010000 0001 01 1 /tmp/a\nb\n\nf6d2c1c1: 00000002 00000000 00000000 0001 01 2 @c\nf6d2c1c1: short\nf6d2c1c2: 00000002 00000000 00000000 0001 01 3\n",
            &[
                Some((1, 1, Some(b"/tmp/a\nb\n"))),
                Some((1, 2, Some(b"@c\nf6d2c1c1: short"))),
                Some((1, 3, None)),
            ],
        );
    }

    #[test]
    fn a_bad_row_costs_no_other_row() {
        check(
            b"rubbish\nf6d2c1c0: 00000002 00000000 00010000 0001 01 1\nf6d2c1c1: 00000002\nf6d2c1c2: 00000002 00000000 00000000 0001 01 99999999999999999999\nf6d2c1c2: 00000002 00000000 00000000 0001 01 3\n",
            &[
                None,
                Some((1, 1, None)),
                None,
                None,
                Some((1, 3, None)),
            ],
        );
    }

    proptest! {
        #[test]
        fn net_unix_round_trips(table in proptest::collection::vec(
            (any::<u32>(), any::<u16>(), any::<u8>(), any::<u64>(), proptest::option::of(proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b' '), 1_u8..], 0..108))), 0..6,
        )) {
            let mut text = HEADINGS.as_bytes().to_vec();
            for (flags, r#type, st, inode, path) in &table {
                text.extend(format!("{:016x}: {:08X} {:08X} {flags:08X} {type:04X} {st:02X} {inode:5}", 0xabc, 2, 0).as_bytes());
                if let Some(path) = path {
                    text.push(b' ');
                    text.extend(path);
                }
                text.push(b'\n');
            }
            let got: Vec<_> = rows(&text).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(got.len(), table.len());
            for (row, (flags, r#type, st, inode, path)) in got.iter().zip(&table) {
                prop_assert_eq!((row.flags, row.r#type, row.st, row.inode), (*flags, *r#type, *st, *inode));
                prop_assert_eq!(row.path, path.as_deref());
            }
        }

        #[test]
        fn net_unix_never_panics(input in proptest::collection::vec(any::<u8>(), 0..400)) {
            rows(&input).for_each(drop);
        }
    }
}
