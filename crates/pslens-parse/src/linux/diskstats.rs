//! `/proc/diskstats`: what every block device has done since boot.
//!
//! Format (kernel `Documentation/admin-guide/iostats.rst`, `block/genhd.c`): one line per device,
//! `254 0 vda 13160 6182 ...`, the numbers as in [`sys_block_stat`]. The
//! partitions of a disk follow the line of their disk. Linux 2.4 had the same in `/proc/partitions`,
//! with the size in front of the name: `3 0 39082680 hda 446216 784926 ...`.

use crate::error::{ParseError, Problem};
use crate::linux::sys_block_stat::{self, Stat};
use crate::scan::Scan;

const SOURCE: &str = "/proc/diskstats";

/// The major number of devices that found no place in their driver's range (`BLOCK_EXT_MAJOR`).
const EXTENDED_MAJOR: u32 = 259;

/// One block device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// Major number of the device.
    pub major: u32,
    /// Minor number of the device.
    pub minor: u32,
    /// Name of the device, with `/` where the driver has one (`cciss/c0d0`).
    pub name: &'a [u8],
    /// Its counters.
    pub stat: Stat,
}

impl Row<'_> {
    /// True if this row is a partition of `disk`, the nearest row above that is not a partition.
    ///
    /// The kernel prints a disk and its partitions as one piece, composes a partition's name from the
    /// disk's (with a `p` between if that ends in a digit) and its number, and numbers the device in
    /// step with it or in the extended range. All three must hold: disks may be called `md_a` and `md_a1`.
    #[must_use]
    pub fn is_partition_of(&self, disk: &Row<'_>) -> bool {
        let Some(mut rest) = self.name.strip_prefix(disk.name) else {
            return false;
        };
        if disk.name.last().is_some_and(u8::is_ascii_digit) {
            match rest.strip_prefix(b"p") {
                Some(number) => rest = number,
                None => return false,
            }
        }
        let mut scan = Scan::new(SOURCE, rest);
        let Ok(number) = scan.number::<u32>("name") else {
            return false;
        };
        scan.is_empty()
            && (self.major == EXTENDED_MAJOR
                || (self.major == disk.major && disk.minor.checked_add(number) == Some(self.minor)))
    }
}

/// Decodes the text of `/proc/diskstats`.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut lines = Scan::new(SOURCE, input);
    std::iter::from_fn(move || {
        loop {
            let mut line = lines.line()?;
            line.skip_blanks();
            if !line.is_empty() {
                return Some(row(line));
            }
        }
    })
}

fn row(mut line: Scan<'_>) -> Result<Row<'_>, ParseError> {
    let major = line.number("major")?;
    let minor = line.number("minor")?;
    let mut name = line.word();
    // Linux 2.4: a size, then a name. Later what follows the name is a number.
    let mut next = line.clone();
    let word = next.word();
    if word.iter().any(|byte| !byte.is_ascii_digit()) && name.iter().all(u8::is_ascii_digit) {
        name = word;
        line = next;
    }
    if name.is_empty() {
        return Err(line.error("name", Problem::Missing));
    }
    Ok(Row {
        major,
        minor,
        name,
        stat: sys_block_stat::columns(&mut line)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::linux::sys_block_stat::tests::{any_stat, render};

    type Expect<'a> = Option<(&'a str, u64, u64, Option<u64>)>;

    fn check(input: &str, expect: &[Expect<'_>]) {
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| {
                row.ok().map(|row| {
                    (
                        std::str::from_utf8(row.name).unwrap(),
                        row.stat.read_ios,
                        row.stat.write_sectors,
                        row.stat.flush_ios,
                    )
                })
            })
            .collect();
        assert_eq!(got, expect, "{input:?}");
    }

    #[test]
    fn diskstats_of_every_kernel() {
        // 2.4
        check(
            "   3     0   39082680 hda 446216 784926 9550688 4382310 424847 312726 5922052 19310380 0 3376340 23705160\n",
            &[Some(("hda", 446_216, 5_922_052, None))],
        );
        // 2.6.18: partitions have four numbers.
        check(
            "   8    0 sda 100 2 3 4 5 6 70 8 0 10 11\n   8    1 sda1 90 3 4 60\n",
            &[Some(("sda", 100, 70, None)), Some(("sda1", 90, 60, None))],
        );
        // 4.18, 5.5, and later than this parser.
        check(
            " 259 0 nvme0n1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n 8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n 8 16 sdb 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19\n",
            &[
                Some(("nvme0n1", 1, 7, None)),
                Some(("sda", 1, 7, Some(16))),
                Some(("sdb", 1, 7, Some(16))),
            ],
        );
        check(
            " 104 0 cciss/c0d0 1 2 3 4 5 6 7 8 9 10 11\n",
            &[Some(("cciss/c0d0", 1, 7, None))],
        );
        check("", &[]);
    }

    #[test]
    fn a_bad_row_does_not_end_the_table() {
        check(
            " 8 0 sda 1 2 3\n 8 16\n x\n\n 8 32 sdc 1 2 3 4 5 6 7 8 9 10 11\n 8 48 sdd 1 2",
            &[None, None, None, Some(("sdc", 1, 7, None)), None],
        );
        check("4294967296 0 sda 1 2 3 4\n", &[None]);
    }

    fn partition(disk: (&str, u32, u32), other: (&str, u32, u32)) -> bool {
        let row = |(name, major, minor): (&'static str, u32, u32)| Row {
            major,
            minor,
            name: name.as_bytes(),
            stat: Stat::default(),
        };
        // The names are literals of the caller.
        let leak = |(name, a, b): (&str, u32, u32)| (&*name.to_owned().leak(), a, b);
        row(leak(other)).is_partition_of(&row(leak(disk)))
    }

    #[test]
    fn partitions_are_told_from_disks_with_similar_names() {
        assert!(partition(("sda", 8, 0), ("sda1", 8, 1)));
        assert!(partition(("sda", 8, 0), ("sda16", 259, 3)));
        assert!(partition(("nvme0n1", 259, 0), ("nvme0n1p2", 259, 2)));
        assert!(partition(("mmcblk0", 179, 0), ("mmcblk0p1", 179, 1)));
        assert!(partition(("cciss/c0d0", 104, 0), ("cciss/c0d0p1", 104, 1)));
        // Disks of their own.
        assert!(!partition(("sda", 8, 0), ("sdaa", 65, 160)));
        assert!(!partition(("mmcblk0", 179, 0), ("mmcblk0boot0", 179, 8)));
        assert!(!partition(("dm-1", 253, 1), ("dm-10", 253, 10)));
        assert!(!partition(("nvme0n1", 259, 0), ("nvme0n12", 259, 9)));
        assert!(!partition(("md_home", 9, 127), ("md_home1", 9, 126)));
        assert!(!partition(("sda", 8, 0), ("sda", 8, 0)));
        assert!(!partition(("sda", 8, 0), ("sda1x", 8, 1)));
        assert!(!partition(("sda", 8, 0), ("sda99999999999", 8, 1)));
    }

    proptest! {
        #[test]
        fn diskstats_round_trips(
            disks in proptest::collection::vec((any::<u32>(), any::<u32>(), "[a-z!-/_][!-~]{0,20}", any_stat()), 0..6)
        ) {
            let text: String = disks
                .iter()
                .map(|(major, minor, name, stat)| format!("{major:4} {minor:7} {name} {}\n", render(stat)))
                .collect();
            let expect: Vec<_> = disks
                .iter()
                .map(|(major, minor, name, stat)| Ok(Row { major: *major, minor: *minor, name: name.as_bytes(), stat: *stat }))
                .collect();
            prop_assert_eq!(rows(text.as_bytes()).collect::<Vec<_>>(), expect);
        }

        #[test]
        fn diskstats_never_panics(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = rows(&input).count();
        }
    }
}
