//! `/proc/filesystems`: the file system types that this kernel has at the moment.
//!
//! Format (proc(5)): `nodev<TAB>proc` or `<TAB>ext4`.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/filesystems";

/// One type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// True if mounting it needs no block device. ZFS, whose pools manage devices themselves, says
    /// so too; so does a FUSE file system that is not `fuseblk`.
    pub nodev: bool,
    /// The type as in [`mounts`](super::mounts), without FUSE subtypes.
    pub name: &'a [u8],
}

/// Decodes the text of `/proc/filesystems`.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut lines = Scan::new(SOURCE, input);
    std::iter::from_fn(move || lines.line().map(row))
}

fn row(mut line: Scan<'_>) -> Result<Row<'_>, ParseError> {
    let at = line.clone();
    let nodev = match line.until(b'\t') {
        b"" => false,
        b"nodev" => true,
        _ => return Err(at.error("flag", Problem::Malformed)),
    };
    let name = line.rest();
    if name.is_empty() {
        return Err(line.error("name", Problem::Missing));
    }
    Ok(Row { nodev, name })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: &[Option<(bool, &str)>]) {
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| {
                row.ok()
                    .map(|row| (row.nodev, std::str::from_utf8(row.name).unwrap()))
            })
            .collect();
        assert_eq!(got, expect, "{input:?}");
    }

    #[test]
    fn filesystems_in_every_shape() {
        check(
            "nodev\tsysfs\n\text4\nnodev\tzfs\n",
            &[
                Some((true, "sysfs")),
                Some((false, "ext4")),
                Some((true, "zfs")),
            ],
        );
        check(
            "ext4\n\t\n\nbad\tx\n\txfs",
            &[None, None, None, None, Some((false, "xfs"))],
        );
        check("", &[]);
    }

    proptest! {
        #[test]
        fn filesystems_round_trip(table in proptest::collection::vec((any::<bool>(), "[a-z0-9_.]{1,12}"), 0..8)) {
            let text: String = table
                .iter()
                .map(|(nodev, name)| format!("{}\t{name}\n", if *nodev { "nodev" } else { "" }))
                .collect();
            let expect: Vec<_> = table
                .iter()
                .map(|(nodev, name)| Ok(Row { nodev: *nodev, name: name.as_bytes() }))
                .collect();
            prop_assert_eq!(rows(text.as_bytes()).collect::<Vec<_>>(), expect);
        }

        #[test]
        fn filesystems_never_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = rows(&input).count();
        }
    }
}
