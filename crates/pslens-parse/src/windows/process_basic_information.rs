//! `PROCESS_BASIC_INFORMATION`: where a process keeps its PEB, and which process started it.
//!
//! `NtQueryInformationProcess(ProcessBasicInformation)`, all versions of Windows. 48 bytes:
//!
//! | Offset | Field | |
//! |---|---|---|
//! | 0 | `ExitStatus` | 4 bytes, then 4 unused |
//! | 8 | `PebBaseAddress` | 8 bytes |
//! | 16 | `AffinityMask` | 8 bytes |
//! | 24 | `BasePriority` | 4 bytes, then 4 unused |
//! | 32 | `UniqueProcessId` | 8 bytes |
//! | 40 | `InheritedFromUniqueProcessId` | 8 bytes |

use super::Memory;
use crate::{ParseError, Problem};

const SOURCE: &str = "PROCESS_BASIC_INFORMATION";

/// What is of use in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessBasicInformation {
    /// The address of the PEB of 64 bits; 0 for a process without a user mode (`System`, `Registry`).
    pub peb_base_address: u64,
    /// The number of the process.
    pub unique_process_id: u64,
    /// The number that its parent had; by now it may be nobody's, or somebody else's.
    pub inherited_from_unique_process_id: u64,
}

/// Decodes the answer.
///
/// # Errors
/// Bytes are missing.
pub fn parse(bytes: &[u8]) -> Result<ProcessBasicInformation, ParseError> {
    let memory = Memory::new(bytes, 0);
    let number = |at, field| {
        memory
            .u64(at)
            .ok_or(ParseError::new(SOURCE, field, at, Problem::Missing))
    };
    Ok(ProcessBasicInformation {
        peb_base_address: number(8, "PebBaseAddress")?,
        unique_process_id: number(32, "UniqueProcessId")?,
        inherited_from_unique_process_id: number(40, "InheritedFromUniqueProcessId")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_basic_information_at_its_offsets() {
        let bytes: Vec<u8> = [0x103_u64, 0x7ff6_0000, 0xff, 8, 4242, 42]
            .into_iter()
            .flat_map(u64::to_le_bytes)
            .collect();
        assert_eq!(
            parse(&bytes).unwrap(),
            ProcessBasicInformation {
                peb_base_address: 0x7ff6_0000,
                unique_process_id: 4242,
                inherited_from_unique_process_id: 42,
            }
        );
        for (length, field) in [
            (0, "PebBaseAddress"),
            (15, "PebBaseAddress"),
            (39, "UniqueProcessId"),
            (47, "InheritedFromUniqueProcessId"),
        ] {
            assert_eq!(parse(&bytes[..length]).unwrap_err().field(), field);
        }
    }
}
