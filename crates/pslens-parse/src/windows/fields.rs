//! The fields of one structure, which must all be there.

use super::Memory;
use crate::error::{ParseError, Problem};

/// A structure named `source` that starts at an offset of a piece of memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    source: &'static str,
    memory: Memory<'a>,
    start: usize,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(source: &'static str, memory: Memory<'a>, start: usize) -> Self {
        Self {
            source,
            memory,
            start,
        }
    }

    /// What `read` finds at the offset `at` of the structure.
    fn field<T>(
        self,
        field: &'static str,
        at: usize,
        read: impl Fn(Memory<'a>, usize) -> Option<T>,
    ) -> Result<T, ParseError> {
        let offset = self.start.saturating_add(at);
        read(self.memory, offset)
            .ok_or_else(|| ParseError::new(self.source, field, offset, Problem::Missing))
    }

    pub(super) fn u8(self, field: &'static str, at: usize) -> Result<u8, ParseError> {
        self.field(field, at, Memory::u8)
    }

    pub(super) fn u16(self, field: &'static str, at: usize) -> Result<u16, ParseError> {
        self.field(field, at, Memory::u16)
    }

    pub(super) fn u32(self, field: &'static str, at: usize) -> Result<u32, ParseError> {
        self.field(field, at, Memory::u32)
    }

    pub(super) fn u64(self, field: &'static str, at: usize) -> Result<u64, ParseError> {
        self.field(field, at, Memory::u64)
    }

    pub(super) fn i64(self, field: &'static str, at: usize) -> Result<i64, ParseError> {
        self.field(field, at, Memory::i64)
    }

    /// That the field is there, and makes no sense.
    #[cold]
    pub(super) const fn malformed(self, field: &'static str, at: usize) -> ParseError {
        let offset = self.start.saturating_add(at);
        ParseError::new(self.source, field, offset, Problem::Malformed)
    }
}
