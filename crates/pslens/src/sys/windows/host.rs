//! Boot time, users, load.

use std::time::SystemTime;

use pslens_parse::windows::system_process_information::{self, Process};
use pslens_parse::windows::system_time_of_day_information;
use pslens_parse::{ParseError, Problem};
use windows_sys::Wdk::System::SystemInformation::{
    SystemProcessInformation, SystemTimeOfDayInformation,
};

use super::ffi::buffer::Buffer;
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

/// How many threads wait for a CPU.
pub(crate) fn processor_queue(operation: &'static str) -> Result<u32> {
    let mut buffer = Buffer::default();
    ffi::nt::query_system(SystemProcessInformation, &mut buffer)
        .map_err(|error| Error::os(operation, error))?;
    Ok(waiting(system_process_information::rows(buffer.memory())))
}

/// The threads that are ready. Those of the idle process (0) run when no other one does, and wait for nothing.
fn waiting<'a>(processes: impl Iterator<Item = Process<'a>>) -> u32 {
    let ready = processes
        .filter(|process| process.unique_process_id != 0)
        .flat_map(Process::threads)
        .filter(|thread| thread.is_ready())
        .count();
    u32::try_from(ready).unwrap_or(u32::MAX)
}

// As the kernel says it: it moves with the clock when that is set, as on other systems, so that now less
// this is how long the system is up, sleep included. Its neighbours are not taken off. BootTimeBias would
// give what the clock said then, rightly or wrongly, and SleepTimeBias a boot earlier by all sleep since.
pub(crate) fn boot_time(_root: &Root) -> Result<SystemTime> {
    const OPERATION: &str = "host boot_time";
    // The structure's length; the kernel refuses more room.
    const LENGTH: u32 = 48;
    let buffer = ffi::nt::query_system_exactly(SystemTimeOfDayInformation, LENGTH)
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

#[cfg(test)]
mod tests {
    use pslens_parse::windows::Memory;

    use super::*;

    /// A row of the table of processes: one with threads in these states.
    fn process(pid: u32, states: &[u32], last: bool) -> Vec<u8> {
        let mut row = vec![0; 256];
        for state in states {
            let mut thread = [0; 80];
            thread[68..72].copy_from_slice(&state.to_le_bytes());
            row.extend(thread);
        }
        let length = u32::try_from(row.len()).unwrap();
        row[..4].copy_from_slice(&if last { 0 } else { length }.to_le_bytes());
        row[4..8].copy_from_slice(&u32::try_from(states.len()).unwrap().to_le_bytes());
        row[0x50..0x54].copy_from_slice(&pid.to_le_bytes());
        row
    }

    #[test]
    fn threads_that_are_ready_wait_for_a_cpu_and_idle_ones_do_not() {
        let mut table = process(0, &[1, 1, 2], false);
        // Initialised, ready, running, standby, terminated, waiting, in transition, ready soon.
        table.extend(process(4, &[0, 1, 2, 3, 4, 5, 6, 7], false));
        table.extend(process(8, &[1, 1], true));
        let table = Memory::new(&table, 0x1000);
        assert_eq!(waiting(system_process_information::rows(table)), 4);
    }
}
