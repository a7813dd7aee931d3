//! Handles of other processes.

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{DUPLICATE_SAME_ACCESS, DuplicateHandle};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// This process, for whatever one may do with oneself.
pub(in crate::sys::windows) fn this_process() -> BorrowedHandle<'static> {
    // SAFETY: returns a constant.
    let handle = unsafe { GetCurrentProcess() };
    // SAFETY: the constant stands for this process as long as it runs.
    unsafe { BorrowedHandle::borrow_raw(handle) }
}

/// A handle of ours to what the handle `value` of `process` leads to.
pub(in crate::sys::windows) fn duplicate(
    process: BorrowedHandle<'_>,
    value: usize,
) -> io::Result<OwnedHandle> {
    let process = process.as_raw_handle();
    let theirs = ptr::without_provenance_mut(value);
    let us = this_process().as_raw_handle();
    let mut ours = ptr::null_mut();
    // SAFETY: the handle of the process is open, theirs may be any number, `ours` has room for a handle.
    let done = unsafe {
        DuplicateHandle(
            process,
            theirs,
            us,
            &raw mut ours,
            0,
            0,
            DUPLICATE_SAME_ACCESS,
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made, for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(ours) })
}
