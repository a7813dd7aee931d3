//! `/sys/class/hwmon`, `/sys/class/thermal`, `/sys/class/power_supply`.
//!
//! Manuals: the kernel's `Documentation/hwmon/sysfs-interface.rst`,
//! `Documentation/driver-api/thermal/sysfs-api.rst`, `Documentation/ABI/testing/sysfs-class-power`.
//!
//! Files of sensors fail one by one (EIO, ENODEV, EAGAIN while a device sleeps or is pulled out):
//! an entry that cannot be read is left out, and the others stand.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pslens_parse::ParseError;
use pslens_parse::linux::sys_hwmon::{self, Kind};
use pslens_parse::linux::sys_power_supply::{self as supply, Status, SupplyType};
use pslens_parse::linux::sys_thermal::{self, TripType};
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Dir, Mode, OFlags};

use crate::error::{Error, Result};
use crate::sensors::{Battery, BatteryStatus, Chip, Fan, Gauge, Supply, Temperature};
use crate::sys::linux::Root;
use crate::sys::linux::root::read_record_at;

pub(crate) fn temperatures(root: &Root) -> Result<Vec<Chip<Temperature>>> {
    const OPERATION: &str = "sensors temperatures";
    let mut chips = Vec::new();
    let mut names = Vec::new();
    let mut inputs = 0;
    let mut add = |path: &Path| {
        if let Some((chip, count)) = hwmon(path, Kind::Temp, temperature) {
            inputs += count;
            names.push(chip.name.clone());
            if !chip.readings.is_empty() {
                chips.push(chip);
            }
        }
        names.iter().any(|name| name == "coretemp")
    };
    let mut coretemp = false;
    for path in class(root, OPERATION, "hwmon")? {
        coretemp = add(&path);
    }
    // Some kernels show the CPU's sensor only under its platform device.
    if !coretemp {
        for platform in children(&root.sys("devices/platform")).unwrap_or_default() {
            if starts_with(&platform, "coretemp.") {
                for path in children(&platform.join("hwmon")).unwrap_or_default() {
                    add(&path);
                }
            }
        }
    }
    if inputs == 0 {
        for path in class(root, OPERATION, "thermal")? {
            if starts_with(&path, "thermal_zone")
                && let Some(chip) = thermal_zone(&path)
            {
                chips.push(chip);
            }
        }
    }
    Ok(chips)
}

pub(crate) fn fans(root: &Root) -> Result<Vec<Chip<Fan>>> {
    let chips = class(root, "sensors fans", "hwmon")?;
    Ok(chips
        .iter()
        .filter_map(|path| hwmon(path, Kind::Fan, fan))
        .map(|(chip, _)| chip)
        .filter(|chip| !chip.readings.is_empty())
        .collect())
}

pub(crate) fn batteries(root: &Root) -> Result<Vec<Battery>> {
    let mut batteries = Vec::new();
    let mut online = Vec::new();
    for path in class(root, "sensors batteries", "power_supply")? {
        // One that was pulled out since the directory was read.
        let Ok(mut device) = Device::open(&path) else {
            continue;
        };
        let is_peripheral = device.decode("scope", supply::parse_scope) == Some(true);
        match device.decode("type", supply::parse_type) {
            Some(SupplyType::Battery) => batteries.extend(battery(&mut device, is_peripheral)),
            // Old drivers: no type, or not this one.
            None | Some(SupplyType::Unknown) if is_battery_name(&device.path) => {
                batteries.extend(battery(&mut device, is_peripheral));
            }
            // A machine may have several: a barrel, two USB ports.
            Some(SupplyType::Adapter) if !is_peripheral => {
                online.extend(device.decode("online", supply::parse));
            }
            _ => {}
        }
    }
    let adapters = (!online.is_empty()).then(|| online.iter().any(|&online| online > 0));
    Ok(batteries
        .into_iter()
        .map(|(mut battery, gauge)| {
            let adapters = adapters.filter(|_| !battery.is_peripheral);
            battery.power_plugged = match (adapters, battery.status) {
                (Some(true), _) => Some(true),
                // Through something that is not listed.
                (_, BatteryStatus::Charging) => Some(true),
                (Some(false), _) | (None, BatteryStatus::Discharging) => Some(false),
                (None, BatteryStatus::Full | BatteryStatus::NotCharging) => Some(true),
                (None, BatteryStatus::Unknown) => None,
            };
            battery.percent = gauge.percent();
            battery.time_left = gauge.time_left(battery.power_plugged);
            battery
        })
        .collect())
}

fn is_battery_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_ascii_lowercase();
    let name = name.as_bytes();
    name.starts_with(b"bat") || name.windows(7).any(|part| part == b"battery")
}

/// What a battery says. `None` for an empty bay.
fn battery(device: &mut Device, is_peripheral: bool) -> Option<(Battery, Gauge)> {
    if device.decode("present", supply::parse) == Some(0) {
        return None;
    }
    // Millionths in the files; quotients do not mind, but the voltage would.
    let mut number = |name: &str| Some(device.decode(name, supply::parse)? as f64);
    let energy = Supply {
        now: number("energy_now"),
        full: number("energy_full"),
        flow: number("power_now"),
    };
    let charge = Supply {
        now: number("charge_now"),
        full: number("charge_full"),
        flow: number("current_now"),
    };
    let gauge = Gauge {
        energy,
        charge,
        voltage: number("voltage_now").map(|microvolts| microvolts / 1e6),
        percent: number("capacity").filter(|percent| *percent >= 0.0),
        // Seconds, whatever some say.
        time_to_empty: number("time_to_empty_now")
            .filter(|seconds| *seconds > 0.0)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
    };
    let status = match device.decode("status", supply::parse_status) {
        None | Some(Status::Unknown) => BatteryStatus::Unknown,
        Some(Status::Charging) => BatteryStatus::Charging,
        Some(Status::Discharging) => BatteryStatus::Discharging,
        Some(Status::NotCharging) => BatteryStatus::NotCharging,
        Some(Status::Full) => BatteryStatus::Full,
    };
    let battery = Battery {
        name: name_of(&device.path),
        status,
        is_peripheral,
        ..Battery::default()
    };
    Some((battery, gauge))
}

/// The readings of one chip, and how many inputs of this kind it has. `None` if it has none.
fn hwmon<R>(
    path: &Path,
    kind: Kind,
    mut reading: impl FnMut(&mut Device, u32) -> Option<R>,
) -> Option<(Chip<R>, usize)> {
    let own = Device::open(path).ok()?;
    let mut found = own.channels(kind);
    let mut device = own;
    if found.is_empty() {
        // Where drivers put their files before Linux 3.x: in the device that the chip is.
        device = Device::open(&path.join("device")).ok()?;
        found = device.channels(kind);
    }
    let chip = Chip {
        name: device.text("name").filter(|_| !found.is_empty())?,
        path: path.to_owned(),
        readings: found
            .iter()
            .filter_map(|&channel| reading(&mut device, channel))
            .collect(),
    };
    Some((chip, found.len()))
}

fn temperature(device: &mut Device, channel: u32) -> Option<Temperature> {
    let mut value = |item: &str| device.decode(&format!("temp{channel}_{item}"), sys_hwmon::parse);
    if value("fault").is_some_and(|fault| fault != 0) {
        return None;
    }
    Some(Temperature {
        current_celsius: celsius(value("input")?),
        high_celsius: value("max").map(celsius),
        critical_celsius: value("crit").map(celsius),
        label: device.text(&format!("temp{channel}_label")),
    })
}

fn fan(device: &mut Device, channel: u32) -> Option<Fan> {
    let mut value = |item: &str| device.decode(&format!("fan{channel}_{item}"), sys_hwmon::parse);
    if value("fault").is_some_and(|fault| fault != 0) {
        return None;
    }
    Some(Fan {
        current_rpm: u64::try_from(value("input")?).ok()?,
        label: device.text(&format!("fan{channel}_label")),
    })
}

fn thermal_zone(path: &Path) -> Option<Chip<Temperature>> {
    let mut zone = Device::open(path).ok()?;
    let mut reading = Temperature {
        current_celsius: celsius(zone.decode("temp", sys_thermal::parse)?),
        ..Temperature::default()
    };
    let name = zone.text("type")?;
    let mut trips: Vec<u32> = zone
        .names()
        .iter()
        .filter_map(|name| sys_thermal::parse_trip_name(name).ok())
        .collect();
    trips.sort_unstable();
    for trip in trips {
        let limit = match zone.decode(
            &format!("trip_point_{trip}_type"),
            sys_thermal::parse_trip_type,
        ) {
            Some(TripType::Critical) => &mut reading.critical_celsius,
            Some(TripType::Hot) => &mut reading.high_celsius,
            _ => continue,
        };
        let value = zone.decode(&format!("trip_point_{trip}_temp"), sys_thermal::parse);
        *limit = value.map(celsius);
    }
    Some(Chip {
        name,
        path: path.to_owned(),
        readings: vec![reading],
    })
}

fn celsius(thousandths: i64) -> f64 {
    thousandths as f64 / 1000.0
}

/// The devices of a class, in the order of the numbers in their names. None if nothing has ever
/// registered such a device, but an error if there is no sysfs.
fn class(root: &Root, operation: &'static str, name: &str) -> Result<Vec<PathBuf>> {
    let path = root.sys("class").join(name);
    match children(&path) {
        Ok(found) => Ok(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match rustix::fs::stat(root.sys("")) {
                Ok(_) => Ok(Vec::new()),
                Err(errno) => Err(Error::os_path(operation, root.sys(""), errno.into())),
            }
        }
        Err(error) => Err(Error::os_path(operation, path, error)),
    }
}

fn children(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(path)?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    // "hwmon10" after "hwmon2"; what has no number in the order of its bytes.
    found.sort_by_cached_key(|path| {
        let name = path.file_name().unwrap_or_default().as_bytes().to_vec();
        let digits = name.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (stem, digits) = name.split_at(name.len() - digits);
        (stem.to_vec(), digits.len(), digits.to_vec())
    });
    Ok(found)
}

fn starts_with(path: &Path, prefix: &str) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_bytes().starts_with(prefix.as_bytes())
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// A directory of sysfs whose files are the attributes of a device.
struct Device {
    path: PathBuf,
    directory: OwnedFd,
    buffer: Vec<u8>,
}

impl Device {
    fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self {
            path: path.to_owned(),
            directory: rustix::fs::openat(CWD, path, flags, Mode::empty())?,
            buffer: Vec::new(),
        })
    }

    /// The names of all attributes.
    fn names(&self) -> Vec<Vec<u8>> {
        let Ok(entries) = Dir::read_from(&self.directory) else {
            return Vec::new();
        };
        entries
            .flatten()
            .map(|entry| entry.file_name().to_bytes().to_vec())
            .collect()
    }

    /// The channels of `kind` that have an input, ascending.
    fn channels(&self, kind: Kind) -> Vec<u32> {
        let mut channels: Vec<u32> = self
            .names()
            .iter()
            .filter_map(|name| sys_hwmon::parse_name(name).ok())
            .filter(|attribute| attribute.kind == kind && attribute.item == b"input")
            .map(|attribute| attribute.channel)
            .collect();
        channels.sort_unstable();
        channels
    }

    /// The attribute `name`, if it is there, can be read, and can be understood.
    fn decode<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&[u8]) -> std::result::Result<T, ParseError>,
    ) -> Option<T> {
        read_record_at(&self.directory, name, &mut self.buffer).ok()?;
        parse(&self.buffer).ok()
    }

    /// The attribute `name` as text; `None` if it is empty.
    fn text(&mut self, name: &str) -> Option<String> {
        read_record_at(&self.directory, name, &mut self.buffer).ok()?;
        let text = self.buffer.trim_ascii();
        (!text.is_empty()).then(|| String::from_utf8_lossy(text).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;
    use crate::error::ErrorKind;
    use crate::sensors::TimeLeft;

    /// A root with these files below `sys`; a `name` that ends in `/` is a directory.
    fn machine(files: &[(&str, &str)]) -> (TempDir, Root) {
        let directory = tempfile::tempdir().unwrap();
        let sys = directory.path().join("sys");
        fs::create_dir(&sys).unwrap();
        for (name, text) in files {
            let path = sys.join(name);
            if name.ends_with('/') {
                fs::create_dir_all(path).unwrap();
            } else {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
        }
        let root = Root::at(&directory.path().join("proc"), &sys).unwrap();
        (directory, root)
    }

    type Row<'a> = (
        &'a str,
        &'a str,
        Option<&'a str>,
        f64,
        Option<f64>,
        Option<f64>,
    );

    /// Chip, file name of its path, label, current, high, critical.
    fn check(files: &[(&str, &str)], expect: &[Row<'_>]) {
        let (_files, root) = machine(files);
        let chips = temperatures(&root).unwrap();
        let got: Vec<Row<'_>> = chips
            .iter()
            .flat_map(|chip| chip.readings.iter().map(move |reading| (chip, reading)))
            .map(|(chip, reading)| {
                (
                    &*chip.name,
                    chip.path.file_name().unwrap().to_str().unwrap(),
                    reading.label.as_deref(),
                    reading.current_celsius,
                    reading.high_celsius,
                    reading.critical_celsius,
                )
            })
            .collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn temperatures_of_a_laptop() {
        check(
            &[
                ("class/hwmon/hwmon0/name", "acpitz\n"),
                ("class/hwmon/hwmon0/temp1_input", "-5000\n"),
                ("class/hwmon/hwmon2/name", "coretemp\n"),
                ("class/hwmon/hwmon2/temp10_input", "47000\n"),
                ("class/hwmon/hwmon2/temp2_input", "45500\n"),
                ("class/hwmon/hwmon2/temp2_label", "Core 0\n"),
                ("class/hwmon/hwmon2/temp2_max", "100000\n"),
                ("class/hwmon/hwmon2/temp2_crit", "105000\n"),
                ("class/hwmon/hwmon2/temp2_crit_alarm", "0\n"),
                ("class/hwmon/hwmon2/in0_input", "1200\n"),
                // Twins, the second with a sensor that is broken and one that says nonsense.
                ("class/hwmon/hwmon9/name", "nvme\n"),
                ("class/hwmon/hwmon9/temp1_input", "35850\n"),
                ("class/hwmon/hwmon10/name", "nvme\n"),
                ("class/hwmon/hwmon10/temp1_input/", ""),
                ("class/hwmon/hwmon10/temp2_input", "N/A\n"),
                ("class/hwmon/hwmon10/temp3_input", "36850\n"),
                ("class/hwmon/hwmon10/temp3_max", "\n"),
                ("class/hwmon/hwmon10/temp4_input", "255000\n"),
                ("class/hwmon/hwmon10/temp4_fault", "1\n"),
                // No name: whose is it?
                ("class/hwmon/hwmon11/temp1_input", "1000\n"),
                // Not asked: there is a hwmon.
                ("class/thermal/thermal_zone0/temp", "50000\n"),
                ("class/thermal/thermal_zone0/type", "x86_pkg_temp\n"),
            ],
            &[
                ("acpitz", "hwmon0", None, -5.0, None, None),
                (
                    "coretemp",
                    "hwmon2",
                    Some("Core 0"),
                    45.5,
                    Some(100.0),
                    Some(105.0),
                ),
                ("coretemp", "hwmon2", None, 47.0, None, None),
                ("nvme", "hwmon9", None, 35.85, None, None),
                ("nvme", "hwmon10", None, 36.85, None, None),
            ],
        );
    }

    #[test]
    fn temperatures_of_older_drivers() {
        check(
            &[
                ("class/hwmon/hwmon0/device/name", "lm85\n"),
                ("class/hwmon/hwmon0/device/temp1_input", "40000\n"),
                ("class/hwmon/hwmon1/name", "k10temp\n"),
                ("class/hwmon/hwmon1/temp1_input", "30000\n"),
                // The same sensor once more.
                ("class/hwmon/hwmon1/device/temp1_input", "30000\n"),
                ("class/hwmon/hwmon1/device/name", "k10temp\n"),
            ],
            &[
                ("lm85", "hwmon0", None, 40.0, None, None),
                ("k10temp", "hwmon1", None, 30.0, None, None),
            ],
        );
        const PLATFORM: &[(&str, &str)] = &[
            (
                "devices/platform/coretemp.0/hwmon/hwmon3/name",
                "coretemp\n",
            ),
            (
                "devices/platform/coretemp.0/hwmon/hwmon3/temp1_input",
                "41000\n",
            ),
            (
                "devices/platform/other.0/hwmon/hwmon4/temp1_input",
                "1000\n",
            ),
            ("class/thermal/thermal_zone0/temp", "50000\n"),
            ("class/thermal/thermal_zone0/type", "x86_pkg_temp\n"),
        ];
        check(PLATFORM, &[("coretemp", "hwmon3", None, 41.0, None, None)]);
        let (files, root) = machine(PLATFORM);
        let class = files.path().join("sys/class/hwmon");
        fs::create_dir_all(&class).unwrap();
        let target = "../../devices/platform/coretemp.0/hwmon/hwmon3";
        symlink(target, class.join("hwmon3")).unwrap();
        assert_eq!(temperatures(&root).unwrap().len(), 1, "not twice");
    }

    #[test]
    fn thermal_zones_answer_where_there_is_no_hwmon() {
        check(
            &[
                ("class/thermal/cooling_device0/type", "Processor\n"),
                ("class/thermal/thermal_zone10/temp", "30000\n"),
                ("class/thermal/thermal_zone10/type", "gpu-thermal\n"),
                ("class/thermal/thermal_zone2/temp", "50123\n"),
                ("class/thermal/thermal_zone2/type", "cpu-thermal\n"),
                ("class/thermal/thermal_zone2/trip_point_0_temp", "70000\n"),
                ("class/thermal/thermal_zone2/trip_point_0_type", "passive\n"),
                ("class/thermal/thermal_zone2/trip_point_1_temp", "85000\n"),
                ("class/thermal/thermal_zone2/trip_point_1_type", "hot\n"),
                ("class/thermal/thermal_zone2/trip_point_2_temp", "90000\n"),
                (
                    "class/thermal/thermal_zone2/trip_point_2_type",
                    "critical\n",
                ),
                // Disabled: reading its temperature fails.
                ("class/thermal/thermal_zone3/temp/", ""),
                ("class/thermal/thermal_zone3/type", "modem\n"),
            ],
            &[
                (
                    "cpu-thermal",
                    "thermal_zone2",
                    None,
                    50.123,
                    Some(85.0),
                    Some(90.0),
                ),
                ("gpu-thermal", "thermal_zone10", None, 30.0, None, None),
            ],
        );
    }

    #[test]
    fn fans_in_every_shape() {
        let (_files, root) = machine(&[
            ("class/hwmon/hwmon0/name", "thinkpad\n"),
            ("class/hwmon/hwmon0/fan1_input", "2650\n"),
            ("class/hwmon/hwmon0/fan1_label", "CPU\n"),
            ("class/hwmon/hwmon0/fan2_input", "0\n"),
            ("class/hwmon/hwmon0/fan3_input", "-1\n"),
            ("class/hwmon/hwmon0/fan4_input", "65535\n"),
            ("class/hwmon/hwmon0/fan4_fault", "1\n"),
            ("class/hwmon/hwmon1/device/name", "f71882fg\n"),
            ("class/hwmon/hwmon1/device/fan1_input", "900\n"),
            ("class/hwmon/hwmon2/name", "coretemp\n"),
            ("class/hwmon/hwmon2/temp1_input", "1\n"),
        ]);
        let chips = fans(&root).unwrap();
        let got: Vec<_> = chips
            .iter()
            .flat_map(|chip| chip.readings.iter().map(move |reading| (chip, reading)))
            .map(|(chip, fan)| (&*chip.name, fan.label.as_deref(), fan.current_rpm))
            .collect();
        assert_eq!(
            got,
            [
                ("thinkpad", Some("CPU"), 2650),
                ("thinkpad", None, 0),
                ("f71882fg", None, 900)
            ]
        );
    }

    #[test]
    fn batteries_of_a_laptop_with_a_mouse() {
        let (_files, root) = machine(&[
            ("class/power_supply/ADP1/type", "Mains\n"),
            ("class/power_supply/ADP1/online", "0\n"),
            ("class/power_supply/ucsi-1/type", "USB\n"),
            ("class/power_supply/ucsi-1/online", "0\n"),
            ("class/power_supply/BAT0/type", "Battery\n"),
            ("class/power_supply/BAT0/present", "1\n"),
            ("class/power_supply/BAT0/status", "Discharging\n"),
            ("class/power_supply/BAT0/energy_now", "20000000\n"),
            ("class/power_supply/BAT0/energy_full", "40000000\n"),
            ("class/power_supply/BAT0/power_now", "10000000\n"),
            ("class/power_supply/BAT0/capacity", "49\n"),
            ("class/power_supply/BAT1/type", "Battery\n"),
            ("class/power_supply/BAT1/status", "Unknown\n"),
            ("class/power_supply/BAT1/charge_now", "1000000\n"),
            ("class/power_supply/BAT1/charge_full", "4000000\n"),
            ("class/power_supply/BAT1/current_now", "-500000\n"),
            ("class/power_supply/BAT2/type", "Battery\n"),
            ("class/power_supply/BAT2/present", "0\n"),
            ("class/power_supply/hidpp_battery_0/type", "Battery\n"),
            ("class/power_supply/hidpp_battery_0/scope", "Device\n"),
            ("class/power_supply/hidpp_battery_0/capacity", "80\n"),
            ("class/power_supply/hidpp_battery_0/status", "Charging\n"),
            ("class/power_supply/wacom_ac_0/type", "Mains\n"),
            ("class/power_supply/wacom_ac_0/scope", "Device\n"),
            ("class/power_supply/wacom_ac_0/online", "1\n"),
        ]);
        let hours = |hours: u64| TimeLeft::Remaining(Duration::from_secs(hours * 3600));
        let got: Vec<_> = batteries(&root)
            .unwrap()
            .into_iter()
            .map(|b| {
                (
                    b.name,
                    b.percent,
                    b.power_plugged,
                    b.time_left,
                    b.is_peripheral,
                )
            })
            .collect();
        let row = |name: &str, percent, plugged, time, peripheral| {
            (
                name.to_owned(),
                Some(percent),
                Some(plugged),
                time,
                peripheral,
            )
        };
        assert_eq!(
            got,
            [
                row("BAT0", 50.0, false, hours(2), false),
                row("BAT1", 25.0, false, hours(2), false),
                row("hidpp_battery_0", 80.0, true, TimeLeft::Unlimited, true),
            ]
        );
    }

    /// One battery with these attributes: plugged, time left.
    fn check_battery(attributes: &[(&str, &str)], plugged: Option<bool>, time_left: TimeLeft) {
        let names: Vec<_> = attributes
            .iter()
            .map(|(name, text)| (format!("class/power_supply/{name}"), *text))
            .collect();
        let files: Vec<_> = names.iter().map(|(name, text)| (&**name, *text)).collect();
        let (_files, root) = machine(&files);
        let battery = batteries(&root).unwrap().pop().unwrap();
        assert_eq!(
            (battery.power_plugged, battery.time_left),
            (plugged, time_left),
            "{attributes:?}"
        );
    }

    #[test]
    fn power_comes_from_any_adapter_or_else_the_status_tells() {
        let unlimited = TimeLeft::Unlimited;
        let unknown = TimeLeft::Unknown;
        let battery = ("BAT0/type", "Battery\n");
        let off = [("AC/type", "Mains\n"), ("AC/online", "0\n")];
        let on = [("ucsi-2/type", "USB\n"), ("ucsi-2/online", "1\n")];
        check_battery(
            &[battery, off[0], off[1], on[0], on[1]],
            Some(true),
            unlimited,
        );
        check_battery(&[battery, off[0], off[1]], Some(false), unknown);
        check_battery(&[battery], None, unknown);
        for (status, plugged, time) in [
            ("Charging\n", Some(true), unlimited),
            ("Full\n", Some(true), unlimited),
            ("Not charging\n", Some(true), unlimited),
            ("Discharging\n", Some(false), unknown),
            ("Unknown\n", None, unknown),
            ("???\n", None, unknown),
        ] {
            check_battery(&[battery, ("BAT0/status", status)], plugged, time);
        }
        check_battery(
            &[
                ("sbs-battery/status", "Discharging\n"),
                ("sbs-battery/time_to_empty_now", "90\n"),
            ],
            Some(false),
            TimeLeft::Remaining(Duration::from_secs(90)),
        );
    }

    #[test]
    fn a_machine_without_sensors_has_none_and_one_without_sysfs_cannot_say() {
        let (files, root) = machine(&[]);
        assert_eq!(temperatures(&root).unwrap(), []);
        assert_eq!(fans(&root).unwrap(), []);
        assert_eq!(batteries(&root).unwrap(), []);
        fs::remove_dir_all(files.path().join("sys")).unwrap();
        for error in [
            temperatures(&root).unwrap_err(),
            fans(&root).unwrap_err(),
            batteries(&root).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert!(error.path().unwrap().ends_with("sys"));
        }
    }

    #[test]
    fn the_sensors_of_the_captured_laptop() {
        let machine = pslens_fixtures::materialise("laptop");
        let root = Root::at(&machine.proc(), &machine.sys()).unwrap();
        let chips = temperatures(&root).unwrap();
        assert!(
            chips.iter().any(|chip| chip.name == "coretemp"),
            "{chips:?}"
        );
        let batteries = batteries(&root).unwrap();
        let own: Vec<_> = batteries.iter().filter(|b| !b.is_peripheral).collect();
        assert!(!own.is_empty() && own.len() < batteries.len());
        assert!(
            own.iter()
                .all(|b| b.percent.is_some() && b.power_plugged.is_some())
        );
    }
}
