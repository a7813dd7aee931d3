//! `/sys/class/thermal/thermal_zone*`: the temperatures that the kernel's own cooling goes by.
//!
//! Format (kernel `Documentation/driver-api/thermal/sysfs-api.rst`): `temp` and `trip_point_N_temp`
//! hold thousandths of a degree Celsius, `trip_point_N_type` holds a word.

use crate::error::{ParseError, Problem};
use crate::linux::sys_hwmon::integer;
use crate::scan::Scan;

const SOURCE: &str = "/sys/class/thermal/[zone]/[attribute]";

/// What happens at a trip point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TripType {
    /// The system shuts down.
    Critical,
    /// The driver is told that it is too hot.
    Hot,
    /// The system slows down.
    Passive,
    /// A fan starts.
    Active,
    /// A word of a kernel or driver that this parser does not know.
    Other,
}

/// Decodes the contents of `temp` or `trip_point_N_temp`: thousandths of a degree Celsius.
///
/// # Errors
/// When it is not one whole number.
pub fn parse(input: &[u8]) -> Result<i64, ParseError> {
    integer(SOURCE, "temp", input)
}

/// Decodes the contents of `trip_point_N_type`.
///
/// # Errors
/// When it is empty.
pub fn parse_trip_type(input: &[u8]) -> Result<TripType, ParseError> {
    match input.trim_ascii() {
        b"critical" => Ok(TripType::Critical),
        b"hot" => Ok(TripType::Hot),
        b"passive" => Ok(TripType::Passive),
        b"active" => Ok(TripType::Active),
        b"" => Err(ParseError::new(SOURCE, "type", 0, Problem::Missing)),
        _ => Ok(TripType::Other),
    }
}

/// Decodes the name `trip_point_N_type`: the number of the trip point.
///
/// # Errors
/// When the name is another file's.
pub fn parse_trip_name(name: &[u8]) -> Result<u32, ParseError> {
    let mut scan = Scan::new(SOURCE, name);
    let number = name
        .strip_prefix(b"trip_point_")
        .and_then(|rest| rest.strip_suffix(b"_type"))
        .filter(|digits| digits.iter().all(u8::is_ascii_digit))
        .ok_or_else(|| scan.error("trip point", Problem::Malformed))?;
    scan = Scan::new(SOURCE, number);
    scan.number("trip point")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: Option<TripType>) {
        assert_eq!(parse_trip_type(input.as_bytes()).ok(), expect, "{input:?}");
    }

    #[test]
    fn trip_types_in_every_shape() {
        check("critical\n", Some(TripType::Critical));
        check("hot\n", Some(TripType::Hot));
        check("passive", Some(TripType::Passive));
        check("active\n", Some(TripType::Active));
        check("high\n", Some(TripType::Other));
        check("\n", None);
    }

    #[test]
    fn trip_names_in_every_shape() {
        for (name, expect) in [
            ("trip_point_0_type", Some(0)),
            ("trip_point_11_type", Some(11)),
            ("trip_point_0_temp", None),
            ("trip_point_+1_type", None),
            ("trip_point__type", None),
            ("trip_point_99999999999_type", None),
            ("type", None),
        ] {
            assert_eq!(parse_trip_name(name.as_bytes()).ok(), expect, "{name}");
        }
    }

    proptest! {
        #[test]
        fn temperatures_round_trip(value in any::<i64>()) {
            prop_assert_eq!(parse(format!("{value}\n").as_bytes()), Ok(value));
        }

        #[test]
        fn trip_names_round_trip(number in any::<u32>()) {
            prop_assert_eq!(parse_trip_name(format!("trip_point_{number}_type").as_bytes()), Ok(number));
        }

        #[test]
        fn thermal_never_panics(input in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&input);
            let _ = parse_trip_type(&input);
            let _ = parse_trip_name(&input);
        }
    }
}
