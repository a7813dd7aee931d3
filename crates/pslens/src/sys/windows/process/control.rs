//! Acting on a process, always through a handle: while it is open the number means no other process.

use std::io;
use std::os::windows::io::AsHandle;

use windows_sys::Win32::System::Threading::{PROCESS_SUSPEND_RESUME, PROCESS_TERMINATE};

use super::handle::Handle;
use super::signals;
use crate::error::{Error, Result};
use crate::os::windows::CtrlEvent;
use crate::process::{Limits, Resource, Signal, Target};
use crate::sys::windows::ffi;

/// The exit code of what is ended here, as of what psutil ends: the number of `SIGTERM`.
const TERMINATED: u32 = signals::TERM.cast_unsigned();

/// What a signal means here.
#[derive(Debug, Clone, Copy)]
enum Action {
    /// Nothing, if it could be ended.
    Probe,
    Terminate,
    Suspend,
    Resume,
}

impl Action {
    fn of(signal: Signal) -> Option<Self> {
        match signal.as_raw() {
            0 => Some(Self::Probe),
            signals::TERM | signals::KILL => Some(Self::Terminate),
            signals::STOP => Some(Self::Suspend),
            signals::CONT => Some(Self::Resume),
            _ => None,
        }
    }
}

pub(crate) fn send_signal(target: &Target<'_>, signal: Signal) -> Result<()> {
    let Some(action) = Action::of(signal) else {
        return Err(Error::invalid_argument(
            target.operation,
            "signal",
            signal,
            "SIGTERM or SIGKILL (end it), SIGSTOP (suspend it), SIGCONT (resume it), 0 (only look)",
        ));
    };
    let access = match action {
        Action::Probe | Action::Terminate => PROCESS_TERMINATE,
        Action::Suspend | Action::Resume => PROCESS_SUSPEND_RESUME,
    };
    let handle = Handle::of(target, access)?;
    let process = handle.as_handle();
    match action {
        Action::Probe => Ok(()),
        Action::Terminate => match ffi::control::terminate(process, TERMINATED) {
            Err(_) if has_ended(&handle) => Ok(()),
            result => result.map_err(|error| failure(target, &handle, error)),
        },
        Action::Suspend => {
            ffi::control::suspend(process).map_err(|error| failure(target, &handle, error))
        }
        Action::Resume => {
            ffi::control::resume(process).map_err(|error| failure(target, &handle, error))
        }
    }
}

pub(crate) fn send_ctrl_event(target: &Target<'_>, event: CtrlEvent) -> Result<()> {
    let handle = Handle::of(target, 0)?;
    ffi::control::console_event(event.as_raw(), target.pid.as_u32())
        .map_err(|error| failure(target, &handle, error))
}

pub(crate) fn rlimit(target: &Target<'_>, _resource: Resource) -> Result<Limits> {
    Err(no_limits(target))
}

pub(crate) fn set_rlimit(target: &Target<'_>, _which: Resource, _limits: Limits) -> Result<()> {
    Err(no_limits(target))
}

fn no_limits(target: &Target<'_>) -> Error {
    let reason = "Windows limits jobs, and not processes";
    Error::unsupported(target.operation, reason).of_pid(target.pid)
}

/// Why a call with the handle of a living process has failed; the process may have ended meanwhile.
pub(super) fn failure(target: &Target<'_>, handle: &Handle, error: io::Error) -> Error {
    if has_ended(handle) {
        return Error::no_such_process(target.operation, target.pid);
    }
    Error::os_pid(target.operation, target.pid, error)
}

fn has_ended(handle: &Handle) -> bool {
    ffi::process::has_exited(handle.as_handle()).unwrap_or(false)
}
