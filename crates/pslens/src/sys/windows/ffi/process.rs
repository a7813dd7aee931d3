//! Processes: opening them, and what an open one tells.

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{FILETIME, WAIT_FAILED, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    GetProcessHandleCount, GetProcessId, GetProcessIoCounters, GetProcessTimes, IO_COUNTERS,
    OpenProcess, PROCESS_ACCESS_RIGHTS, WaitForSingleObject,
};

/// What `GetProcessTimes` says, in units of 100 ns.
#[derive(Debug, Clone, Copy)]
pub(in crate::sys::windows) struct Times {
    /// Since 1601.
    pub(in crate::sys::windows) creation: u64,
    /// Likewise, of a process that has ended; of no meaning before.
    pub(in crate::sys::windows) exit: u64,
    pub(in crate::sys::windows) kernel: u64,
    pub(in crate::sys::windows) user: u64,
}

/// The process with this number, or, as Windows has it, with one of the up to three numbers below.
pub(in crate::sys::windows) fn open(
    pid: u32,
    access: PROCESS_ACCESS_RIGHTS,
) -> io::Result<OwnedHandle> {
    #[cfg(test)]
    super::calls::one_more_process();
    // SAFETY: takes no pointers.
    let handle = unsafe { OpenProcess(access, 0, pid) };
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made, for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// The number of an open process.
pub(in crate::sys::windows) fn id(process: BorrowedHandle<'_>) -> io::Result<u32> {
    // SAFETY: the handle is open.
    match unsafe { GetProcessId(process.as_raw_handle()) } {
        0 => Err(io::Error::last_os_error()),
        pid => Ok(pid),
    }
}

pub(in crate::sys::windows) fn times(process: BorrowedHandle<'_>) -> io::Result<Times> {
    let mut times = [FILETIME::default(); 4];
    let [creation, exit, kernel, user] = times.each_mut().map(ptr::from_mut);
    // SAFETY: the handle is open, the pointers lead to four places for a FILETIME.
    if unsafe { GetProcessTimes(process.as_raw_handle(), creation, exit, kernel, user) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let number =
        |time: FILETIME| u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    let [creation, exit, kernel, user] = times.map(number);
    Ok(Times {
        creation,
        exit,
        kernel,
        user,
    })
}

/// Whether it has ended. The handle must have been opened with `PROCESS_SYNCHRONIZE`.
pub(in crate::sys::windows) fn has_exited(process: BorrowedHandle<'_>) -> io::Result<bool> {
    // SAFETY: the handle is open.
    match unsafe { WaitForSingleObject(process.as_raw_handle(), 0) } {
        WAIT_OBJECT_0 => Ok(true),
        WAIT_FAILED => Err(io::Error::last_os_error()),
        _ => Ok(false),
    }
}

/// How many handles it has.
pub(in crate::sys::windows) fn handle_count(process: BorrowedHandle<'_>) -> io::Result<u32> {
    let mut count = 0;
    // SAFETY: the handle is open, the pointer leads to a place for the number.
    match unsafe { GetProcessHandleCount(process.as_raw_handle(), &raw mut count) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(count),
    }
}

/// What it has read, written and otherwise asked of devices.
pub(in crate::sys::windows) fn io_counters(process: BorrowedHandle<'_>) -> io::Result<IO_COUNTERS> {
    let mut counters = IO_COUNTERS::default();
    // SAFETY: the handle is open, the pointer leads to a place for the counters.
    match unsafe { GetProcessIoCounters(process.as_raw_handle(), &raw mut counters) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(counters),
    }
}
