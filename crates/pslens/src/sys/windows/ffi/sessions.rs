//! `wtsapi32`: sessions of people. Small editions of Windows do not have it, so it is loaded when asked.

use std::ffi::{CStr, c_void};
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_CALL_NOT_IMPLEMENTED, ERROR_MOD_NOT_FOUND, ERROR_NO_MORE_ITEMS, FARPROC, FreeLibrary,
    HANDLE, HMODULE,
};
use windows_sys::Win32::System::LibraryLoader::{
    GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW,
};
use windows_sys::Win32::System::RemoteDesktop::{
    WTS_CLIENT_ADDRESS, WTS_CURRENT_SERVER_HANDLE, WTS_INFO_CLASS, WTS_SESSION_INFOW, WTSINFOW,
};
use windows_sys::core::{BOOL, PWSTR};
use windows_sys::w;

use crate::sys::windows::errors::code;

// The sizes that the decoders go by.
const _: () = assert!(size_of::<WTS_SESSION_INFOW>() == 24);
const _: () = assert!(size_of::<WTS_CLIENT_ADDRESS>() == 24);
const _: () = assert!(size_of::<WTSINFOW>() == 216);

/// `WTSEnumerateSessionsW`.
type Enumerate =
    unsafe extern "system" fn(HANDLE, u32, u32, *mut *mut WTS_SESSION_INFOW, *mut u32) -> BOOL;
/// `WTSQuerySessionInformationW`.
type Query = unsafe extern "system" fn(HANDLE, u32, WTS_INFO_CLASS, *mut PWSTR, *mut u32) -> BOOL;
/// `WTSFreeMemory`.
type Free = unsafe extern "system" fn(*mut c_void);

/// The library, loaded.
pub(in crate::sys::windows) struct Sessions {
    library: HMODULE,
    enumerate: Enumerate,
    query: Query,
    free: Free,
}

impl Sessions {
    /// `None` if this Windows has no such library, or it does nothing.
    pub(in crate::sys::windows) fn load() -> io::Result<Option<Self>> {
        let name = w!("wtsapi32.dll");
        // SAFETY: the name ends with a NUL, and the library is the system's own.
        let library =
            unsafe { LoadLibraryExW(name, ptr::null_mut(), LOAD_LIBRARY_SEARCH_SYSTEM32) };
        if library.is_null() {
            let error = io::Error::last_os_error();
            return match code(&error) {
                Some(ERROR_MOD_NOT_FOUND) => Ok(None),
                _ => Err(error),
            };
        }
        let found = (
            function(library, c"WTSEnumerateSessionsW"),
            function(library, c"WTSQuerySessionInformationW"),
            function(library, c"WTSFreeMemory"),
        );
        let (Some(enumerate), Some(query), Some(free)) = found else {
            unload(library);
            return Ok(None);
        };
        Ok(Some(Self {
            library,
            // SAFETY: the function of this name has this type.
            enumerate: unsafe { std::mem::transmute::<Function, Enumerate>(enumerate) },
            // SAFETY: as above.
            query: unsafe { std::mem::transmute::<Function, Query>(query) },
            // SAFETY: as above.
            free: unsafe { std::mem::transmute::<Function, Free>(free) },
        }))
    }

    /// The sessions of this machine, for `pslens_parse::windows::wts_session_info`; none where the library
    /// is there and does nothing.
    pub(in crate::sys::windows) fn list(&self) -> io::Result<Vec<u8>> {
        let mut start = ptr::null_mut();
        let mut count = 0;
        // SAFETY: the pointers lead to places for a pointer and a number; 1 is the only version there is.
        let done = unsafe {
            (self.enumerate)(
                WTS_CURRENT_SERVER_HANDLE,
                0,
                1,
                &raw mut start,
                &raw mut count,
            )
        };
        if done == 0 {
            let error = io::Error::last_os_error();
            return match code(&error) {
                // The second is said to accounts that may see none.
                Some(ERROR_CALL_NOT_IMPLEMENTED | ERROR_NO_MORE_ITEMS) => Ok(Vec::new()),
                _ => Err(error),
            };
        }
        Ok(self.take(
            start.cast(),
            count as usize * size_of::<WTS_SESSION_INFOW>(),
        ))
    }

    /// What the system knows of a session.
    pub(in crate::sys::windows) fn query(
        &self,
        session: u32,
        class: WTS_INFO_CLASS,
    ) -> io::Result<Vec<u8>> {
        let mut start = ptr::null_mut();
        let mut length = 0;
        // SAFETY: the pointers lead to places for a pointer and a number.
        let done = unsafe {
            (self.query)(
                WTS_CURRENT_SERVER_HANDLE,
                session,
                class,
                &raw mut start,
                &raw mut length,
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(self.take(start.cast(), length as usize))
    }

    /// Copies an answer of the library, and frees it.
    fn take(&self, start: *mut u8, length: usize) -> Vec<u8> {
        if start.is_null() {
            return Vec::new();
        }
        // SAFETY: the library has written that many bytes there, for us alone.
        let bytes = unsafe { std::slice::from_raw_parts(start, length) }.to_vec();
        // SAFETY: the memory is the library's, and nothing refers to it any more.
        unsafe { (self.free)(start.cast()) };
        bytes
    }
}

impl Drop for Sessions {
    fn drop(&mut self) {
        unload(self.library);
    }
}

/// Any function.
type Function = unsafe extern "system" fn() -> isize;

fn function(library: HMODULE, name: &CStr) -> FARPROC {
    // SAFETY: the library is loaded, the name ends with a NUL.
    unsafe { GetProcAddress(library, name.as_ptr().cast()) }
}

fn unload(library: HMODULE) {
    // SAFETY: whoever loaded it does not use it any more.
    unsafe { FreeLibrary(library) };
}
