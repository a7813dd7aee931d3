//! The memory of other processes.

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_INVALID_ADDRESS, ERROR_PARTIAL_COPY};
use windows_sys::Win32::System::Diagnostics::Debug::ReadProcessMemory;

/// Appends `length` bytes from `address` on; all of them, or none and the error.
///
/// The process must have been opened with `PROCESS_VM_READ`.
pub(in crate::sys::windows) fn read(
    process: BorrowedHandle<'_>,
    address: u64,
    length: usize,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    let from = usize::try_from(address)
        .map_err(|_| io::Error::from_raw_os_error(ERROR_INVALID_ADDRESS.cast_signed()))?;
    let from = ptr::without_provenance(from);
    buffer.reserve(length);
    let room = buffer.spare_capacity_mut().as_mut_ptr().cast();
    let mut copied = 0;
    // SAFETY: the handle is open, and the room behind what is in the buffer was just made that long. The address
    // is the other process's, where the kernel tries it.
    let done =
        unsafe { ReadProcessMemory(process.as_raw_handle(), from, room, length, &raw mut copied) };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    if copied != length {
        return Err(io::Error::from_raw_os_error(
            ERROR_PARTIAL_COPY.cast_signed(),
        ));
    }
    // SAFETY: that many bytes were just written behind those that there were.
    unsafe { buffer.set_len(buffer.len() + length) };
    Ok(())
}
