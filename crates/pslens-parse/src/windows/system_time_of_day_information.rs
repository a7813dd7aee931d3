//! `SYSTEM_TIMEOFDAY_INFORMATION`: when the system booted.
//!
//! The answer to `SystemTimeOfDayInformation`: 48 bytes, 32 in Windows NT 4. The kernel fills as much as it
//! is asked for, and refuses to fill more than it knows. The same for 32 and 64 bits.

use super::Memory;
use super::fields::Fields;
use crate::error::ParseError;

const SOURCE: &str = "SYSTEM_TIMEOFDAY_INFORMATION";

/// Points in time and spans between them, in units of 100 ns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SystemTimeOfDayInformation {
    /// When the system booted, since 1601. Moves with the clock when that is set, and not by sleep.
    pub boot_time: i64,
    /// Now, since 1601.
    pub current_time: i64,
    /// By how much `boot_time` has moved since boot. Since Windows 2000.
    pub boot_time_bias: Option<i64>,
    /// How long the system has slept since boot. Since Windows 2000.
    pub sleep_time_bias: Option<u64>,
}

/// Decodes the structure.
///
/// # Errors
/// When the input ends before the mandatory fields.
pub fn parse(input: &[u8]) -> Result<SystemTimeOfDayInformation, ParseError> {
    let memory = Memory::new(input, 0);
    let fields = Fields::new(SOURCE, memory, 0);
    Ok(SystemTimeOfDayInformation {
        boot_time: fields.i64("BootTime", 0)?,
        current_time: fields.i64("CurrentTime", 8)?,
        boot_time_bias: memory.i64(32),
        sleep_time_bias: memory.u64(40),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOOT: i64 = 133_000_000_000_000_000;

    /// A machine that slept for an hour and whose clock was then set back by two seconds.
    fn structure() -> Vec<u8> {
        [
            BOOT - 20_000_000,
            BOOT + 72_000_000_000,
            -36_000_000_000,
            // The time zone's number, and padding.
            2,
            -20_000_000,
            36_000_000_000,
        ]
        .into_iter()
        .flat_map(i64::to_le_bytes)
        .collect()
    }

    #[test]
    fn times_may_lie_either_way() {
        let expect = SystemTimeOfDayInformation {
            boot_time: BOOT - 20_000_000,
            current_time: BOOT + 72_000_000_000,
            boot_time_bias: Some(-20_000_000),
            sleep_time_bias: Some(36_000_000_000),
        };
        assert_eq!(parse(&structure()), Ok(expect));
    }

    #[test]
    fn a_short_structure_has_no_biases_and_a_shorter_one_is_an_error() {
        let old = parse(&structure()[..32]).unwrap();
        assert_eq!(old.boot_time, BOOT - 20_000_000);
        assert_eq!((old.boot_time_bias, old.sleep_time_bias), (None, None));
        assert_eq!(
            parse(&structure()[..15]).unwrap_err().field(),
            "CurrentTime"
        );
    }

    proptest! {
        #[test]
        fn time_of_day_never_panics(input in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&input);
        }
    }
}
