//! `/proc/[pid]/mountinfo`: what is mounted where, with ids and device numbers.
//!
//! Format (kernel `Documentation/filesystems/proc.rst` 3.5, since Linux 2.6.26):
//! `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`. Fields are
//! separated by exactly one blank; any number of tags precedes the single `-`. Escapes as in
//! [`mounts`](super::mounts).

use std::borrow::Cow;

use crate::error::{ParseError, Problem};
use crate::linux::mounts::unescape;
use crate::scan::Scan;

const SOURCE: &str = "/proc/[pid]/mountinfo";

/// One mount, with escapes decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// Id of the mount, which may be reused after it is unmounted.
    pub mount_id: u32,
    /// Id of the mount it is mounted on.
    pub parent_id: u32,
    /// Major device number of files on it; 0 for file systems without a device of their own.
    pub major: u32,
    /// Minor device number of files on it.
    pub minor: u32,
    /// The directory of the file system that is the root of this mount.
    pub root: Cow<'a, [u8]>,
    /// Where it is mounted.
    pub mount_point: Cow<'a, [u8]>,
    /// Options of this mount.
    pub mount_options: &'a [u8],
    /// File system type; for FUSE with the subtype.
    pub fs_type: Cow<'a, [u8]>,
    /// What is mounted; may be empty.
    pub mount_source: Cow<'a, [u8]>,
    /// Options of the file system.
    pub super_options: Cow<'a, [u8]>,
}

/// Decodes the text of `/proc/[pid]/mountinfo`.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut lines = Scan::new(SOURCE, input);
    std::iter::from_fn(move || lines.line().map(row))
}

fn row(mut line: Scan<'_>) -> Result<Row<'_>, ParseError> {
    let mount_id = line.number("mount ID")?;
    let parent_id = line.number("parent ID")?;
    let major = line.number("major")?;
    if !line.eat(b':') {
        return Err(line.error("minor", Problem::Malformed));
    }
    let minor = line.number("minor")?;
    if !line.eat(b' ') {
        return Err(line.error("root", Problem::Missing));
    }
    let root = line.until(b' ');
    let mount_point = line.until(b' ');
    let mount_options = line.until(b' ');
    loop {
        if line.is_empty() {
            return Err(line.error("separator", Problem::Missing));
        }
        if line.until(b' ') == b"-" {
            break;
        }
    }
    let fs_type = line.until(b' ');
    if fs_type.is_empty() {
        return Err(line.error("filesystem type", Problem::Missing));
    }
    let mount_source = line.until(b' ');
    Ok(Row {
        mount_id,
        parent_id,
        major,
        minor,
        root: unescape(root),
        mount_point: unescape(mount_point),
        mount_options,
        fs_type: unescape(fs_type),
        mount_source: unescape(mount_source),
        super_options: unescape(line.rest()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::linux::mounts::tests::{any_name, mangle};

    type Expect<'a> = Option<(u32, u32, [&'a [u8]; 3])>;

    fn check(input: &[u8], expect: &[Expect<'_>]) {
        let rows: Vec<_> = rows(input).map(Result::ok).collect();
        let got: Vec<Expect<'_>> = rows
            .iter()
            .map(|row| {
                row.as_ref().map(|r| {
                    (
                        r.major,
                        r.minor,
                        [&*r.mount_point, &*r.fs_type, &*r.mount_source],
                    )
                })
            })
            .collect();
        assert_eq!(got, expect, "{}", input.escape_ascii());
    }

    #[test]
    fn mountinfo_in_every_shape() {
        check(
            b"27 1 254:0 / / rw,relatime - ext4 /dev/root rw,discard\n",
            &[Some((254, 0, [b"/", b"ext4", b"/dev/root"]))],
        );
        check(
            b"36 35 98:0 /a\\040b /mnt\\0122 rw shared:1 master:2 unbindable - fuse.x s\\040t rw\n",
            &[Some((98, 0, [b"/mnt\n2", b"fuse.x", b"s t"]))],
        );
        // An empty source; a mount point called "-".
        check(
            b"36 35 0:40 / - rw - tmpfs  rw\n",
            &[Some((0, 40, [b"-", b"tmpfs", b""]))],
        );
        check(
            b"1 2 3:4 / / rw\nx\n1 2 3 / / rw - a b c\n1 2 3:4 / / rw -\n5 6 7:8 / /m rw - a b c",
            &[None, None, None, None, Some((7, 8, [b"/m", b"a", b"b"]))],
        );
    }

    proptest! {
        #[test]
        fn mountinfo_round_trips(
            ids in any::<[u32; 4]>(), names in proptest::array::uniform5(any_name()), tags in 0_usize..4
        ) {
            let [id, parent, major, minor] = ids;
            let mut text = format!("{id} {parent} {major}:{minor} ").into_bytes();
            let mut put = |bytes: &[u8], end: &[u8]| text.extend([bytes, end].concat());
            put(&mangle(&names[0]), b" ");
            put(&mangle(&names[1]), b" rw,nosuid ");
            put(&b"shared:7 ".repeat(tags), b"- ");
            put(&mangle(&names[2]), b" ");
            put(&mangle(&names[3]), b" ");
            put(&mangle(&names[4]), b"\n");
            let got: Vec<_> = rows(&text).collect();
            prop_assert_eq!(got, vec![Ok(Row {
                mount_id: id, parent_id: parent, major, minor,
                root: names[0].as_slice().into(),
                mount_point: names[1].as_slice().into(),
                mount_options: b"rw,nosuid",
                fs_type: names[2].as_slice().into(),
                mount_source: names[3].as_slice().into(),
                super_options: names[4].as_slice().into(),
            })]);
        }

        #[test]
        fn mountinfo_never_panics(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = rows(&input).count();
        }
    }
}
