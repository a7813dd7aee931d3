//! `/proc/partitions`: block devices and their sizes.
//!
//! Format (proc(5), kernel `block/genhd.c`): the heading `major minor  #blocks  name`, an empty line,
//! then one device per line: ` 254        0  268435456 vda`.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/partitions";

/// One block device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// Major number of the device.
    pub major: u32,
    /// Minor number of the device.
    pub minor: u32,
    /// Size in blocks of 1024 bytes.
    pub blocks: u64,
    /// Name of the device below `/dev`.
    pub name: &'a [u8],
}

/// Decodes the text of `/proc/partitions`.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut lines = Scan::new(SOURCE, input);
    std::iter::from_fn(move || {
        loop {
            let mut line = lines.line()?;
            let heading = line.rest().starts_with(b"major");
            line.skip_blanks();
            if !heading && !line.is_empty() {
                return Some(row(line));
            }
        }
    })
}

fn row(mut line: Scan<'_>) -> Result<Row<'_>, ParseError> {
    let major = line.number("major")?;
    let minor = line.number("minor")?;
    let blocks = line.number("#blocks")?;
    let name = line.word();
    if name.is_empty() {
        return Err(line.error("name", Problem::Missing));
    }
    Ok(Row {
        major,
        minor,
        blocks,
        name,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: &[Option<(u32, u32, u64, &str)>]) {
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| {
                row.ok().map(|r| {
                    (
                        r.major,
                        r.minor,
                        r.blocks,
                        std::str::from_utf8(r.name).unwrap(),
                    )
                })
            })
            .collect();
        assert_eq!(got, expect, "{input:?}");
    }

    #[test]
    fn partitions_in_every_shape() {
        check(
            "major minor  #blocks  name\n\n 254        0  268435456 vda\n 104 1 5 cciss/c0d0p1\n",
            &[
                Some((254, 0, 268_435_456, "vda")),
                Some((104, 1, 5, "cciss/c0d0p1")),
            ],
        );
        // 2.4 has counters behind the name.
        check(
            "   3     0   39082680 hda 446216 784926\n",
            &[Some((3, 0, 39_082_680, "hda"))],
        );
        check(
            "x\n 1 2\n 1 2 3\n 1 2 3 a",
            &[None, None, None, Some((1, 2, 3, "a"))],
        );
        check("", &[]);
    }

    proptest! {
        #[test]
        fn partitions_round_trip(table in proptest::collection::vec((any::<u32>(), any::<u32>(), any::<u64>(), "[a-z0-9_!/-]{1,12}"), 0..8)) {
            let mut text = String::from("major minor  #blocks  name\n\n");
            for (major, minor, blocks, name) in &table {
                text.push_str(&format!("{major:4}  {minor:7} {blocks:10} {name}\n"));
            }
            let expect: Vec<_> = table
                .iter()
                .map(|(major, minor, blocks, name)| Ok(Row { major: *major, minor: *minor, blocks: *blocks, name: name.as_bytes() }))
                .collect();
            prop_assert_eq!(rows(text.as_bytes()).collect::<Vec<_>>(), expect);
        }

        #[test]
        fn partitions_never_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = rows(&input).count();
        }
    }
}
