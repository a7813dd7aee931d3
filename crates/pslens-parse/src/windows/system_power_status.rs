//! `SYSTEM_POWER_STATUS`: the battery, or all batteries as if they were one.
//!
//! What `GetSystemPowerStatus` fills in, 12 bytes, in all versions of Windows. "Unknown" is the largest
//! number of each field, which for the seconds is -1 as a signed one and 136 years as an unsigned one.

use super::Memory;
use super::fields::Fields;
use crate::error::ParseError;

const SOURCE: &str = "SYSTEM_POWER_STATUS";

/// The state of the power supply; `None` is what Windows does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SystemPowerStatus {
    /// Whether there is external power.
    pub ac_line: Option<bool>,
    /// Whether there is a battery.
    pub battery: Option<bool>,
    /// Whether it is being charged.
    pub charging: Option<bool>,
    /// How full it is: 0 to 100.
    pub battery_life_percent: Option<u8>,
    /// For how many seconds it will last; not known on external power.
    pub battery_life_time: Option<u32>,
}

/// Decodes the structure.
///
/// # Errors
/// When the input ends before the fields.
pub fn parse(input: &[u8]) -> Result<SystemPowerStatus, ParseError> {
    const CHARGING: u8 = 8;
    const NO_BATTERY: u8 = 128;
    const UNKNOWN: u8 = 255;

    let fields = Fields::new(SOURCE, Memory::new(input, 0), 0);
    let flags = Some(fields.u8("BatteryFlag", 1)?).filter(|&flags| flags != UNKNOWN);
    let percent = fields.u8("BatteryLifePercent", 2)?;
    let seconds = fields.u32("BatteryLifeTime", 4)?;
    Ok(SystemPowerStatus {
        ac_line: match fields.u8("ACLineStatus", 0)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        battery: flags.map(|flags| flags & NO_BATTERY == 0),
        charging: flags.map(|flags| flags & CHARGING != 0),
        battery_life_percent: Some(percent).filter(|percent| *percent <= 100),
        // Negative as the signed number that it is.
        battery_life_time: Some(seconds).filter(|seconds| i32::try_from(*seconds).is_ok()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: [u8; 4], seconds: i32, expect: SystemPowerStatus) {
        let mut bytes = input.to_vec();
        bytes.extend(seconds.to_le_bytes());
        bytes.extend((-1_i32).to_le_bytes());
        assert_eq!(parse(&bytes), Ok(expect), "{input:?}");
    }

    #[test]
    fn power_status_in_every_shape() {
        // A laptop on its battery, low.
        check(
            [0, 2, 31, 0],
            4_500,
            SystemPowerStatus {
                ac_line: Some(false),
                battery: Some(true),
                charging: Some(false),
                battery_life_percent: Some(31),
                battery_life_time: Some(4_500),
            },
        );
        // Plugged in, charging: how long it would last nobody knows.
        check(
            [1, 8 | 1, 80, 0],
            -1,
            SystemPowerStatus {
                ac_line: Some(true),
                battery: Some(true),
                charging: Some(true),
                battery_life_percent: Some(80),
                battery_life_time: None,
            },
        );
        // A desktop.
        check(
            [1, 128, 255, 0],
            -1,
            SystemPowerStatus {
                ac_line: Some(true),
                battery: Some(false),
                charging: Some(false),
                battery_life_percent: None,
                battery_life_time: None,
            },
        );
        // A machine that knows nothing.
        check([255, 255, 255, 0], -1, SystemPowerStatus::default());
        // Neither high, low nor critical, and nearly empty.
        let idle = SystemPowerStatus {
            ac_line: Some(false),
            battery: Some(true),
            charging: Some(false),
            battery_life_percent: Some(100),
            battery_life_time: Some(0),
        };
        check([0, 0, 100, 1], 0, idle);
        // Other nonsense is as unknown as -1.
        let nonsense = SystemPowerStatus {
            battery_life_percent: None,
            battery_life_time: None,
            ..idle
        };
        check([0, 0, 101, 1], i32::MIN, nonsense);
    }

    #[test]
    fn a_structure_cut_off_is_an_error() {
        assert_eq!(parse(&[1; 7]).unwrap_err().field(), "BatteryLifeTime");
        assert!(parse(&[]).is_err());
    }

    proptest! {
        #[test]
        fn power_status_never_panics(input in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = parse(&input);
        }
    }
}
