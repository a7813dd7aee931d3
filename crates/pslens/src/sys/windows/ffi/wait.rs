//! Waiting for handles: of processes that end, of reads that are done.

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};

use windows_sys::Win32::Foundation::{WAIT_FAILED, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{GetExitCodeProcess, INFINITE, WaitForMultipleObjects};

/// How many handles one call can wait for.
pub(in crate::sys::windows) const MOST: usize = 64;

const _: () = assert!(size_of::<BorrowedHandle<'_>>() == size_of::<usize>());

/// The first of up to [`MOST`] handles that is signalled; `None` if none is within so many milliseconds.
/// `None` of them waits without end.
pub(in crate::sys::windows) fn any(
    handles: &[BorrowedHandle<'_>],
    milliseconds: Option<u32>,
) -> io::Result<Option<usize>> {
    let count = u32::try_from(handles.len()).unwrap_or(u32::MAX);
    let milliseconds = milliseconds.unwrap_or(INFINITE);
    // A borrowed handle is laid out as the handle.
    let first = handles.as_ptr().cast();
    // SAFETY: at `first` are `count` handles, all open. Too many or none of them is an error.
    match unsafe { WaitForMultipleObjects(count, first, 0, milliseconds) } {
        WAIT_FAILED => Err(io::Error::last_os_error()),
        WAIT_TIMEOUT => Ok(None),
        place => Ok(Some(place.wrapping_sub(WAIT_OBJECT_0) as usize)),
    }
}

/// The exit code of a process that has ended; 259 of one that has not, or that ended with that.
pub(in crate::sys::windows) fn exit_code(process: BorrowedHandle<'_>) -> io::Result<u32> {
    let mut code = 0;
    // SAFETY: the handle is open.
    match unsafe { GetExitCodeProcess(process.as_raw_handle(), &raw mut code) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(code),
    }
}
