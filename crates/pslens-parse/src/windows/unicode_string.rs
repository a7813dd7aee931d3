//! `UNICODE_STRING`: how long a text is, and where it stands.
//!
//! | Offset, 64 bits | 32 bits | Field | |
//! |---|---|---|---|
//! | 0 | 0 | `Length` | 2 bytes: the length in bytes, without a NUL |
//! | 2 | 2 | `MaximumLength` | 2 bytes: the room there is |
//! | 8 | 4 | `Buffer` | the pointer to the text |
//!
//! Some answers of `NtQueryInformationProcess` (`ProcessCommandLineInformation`, since Windows 8.1;
//! `ProcessImageFileName`) and `ObjectNameInformation` of `NtQueryObject` are such a string, and its text behind
//! it: [`answer`].

use super::{Memory, Wide, Width};
use crate::{ParseError, Problem};

const SOURCE: &str = "UNICODE_STRING";

/// A text somewhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnicodeString {
    /// In bytes.
    pub length: u16,
    /// The address of the text, in the process that the string is of.
    pub buffer: u64,
}

/// The string at the offset `at`.
///
/// # Errors
/// Bytes are missing.
pub fn parse(memory: Memory<'_>, at: usize, width: Width) -> Result<UnicodeString, ParseError> {
    let (pointer, buffer) = match width {
        Width::Bits32 => {
            let pointer = at.saturating_add(4);
            (pointer, memory.u32(pointer).map(u64::from))
        }
        Width::Bits64 => {
            let pointer = at.saturating_add(8);
            (pointer, memory.u64(pointer))
        }
    };
    let missing = |field, at| ParseError::new(SOURCE, field, at, Problem::Missing);
    Ok(UnicodeString {
        length: memory.u16(at).ok_or(missing("Length", at))?,
        buffer: buffer.ok_or(missing("Buffer", pointer))?,
    })
}

/// The text of an answer that starts with a string of 64 bits.
///
/// # Errors
/// Bytes are missing, or the pointer leads outside.
pub fn answer(memory: Memory<'_>) -> Result<Wide<'_>, ParseError> {
    let string = parse(memory, 0, Width::Bits64)?;
    // Where there is no text, the pointer need not lead anywhere.
    if string.length == 0 {
        return Ok(Wide::default());
    }
    memory
        .offset(string.buffer)
        .and_then(|at| memory.wide(at, usize::from(string.length)))
        .ok_or(ParseError::new(SOURCE, "Buffer", 8, Problem::OutOfRange))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A string at address 0x1000, and its text behind it.
    fn with_text(length: u16, buffer: u64, text: &str) -> Vec<u8> {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&buffer.to_le_bytes());
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    }

    fn check(bytes: &[u8], expect: Result<&str, &str>) {
        let got = answer(Memory::new(bytes, 0x1000));
        let got = got
            .map(|text| text.to_string())
            .map_err(|error| error.field());
        assert_eq!(
            got.as_deref().map_err(|field| *field),
            expect,
            "{bytes:02x?}"
        );
    }

    #[test]
    fn unicode_string_and_the_text_behind_it() {
        check(&with_text(6, 0x1010, "a b"), Ok("a b"));
        check(&with_text(4, 0x1012, "a b"), Ok(" b"));
        check(&with_text(0, 0, ""), Ok(""));
        // Half a unit is none.
        check(&with_text(5, 0x1010, "abc"), Ok("ab"));
    }

    #[test]
    fn unicode_string_that_leads_outside() {
        for bytes in [
            with_text(6, 0, "a b"),
            with_text(6, 0xfff, "a b"),
            with_text(6, 0x1012, "a b"),
            with_text(0xffff, 0x1010, "a b"),
            with_text(6, u64::MAX, "a b"),
        ] {
            check(&bytes, Err("Buffer"));
        }
        check(&with_text(6, 0x1010, "a b")[..15], Err("Buffer"));
        check(&[1], Err("Length"));
        check(&[], Err("Length"));
    }

    #[test]
    fn unicode_string_of_both_widths() {
        let bytes = [0xff, 4, 0, 6, 0, 0x78, 0x56, 0x34, 0x92, 1, 0, 0, 0];
        let memory = Memory::new(&bytes, 0);
        assert_eq!(
            parse(memory, 1, Width::Bits32).unwrap(),
            UnicodeString {
                length: 4,
                buffer: 0x9234_5678,
            }
        );
        assert_eq!(
            parse(memory, 1, Width::Bits64).unwrap_err().offset(),
            9,
            "the pointer is cut"
        );
        assert!(parse(memory, usize::MAX, Width::Bits32).is_err());
    }
}
