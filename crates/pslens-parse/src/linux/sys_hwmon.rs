//! `/sys/class/hwmon/hwmon*`: names of the attribute files of a monitoring chip, and their contents.
//!
//! Format (kernel `Documentation/hwmon/sysfs-interface.rst`): a file per value, called
//! `temp1_input`, `fan2_label` and so on; temperatures in thousandths of a degree Celsius, fans in
//! turns per minute, one number and a line end.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/sys/class/hwmon/[chip]/[attribute]";

/// What an attribute belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A temperature sensor.
    Temp,
    /// A fan.
    Fan,
}

/// An input of a chip, as its file name tells: `temp12_input`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute<'a> {
    /// What is measured.
    pub kind: Kind,
    /// Which one of the chip's, counted from 1.
    pub channel: u32,
    /// What the file says about it: `input`, `max`, `crit`, `label`, `fault`, ...
    pub item: &'a [u8],
}

/// Decodes the name of an attribute file.
///
/// # Errors
/// When it is neither a temperature's nor a fan's, which most files of a chip are not.
pub fn parse_name(name: &[u8]) -> Result<Attribute<'_>, ParseError> {
    let mut scan = Scan::new(SOURCE, name);
    let kind = if name.starts_with(b"temp") {
        scan.skip(4);
        Kind::Temp
    } else if name.starts_with(b"fan") {
        scan.skip(3);
        Kind::Fan
    } else {
        return Err(scan.error("kind", Problem::Malformed));
    };
    if !scan.rest().first().is_some_and(u8::is_ascii_digit) {
        return Err(scan.error("channel", Problem::Missing));
    }
    let channel = scan.number("channel")?;
    if !scan.eat(b'_') {
        return Err(scan.error("item", Problem::Missing));
    }
    Ok(Attribute {
        kind,
        channel,
        item: scan.rest(),
    })
}

/// Decodes the contents of a numeric attribute.
///
/// # Errors
/// When it is not one whole number.
pub fn parse(input: &[u8]) -> Result<i64, ParseError> {
    integer(SOURCE, "value", input)
}

/// A file that holds one number.
pub(super) fn integer(
    source: &'static str,
    field: &'static str,
    input: &[u8],
) -> Result<i64, ParseError> {
    let mut scan = Scan::new(source, input.trim_ascii());
    let value = scan.signed(field)?;
    if !scan.is_empty() {
        return Err(scan.error(field, Problem::Malformed));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: Option<i64>) {
        assert_eq!(parse(input.as_bytes()).ok(), expect, "{input:?}");
    }

    #[test]
    fn values_in_every_shape() {
        check("45000\n", Some(45_000));
        check("-127000\n", Some(-127_000));
        check("0", Some(0));
        check(" 1200 \n", Some(1200));
        for bad in [
            "",
            "\n",
            "-",
            "- 5",
            "N/A",
            "45.0\n",
            "45000 mC",
            "9223372036854775808",
        ] {
            check(bad, None);
        }
    }

    fn check_name(name: &str, expect: Option<(Kind, u32, &str)>) {
        let got = parse_name(name.as_bytes()).ok();
        let got = got.map(|a| (a.kind, a.channel, std::str::from_utf8(a.item).unwrap()));
        assert_eq!(got, expect, "{name:?}");
    }

    #[test]
    fn names_in_every_shape() {
        check_name("temp1_input", Some((Kind::Temp, 1, "input")));
        check_name("temp12_crit_alarm", Some((Kind::Temp, 12, "crit_alarm")));
        check_name("fan2_label", Some((Kind::Fan, 2, "label")));
        for other in [
            "name",
            "in0_input",
            "temp_input",
            "temp1",
            "fan",
            "fan1-label",
            "",
            "fan _",
            "temp99999999999_input",
        ] {
            check_name(other, None);
        }
    }

    proptest! {
        #[test]
        fn values_round_trip(value in any::<i64>()) {
            prop_assert_eq!(parse(format!("{value}\n").as_bytes()), Ok(value));
        }

        #[test]
        fn names_round_trip(channel in any::<u32>(), item in "[a-z_]{1,8}") {
            let name = format!("fan{channel}_{item}");
            let expect = Attribute { kind: Kind::Fan, channel, item: item.as_bytes() };
            prop_assert_eq!(parse_name(name.as_bytes()), Ok(expect));
        }

        #[test]
        fn hwmon_never_panics(input in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&input);
            let _ = parse_name(&input);
        }
    }
}
