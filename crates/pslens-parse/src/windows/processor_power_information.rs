//! `PROCESSOR_POWER_INFORMATION`: how fast each CPU runs.
//!
//! The answer of `CallNtPowerInformation` to `ProcessorInformation`: one structure of 24 bytes for each CPU.
//! The call does not say how many it has filled; what it did not fill stays 0. The same in all versions of
//! Windows, of 32 and 64 bits.

use super::Memory;
use super::fields::Fields;
use crate::error::ParseError;

const SOURCE: &str = "PROCESSOR_POWER_INFORMATION";

/// The length of one structure.
const SIZE: usize = 24;

/// One CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProcessorPowerInformation {
    /// Its number.
    pub number: u32,
    /// The rated speed, which "turbo" modes exceed; 0 if nothing is known of the CPU.
    pub max_mhz: u32,
    /// The speed of the step that it is said to be in.
    pub current_mhz: u32,
}

/// Decodes the CPUs, also those of which nothing is known.
///
/// # Errors
/// Of the last row, when the input ends within it.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<ProcessorPowerInformation, ParseError>> {
    input.chunks(SIZE).map(|row| {
        let fields = Fields::new(SOURCE, Memory::new(row, 0), 0);
        let row = ProcessorPowerInformation {
            number: fields.u32("Number", 0)?,
            max_mhz: fields.u32("MaxMhz", 4)?,
            current_mhz: fields.u32("CurrentMhz", 8)?,
        };
        Ok(row)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_cpus_and_one_of_which_nothing_is_known() {
        let input: Vec<u8> = [
            0_u32, 1608, 1105, 1608, 2,
            1, // Number, MaxMhz, CurrentMhz, MhzLimit, idle states.
            1, 1608, 1608, 1608, 2, 2, //
            0, 0, 0, 0, 0, 0,
        ]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
        let rows: Vec<_> = rows(&input).map(Result::unwrap).collect();
        let row = |number, max_mhz, current_mhz| ProcessorPowerInformation {
            number,
            max_mhz,
            current_mhz,
        };
        assert_eq!(rows, [row(0, 1608, 1105), row(1, 1608, 1608), row(0, 0, 0)]);
    }

    #[test]
    fn half_a_cpu_is_an_error() {
        assert!(rows(&[0; 11]).all(|row| row.is_err()));
        assert_eq!(rows(&[]).count(), 0);
    }

    proptest! {
        #[test]
        fn processor_power_never_panics(input in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(rows(&input).count(), input.len().div_ceil(SIZE));
        }
    }
}
