//! `SYSTEM_INTERRUPT_INFORMATION`: how often each CPU of a processor group was interrupted.
//!
//! The answer to `SystemInterruptInformation`: one structure of 24 bytes for each active CPU of one group,
//! in the order of their numbers. The same in all versions of Windows, of 32 and 64 bits.

use super::Memory;
use super::fields::Fields;
use crate::error::ParseError;

const SOURCE: &str = "SYSTEM_INTERRUPT_INFORMATION";

/// Bytes for each CPU.
pub const SIZE: u8 = 24;

/// One CPU. Counters are since boot, and wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SystemInterruptInformation {
    /// Switches from one thread to another.
    pub context_switches: u32,
    /// Deferred procedure calls.
    pub dpc_count: u32,
}

/// Decodes the CPUs of a group.
///
/// # Errors
/// Of the last row, when the input ends within it.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<SystemInterruptInformation, ParseError>> {
    input.chunks(usize::from(SIZE)).map(|row| {
        let fields = Fields::new(SOURCE, Memory::new(row, 0), 0);
        let row = SystemInterruptInformation {
            context_switches: fields.u32("ContextSwitches", 0)?,
            dpc_count: fields.u32("DpcCount", 4)?,
        };
        Ok(row)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counters_of_two_cpus() {
        let input: Vec<u8> = [1_u32, 2, 3, 156_250, 5, 6, u32::MAX, 8, 9, 156_250, 11, 12]
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .collect();
        let rows: Vec<_> = rows(&input).map(Result::unwrap).collect();
        let row = |context_switches, dpc_count| SystemInterruptInformation {
            context_switches,
            dpc_count,
        };
        assert_eq!(rows, [row(1, 2), row(u32::MAX, 8)]);
    }

    #[test]
    fn half_a_cpu_is_an_error() {
        let error = rows(&[0; 24 + 7]).last().unwrap().unwrap_err();
        assert_eq!((error.field(), error.offset()), ("DpcCount", 4));
    }

    proptest! {
        #[test]
        fn interrupts_never_panic(input in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(rows(&input).count(), input.len().div_ceil(usize::from(SIZE)));
        }
    }
}
