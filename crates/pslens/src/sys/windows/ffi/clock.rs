//! The clock that the kernel reads when it makes a process.

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::System::SystemInformation::GetSystemTimeAsFileTime;

/// The time of the last tick of the system's clock, in units of 100 ns since 1601.
pub(in crate::sys::windows) fn tick() -> u64 {
    let mut time = FILETIME::default();
    // SAFETY: the pointer leads to a place for a FILETIME.
    unsafe { GetSystemTimeAsFileTime(&raw mut time) };
    u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime)
}
