//! `/sys/class/power_supply/*`: batteries and adapters.
//!
//! Format (kernel `Documentation/ABI/testing/sysfs-class-power`, `include/linux/power_supply.h`): a
//! file per value. Energies are millionths of a watt hour, charges of an ampere hour, powers of a
//! watt, currents of an ampere, voltages of a volt; times are seconds; the capacity is in per cent.

use crate::error::{ParseError, Problem};
use crate::linux::sys_hwmon::integer;

const SOURCE: &str = "/sys/class/power_supply/[supply]/[attribute]";

/// What kind of supply, as in the file `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupplyType {
    /// A battery.
    Battery,
    /// An uninterruptible power supply.
    Ups,
    /// An adapter of any kind: `Mains`, `USB`, `USB_PD`, `Wireless`, ...
    Adapter,
    /// The driver does not know, or this parser does not.
    Unknown,
}

/// What a battery is doing, as in the file `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The driver does not know.
    Unknown,
    /// It is being charged.
    Charging,
    /// It is being used.
    Discharging,
    /// Neither, though there is external power.
    NotCharging,
    /// It is full.
    Full,
}

/// Decodes the contents of a numeric attribute.
///
/// # Errors
/// When it is not one whole number.
pub fn parse(input: &[u8]) -> Result<i64, ParseError> {
    integer(SOURCE, "value", input)
}

/// Decodes the contents of `type`.
///
/// # Errors
/// When it is empty.
pub fn parse_type(input: &[u8]) -> Result<SupplyType, ParseError> {
    match input.trim_ascii() {
        b"Battery" => Ok(SupplyType::Battery),
        b"UPS" => Ok(SupplyType::Ups),
        b"Mains" | b"Wireless" | b"BrickID" => Ok(SupplyType::Adapter),
        usb if usb.starts_with(b"USB") => Ok(SupplyType::Adapter),
        b"" => Err(ParseError::new(SOURCE, "type", 0, Problem::Missing)),
        _ => Ok(SupplyType::Unknown),
    }
}

/// Decodes the contents of `status`.
///
/// # Errors
/// When it is empty or a word that no kernel writes.
pub fn parse_status(input: &[u8]) -> Result<Status, ParseError> {
    match input.trim_ascii() {
        b"Unknown" => Ok(Status::Unknown),
        b"Charging" => Ok(Status::Charging),
        b"Discharging" => Ok(Status::Discharging),
        b"Not charging" => Ok(Status::NotCharging),
        b"Full" => Ok(Status::Full),
        b"" => Err(ParseError::new(SOURCE, "status", 0, Problem::Missing)),
        _ => Err(ParseError::new(SOURCE, "status", 0, Problem::Malformed)),
    }
}

/// Decodes the contents of `scope`: true if the supply belongs to a device (a mouse) and not to the
/// whole system.
///
/// # Errors
/// When it is empty.
pub fn parse_scope(input: &[u8]) -> Result<bool, ParseError> {
    match input.trim_ascii() {
        b"" => Err(ParseError::new(SOURCE, "scope", 0, Problem::Missing)),
        word => Ok(word == b"Device"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_type(input: &str, expect: Option<SupplyType>) {
        assert_eq!(parse_type(input.as_bytes()).ok(), expect, "{input:?}");
    }

    fn check(input: &str, expect: Option<Status>) {
        assert_eq!(parse_status(input.as_bytes()).ok(), expect, "{input:?}");
    }

    #[test]
    fn words_in_every_shape() {
        check_type("Battery\n", Some(SupplyType::Battery));
        check_type("UPS\n", Some(SupplyType::Ups));
        check_type("Mains\n", Some(SupplyType::Adapter));
        check_type("USB\n", Some(SupplyType::Adapter));
        check_type("USB_PD_DRP\n", Some(SupplyType::Adapter));
        check_type("Wireless", Some(SupplyType::Adapter));
        check_type("Dynamo\n", Some(SupplyType::Unknown));
        check_type("\n", None);

        check("Charging\n", Some(Status::Charging));
        check("Discharging\n", Some(Status::Discharging));
        check("Not charging\n", Some(Status::NotCharging));
        check("Full", Some(Status::Full));
        check("Unknown\n", Some(Status::Unknown));
        check("charging", None);
        check("", None);

        assert_eq!(parse_scope(b"Device\n"), Ok(true));
        assert_eq!(parse_scope(b"System\n"), Ok(false));
        assert!(parse_scope(b"\n").is_err());
    }

    proptest! {
        #[test]
        fn values_round_trip(value in any::<i64>()) {
            prop_assert_eq!(parse(format!("{value}\n").as_bytes()), Ok(value));
        }

        #[test]
        fn power_supply_never_panics(input in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&input);
            let _ = parse_type(&input);
            let _ = parse_status(&input);
            let _ = parse_scope(&input);
        }
    }
}
