//! `SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION`: what each CPU of a processor group spent its time on.
//!
//! The answer to `SystemProcessorPerformanceInformation`: one structure of 48 bytes for each active CPU of
//! one group of at most 64, in the order of their numbers. How many there are says the length of the
//! answer, and nothing else. The same in all versions of Windows, of 32 and 64 bits.

use super::Memory;
use super::fields::Fields;
use crate::error::ParseError;

const SOURCE: &str = "SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION";

/// Bytes for each CPU.
pub const SIZE: u8 = 48;

/// One CPU. Times are in units of 100 ns, since boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SystemProcessorPerformanceInformation {
    /// In the idle thread.
    pub idle_time: u64,
    /// In kernel mode. Includes all other times but `user_time`: also `idle_time`.
    pub kernel_time: u64,
    /// In user mode.
    pub user_time: u64,
    /// In deferred procedure calls.
    pub dpc_time: u64,
    /// In interrupts.
    pub interrupt_time: u64,
    /// Interrupts. Wraps.
    pub interrupt_count: u32,
}

/// Decodes the CPUs of a group.
///
/// # Errors
/// Of the last row, when the input ends within it.
pub fn rows(
    input: &[u8],
) -> impl Iterator<Item = Result<SystemProcessorPerformanceInformation, ParseError>> {
    input.chunks(usize::from(SIZE)).map(|row| {
        let fields = Fields::new(SOURCE, Memory::new(row, 0), 0);
        let row = SystemProcessorPerformanceInformation {
            idle_time: fields.u64("IdleTime", 0)?,
            kernel_time: fields.u64("KernelTime", 8)?,
            user_time: fields.u64("UserTime", 16)?,
            dpc_time: fields.u64("DpcTime", 24)?,
            interrupt_time: fields.u64("InterruptTime", 32)?,
            interrupt_count: fields.u32("InterruptCount", 40)?,
        };
        Ok(row)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Times of a CPU that has run for ten minutes, as the kernel writes them.
    fn row(interrupt_count: u32) -> Vec<u8> {
        let mut row: Vec<u8> = [5_000_000_000_u64, 5_500_000_000, 500_000_000, 1_000, 2_000]
            .into_iter()
            .flat_map(u64::to_le_bytes)
            .collect();
        row.extend_from_slice(&interrupt_count.to_le_bytes());
        // Padding, in which the kernel leaves what was there.
        row.extend_from_slice(&[0xaa; 4]);
        row
    }

    #[test]
    fn the_length_says_how_many_cpus() {
        assert_eq!(rows(&[]).count(), 0);
        let mut input = row(7);
        input.extend(row(u32::MAX));
        let rows: Vec<_> = rows(&input).map(Result::unwrap).collect();
        let expect = SystemProcessorPerformanceInformation {
            idle_time: 5_000_000_000,
            kernel_time: 5_500_000_000,
            user_time: 500_000_000,
            dpc_time: 1_000,
            interrupt_time: 2_000,
            interrupt_count: 7,
        };
        assert_eq!(rows[0], expect);
        assert_eq!(rows[1].interrupt_count, u32::MAX);
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn half_a_cpu_is_an_error() {
        let input = row(7);
        let error = rows(&input[..43]).next().unwrap().unwrap_err();
        assert_eq!((error.field(), error.offset()), ("InterruptCount", 40));
        // The padding at the end may be missing.
        assert!(rows(&input[..44]).all(|row| row.is_ok()));
    }

    proptest! {
        #[test]
        fn processor_performance_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(rows(&input).count(), input.len().div_ceil(usize::from(SIZE)));
        }
    }
}
