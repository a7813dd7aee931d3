//! `/proc/[pid]/mounts`: what is mounted where, in the form of fstab(5).
//!
//! Format (kernel `fs/proc_namespace.c`): `/dev/vda / ext4 rw,relatime 0 0`. Fields are separated by
//! exactly one blank, and a device may be empty, so two blanks are an empty field. Blanks, tabs, line
//! ends, backslashes and (since Linux 5.19) `#` inside a field are written `\040 \011 \012 \134 \043`.

use std::borrow::Cow;

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/[pid]/mounts";

/// One mount, with escapes decoded. All fields are bytes that a user may have chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// What is mounted: a device, a remote directory, or any word. May be empty; `none` if the file
    /// system was not given one.
    pub fsname: Cow<'a, [u8]>,
    /// Where.
    pub dir: Cow<'a, [u8]>,
    /// File system type; for FUSE with the subtype (`fuse.sshfs`).
    pub fstype: Cow<'a, [u8]>,
    /// Options of the mount and of the file system, separated by commas.
    pub opts: Cow<'a, [u8]>,
}

/// Decodes the text of `/proc/[pid]/mounts`.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut lines = Scan::new(SOURCE, input);
    std::iter::from_fn(move || lines.line().map(row))
}

fn row(mut line: Scan<'_>) -> Result<Row<'_>, ParseError> {
    let fsname = line.until(b' ');
    let dir = field(&mut line, "mount point")?;
    let fstype = field(&mut line, "type")?;
    if line.is_empty() {
        return Err(line.error("options", Problem::Missing));
    }
    // To the end: some file systems print options with blanks.
    let opts = line.rest().strip_suffix(b" 0 0").unwrap_or(line.rest());
    Ok(Row {
        fsname: unescape(fsname),
        dir: unescape(dir),
        fstype: unescape(fstype),
        opts: unescape(opts),
    })
}

fn field<'a>(line: &mut Scan<'a>, name: &'static str) -> Result<&'a [u8], ParseError> {
    let field = line.until(b' ');
    if field.is_empty() {
        return Err(line.error(name, Problem::Missing));
    }
    Ok(field)
}

/// Decodes `\NNN` (three octal digits) and leaves every other backslash alone.
#[must_use]
pub fn unescape(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == b'\\'
            && let Some((digits, after)) = tail.split_at_checked(3)
            && let Some(escaped) = octal(digits)
        {
            decoded.push(escaped);
            rest = after;
        } else {
            decoded.push(byte);
        }
    }
    Cow::Owned(decoded)
}

/// Three digits; the kernel writes nothing shorter, and nothing above `\377` is a byte.
fn octal(digits: &[u8]) -> Option<u8> {
    let mut scan = Scan::new(SOURCE, digits);
    let value = digits
        .first()
        .filter(|digit| digit.is_ascii_digit())
        .and_then(|_| scan.octal::<u8>("escape").ok())?;
    scan.is_empty().then_some(value)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    type Expect<'a> = Option<[&'a [u8]; 4]>;

    fn check(input: &[u8], expect: &[Expect<'_>]) {
        let got: Vec<_> = rows(input)
            .map(|row| {
                row.ok()
                    .map(|r| [r.fsname, r.dir, r.fstype, r.opts].map(Cow::into_owned))
            })
            .collect();
        let expect: Vec<_> = expect
            .iter()
            .map(|row| row.map(|fields| fields.map(<[u8]>::to_vec)))
            .collect();
        assert_eq!(got, expect, "{}", input.escape_ascii());
    }

    #[test]
    fn mounts_in_every_shape() {
        check(
            b"/dev/vda / ext4 rw,relatime 0 0\nnone /proc proc rw 0 0\n",
            &[
                Some([b"/dev/vda", b"/", b"ext4", b"rw,relatime"]),
                Some([b"none", b"/proc", b"proc", b"rw"]),
            ],
        );
        check(
            b"nas:/a\\040b /mnt/tab\\011nl\\012back\\134slash\\043 nfs4 rw,addr=1.2.3.4 0 0\n",
            &[Some([
                b"nas:/a b",
                b"/mnt/tab\tnl\nback\\slash#",
                b"nfs4",
                b"rw,addr=1.2.3.4",
            ])],
        );
        // An empty device, bytes that are not UTF-8, options with blanks and numbers at their end.
        check(
            b" /mnt tmpfs rw 0 0\n",
            &[Some([b"", b"/mnt", b"tmpfs", b"rw"])],
        );
        check(
            b"x /\xff\xfe fuse.a\\040b rw 0 0\n",
            &[Some([b"x", b"/\xff\xfe", b"fuse.a b", b"rw"])],
        );
        check(
            b"x /m cifs rw,user=a b 0 0 0 0\n",
            &[Some([b"x", b"/m", b"cifs", b"rw,user=a b 0 0"])],
        );
        // No numbers at the end: an old mtab.
        check(b"x /m ext2 rw", &[Some([b"x", b"/m", b"ext2", b"rw"])]);
        check(b"", &[]);
    }

    #[test]
    fn a_bad_row_does_not_end_the_table() {
        check(
            b"\nx\nx /m\nx /m ext2\nx  ext2 rw 0 0\ny /n xfs ro 0 0\n",
            &[
                None,
                None,
                None,
                None,
                None,
                Some([b"y", b"/n", b"xfs", b"ro"]),
            ],
        );
    }

    #[test]
    fn only_three_octal_digits_are_an_escape() {
        for (input, expect) in [
            (&b"\\040"[..], &b" "[..]),
            (b"\\0400", b" 0"),
            (b"\\134040", b"\\040"),
            (b"\\04", b"\\04"),
            (b"\\048", b"\\048"),
            (b"\\0a0", b"\\0a0"),
            (b"\\ 40", b"\\ 40"),
            (b"\\777", b"\\777"),
            (b"\\\\040", b"\\ "),
            (b"\\", b"\\"),
        ] {
            assert_eq!(&*unescape(input), expect, "{}", input.escape_ascii());
        }
    }

    /// As the kernel does.
    pub(in crate::linux) fn mangle(text: &[u8]) -> Vec<u8> {
        text.iter()
            .flat_map(|&byte| match byte {
                b' ' | b'\t' | b'\n' | b'\\' | b'#' => format!("\\{byte:03o}").into_bytes(),
                _ => vec![byte],
            })
            .collect()
    }

    /// Names without NUL, which no path has.
    pub(in crate::linux) fn any_name() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(
            prop_oneof![
                1_u8..=255,
                Just(b' '),
                Just(b'\n'),
                Just(b'\\'),
                Just(b'0'),
                Just(b'4')
            ],
            1..12,
        )
    }

    proptest! {
        #[test]
        fn mounts_round_trip(table in proptest::collection::vec([any_name(), any_name(), any_name(), any_name()], 0..5)) {
            let mut text = Vec::new();
            for fields in &table {
                for field in fields {
                    text.extend(mangle(field));
                    text.push(b' ');
                }
                text.extend(b"0 0\n");
            }
            let got: Vec<_> = rows(&text)
                .map(|row| row.map(|r| [r.fsname, r.dir, r.fstype, r.opts].map(Cow::into_owned)))
                .collect();
            prop_assert_eq!(got, table.into_iter().map(Ok).collect::<Vec<_>>());
        }

        #[test]
        fn mounts_never_panic(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = rows(&input).count();
        }
    }
}
