//! A piece of memory as the system filled it: numbers at offsets, pointers into itself, UTF-16 text.

use core::fmt;

/// Bytes, and the address at which they stood: pointers between them lead to offsets.
#[derive(Debug, Clone, Copy)]
pub struct Memory<'a> {
    bytes: &'a [u8],
    address: u64,
}

impl<'a> Memory<'a> {
    /// Of structures without pointers the address does not matter.
    #[must_use]
    pub const fn new(bytes: &'a [u8], address: u64) -> Self {
        Self { bytes, address }
    }

    /// Where the bytes stood.
    #[must_use]
    pub const fn address(self) -> u64 {
        self.address
    }

    /// How many bytes there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.bytes.len()
    }

    /// True if there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// `length` bytes from the offset `at` on; `None` if not all of them are there.
    #[must_use]
    pub fn slice(self, at: usize, length: usize) -> Option<&'a [u8]> {
        self.bytes.get(at..)?.get(..length)
    }

    /// The offset that `pointer` leads to; `None` if it leads elsewhere (null always does).
    #[must_use]
    pub fn offset(self, pointer: u64) -> Option<usize> {
        let offset = usize::try_from(pointer.checked_sub(self.address)?).ok()?;
        (pointer != 0 && offset < self.bytes.len()).then_some(offset)
    }

    fn array<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..)?.first_chunk().copied()
    }

    /// The number at the offset `at`.
    #[must_use]
    pub fn u8(self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The number at the offset `at`.
    #[must_use]
    pub fn u16(self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    /// The number at the offset `at`.
    #[must_use]
    pub fn u32(self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    /// The number at the offset `at`.
    #[must_use]
    pub fn u64(self, at: usize) -> Option<u64> {
        self.array(at).map(u64::from_le_bytes)
    }

    /// The number at the offset `at`.
    #[must_use]
    pub fn i32(self, at: usize) -> Option<i32> {
        self.array(at).map(i32::from_le_bytes)
    }

    /// The number at the offset `at`.
    #[must_use]
    pub fn i64(self, at: usize) -> Option<i64> {
        self.array(at).map(i64::from_le_bytes)
    }

    /// `length` bytes of text from the offset `at` on; an odd byte at the end is left out.
    #[must_use]
    pub fn wide(self, at: usize, length: usize) -> Option<Wide<'a>> {
        self.slice(at, length).map(Wide)
    }

    /// The text that `pointer` leads to, up to the first NUL or the end of the memory.
    #[must_use]
    pub fn wide_until_nul(self, pointer: u64) -> Option<Wide<'a>> {
        let rest = self.bytes.get(self.offset(pointer)?..)?;
        Some(Wide(rest).until_nul())
    }
}

/// Text of Windows: code units of UTF-16 that need not be well-formed, in the order of the machine (little
/// endian on all that Windows runs on).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Wide<'a>(pub &'a [u8]);

impl<'a> Wide<'a> {
    /// The code units.
    pub fn units(self) -> impl DoubleEndedIterator<Item = u16> + ExactSizeIterator + Clone + 'a {
        let (pairs, _) = self.0.as_chunks();
        pairs.iter().copied().map(u16::from_le_bytes)
    }

    /// What stands before the first NUL, or everything if there is none.
    #[must_use]
    pub fn until_nul(self) -> Self {
        let end = self.units().position(|unit| unit == 0);
        let end = end.and_then(|units| units.checked_mul(2));
        Self(end.and_then(|end| self.0.get(..end)).unwrap_or(self.0))
    }

    /// What stands after the last backslash, or everything if there is none: the name of a file.
    #[must_use]
    pub fn file_name(self) -> Self {
        let last = self.units().rposition(|unit| unit == u16::from(b'\\'));
        let start = last.and_then(|units| units.checked_add(1)?.checked_mul(2));
        Self(
            start
                .and_then(|start| self.0.get(start..))
                .unwrap_or(self.0),
        )
    }

    /// True if there is no text.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.len() < 2
    }
}

/// For people and tests: what is no text is shown as U+FFFD.
impl fmt::Display for Wide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for unit in char::decode_utf16(self.units()) {
            fmt::Write::write_char(f, unit.unwrap_or(char::REPLACEMENT_CHARACTER))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Wide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_to_offsets_inside_and_nowhere_else() {
        let memory = Memory::new(&[1, 0, 2, 0, 0, 0, 9, 9], 0x1000);
        for (pointer, expect) in [
            (0, None),
            (0xfff, None),
            (0x1000, Some(0)),
            (0x1007, Some(7)),
            (0x1008, None),
            (u64::MAX, None),
        ] {
            assert_eq!(memory.offset(pointer), expect, "{pointer:#x}");
        }
        assert_eq!(Memory::new(&[1], 0).offset(0), None);
        assert_eq!(memory.u32(2), Some(2));
        assert_eq!(memory.u64(1), None);
        assert_eq!(memory.slice(usize::MAX, 1), None);
        assert_eq!(memory.slice(0, usize::MAX), None);
    }

    #[test]
    fn text_ends_at_a_nul_and_need_not_be_well_formed() {
        let bytes: Vec<u8> = [0x61_u16, 0xd800, 0x62, 0, 0x63]
            .into_iter()
            .flat_map(u16::to_le_bytes)
            .collect();
        let memory = Memory::new(&bytes, 0x10);
        let text = memory.wide_until_nul(0x10).unwrap();
        assert_eq!(text.to_string(), "a\u{fffd}b");
        assert_eq!(text.units().collect::<Vec<_>>(), [0x61, 0xd800, 0x62]);
        assert_eq!(memory.wide_until_nul(0x18).unwrap().to_string(), "c");
        assert!(memory.wide_until_nul(0x16).unwrap().is_empty());
        assert_eq!(text.file_name(), text);
        let path: Vec<u8> = r"\a.b\c"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(Wide(&path).file_name().to_string(), "c");
        assert!(Wide(&path[..10]).file_name().is_empty());
        // Half a unit is none.
        assert_eq!(memory.wide(0, 3).unwrap().units().len(), 1);
        assert_eq!(memory.wide(9, 2), None);
    }
}
