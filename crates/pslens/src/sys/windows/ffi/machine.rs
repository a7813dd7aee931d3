//! The machine: its CPUs, its memory, its power supply.

use std::ffi::c_void;
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_INSUFFICIENT_BUFFER, NTSTATUS, STATUS_BUFFER_TOO_SMALL,
};
use windows_sys::Win32::System::Power::{
    CallNtPowerInformation, GetSystemPowerStatus, ProcessorInformation, SYSTEM_POWER_STATUS,
};
use windows_sys::Win32::System::ProcessStatus::{K32GetPerformanceInfo, PERFORMANCE_INFORMATION};
use windows_sys::Win32::System::SystemInformation::{
    GetLogicalProcessorInformationEx, LOGICAL_PROCESSOR_RELATIONSHIP,
};
use windows_sys::Win32::System::Threading::{ALL_PROCESSOR_GROUPS, GetActiveProcessorCount};

use crate::sys::windows::ffi::nt;

/// More than any answer can need.
const LARGEST: usize = 1 << 24;

/// How many CPUs are active, in all groups.
pub(in crate::sys::windows) fn active_processor_count() -> io::Result<u32> {
    // SAFETY: takes no pointers.
    match unsafe { GetActiveProcessorCount(ALL_PROCESSOR_GROUPS) } {
        0 => Err(io::Error::last_os_error()),
        count => Ok(count),
    }
}

/// What `GetLogicalProcessorInformationEx` says of one relationship.
pub(in crate::sys::windows) fn logical_processor_information(
    relationship: LOGICAL_PROCESSOR_RELATIONSHIP,
) -> io::Result<Vec<u8>> {
    // In units that are aligned as the structures are.
    let mut buffer: Vec<u64> = Vec::new();
    loop {
        let room = size_of_val(&*buffer);
        let mut length = u32::try_from(room).unwrap_or(u32::MAX);
        let start = buffer.as_mut_ptr().cast();
        // SAFETY: at most `length` bytes are written from `start` on, which are the buffer's.
        if unsafe { GetLogicalProcessorInformationEx(relationship, start, &raw mut length) } != 0 {
            let mut bytes = bytes(&buffer);
            bytes.truncate(length as usize);
            return Ok(bytes);
        }
        let error = io::Error::last_os_error();
        let needed = length as usize;
        if error.raw_os_error() != Some(ERROR_INSUFFICIENT_BUFFER.cast_signed())
            || !(room + 1..=LARGEST).contains(&needed)
        {
            return Err(error);
        }
        buffer.resize(needed.div_ceil(8), 0);
    }
}

/// What `CallNtPowerInformation` says of up to `cpus` CPUs, or more if there are more. What it does not
/// fill is 0.
pub(in crate::sys::windows) fn processor_power_information(cpus: u32) -> io::Result<Vec<u8>> {
    // Of one CPU, in units of 64 bits.
    const UNITS: usize = 3;
    let mut buffer = vec![0_u64; (cpus.max(1) as usize) * UNITS];
    loop {
        let room = size_of_val(&*buffer);
        let length = u32::try_from(room).unwrap_or(u32::MAX);
        let start: *mut c_void = buffer.as_mut_ptr().cast();
        // SAFETY: nothing is read, and at most `length` bytes are written, which the buffer has.
        let status: NTSTATUS =
            unsafe { CallNtPowerInformation(ProcessorInformation, ptr::null(), 0, start, length) };
        match status {
            0.. => return Ok(bytes(&buffer)),
            // CPUs that are not active count as well.
            STATUS_BUFFER_TOO_SMALL if room < LARGEST => buffer.resize(buffer.len() * 2, 0),
            _ => return Err(nt::error(status)),
        }
    }
}

/// Physical memory and what of it is used for what, in pages of the size that it says.
pub(in crate::sys::windows) fn performance_info() -> io::Result<PERFORMANCE_INFORMATION> {
    let mut info = PERFORMANCE_INFORMATION::default();
    #[expect(clippy::cast_possible_truncation, reason = "a small structure")]
    let size = size_of::<PERFORMANCE_INFORMATION>() as u32;
    // SAFETY: the pointer leads to a structure of that size.
    if unsafe { K32GetPerformanceInfo(&raw mut info, size) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(info)
}

/// The `SYSTEM_POWER_STATUS`.
pub(in crate::sys::windows) fn power_status() -> io::Result<Vec<u8>> {
    const LENGTH: usize = size_of::<SYSTEM_POWER_STATUS>();
    let mut words = [0_u64; LENGTH.div_ceil(8)];
    // SAFETY: the pointer leads to enough room for the structure, and more than enough aligned.
    if unsafe { GetSystemPowerStatus(words.as_mut_ptr().cast()) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let mut bytes = bytes(&words);
    bytes.truncate(LENGTH);
    Ok(bytes)
}

/// What the system has written into aligned room.
fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}
