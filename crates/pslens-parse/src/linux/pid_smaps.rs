//! `/proc/[pid]/smaps` and `/proc/[pid]/smaps_rollup`: what each mapping, or all of them, cost.
//!
//! Format (proc(5), kernel `fs/proc/task_mmu.c`): a line as in `maps`, then lines such as
//! `Rss:                   8 kB`: the key and a colon filled up to 16 columns, the number right-aligned
//! in 8. Keys start with a capital letter, mappings with a hexadecimal digit, and a path cannot hold a
//! line end, so no path can pass for a counter.
//!
//! An address space with thousands of mappings is megabytes of this. The usual line is 28 bytes long
//! and is decoded as three and a half words; any other line takes the slow way.

use super::decimal;
use super::find;
use super::pid_maps;
pub use super::pid_maps::unescape;
use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/[pid]/smaps";

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $field:ident = $key:literal,)+) => {
        /// One mapping and its counters, in kB; `None`: the line is not there.
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
            /// File or `[heap]`, `[stack]`, ... as printed: see [`unescape`]. Empty for anonymous
            /// memory. A removed file has ` (deleted)` appended.
            pub path: &'a [u8],
            $($(#[doc = $doc])+ pub $field: Option<u64>,)+
        }

        impl Row<'_> {
            /// Where the counter goes whose key, filled with blanks to 16 bytes, is this.
            #[inline(always)]
            fn slot(&mut self, key: (u64, u64)) -> Option<&mut Option<u64>> {
                mod key {
                    $(#[expect(non_upper_case_globals, reason = "named after the field")]
                    pub(super) const $field: (u64, u64) = super::halves($key);)+
                }
                Some(match key {
                    $(key::$field => &mut self.$field,)+
                    _ => return None,
                })
            }
        }

        /// The counters summed over all mappings, in kB; `None`: the line is not there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Rollup {
            $($(#[doc = $doc])+ pub $field: Option<u64>,)+
        }

        impl From<Row<'_>> for Rollup {
            fn from(row: Row<'_>) -> Self {
                Self { $($field: row.$field,)+ }
            }
        }
    };
}

counters! {
    /// `Size`: address space. Not in a rollup.
    size = b"Size:           ",
    /// `KernelPageSize`. Since Linux 2.6.29; not in a rollup.
    kernel_page_size = b"KernelPageSize: ",
    /// `MMUPageSize`. Since Linux 2.6.29; not in a rollup.
    mmu_page_size = b"MMUPageSize:    ",
    /// `Rss`: resident.
    rss = b"Rss:            ",
    /// `Pss`: resident, each page divided by the number of its users. Since Linux 2.6.25.
    pss = b"Pss:            ",
    /// `Pss_Dirty`: the dirty part of `Pss`. Since Linux 6.0.
    pss_dirty = b"Pss_Dirty:      ",
    /// `Pss_Anon`: the anonymous part of `Pss`. Since Linux 5.3, only in a rollup.
    pss_anon = b"Pss_Anon:       ",
    /// `Pss_File`: the part of `Pss` from files. Since Linux 5.3, only in a rollup.
    pss_file = b"Pss_File:       ",
    /// `Pss_Shmem`: the shared memory part of `Pss`. Since Linux 5.3, only in a rollup.
    pss_shmem = b"Pss_Shmem:      ",
    /// `Shared_Clean`: unmodified pages that others map too.
    shared_clean = b"Shared_Clean:   ",
    /// `Shared_Dirty`: modified pages that others map too.
    shared_dirty = b"Shared_Dirty:   ",
    /// `Private_Clean`: unmodified pages that nobody else maps.
    private_clean = b"Private_Clean:  ",
    /// `Private_Dirty`: modified pages that nobody else maps.
    private_dirty = b"Private_Dirty:  ",
    /// `Referenced`: marked as used lately. Since Linux 2.6.22.
    referenced = b"Referenced:     ",
    /// `Anonymous`: not from a file. Since Linux 2.6.37.
    anonymous = b"Anonymous:      ",
    /// `KSM`: merged with equal pages. Since Linux 6.7.
    ksm = b"KSM:            ",
    /// `LazyFree`: given back by `MADV_FREE`, not reclaimed yet. Since Linux 4.12.
    lazy_free = b"LazyFree:       ",
    /// `AnonHugePages`: in transparent huge pages. Since Linux 2.6.38.
    anon_huge_pages = b"AnonHugePages:  ",
    /// `ShmemPmdMapped`: shared memory in huge pages. Since Linux 4.8.
    shmem_pmd_mapped = b"ShmemPmdMapped: ",
    /// `FilePmdMapped`: files in huge pages. Since Linux 5.4.
    file_pmd_mapped = b"FilePmdMapped:  ",
    /// `Shared_Hugetlb`: hugetlbfs pages that others map too, not in `Rss` or `Pss`. Since Linux 4.4.
    shared_hugetlb = b"Shared_Hugetlb: ",
    /// `Private_Hugetlb`: hugetlbfs pages that nobody else maps, not in `Rss` or `Pss`. Since Linux 4.4.
    private_hugetlb = b"Private_Hugetlb:",
    /// `Swap`: swapped out. Since Linux 2.6.26.
    swap = b"Swap:           ",
    /// `SwapPss`: swapped out, each page divided by the number of its users. Since Linux 4.3.
    swap_pss = b"SwapPss:        ",
    /// `Locked`: locked in memory. Since Linux 2.6.38.
    locked = b"Locked:         ",
}

/// Sums over an address space, in kB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Footprint {
    /// `Private_Clean`, `Private_Dirty` and `Private_Hugetlb`: what would be free without the process.
    pub private: u64,
    /// `Pss`. `None` before Linux 2.6.25.
    pub pss: Option<u64>,
    /// `Swap`. `None` before Linux 2.6.26.
    pub swap: Option<u64>,
}

/// Iterates over the mappings, in address order. Nothing for kernel threads and zombies.
///
/// A mapping with a malformed line is an error, and the next item is the next mapping.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    Rows { input, rest: input }
}

/// Decodes `/proc/[pid]/smaps_rollup`. Since Linux 4.14.
///
/// # Errors
/// When the text is empty or a line is malformed.
pub fn rollup(input: &[u8]) -> Result<Rollup, ParseError> {
    rows(input)
        .next()
        .unwrap_or_else(|| Err(ParseError::new(SOURCE, "rollup", 0, Problem::Missing)))
        .map(Rollup::from)
}

/// Sums what `smaps` or `smaps_rollup` say. An address space without mappings has zero of everything.
///
/// # Errors
/// When a mapping is malformed or lacks the private counters, or a sum does not fit 64 bits.
pub fn footprint(input: &[u8]) -> Result<Footprint, ParseError> {
    let mut sum = Footprint {
        private: 0,
        pss: Some(0),
        swap: Some(0),
    };
    let fail = |field, problem| ParseError::new(SOURCE, field, input.len(), problem);
    for row in rows(input) {
        let row = row?;
        let clean = row.private_clean;
        let clean = clean.ok_or_else(|| fail("Private_Clean", Problem::Missing))?;
        let dirty = row.private_dirty;
        let dirty = dirty.ok_or_else(|| fail("Private_Dirty", Problem::Missing))?;
        for part in [clean, dirty, row.private_hugetlb.unwrap_or(0)] {
            sum.private = sum
                .private
                .checked_add(part)
                .ok_or_else(|| fail("Private_Dirty", Problem::OutOfRange))?;
        }
        for (total, part, field) in [
            (&mut sum.pss, row.pss, "Pss"),
            (&mut sum.swap, row.swap, "Swap"),
        ] {
            *total = match (*total, part) {
                (Some(total), Some(part)) => Some(
                    total
                        .checked_add(part)
                        .ok_or_else(|| fail(field, Problem::OutOfRange))?,
                ),
                _ => None,
            };
        }
    }
    Ok(sum)
}

struct Rows<'a> {
    input: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Rows<'a> {
    fn offset(&self) -> usize {
        self.input.len().saturating_sub(self.rest.len())
    }

    /// True where a counter starts, false where a mapping starts and at the end.
    #[inline(always)]
    fn at_counter(&self) -> bool {
        !matches!(self.rest.first(), None | Some(b'0'..=b'9' | b'a'..=b'f'))
    }

    /// Decodes one counter the usual way. `false`: this line needs the slow way.
    #[inline(always)]
    fn usual(&mut self, row: &mut Row<'a>) -> bool {
        let Some((key, tail)) = self.rest.split_first_chunk::<16>() else {
            return false;
        };
        let Some((number, tail)) = tail.split_first_chunk::<8>() else {
            return false;
        };
        let Some(tail) = tail.strip_prefix(b" kB\n") else {
            return false;
        };
        let Some(slot) = row.slot(halves(key)) else {
            return false;
        };
        let Some(number) = decimal::aligned(u64::from_le_bytes(*number)) else {
            return false;
        };
        *slot = Some(number);
        self.rest = tail;
        true
    }

    /// Decodes or skips any other line.
    #[inline(never)]
    fn unusual(&mut self, row: &mut Row<'a>) -> Result<(), ParseError> {
        let at = self.offset();
        let (line, next) = find::line(self.rest);
        self.rest = next;
        let Some(colon) = line.iter().take(16).position(|&byte| byte == b':') else {
            return Ok(());
        };
        let mut key = [b' '; 16];
        let mut text = line;
        for byte in key.iter_mut().take(colon.saturating_add(1)) {
            if let Some((&first, tail)) = text.split_first() {
                *byte = first;
                text = tail;
            }
        }
        let Some(slot) = row.slot(halves(&key)) else {
            return Ok(());
        };
        let value = Scan::new(SOURCE, text)
            .number("counter")
            .map_err(|error| ParseError::new(SOURCE, "counter", at, error.problem()))?;
        *slot = Some(value);
        Ok(())
    }

    /// Skips the counters of a mapping that could not be decoded.
    #[cold]
    fn skip_counters(&mut self) {
        while self.at_counter() {
            (_, self.rest) = find::line(self.rest);
        }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let at = self.offset();
        let (line, next) = find::line(self.rest);
        self.rest = next;
        let mapping = match pid_maps::row(line) {
            Ok(mapping) => mapping,
            Err(bad) => {
                self.skip_counters();
                return Some(Err(bad.locate(SOURCE, at)));
            }
        };
        let mut row = Row {
            start: mapping.start,
            end: mapping.end,
            perms: mapping.perms,
            offset: mapping.offset,
            dev_major: mapping.dev_major,
            dev_minor: mapping.dev_minor,
            inode: mapping.inode,
            path: mapping.path,
            ..Row::default()
        };
        while self.at_counter() {
            if self.usual(&mut row) {
                continue;
            }
            if let Err(error) = self.unusual(&mut row) {
                self.skip_counters();
                return Some(Err(error));
            }
        }
        Some(Ok(row))
    }
}

/// A key as two words, so that finding it is a few comparisons of integers.
#[inline(always)]
const fn halves(key: &[u8; 16]) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *key;
    (
        u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        u64::from_le_bytes([i, j, k, l, m, n, o, p]),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const V2_6_32: &str = "\
00400000-00404000 r-xp 00000000 fd:00 915                                /sbin/mingetty\n\
Size:                 16 kB\nRss:                  12 kB\nPss:                   3 kB\nShared_Clean:         12 kB\n\
Shared_Dirty:          0 kB\nPrivate_Clean:         0 kB\nPrivate_Dirty:         0 kB\nReferenced:           12 kB\n\
Swap:                  0 kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n\
00603000-00604000 rw-p 00003000 fd:00 915                                /sbin/mingetty\n\
Size:                  4 kB\nRss:                   4 kB\nPss:                   4 kB\nShared_Clean:          0 kB\n\
Shared_Dirty:          0 kB\nPrivate_Clean:         1 kB\nPrivate_Dirty:         4 kB\nReferenced:            4 kB\n\
Swap:                  2 kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n";
    const V6_18: &str = "\
7f0000000000-7f0100000000 rw-s 00000000 00:0f 1234                       /dev/hugepages/a b\\012Pss: 1 kB (deleted)\n\
Size:            4194304 kB\nKernelPageSize:     2048 kB\nMMUPageSize:        2048 kB\nRss:                   0 kB\n\
Pss:                   0 kB\nPss_Dirty:             0 kB\nShared_Clean:          0 kB\nShared_Dirty:          0 kB\n\
Private_Clean:         0 kB\nPrivate_Dirty:         0 kB\nReferenced:            0 kB\nAnonymous:             0 kB\n\
KSM:                   0 kB\nLazyFree:              0 kB\nAnonHugePages:         0 kB\nShmemPmdMapped:        0 kB\n\
FilePmdMapped:         0 kB\nShared_Hugetlb:     2048 kB\nPrivate_Hugetlb: 4192256 kB\nSwap:                  0 kB\n\
SwapPss:               0 kB\nLocked:                0 kB\nTHPeligible:           0\nProtectionKey:         0\n\
VmFlags: rd wr sh mr mw me ms de ht sd \n\
7ffe4a5d1000-7ffe4a5f2000 rw-p 00000000 00:00 0                          [stack]\n\
Size:                132 kB\nRss:            123456789 kB\nPss:                  20 kB\nPrivate_Clean:         0 kB\n\
Private_Dirty:        20 kB\nSwap:                  7 kB\nSwapPss:               5 kB\nNewCounter:            3 kB\n\
VmFlags: rd wr mr mw me gd ac \n\
7ffe4a5f8000-7ffe4a5fa000 r-xp 00000000 00:00 0 \n";
    const ROLLUP: &str = "\
560cc3ea4000-7ffea6b3c000 ---p 00000000 00:00 0                          [rollup]\n\
Rss:                1752 kB\nPss:                 252 kB\nPss_Dirty:           112 kB\nPss_Anon:            113 kB\n\
Pss_File:            140 kB\nPss_Shmem:             1 kB\nShared_Clean:       1600 kB\nShared_Dirty:          2 kB\n\
Private_Clean:        40 kB\nPrivate_Dirty:       112 kB\nReferenced:         1752 kB\nAnonymous:           112 kB\n\
KSM:                   3 kB\nLazyFree:              4 kB\nAnonHugePages:         5 kB\nShmemPmdMapped:        6 kB\n\
FilePmdMapped:         7 kB\nShared_Hugetlb:        8 kB\nPrivate_Hugetlb:       9 kB\nSwap:                 10 kB\n\
SwapPss:              11 kB\nLocked:               12 kB\n";

    /// path, size, rss, pss, private dirty, private hugetlb, swap, locked
    type Expect<'a> = (&'a str, [Option<u64>; 7]);

    fn check(input: &str, expect: &[Result<Expect<'_>, (&str, usize)>]) {
        let got: Vec<_> = rows(input.as_bytes())
            .map(|row| {
                row.map(|r| {
                    (
                        std::str::from_utf8(r.path).unwrap(),
                        [
                            r.size,
                            r.rss,
                            r.pss,
                            r.private_dirty,
                            r.private_hugetlb,
                            r.swap,
                            r.locked,
                        ],
                    )
                })
                .map_err(|e| (e.field(), e.offset()))
            })
            .collect();
        assert_eq!(got, expect, "{input}");
    }

    #[test]
    fn pid_smaps_of_every_kernel() {
        let mingetty = "/sbin/mingetty";
        check("", &[]);
        check(
            V2_6_32,
            &[
                Ok((
                    mingetty,
                    [Some(16), Some(12), Some(3), Some(0), None, Some(0), None],
                )),
                Ok((
                    mingetty,
                    [Some(4), Some(4), Some(4), Some(4), None, Some(2), None],
                )),
            ],
        );
        check(
            V6_18,
            &[
                Ok((
                    "/dev/hugepages/a b\\012Pss: 1 kB (deleted)",
                    [
                        Some(4_194_304),
                        Some(0),
                        Some(0),
                        Some(0),
                        Some(4_192_256),
                        Some(0),
                        Some(0),
                    ],
                )),
                Ok((
                    "[stack]",
                    [
                        Some(132),
                        Some(123_456_789),
                        Some(20),
                        Some(20),
                        None,
                        Some(7),
                        None,
                    ],
                )),
                Ok(("", [None; 7])),
            ],
        );
        let first = rows(V6_18.as_bytes()).next().unwrap().unwrap();
        assert_eq!(
            (first.start, first.end),
            (0x7f00_0000_0000, 0x7f01_0000_0000)
        );
        assert_eq!(
            (first.perms, first.inode, first.dev_minor),
            (&b"rw-s"[..], 1234, 15)
        );
        assert_eq!(first.shared_hugetlb, Some(2048));
        assert!(unescape(first.path).starts_with(b"/dev/hugepages/a b\nPss"));
    }

    #[test]
    fn pid_smaps_lines_of_other_widths() {
        let head = "1-2 rw-p 0 0:0 0 /x\n";
        let dirty = |n| ("/x", [None, None, None, Some(n), None, None, None]);
        for (line, expect) in [
            ("Private_Dirty: 5 kB\n", Ok(dirty(5))),
            ("Private_Dirty:5\n", Ok(dirty(5))),
            ("Private_Dirty:  00000005 kB\n", Ok(dirty(5))),
            (
                "Private_Dirty:  18446744073709551615 kB\n",
                Ok(dirty(u64::MAX)),
            ),
            ("Private_Dirty:         7 kB", Ok(dirty(7))),
            (
                "Private_Dirty:  18446744073709551616 kB\n",
                Err(("counter", 20)),
            ),
            ("Private_Dirty:           kB\n", Err(("counter", 20))),
            ("Private_Dirty:        -1 kB\n", Err(("counter", 20))),
            ("Private_Dirty:", Err(("counter", 20))),
        ] {
            check(&format!("{head}{line}"), &[expect]);
        }
        // Nine digits shift the line, also for the one key that fills its columns.
        check(
            &format!("{head}Private_Hugetlb: 12345678 kB\n"),
            &[Ok((
                "/x",
                [None, None, None, None, Some(12_345_678), None, None],
            ))],
        );
    }

    #[test]
    fn pid_smaps_go_on_after_a_bad_row() {
        let good = Ok(("/x", [None, Some(3), None, None, None, None, None]));
        check(
            "Rss: 1 kB\nPss: 1 kB\n1-2 r--p 0 0:0 0 /x\nRss:                   3 kB\n\
             1-2 r--p 0 0:0 x\nRss:                   9 kB\n\
             1-2 r--p 0 0:0 0 /y\nRss: x kB\nPss: 1 kB\n\
             1-2 r--p 0 0:0 0 /x\nRss: 3 kB\n",
            &[
                Err(("start", 0)),
                good,
                Err(("inode", 83)),
                Err(("counter", 133)),
                good,
            ],
        );
    }

    #[test]
    fn pid_smaps_footprint_has_psutils_parts() {
        let sum = |text: &str| {
            footprint(text.as_bytes())
                .map(|f| (f.private, f.pss, f.swap))
                .map_err(|e| e.field())
        };
        assert_eq!(sum(""), Ok((0, Some(0), Some(0))));
        assert_eq!(sum(V2_6_32), Ok((5, Some(7), Some(2))));
        assert_eq!(sum(ROLLUP), Ok((40 + 112 + 9, Some(252), Some(10))));
        assert_eq!(sum(&V2_6_32.replace("Pss", "Qss")), Ok((5, None, Some(2))));
        assert_eq!(
            sum(&V2_6_32.replace("Private_Dirty", "P")),
            Err("Private_Dirty")
        );
        let huge = V2_6_32.replace("Pss:                   4", "Pss: 18446744073709551615");
        assert_eq!(sum(&huge), Err("Pss"));
    }

    #[test]
    fn pid_smaps_rollup_has_every_counter() {
        let r = rollup(ROLLUP.as_bytes()).unwrap();
        let got = [
            r.rss,
            r.pss,
            r.pss_dirty,
            r.pss_anon,
            r.pss_file,
            r.pss_shmem,
            r.shared_clean,
            r.shared_dirty,
            r.private_clean,
            r.private_dirty,
            r.referenced,
            r.anonymous,
            r.ksm,
            r.lazy_free,
            r.anon_huge_pages,
            r.shmem_pmd_mapped,
            r.file_pmd_mapped,
            r.shared_hugetlb,
            r.private_hugetlb,
            r.swap,
            r.swap_pss,
            r.locked,
        ];
        let expect = [
            1752, 252, 112, 113, 140, 1, 1600, 2, 40, 112, 1752, 112, 3, 4, 5, 6, 7, 8, 9, 10, 11,
            12,
        ];
        assert_eq!(got, expect.map(Some));
        assert_eq!(
            (r.size, r.kernel_page_size, r.mmu_page_size),
            (None, None, None)
        );
        assert_eq!(rollup(b"").unwrap_err().problem(), Problem::Missing);
        assert!(rollup(b"junk\n").is_err());
    }

    proptest! {
        #[test]
        fn pid_smaps_round_trip(
            mappings in proptest::collection::vec(
                ("/[^\n]{0,30}", any::<(u64, u64, u64)>(), 0_u32..64), 0..5,
            ),
        ) {
            let mut text = String::new();
            for (path, (rss, dirty, hugetlb), shift) in &mappings {
                let (rss, dirty, hugetlb) = (rss >> shift, dirty >> shift, hugetlb >> shift);
                text.push_str(&format!(
                    "1000-2000 rw-p 00000000 08:01 5   {path}\nRss:            {rss:8} kB\nPrivate_Dirty:  {dirty:8} kB\n\
                     Private_Hugetlb: {hugetlb:7} kB\nVmFlags: rd wr \n"));
            }
            let got: Vec<_> = rows(text.as_bytes()).map(|row| {
                let row = row.unwrap();
                (row.path.to_vec(), row.rss, row.private_dirty, row.private_hugetlb, row.pss)
            }).collect();
            let expect: Vec<_> = mappings.iter().map(|(path, (a, b, c), shift)| {
                (path.as_bytes().to_vec(), Some(a >> shift), Some(b >> shift), Some(c >> shift), None)
            }).collect();
            prop_assert_eq!(got, expect);
        }

        #[test]
        fn pid_smaps_never_panic(input in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = rows(&input).count();
            let _ = footprint(&input);
            let _ = rollup(&input);
        }

        #[test]
        fn pid_smaps_damaged_never_panic(at in 0_usize..1400, byte in any::<u8>(), cut in 0_usize..1500) {
            let mut text = V6_18.as_bytes().to_vec();
            if let Some(slot) = text.get_mut(at) { *slot = byte; }
            text.truncate(cut);
            let _ = rows(&text).count();
            let _ = footprint(&text);
        }
    }
}
