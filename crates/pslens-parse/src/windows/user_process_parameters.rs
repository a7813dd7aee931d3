//! `RTL_USER_PROCESS_PARAMETERS`: the strings that a process was started with.
//!
//! The parent writes it into the new process, whose PEB leads to it. What is of use has stood at the same
//! offsets since Windows 2000:
//!
//! | Offset, 64 bits | 32 bits | Field | |
//! |---|---|---|---|
//! | 4 | 4 | `Length` | 4 bytes: of the structure and the strings behind it |
//! | 8 | 8 | `Flags` | 4 bytes |
//! | 56 | 36 | `CurrentDirectory.DosPath` | `UNICODE_STRING` |
//! | 112 | 64 | `CommandLine` | `UNICODE_STRING` |
//! | 128 | 72 | `Environment` | the pointer to the block |
//!
//! The directory and the environment follow what the process does; the command line stays as it was.

use super::{Memory, UnicodeString, Width, unicode_string};
use crate::{ParseError, Problem};

const SOURCE: &str = "RTL_USER_PROCESS_PARAMETERS";

/// In `Flags`: pointers are addresses. Without it those of strings count from the start of the structure,
/// as they do until the new process has looked at them.
const NORMALIZED: u32 = 1;

/// Where the strings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserProcessParameters {
    /// The working directory, with a backslash at the end.
    pub current_directory: UnicodeString,
    /// The command line, as it was given to `CreateProcess`.
    pub command_line: UnicodeString,
    /// The address of the environment block; 0 if there is none.
    pub environment: u64,
}

/// How many bytes of it must be read.
#[must_use]
pub const fn size(width: Width) -> usize {
    match width {
        Width::Bits32 => 72 + 4,
        Width::Bits64 => 128 + 8,
    }
}

/// Decodes it.
///
/// # Errors
/// Bytes are missing.
pub fn parse(memory: Memory<'_>, width: Width) -> Result<UserProcessParameters, ParseError> {
    let missing = |field, at| ParseError::new(SOURCE, field, at, Problem::Missing);
    let flags = memory.u32(8).ok_or(missing("Flags", 8))?;
    let string = |at| {
        let mut string = unicode_string::parse(memory, at, width)?;
        if flags & NORMALIZED == 0 {
            string.buffer = string.buffer.wrapping_add(memory.address());
        }
        Ok(string)
    };
    let (current_directory, command_line, at, environment) = match width {
        Width::Bits32 => (36, 64, 72, memory.u32(72).map(u64::from)),
        Width::Bits64 => (56, 112, 128, memory.u64(128)),
    };
    Ok(UserProcessParameters {
        current_directory: string(current_directory)?,
        command_line: string(command_line)?,
        environment: environment.ok_or(missing("Environment", at))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: u64 = 0x10_0000;

    /// The structure with a directory of 6 bytes at `directory`, a command line of 8 at `line`, and an
    /// environment at 0x7000.
    fn structure(width: Width, flags: u32, directory: u64, line: u64) -> Vec<u8> {
        let mut bytes = vec![0xee; size(width)];
        bytes[8..12].copy_from_slice(&flags.to_le_bytes());
        let pointer = |value: u64| match width {
            Width::Bits32 => value.to_le_bytes()[..4].to_vec(),
            Width::Bits64 => value.to_le_bytes().to_vec(),
        };
        let (first, second, third, skip) = match width {
            Width::Bits32 => (36, 64, 72, 4),
            Width::Bits64 => (56, 112, 128, 8),
        };
        for (at, length, value) in [(first, 6_u16, directory), (second, 8, line)] {
            bytes[at..at + 2].copy_from_slice(&length.to_le_bytes());
            let value = pointer(value);
            bytes[at + skip..at + skip + value.len()].copy_from_slice(&value);
        }
        let value = pointer(0x7000);
        bytes[third..third + value.len()].copy_from_slice(&value);
        bytes
    }

    fn expected(directory: u64, line: u64) -> UserProcessParameters {
        UserProcessParameters {
            current_directory: UnicodeString {
                length: 6,
                buffer: directory,
            },
            command_line: UnicodeString {
                length: 8,
                buffer: line,
            },
            environment: 0x7000,
        }
    }

    #[test]
    fn user_process_parameters_of_both_widths() {
        for width in [Width::Bits32, Width::Bits64] {
            let bytes = structure(width, NORMALIZED | 0x6000, 0x5000, 0x6000);
            let memory = Memory::new(&bytes, ADDRESS);
            assert_eq!(parse(memory, width), Ok(expected(0x5000, 0x6000)));
            for length in 0..bytes.len() {
                let cut = Memory::new(&bytes[..length], ADDRESS);
                assert!(parse(cut, width).is_err(), "{length}");
            }
        }
    }

    #[test]
    fn user_process_parameters_of_a_process_that_has_not_started() {
        for width in [Width::Bits32, Width::Bits64] {
            let bytes = structure(width, 0x6000, 0x440, 0x450);
            let memory = Memory::new(&bytes, ADDRESS);
            let strings = expected(ADDRESS + 0x440, ADDRESS + 0x450);
            assert_eq!(parse(memory, width), Ok(strings));
        }
        let bytes = structure(Width::Bits64, 0, u64::MAX, 0);
        let wrapped = parse(Memory::new(&bytes, ADDRESS), Width::Bits64).unwrap();
        assert_eq!(wrapped.current_directory.buffer, ADDRESS - 1);
    }
}
