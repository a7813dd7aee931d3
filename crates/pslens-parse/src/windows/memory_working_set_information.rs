//! `MemoryWorkingSetInformation`: the pages of a process that are in memory now.
//!
//! Layout (`MEMORY_WORKING_SET_INFORMATION`, in the documented API `PSAPI_WORKING_SET_INFORMATION`, all of
//! Windows): how many, then a word for each: 5 bits of protection, 3 of the number of processes that
//! share it (7 stands for 7 and more), one that says whether it can be shared, 3 of the memory node, and above
//! these 12 bits the address.

use super::Memory;

const HEADER: usize = 8;
const ENTRY: usize = 8;
const SHARE_COUNT: u64 = 0b111 << 5;
const SHARED: u64 = 1 << 8;

/// One page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page(u64);

impl Page {
    /// Whether no other process has it: memory of its own, or a part of a file that nobody else uses.
    #[must_use]
    pub const fn is_unique(self) -> bool {
        self.0 & SHARED == 0 || self.0 & SHARE_COUNT <= 1 << 5
    }
}

/// How many pages the kernel says there are, even if there is no room for them.
#[must_use]
pub fn number_of_entries(input: &[u8]) -> Option<u64> {
    Memory::new(input, 0).u64(0)
}

/// Iterates over the pages. What was cut off is not there.
pub fn pages(input: &[u8]) -> impl Iterator<Item = Page> {
    let count = number_of_entries(input).unwrap_or_default();
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let (entries, _) = input.get(HEADER..).unwrap_or_default().as_chunks::<ENTRY>();
    entries
        .iter()
        .take(count)
        .map(|entry| Page(u64::from_le_bytes(*entry)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(count: u64, pages: &[u64]) -> Vec<u8> {
        [count]
            .iter()
            .chain(pages)
            .flat_map(|word| word.to_le_bytes())
            .collect()
    }

    /// Protection, sharers, sharable.
    const fn page(protection: u64, share_count: u64, shared: bool) -> u64 {
        0x7ff6_1234_5000 | protection | share_count << 5 | (shared as u64) << 8 | 0b111 << 9
    }

    #[test]
    fn pages_that_nobody_else_has() {
        for (word, unique) in [
            (page(0b11111, 0, false), true),
            // Not sharable: the number of sharers says nothing.
            (page(4, 7, false), true),
            (page(1, 0, true), true),
            (page(0b11111, 1, true), true),
            (page(1, 2, true), false),
            (page(1, 7, true), false),
        ] {
            let bytes = render(1, &[word]);
            let found: Vec<_> = pages(&bytes).map(Page::is_unique).collect();
            assert_eq!(found, [unique], "{word:#x}");
        }
    }

    #[test]
    fn as_many_as_there_are_and_are_said_to_be() {
        let bytes = render(2, &[1, 2, 3]);
        assert!(pages(&bytes).eq([Page(1), Page(2)]));
        for count in [4, u64::MAX] {
            assert_eq!(pages(&render(count, &[1, 2, 3])).count(), 3);
        }
        for length in 0..bytes.len() {
            let expect = (length.saturating_sub(HEADER) / ENTRY).min(2);
            assert_eq!(pages(&bytes[..length]).count(), expect);
        }
        assert_eq!(number_of_entries(&bytes[..8]), Some(2));
        assert_eq!(number_of_entries(&bytes[..7]), None);
    }
}
