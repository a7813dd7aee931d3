//! How a process ranks against others: for the CPUs, and for input and output.

use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};

use windows_sys::Win32::Foundation::ERROR_PRIVILEGE_NOT_HELD;
use windows_sys::Win32::System::Threading::PROCESS_SET_INFORMATION;

use super::control::failure;
use super::handle::Handle;
use super::reader::Reader;
use crate::error::{Error, Result};
use crate::os::windows::PriorityClass;
use crate::process::{Attribute, IoHint, IoPriority, Target};
use crate::sys::windows::ffi;

impl Reader {
    /// The number of psutil, which is that of the API.
    pub(crate) fn nice(&mut self) -> Result<i32> {
        let operation = Attribute::Nice.operation();
        let pid = self.pid;
        let class = class_of(self.handle(0, operation)?.as_handle());
        class
            .map(|class| class.as_raw().cast_signed())
            .map_err(|error| Error::os_pid(operation, pid, error))
    }

    pub(crate) fn ionice(&mut self) -> Result<IoPriority> {
        let operation = Attribute::Ionice.operation();
        let pid = self.pid;
        let hint = hint_of(self.handle(0, operation)?.as_handle());
        hint.map(IoPriority::Hint)
            .map_err(|error| Error::os_pid(operation, pid, error))
    }
}

fn class_of(process: BorrowedHandle<'_>) -> io::Result<PriorityClass> {
    let number = ffi::control::priority_class(process)?;
    PriorityClass::known(number).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn hint_of(process: BorrowedHandle<'_>) -> io::Result<IoHint> {
    let number = ffi::control::io_priority(process)?;
    let hint = u8::try_from(number).ok().map(IoHint::from_raw);
    hint.and_then(Result::ok)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

pub(crate) fn priority_class(target: &Target<'_>) -> Result<PriorityClass> {
    let handle = Handle::of(target, 0)?;
    class_of(handle.as_handle()).map_err(|error| failure(target, &handle, error))
}

pub(crate) fn set_nice(target: &Target<'_>, nice: i32) -> Result<()> {
    let class = u32::try_from(nice).ok().and_then(PriorityClass::known);
    let class = class.ok_or_else(|| PriorityClass::refused(target.operation, nice))?;
    set_priority_class(target, class)
}

pub(crate) fn set_priority_class(target: &Target<'_>, class: PriorityClass) -> Result<()> {
    let handle = Handle::of(target, PROCESS_SET_INFORMATION)?;
    let process = handle.as_handle();
    let fail = |error| failure(target, &handle, error);
    let former = ffi::control::priority_class(process).map_err(fail)?;
    ffi::control::set_priority_class(process, class.as_raw()).map_err(fail)?;
    // Who may not have the highest class gets the next one, without a word.
    if ffi::control::priority_class(process).map_err(fail)? != class.as_raw() {
        ffi::control::set_priority_class(process, former).map_err(fail)?;
        let missing = io::Error::from_raw_os_error(ERROR_PRIVILEGE_NOT_HELD.cast_signed());
        return Err(fail(missing));
    }
    Ok(())
}

pub(crate) fn io_priority(target: &Target<'_>) -> Result<IoHint> {
    let handle = Handle::of(target, 0)?;
    hint_of(handle.as_handle()).map_err(|error| failure(target, &handle, error))
}

pub(crate) fn set_ionice(target: &Target<'_>, priority: IoPriority) -> Result<()> {
    let hint = match priority {
        IoPriority::Hint(hint) if hint != IoHint::Critical => hint,
        IoPriority::Hint(_) => return Err(refused(target, format_args!("{priority}"))),
        _ => {
            return Err(refused(
                target,
                format_args!("{priority}, a class of Linux"),
            ));
        }
    };
    let handle = Handle::of(target, PROCESS_SET_INFORMATION)?;
    ffi::control::set_io_priority(handle.as_handle(), u32::from(hint.as_raw()))
        .map_err(|error| failure(target, &handle, error))
}

#[cold]
fn refused(target: &Target<'_>, given: impl std::fmt::Display) -> Error {
    let accepted = "the hints very-low, low, normal, high";
    Error::invalid_argument(target.operation, "priority", given, accepted)
}
