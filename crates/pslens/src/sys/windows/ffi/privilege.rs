//! Privileges of the calling process.

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_NOT_ALL_ASSIGNED, ERROR_PRIVILEGE_NOT_HELD, GetLastError, LUID,
};
use windows_sys::Win32::Security::{
    AdjustTokenPrivileges, LUID_AND_ATTRIBUTES, LookupPrivilegeValueW, SE_DEBUG_NAME,
    SE_PRIVILEGE_ENABLED, TOKEN_ADJUST_PRIVILEGES, TOKEN_PRIVILEGES, TOKEN_QUERY,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// `SeDebugPrivilege`, if the user has it.
pub(crate) fn enable_debug() -> io::Result<()> {
    let token = own_token()?;
    let privileges = TOKEN_PRIVILEGES {
        PrivilegeCount: 1,
        Privileges: [LUID_AND_ATTRIBUTES {
            Luid: debug()?,
            Attributes: SE_PRIVILEGE_ENABLED,
        }],
    };
    let (token, none) = (token.as_raw_handle(), ptr::null_mut());
    // SAFETY: the handle is open, the structure holds the one privilege that it announces, and the former
    // state is not asked for.
    let done =
        unsafe { AdjustTokenPrivileges(token, 0, &raw const privileges, 0, none, none.cast()) };
    // SAFETY: takes nothing.
    let code = unsafe { GetLastError() };
    match (done, code) {
        // It also succeeds if the user does not have the privilege, and leaves this code.
        (_, ERROR_NOT_ALL_ASSIGNED) => Err(of_code(ERROR_PRIVILEGE_NOT_HELD)),
        (0, code) => Err(of_code(code)),
        _ => Ok(()),
    }
}

fn own_token() -> io::Result<OwnedHandle> {
    let mut token = ptr::null_mut();
    let access = TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY;
    // SAFETY: takes nothing; the answer need not be closed.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the handle is valid, and the pointer leads to room for another one.
    if unsafe { OpenProcessToken(process, access, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made, for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

fn debug() -> io::Result<LUID> {
    let mut number = LUID::default();
    // SAFETY: the name ends with a NUL, and the pointer leads to room for the number.
    match unsafe { LookupPrivilegeValueW(ptr::null(), SE_DEBUG_NAME, &raw mut number) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(number),
    }
}

fn of_code(code: u32) -> io::Error {
    io::Error::from_raw_os_error(code.cast_signed())
}
