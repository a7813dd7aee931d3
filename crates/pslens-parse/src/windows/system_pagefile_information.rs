//! `SYSTEM_PAGEFILE_INFORMATION`: every page file, how large it is and how much of it is used.
//!
//! The answer to `SystemPageFileInformation`: structures of 32 bytes, each followed by its file's name, and
//! chained by the offset from one to the next; the last one's is 0. Without a page file the answer is empty.
//! The same in all versions of 64-bit Windows. Sizes are in pages, whose size is the machine's.

use core::iter;

use super::fields::Fields;
use super::{Memory, Wide};
use crate::error::ParseError;

const SOURCE: &str = "SYSTEM_PAGEFILE_INFORMATION";

/// The length of one structure, without the name.
const SIZE: usize = 32;

/// A page file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SystemPagefileInformation<'a> {
    /// Its size now, in pages. It may grow.
    pub total_size: u32,
    /// How many of its pages hold something.
    pub total_in_use: u32,
    /// The most that `total_in_use` was since boot.
    pub peak_usage: u32,
    /// Its path for the kernel: `\??\C:\pagefile.sys`. Empty if the kernel does not tell.
    pub page_file_name: Wide<'a>,
}

/// Decodes the page files. `address` is where the input stood when the kernel filled it.
///
/// # Errors
/// Of the last row, when the input ends within it, or its offset to the next one does not lead on.
pub fn rows(
    input: &[u8],
    address: u64,
) -> impl Iterator<Item = Result<SystemPagefileInformation<'_>, ParseError>> {
    let memory = Memory::new(input, address);
    let mut next = (!input.is_empty()).then_some(0);
    iter::from_fn(move || {
        let start = next.take()?;
        let fields = Fields::new(SOURCE, memory, start);
        let row = row(memory, fields);
        next = match fields.u32("NextEntryOffset", 0).map(usize::try_from) {
            Err(_) | Ok(Ok(0)) => None,
            // Within this one, or so far off that there is no such offset.
            Ok(Ok(0..SIZE) | Err(_)) => return Some(Err(fields.malformed("NextEntryOffset", 0))),
            Ok(Ok(offset)) => start.checked_add(offset),
        };
        if row.is_err() {
            next = None;
        }
        Some(row)
    })
}

fn row<'a>(
    memory: Memory<'a>,
    fields: Fields<'a>,
) -> Result<SystemPagefileInformation<'a>, ParseError> {
    let length = fields.u16("PageFileName.Length", 16)?;
    let name = fields.u64("PageFileName.Buffer", 24)?;
    let name = memory
        .offset(name)
        .and_then(|name| memory.wide(name, usize::from(length)));
    Ok(SystemPagefileInformation {
        total_size: fields.u32("TotalSize", 4)?,
        total_in_use: fields.u32("TotalInUse", 8)?,
        peak_usage: fields.u32("PeakUsage", 12)?,
        page_file_name: name.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADDRESS: u64 = 0x1d_0000_0000;

    /// The structure and the name behind it; `start` is where it will stand.
    fn structure(start: u64, next: u32, sizes: [u32; 3], name: &str) -> Vec<u8> {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u16::try_from(name.len()).unwrap();
        let mut bytes: Vec<u8> = [next, sizes[0], sizes[1], sizes[2]]
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .collect();
        bytes.extend(length.to_le_bytes());
        bytes.extend((length + 2).to_le_bytes());
        bytes.extend([0xcc; 4]);
        bytes.extend((ADDRESS + start + 32).to_le_bytes());
        bytes.extend(name);
        // A NUL, and the padding of the next one.
        bytes.extend([0; 2]);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    fn check(input: &[u8]) -> Vec<(u32, u32, u32, String)> {
        rows(input, ADDRESS)
            .map(Result::unwrap)
            .map(|row| {
                let name = row.page_file_name.to_string();
                (row.total_size, row.total_in_use, row.peak_usage, name)
            })
            .collect()
    }

    #[test]
    fn no_page_file_one_and_two() {
        assert_eq!(check(&[]), []);
        let one = structure(0, 0, [655_360, 1_234, 5_678], r"\??\C:\pagefile.sys");
        let name = r"\??\C:\pagefile.sys".to_owned();
        assert_eq!(check(&one), [(655_360, 1_234, 5_678, name.clone())]);

        let next = u32::try_from(one.len()).unwrap();
        let mut two = structure(0, next, [655_360, 1_234, 5_678], &name);
        two.extend(structure(
            next.into(),
            0,
            [4_096, 0, 0],
            r"\??\D:\swapfile.sys",
        ));
        assert_eq!(
            check(&two),
            [
                (655_360, 1_234, 5_678, name),
                (4_096, 0, 0, r"\??\D:\swapfile.sys".to_owned()),
            ]
        );
    }

    #[test]
    fn names_that_lead_outside_are_empty() {
        let mut input = structure(0, 0, [1, 2, 3], "x");
        for pointer in [0, ADDRESS - 1, ADDRESS + 1_000, u64::MAX] {
            input[24..32].copy_from_slice(&pointer.to_le_bytes());
            assert_eq!(check(&input), [(1, 2, 3, String::new())], "{pointer:#x}");
        }
        // Longer than what is there.
        let mut input = structure(0, 0, [1, 2, 3], "x");
        input[16..18].copy_from_slice(&u16::MAX.to_le_bytes());
        assert_eq!(check(&input), [(1, 2, 3, String::new())]);
    }

    #[test]
    fn chains_that_do_not_lead_on_end_in_an_error() {
        for next in [1, 31, 32, 1_000, u32::MAX] {
            let input = structure(0, next, [1, 2, 3], "");
            let rows: Vec<_> = rows(&input[..40], ADDRESS).collect();
            assert!(rows.last().unwrap().is_err(), "{next}");
            assert!(rows.len() <= 2, "{next}");
        }
        assert!(rows(&[0; 31], ADDRESS).all(|row| row.is_err()));
    }

    proptest! {
        #[test]
        fn page_files_never_panic_and_end(
            input in proptest::collection::vec(any::<u8>(), 0..200),
            address in any::<u64>(),
        ) {
            prop_assert!(rows(&input, address).count() <= input.len() / SIZE + 2);
        }
    }
}
