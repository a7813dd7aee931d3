//! Reading a pipe without waiting for it.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr::{self, NonNull};

use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, GetLastError, TRUE};
use windows_sys::Win32::Storage::FileSystem::ReadFile;
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Threading::CreateEventW;

/// As much as a pipe of the standard library holds.
const ROOM: u32 = 64 << 10;

/// A pipe that was opened for overlapped reading, and the one read of it that may be under way.
#[derive(Debug)]
pub(in crate::sys::windows) struct Reading {
    pipe: OwnedHandle,
    /// Signalled when the read is done.
    event: OwnedHandle,
    /// What the kernel writes to while the read is under way: on the heap, where it stays, and ours alone again
    /// when the read is done. No box, which would be ours alone always.
    kernel: NonNull<Kernel>,
    under_way: bool,
}

#[repr(C)]
struct Kernel {
    overlapped: OVERLAPPED,
    bytes: [u8; ROOM as usize],
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kernel")
    }
}

impl Reading {
    /// Starts the first read.
    pub(in crate::sys::windows) fn start(pipe: OwnedHandle) -> io::Result<Self> {
        // SAFETY: no attributes and no name; to be reset by hand, which `ReadFile` does.
        let event = unsafe { CreateEventW(ptr::null(), TRUE, 0, ptr::null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was just made, for us alone.
        let event = unsafe { OwnedHandle::from_raw_handle(event) };
        let kernel = Box::leak(Box::new(Kernel {
            overlapped: OVERLAPPED {
                hEvent: event.as_raw_handle(),
                ..OVERLAPPED::default()
            },
            bytes: [0; ROOM as usize],
        }));
        let mut reading = Self {
            pipe,
            event,
            kernel: NonNull::from(kernel),
            under_way: false,
        };
        reading.read()?;
        Ok(reading)
    }

    fn read(&mut self) -> io::Result<()> {
        let pipe = self.pipe.as_raw_handle();
        let kernel = self.kernel.as_ptr();
        // SAFETY: the place is inside of what the box holds.
        let bytes = unsafe { (&raw mut (*kernel).bytes).cast() };
        // SAFETY: likewise.
        let overlapped = unsafe { &raw mut (*kernel).overlapped };
        // SAFETY: both places stay where they are and are not touched until the read is done: dropping
        // waits for that, and `finish` looks at them afterwards only.
        let done = unsafe { ReadFile(pipe, bytes, ROOM, ptr::null_mut(), overlapped) };
        if done == 0 {
            // SAFETY: takes nothing.
            match unsafe { GetLastError() } {
                ERROR_IO_PENDING => {}
                code => return Err(io::Error::from_raw_os_error(code.cast_signed())),
            }
        }
        self.under_way = true;
        Ok(())
    }

    /// Waits until the read is done, appends what it has read to `bytes`, and starts the next one.
    pub(in crate::sys::windows) fn finish(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let count = self.done()?;
        // SAFETY: no read is under way.
        let kernel = unsafe { self.kernel.as_ref() };
        bytes.extend_from_slice(kernel.bytes.get(..count).unwrap_or_default());
        self.read()
    }

    fn overlapped(&self) -> *const OVERLAPPED {
        // SAFETY: the place is inside of what the pointer leads to.
        unsafe { &raw const (*self.kernel.as_ptr()).overlapped }
    }

    fn done(&mut self) -> io::Result<usize> {
        let mut count = 0;
        let pipe = self.pipe.as_raw_handle();
        let overlapped = self.overlapped();
        // SAFETY: the structure is the one that the read was started with.
        let result = unsafe { GetOverlappedResult(pipe, overlapped, &raw mut count, TRUE) };
        self.under_way = false;
        match result {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(count as usize),
        }
    }
}

/// What is signalled when the read is done.
impl AsHandle for Reading {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.event.as_handle()
    }
}

/// Calls off what is under way, and waits until the kernel has let go of the memory.
impl Drop for Reading {
    fn drop(&mut self) {
        if self.under_way {
            let overlapped = self.overlapped();
            // SAFETY: the structure is the one that the read was started with.
            unsafe { CancelIoEx(self.pipe.as_raw_handle(), overlapped) };
            let _ = self.done();
        }
        // SAFETY: no read is under way, and nobody else has the pointer.
        drop(unsafe { Box::from_raw(self.kernel.as_ptr()) });
    }
}
