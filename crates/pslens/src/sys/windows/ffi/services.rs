//! The service control manager.

use std::ffi::OsString;
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, ERROR_MORE_DATA};
use windows_sys::Win32::System::Services::{
    CloseServiceHandle, ENUM_SERVICE_STATUS_PROCESSW, EnumServicesStatusExW,
    GetServiceDisplayNameW, OpenSCManagerW, OpenServiceW, QUERY_SERVICE_CONFIGW,
    QueryServiceConfig2W, QueryServiceConfigW, QueryServiceStatusEx, SC_ENUM_PROCESS_INFO,
    SC_HANDLE, SC_STATUS_PROCESS_INFO, SERVICE_CONFIG_DESCRIPTION, SERVICE_DESCRIPTIONW,
    SERVICE_STATE_ALL, SERVICE_STATUS_PROCESS, SERVICE_WIN32,
};

use super::buffer::Buffer;
use crate::sys::windows::errors::code;
use crate::sys::windows::wide;

// The sizes that the decoders go by.
const _: () = assert!(size_of::<ENUM_SERVICE_STATUS_PROCESSW>() == 56);
const _: () = assert!(size_of::<QUERY_SERVICE_CONFIGW>() == 64);
const _: () = assert!(size_of::<SERVICE_DESCRIPTIONW>() == 8);

/// The most that `EnumServicesStatusExW` takes at once.
pub(in crate::sys::windows) const LARGEST_LIST: usize = 256 << 10;
/// The most that a service's settings can need.
const LARGEST_CONFIG: u32 = 8 << 10;
/// Names have at most 256 code units.
const LONGEST_NAME: u32 = 257;
/// `SERVICE_STATUS_PROCESS`.
const STATUS: u32 = 36;
const _: () = assert!(size_of::<SERVICE_STATUS_PROCESS>() == STATUS as usize);

/// What keeps a handle of the manager open; it is no handle of the kernel.
struct Handle(SC_HANDLE);

impl Handle {
    /// For what a call has just returned.
    fn opened(handle: SC_HANDLE) -> io::Result<Self> {
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(handle))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and this is its only owner.
        unsafe { CloseServiceHandle(self.0) };
    }
}

/// A connection to the manager.
pub(in crate::sys::windows) struct Manager(Handle);

impl Manager {
    /// Connects to this machine's, with the rights `access` to it.
    pub(in crate::sys::windows) fn connect(access: u32) -> io::Result<Self> {
        // SAFETY: null pointers stand for this machine and its active data base.
        let handle = unsafe { OpenSCManagerW(ptr::null(), ptr::null(), access) };
        Handle::opened(handle).map(Self)
    }

    /// Some services that are programs, whatever they do, from where `resume` (first 0) stands: fills
    /// `buffer` for `pslens_parse::windows::enum_service_status_process`, and tells how many records there
    /// are, and whether more are to come.
    pub(in crate::sys::windows) fn list(
        &self,
        buffer: &mut Buffer,
        resume: &mut u32,
    ) -> io::Result<(usize, bool)> {
        let room = buffer.room().min(LARGEST_LIST);
        let length = u32::try_from(room).unwrap_or(0);
        buffer.fill(room);
        let (mut needed, mut count) = (0, 0);
        // SAFETY: the buffer has room for `length` bytes, the other pointers lead to numbers.
        let complete = unsafe {
            EnumServicesStatusExW(
                self.0.0,
                SC_ENUM_PROCESS_INFO,
                SERVICE_WIN32,
                SERVICE_STATE_ALL,
                buffer.start().cast(),
                length,
                &raw mut needed,
                &raw mut count,
                resume,
                ptr::null(),
            )
        };
        let error = io::Error::last_os_error();
        match complete != 0 {
            true => Ok((count as usize, false)),
            // As many as there was room for; none is no progress.
            false if code(&error) == Some(ERROR_MORE_DATA) && count > 0 => {
                Ok((count as usize, true))
            }
            false => Err(error),
        }
    }

    /// The name for people of a service.
    pub(in crate::sys::windows) fn display_name(&self, name: &[u16]) -> io::Result<OsString> {
        debug_assert_eq!(name.last(), Some(&0));
        let mut units = [0; LONGEST_NAME as usize];
        let mut length = LONGEST_NAME;
        // SAFETY: the name ends with a NUL, and there is room for as many code units as `length` says.
        let done = unsafe {
            GetServiceDisplayNameW(self.0.0, name.as_ptr(), units.as_mut_ptr(), &raw mut length)
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(wide::until_nul(&units))
    }

    /// A service, with the rights `access` to it. The name ends with a NUL.
    pub(in crate::sys::windows) fn open(&self, name: &[u16], access: u32) -> io::Result<Service> {
        debug_assert_eq!(name.last(), Some(&0));
        // SAFETY: the name ends with a NUL.
        let handle = unsafe { OpenServiceW(self.0.0, name.as_ptr(), access) };
        Handle::opened(handle).map(Service)
    }
}

/// An open service.
pub(in crate::sys::windows) struct Service(Handle);

impl Service {
    /// `QueryServiceStatusEx`; the handle needs `SERVICE_QUERY_STATUS`.
    pub(in crate::sys::windows) fn status(&self) -> io::Result<SERVICE_STATUS_PROCESS> {
        let mut status = SERVICE_STATUS_PROCESS::default();
        let mut needed = 0;
        // SAFETY: there is room for the one structure that is asked for.
        let done = unsafe {
            QueryServiceStatusEx(
                self.0.0,
                SC_STATUS_PROCESS_INFO,
                (&raw mut status).cast(),
                STATUS,
                &raw mut needed,
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(status)
    }

    /// Memory for `pslens_parse::windows::query_service_config`; the handle needs `SERVICE_QUERY_CONFIG`.
    pub(in crate::sys::windows) fn config(&self) -> io::Result<Buffer> {
        query(|start, length, needed| {
            // SAFETY: the call writes at most `length` bytes from `start` on.
            unsafe { QueryServiceConfigW(self.0.0, start.cast(), length, needed) }
        })
    }

    /// Memory for `pslens_parse::windows::service_description`; the handle needs `SERVICE_QUERY_CONFIG`.
    pub(in crate::sys::windows) fn description(&self) -> io::Result<Buffer> {
        query(|start, length, needed| {
            // SAFETY: as above.
            unsafe {
                QueryServiceConfig2W(self.0.0, SERVICE_CONFIG_DESCRIPTION, start, length, needed)
            }
        })
    }
}

/// Calls `ask` with room, and with as much as it needs if that was not enough.
fn query(mut ask: impl FnMut(*mut u8, u32, *mut u32) -> i32) -> io::Result<Buffer> {
    let mut room = 1 << 10;
    loop {
        let mut buffer = Buffer::with_room(room as usize);
        let mut needed = 0;
        if ask(buffer.start().cast(), room, &raw mut needed) != 0 {
            buffer.fill(room as usize);
            return Ok(buffer);
        }
        let error = io::Error::last_os_error();
        if code(&error) != Some(ERROR_INSUFFICIENT_BUFFER) || room >= LARGEST_CONFIG {
            return Err(error);
        }
        // What is needed may have grown until the next call.
        room = needed.max(room * 2).min(LARGEST_CONFIG);
    }
}
