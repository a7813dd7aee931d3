//! Sensors: temperatures, fans, batteries.
//!
//! Not here: the speed of CPUs ([`crate::cpu`]). What a sensor says is handed on as it is; boards with
//! inputs to which nothing is connected show constant nonsense (0 or -127 degrees).

use std::path::PathBuf;
use std::time::Duration;

use crate::error::Result;
use crate::root::Root;
#[cfg(feature = "serde")]
use crate::serialize;
use crate::sys;

/// A device that has sensors, and what they say.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Chip<R> {
    /// The name that its driver gives it: `coretemp`, `nvme`. Several chips may have the same.
    pub name: String,
    /// Where the system shows it, which tells chips of the same name apart. Linux:
    /// `/sys/class/hwmon/hwmon2`; the number may be another one after the next boot.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::path"))]
    pub path: PathBuf,
    /// What its sensors say, in the chip's order. Sensors that cannot be read are left out.
    pub readings: Vec<R>,
}

/// A temperature.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Temperature {
    /// What is measured, in the driver's words: `Core 0`. `None` if it does not say.
    pub label: Option<String>,
    /// The temperature now, in degrees Celsius.
    #[cfg_attr(feature = "serde", serde(rename = "current"))]
    pub current_celsius: f64,
    /// The temperature that counts as high, in degrees Celsius; `None` if the chip has no such limit.
    #[cfg_attr(feature = "serde", serde(rename = "high"))]
    pub high_celsius: Option<f64>,
    /// The temperature at which damage threatens or the system shuts down, in degrees Celsius;
    /// `None` if the chip has no such limit.
    #[cfg_attr(feature = "serde", serde(rename = "critical"))]
    pub critical_celsius: Option<f64>,
}

/// A fan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Fan {
    /// What it cools, in the driver's words. `None` if it does not say.
    pub label: Option<String>,
    /// Turns per minute now; 0 if it stands still.
    #[cfg_attr(feature = "serde", serde(rename = "current"))]
    pub current_rpm: u64,
}

/// A battery: the machine's, or that of a device connected to it.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Battery {
    /// The system's name of it: `BAT0`. On Windows, which tells of all batteries as if they were one,
    /// `battery`.
    pub name: String,
    /// How full it is, 0 to 100 per cent, not rounded; `None` if it does not say.
    pub percent: Option<f64>,
    /// How long it will last. As JSON: seconds, or null; `power_plugged` says why.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "secsleft", serialize_with = "time_left_seconds")
    )]
    pub time_left: TimeLeft,
    /// True if there is external power; `None` if neither battery nor adapters say.
    pub power_plugged: Option<bool>,
    /// What it is doing.
    pub status: BatteryStatus,
    /// True for the battery of a mouse, a headset and the like, which does not power this machine.
    pub is_peripheral: bool,
}

/// How long a battery will last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TimeLeft {
    /// The battery does not say how much it holds, or how much is drawn from it.
    #[default]
    #[doc(alias = "POWER_TIME_UNKNOWN")]
    Unknown,
    /// As long as there is external power.
    #[doc(alias = "POWER_TIME_UNLIMITED")]
    Unlimited,
    /// This long, if as much is drawn as now.
    Remaining(Duration),
}

#[cfg(feature = "serde")]
fn time_left_seconds<S: serde::Serializer>(time: &TimeLeft, s: S) -> Result<S::Ok, S::Error> {
    match time {
        TimeLeft::Remaining(time) => serialize::seconds(time, s),
        TimeLeft::Unknown | TimeLeft::Unlimited => s.serialize_none(),
    }
}

/// What a battery is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum BatteryStatus {
    /// It does not say.
    #[default]
    Unknown,
    /// It is being charged.
    Charging,
    /// It is being used.
    Discharging,
    /// It is neither charged nor used, though there is external power.
    NotCharging,
    /// It is full.
    Full,
}

/// Returns the temperatures that the machine measures, by chip.
///
/// Empty on machines without sensors, which virtual ones are. Reading a sensor may take the driver
/// some milliseconds.
///
/// # Units
/// Degrees Celsius.
/// # Availability
/// Linux, FreeBSD.
/// # Errors
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no `/sys` at all (some containers),
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if it is closed,
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on other systems.
/// # Sources
/// Linux `/sys/class/hwmon/hwmon*/temp*_*` or, with older drivers, `hwmon*/device/temp*_*`;
/// `/sys/devices/platform/coretemp.*`. Only if none of these has a sensor:
/// `/sys/class/thermal/thermal_zone*`.
/// # Examples
/// ```
/// # #[cfg(target_os = "linux")]
/// for chip in pslens::sensors::temperatures()? {
///     assert!(!chip.readings.is_empty());
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "sensors_temperatures")]
#[doc(alias = "hwmon")]
pub fn temperatures() -> Result<Vec<Chip<Temperature>>> {
    temperatures_in(Root::current())
}

/// As [`temperatures`], read from `root`.
///
/// # Errors
/// As [`temperatures`].
pub fn temperatures_in(root: &Root) -> Result<Vec<Chip<Temperature>>> {
    sys::sensors::temperatures(&root.0)
}

/// Returns the speeds of the machine's fans, by chip.
///
/// # Units
/// Turns per minute.
/// # Availability
/// Linux.
/// # Errors
/// As [`temperatures`].
/// # Sources
/// Linux `/sys/class/hwmon/hwmon*/fan*_*` or, with older drivers, `hwmon*/device/fan*_*`.
/// # Examples
/// ```
/// # #[cfg(target_os = "linux")]
/// for chip in pslens::sensors::fans()? {
///     assert!(!chip.readings.is_empty());
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "sensors_fans")]
pub fn fans() -> Result<Vec<Chip<Fan>>> {
    fans_in(Root::current())
}

/// As [`fans`], read from `root`.
///
/// # Errors
/// As [`fans`].
pub fn fans_in(root: &Root) -> Result<Vec<Chip<Fan>>> {
    sys::sensors::fans(&root.0)
}

/// Returns all batteries, ordered by name; those of connected devices too.
///
/// # Units
/// Per cent and [`Duration`].
/// # Availability
/// Linux, Windows, macOS, FreeBSD.
/// # Errors
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) on Linux if there is no `/sys` at all (some containers),
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if it is closed,
/// [`ErrorKind::Os`](crate::ErrorKind::Os) if Windows does not answer.
/// # Sources
/// Linux `/sys/class/power_supply/*`; Windows `GetSystemPowerStatus`.
/// # Examples
/// ```
/// for battery in pslens::sensors::batteries()? {
///     assert!(battery.percent.is_none_or(|percent| (0.0..=100.0).contains(&percent)));
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "sensors_battery")]
#[doc(alias = "upower")]
pub fn batteries() -> Result<Vec<Battery>> {
    batteries_in(Root::current())
}

/// As [`batteries`], read from `root`.
///
/// # Errors
/// As [`batteries`].
pub fn batteries_in(root: &Root) -> Result<Vec<Battery>> {
    sys::sensors::batteries(&root.0)
}

/// What a battery says about itself: the input of the formulas below.
///
/// Drivers count either energy (watt hours, watts) or charge (ampere hours, amperes). The unit is of
/// no matter, but both numbers of a quotient must have the same.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Gauge {
    pub(crate) energy: Supply,
    pub(crate) charge: Supply,
    /// Volts in the unit that makes a charge an energy.
    pub(crate) voltage: Option<f64>,
    pub(crate) percent: Option<f64>,
    pub(crate) time_to_empty: Option<Duration>,
}

/// What a battery holds, in one of the two units.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Supply {
    pub(crate) now: Option<f64>,
    pub(crate) full: Option<f64>,
    /// What flows out of the battery in an hour; negative, in some drivers, if it flows out.
    pub(crate) flow: Option<f64>,
}

impl Gauge {
    pub(crate) fn percent(&self) -> Option<f64> {
        let quotient = |supply: &Supply| match (supply.now, supply.full) {
            (Some(now), Some(full)) if full > 0.0 => Some(now / full * 100.0),
            _ => None,
        };
        quotient(&self.energy)
            .or_else(|| quotient(&self.charge))
            .or(self.percent)
            // New batteries hold a little more than "full".
            .map(|percent| percent.clamp(0.0, 100.0))
    }

    pub(crate) fn time_left(&self, plugged: Option<bool>) -> TimeLeft {
        if plugged == Some(true) {
            return TimeLeft::Unlimited;
        }
        let hours = |now: Option<f64>, flow: Option<f64>| match (now, flow.map(f64::abs)) {
            (Some(now), Some(flow)) if now >= 0.0 && flow > 0.0 => Some(now / flow),
            _ => None,
        };
        let convert =
            |value: Option<f64>| value.zip(self.voltage).map(|(value, volts)| value * volts);
        hours(self.energy.now, self.energy.flow)
            .or_else(|| hours(self.charge.now, self.charge.flow))
            .or_else(|| hours(self.energy.now, convert(self.charge.flow)))
            .or_else(|| hours(convert(self.charge.now), self.energy.flow))
            .and_then(|hours| Duration::try_from_secs_f64(hours * 3600.0).ok())
            .or(self.time_to_empty)
            .map_or(TimeLeft::Unknown, TimeLeft::Remaining)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(now: f64, full: f64, flow: f64) -> Supply {
        Supply {
            now: Some(now),
            full: Some(full),
            flow: Some(flow),
        }
    }

    fn minutes(count: u64) -> TimeLeft {
        TimeLeft::Remaining(Duration::from_secs(count * 60))
    }

    #[test]
    fn a_battery_lasts_what_it_holds_by_what_is_drawn() {
        let gauge = Gauge {
            energy: supply(20.0, 40.0, 10.0),
            ..Gauge::default()
        };
        assert_eq!(gauge.percent(), Some(50.0));
        assert_eq!(gauge.time_left(Some(false)), minutes(120));
        assert_eq!(gauge.time_left(None), minutes(120));
        assert_eq!(gauge.time_left(Some(true)), TimeLeft::Unlimited);
    }

    #[test]
    fn negative_flows_count_and_no_flow_is_unknown() {
        let mut gauge = Gauge {
            charge: supply(2.0, 4.0, -4.0),
            ..Gauge::default()
        };
        assert_eq!(gauge.time_left(None), minutes(30));
        gauge.charge.flow = Some(0.0);
        assert_eq!(gauge.time_left(None), TimeLeft::Unknown);
        gauge.time_to_empty = Some(Duration::from_secs(60));
        assert_eq!(gauge.time_left(None), minutes(1));
    }

    #[test]
    fn energy_and_charge_are_not_mixed_without_a_voltage() {
        let mut gauge = Gauge {
            energy: Supply {
                now: Some(20.0),
                ..Supply::default()
            },
            charge: Supply {
                full: Some(4.0),
                flow: Some(1.0),
                ..Supply::default()
            },
            percent: Some(41.0),
            ..Gauge::default()
        };
        assert_eq!(gauge.time_left(None), TimeLeft::Unknown);
        assert_eq!(gauge.percent(), Some(41.0));
        gauge.voltage = Some(10.0);
        assert_eq!(gauge.time_left(None), minutes(120));
    }

    #[test]
    fn nonsense_is_unknown() {
        let gauge = Gauge {
            energy: supply(1e300, 0.0, 1e-300),
            ..Gauge::default()
        };
        assert_eq!(gauge.percent(), None);
        assert_eq!(gauge.time_left(None), TimeLeft::Unknown);
        let gauge = Gauge {
            energy: supply(41.0, 40.0, 1.0),
            ..Gauge::default()
        };
        assert_eq!(gauge.percent(), Some(100.0));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn records_are_written_with_psutils_names_and_base_units() {
        let battery = Battery {
            name: "BAT0".to_owned(),
            percent: Some(50.0),
            time_left: minutes(2),
            status: BatteryStatus::NotCharging,
            ..Battery::default()
        };
        assert_eq!(
            serde_json::to_string(&battery).unwrap(),
            r#"{"name":"BAT0","percent":50.0,"secsleft":120.0,"power_plugged":null,"status":"not-charging","is_peripheral":false}"#
        );
        let chip = Chip {
            name: "nvme".to_owned(),
            path: "/sys/class/hwmon/hwmon0".into(),
            readings: vec![Temperature {
                current_celsius: 35.5,
                ..Temperature::default()
            }],
        };
        assert_eq!(
            serde_json::to_string(&chip).unwrap(),
            r#"{"name":"nvme","path":"/sys/class/hwmon/hwmon0","readings":[{"label":null,"current":35.5,"high":null,"critical":null}]}"#
        );
    }
}
