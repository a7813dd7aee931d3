//! The battery. Temperatures and fans only drivers of the board's maker know.

use std::time::Duration;

use pslens_parse::windows::system_power_status::{self, SystemPowerStatus};

use super::{Root, ffi};
use crate::error::{Error, Result};
use crate::sensors::{Battery, BatteryStatus, Gauge};

pub(crate) use crate::sys::unsupported::sensors::{fans, temperatures};

pub(crate) fn batteries(_root: &Root) -> Result<Vec<Battery>> {
    const OPERATION: &str = "sensors batteries";
    let status = ffi::machine::power_status().map_err(|error| Error::os(OPERATION, error))?;
    let status = system_power_status::parse(&status)
        .map_err(|error| Error::invalid_data(OPERATION, error))?;
    Ok(record(&status).into_iter().collect())
}

/// All batteries as one, as Windows sees them; `None` if there is none, or nothing that could be said of it.
fn record(status: &SystemPowerStatus) -> Option<Battery> {
    if status.battery != Some(true) && status.battery_life_percent.is_none() {
        return None;
    }
    let plugged = status.ac_line;
    // Something must charge it, even if the line is unknown.
    let fed = if status.charging == Some(true) {
        Some(true)
    } else {
        plugged
    };
    let gauge = Gauge {
        percent: status.battery_life_percent.map(f64::from),
        time_to_empty: status
            .battery_life_time
            .map(|seconds| Duration::from_secs(seconds.into())),
        ..Gauge::default()
    };
    Some(Battery {
        name: "battery".to_owned(),
        percent: gauge.percent(),
        time_left: gauge.time_left(fed),
        power_plugged: plugged,
        status: match (status.charging, plugged) {
            (Some(true), _) => BatteryStatus::Charging,
            (_, Some(false)) => BatteryStatus::Discharging,
            (_, Some(true)) if status.battery_life_percent == Some(100) => BatteryStatus::Full,
            (Some(false), Some(true)) => BatteryStatus::NotCharging,
            _ => BatteryStatus::Unknown,
        },
        is_peripheral: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensors::TimeLeft;

    fn check(status: &SystemPowerStatus, expect: Option<(Option<f64>, TimeLeft, BatteryStatus)>) {
        let got = record(status).map(|b| (b.percent, b.time_left, b.status));
        assert_eq!(got, expect, "{status:?}");
    }

    #[test]
    fn batteries_in_every_state() {
        let on_battery = SystemPowerStatus {
            ac_line: Some(false),
            battery: Some(true),
            charging: Some(false),
            battery_life_percent: Some(50),
            battery_life_time: Some(3_600),
        };
        let hour = TimeLeft::Remaining(Duration::from_secs(3_600));
        check(
            &on_battery,
            Some((Some(50.0), hour, BatteryStatus::Discharging)),
        );
        let unknown_time = SystemPowerStatus {
            battery_life_time: None,
            ..on_battery
        };
        let half = Some(50.0);
        check(
            &unknown_time,
            Some((half, TimeLeft::Unknown, BatteryStatus::Discharging)),
        );

        let plugged = SystemPowerStatus {
            ac_line: Some(true),
            ..unknown_time
        };
        let forever = TimeLeft::Unlimited;
        check(&plugged, Some((half, forever, BatteryStatus::NotCharging)));
        let charging = SystemPowerStatus {
            charging: Some(true),
            ..plugged
        };
        check(&charging, Some((half, forever, BatteryStatus::Charging)));
        let somehow_charging = SystemPowerStatus {
            ac_line: None,
            battery_life_time: Some(3_600),
            ..charging
        };
        check(
            &somehow_charging,
            Some((half, forever, BatteryStatus::Charging)),
        );
        let full = SystemPowerStatus {
            battery_life_percent: Some(100),
            ..plugged
        };
        check(&full, Some((Some(100.0), forever, BatteryStatus::Full)));
    }

    #[test]
    fn a_machine_without_a_battery_or_knowledge_of_one_has_none() {
        let desktop = SystemPowerStatus {
            ac_line: Some(true),
            battery: Some(false),
            charging: Some(false),
            battery_life_percent: None,
            battery_life_time: None,
        };
        check(&desktop, None);
        check(&SystemPowerStatus::default(), None);
        // The driver is silent about the state, but not about the charge.
        let charge = SystemPowerStatus {
            battery_life_percent: Some(7),
            ..SystemPowerStatus::default()
        };
        check(
            &charge,
            Some((Some(7.0), TimeLeft::Unknown, BatteryStatus::Unknown)),
        );
    }
}
