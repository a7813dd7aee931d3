//! `PEB`: the block that a process is described in for itself, and the one pointer in it that matters here.
//!
//! At `NtCurrentTeb()->ProcessEnvironmentBlock`; that of another process as told by
//! `ProcessBasicInformation`, and its second one of 32 bits by `ProcessWow64Information`. All versions of
//! Windows have `ProcessParameters` at offset 32, or 16 in a process of 32 bits.

use super::{Memory, Width};
use crate::{ParseError, Problem};

/// How many bytes of it must be read.
#[must_use]
pub const fn size(width: Width) -> usize {
    match width {
        Width::Bits32 => 16 + 4,
        Width::Bits64 => 32 + 8,
    }
}

/// The address of the parameters; 0 as long as the process is being made.
///
/// # Errors
/// Bytes are missing.
pub fn process_parameters(bytes: &[u8], width: Width) -> Result<u64, ParseError> {
    let memory = Memory::new(bytes, 0);
    let (at, pointer) = match width {
        Width::Bits32 => (16, memory.u32(16).map(u64::from)),
        Width::Bits64 => (32, memory.u64(32)),
    };
    pointer.ok_or(ParseError::new(
        "PEB",
        "ProcessParameters",
        at,
        Problem::Missing,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peb_of_both_widths() {
        let mut bytes = [0xee; 64];
        bytes[32..40].copy_from_slice(&0x1234_5678_9abc_u64.to_le_bytes());
        bytes[16..20].copy_from_slice(&0xfedc_ba98_u32.to_le_bytes());
        for (width, expect) in [
            (Width::Bits64, 0x1234_5678_9abc),
            (Width::Bits32, 0xfedc_ba98),
        ] {
            let size = size(width);
            assert_eq!(process_parameters(&bytes[..size], width), Ok(expect));
            let cut = process_parameters(&bytes[..size - 1], width).unwrap_err();
            assert_eq!(cut.field(), "ProcessParameters");
        }
    }
}
