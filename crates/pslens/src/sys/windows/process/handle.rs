//! An open process: as long as it is open, its number is given to no other.

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::process::Child;

use windows_sys::Win32::Foundation::ERROR_INVALID_PARAMETER;
use windows_sys::Win32::System::Threading::{
    PROCESS_ACCESS_RIGHTS, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
};

use super::identity;
use crate::error::{Error, Result};
use crate::process::{Identity, Pid, Target};
use crate::sys::windows::errors::{code, denied};
use crate::sys::windows::ffi;
use crate::sys::windows::ffi::process::Times;

/// What every handle may do: tell the times, and whether it has ended.
const ALWAYS: PROCESS_ACCESS_RIGHTS = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE;

/// An open process that was alive when it was opened.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) identity: Identity,
    /// As of the moment when it was opened.
    pub(super) times: Times,
    handle: OwnedHandle,
}

impl Handle {
    /// The process that has `pid` now, for what `access` says beyond telling who it is.
    ///
    /// One that has ended, of which only handles are left, is gone.
    pub(super) fn open(
        pid: Pid,
        access: PROCESS_ACCESS_RIGHTS,
        operation: &'static str,
    ) -> Result<Self> {
        let ended = Self::open_ended(pid, access, operation)?;
        let exited = ffi::process::has_exited(ended.as_handle())
            .map_err(|error| Error::os_pid(operation, pid, error))?;
        if exited {
            return Err(Error::no_such_process(operation, pid));
        }
        Ok(ended)
    }

    /// As [`Handle::open`], also if it has ended.
    pub(super) fn open_ended(
        pid: Pid,
        access: PROCESS_ACCESS_RIGHTS,
        operation: &'static str,
    ) -> Result<Self> {
        let failed = |error: std::io::Error| match code(&error) {
            Some(ERROR_INVALID_PARAMETER) if pid.as_u32() != 0 => {
                Error::no_such_process(operation, pid)
            }
            // Number 0 is the idle process, which nobody may open; and a refusal without a reason is one.
            Some(ERROR_INVALID_PARAMETER | 0) => Error::os_pid(operation, pid, denied()),
            _ => Error::os_pid(operation, pid, error),
        };
        let handle = ffi::process::open(pid.as_u32(), access | ALWAYS).map_err(failed)?;
        let fail = |error| Error::os_pid(operation, pid, error);
        // Numbers that are not multiples of four lead to the process of the next lower one that is.
        if ffi::process::id(handle.as_handle()).map_err(fail)? != pid.as_u32() {
            return Err(Error::no_such_process(operation, pid));
        }
        let times = ffi::process::times(handle.as_handle()).map_err(fail)?;
        Ok(Self {
            identity: identity::of(pid, times.creation),
            times,
            handle,
        })
    }

    /// The process to act on, and no other.
    pub(super) fn of(target: &Target<'_>, access: PROCESS_ACCESS_RIGHTS) -> Result<Self> {
        let handle = Self::open(target.pid, access, target.operation)?;
        target.compare(&handle.identity)?;
        Ok(handle)
    }
}

/// Of a child that the caller has open: it can have ended.
pub(crate) fn child_identity(child: &Child, operation: &'static str) -> Result<Identity> {
    let times = ffi::process::times(child.as_handle())
        .map_err(|error| Error::os_pid(operation, Pid::from(child.id()), error))?;
    Ok(identity::of(Pid::from(child.id()), times.creation))
}

impl AsHandle for Handle {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}
