//! `SYSTEM_PERFORMANCE_INFORMATION`: what the machine did since boot, all CPUs together.
//!
//! The answer to `SystemPerformanceInformation`: 312 bytes up to Windows 7, 344 since Windows 8, more since
//! Windows 11; what is new stands at the end. The same for 32 and 64 bits.

use super::Memory;
use super::fields::Fields;
use crate::error::ParseError;

const SOURCE: &str = "SYSTEM_PERFORMANCE_INFORMATION";

/// What is read of it. Counters are since boot, and wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SystemPerformanceInformation {
    /// Switches from one thread to another.
    pub context_switches: u32,
    /// System calls.
    pub system_calls: u32,
}

/// Decodes the structure.
///
/// # Errors
/// When the input ends before the fields.
pub fn parse(input: &[u8]) -> Result<SystemPerformanceInformation, ParseError> {
    let fields = Fields::new(SOURCE, Memory::new(input, 0), 0);
    Ok(SystemPerformanceInformation {
        context_switches: fields.u32("ContextSwitches", 296)?,
        system_calls: fields.u32("SystemCalls", 308)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As Windows of this length of the structure writes it: every 32 bits say which they are.
    fn structure(length: u32) -> Vec<u8> {
        (0..length / 4).flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn every_version_has_them_at_the_same_place() {
        for length in [312, 344, 376] {
            let expect = SystemPerformanceInformation {
                context_switches: 74,
                system_calls: 77,
            };
            assert_eq!(parse(&structure(length)), Ok(expect), "{length}");
        }
    }

    #[test]
    fn a_structure_cut_off_is_an_error() {
        let error = parse(&structure(344)[..311]).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("SystemCalls", 308));
        assert!(parse(&[]).is_err());
    }

    proptest! {
        #[test]
        fn performance_never_panics(input in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&input);
        }
    }
}
