//! Memory for what the system answers.

use std::ffi::c_void;
use std::ops::Deref;
use std::slice;

use pslens_parse::windows::Memory;

/// Aligned for every structure, whatever allocator the program has, and zeros where nothing was written.
#[derive(Debug, Default)]
pub(in crate::sys::windows) struct Buffer {
    words: Vec<u64>,
    /// How many of the bytes are the answer.
    length: usize,
}

impl Buffer {
    /// Empty, with room for so many bytes.
    pub(in crate::sys::windows) fn with_room(bytes: usize) -> Self {
        Self {
            words: vec![0; bytes.div_ceil(size_of::<u64>())],
            length: 0,
        }
    }

    /// In bytes.
    pub(super) fn room(&self) -> usize {
        size_of_val(self.words.as_slice())
    }

    /// Where the answer is to be written, as much of it as there is room for.
    pub(super) fn start(&mut self) -> *mut c_void {
        self.words.as_mut_ptr().cast()
    }

    /// Says how long the answer is.
    pub(super) fn fill(&mut self, length: usize) {
        self.length = length.min(self.room());
    }

    /// For what has pointers into itself.
    pub(in crate::sys::windows) fn memory(&self) -> Memory<'_> {
        Memory::new(self, self.words.as_ptr().addr() as u64)
    }
}

/// The answer.
impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let start = self.words.as_ptr().cast();
        // SAFETY: the words have at least as many bytes, and each was set when they were made.
        unsafe { slice::from_raw_parts(start, self.length) }
    }
}

#[cfg(test)]
impl From<&[u8]> for Buffer {
    fn from(bytes: &[u8]) -> Self {
        let mut words = Vec::new();
        for chunk in bytes.chunks(size_of::<u64>()) {
            let mut word = [0; size_of::<u64>()];
            word[..chunk.len()].copy_from_slice(chunk);
            words.push(u64::from_ne_bytes(word));
        }
        Self {
            words,
            length: bytes.len(),
        }
    }
}
