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
