//! Boot time, users, load.

use std::time::SystemTime;

use pslens_parse::windows::system_time_of_day_information;
use pslens_parse::{ParseError, Problem};
use windows_sys::Wdk::System::SystemInformation::SystemTimeOfDayInformation;

use super::{Root, ffi, time};
use crate::error::{Error, Result};
use crate::host::LoadAverage;

pub(crate) use super::users::users;
pub(crate) use crate::sys::unsupported::host::{user_id, user_name};

pub(crate) fn load_average(_root: &Root) -> Result<LoadAverage> {
    Err(Error::unsupported(
        "host load_average",
        "Windows keeps none; os::windows::LoadSampler makes one",
    ))
}

// As the kernel says it: it moves with the clock when that is set, as on other systems, so that now less
// this is how long the system is up, sleep included. Its neighbours are not taken off. BootTimeBias would
// give what the clock said then, rightly or wrongly, and SleepTimeBias a boot earlier by all sleep since.
pub(crate) fn boot_time(_root: &Root) -> Result<SystemTime> {
    const OPERATION: &str = "host boot_time";
    // The structure's length; the kernel refuses more room.
    const LENGTH: u32 = 48;
    let mut buffer = Vec::new();
    ffi::nt::query_system_exactly(SystemTimeOfDayInformation, LENGTH, &mut buffer)
        .map_err(|error| Error::os(OPERATION, error))?;
    let times = system_time_of_day_information::parse(&buffer)
        .map_err(|error| Error::invalid_data(OPERATION, error))?;
    let boot = u64::try_from(times.boot_time).ok().filter(|&time| time > 0);
    boot.and_then(time::point).ok_or_else(|| {
        let source = "SYSTEM_TIMEOFDAY_INFORMATION";
        let error = ParseError::new(source, "BootTime", 0, Problem::OutOfRange);
        Error::invalid_data(OPERATION, error)
    })
}
