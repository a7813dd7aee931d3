//! Looking into a process through a handle that must be opened for it.

use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::{io, process};

use windows_sys::Win32::System::Threading::PROCESS_ACCESS_RIGHTS;

use super::reader::Reader;
use crate::error::{Error, Result};
use crate::process::Attribute;
use crate::sys::windows::errors::is_unknown_question;
use crate::sys::windows::ffi;
use crate::sys::windows::ffi::handles::this_process;

impl Reader {
    /// Does something with the process that takes such `access`, and says what became of it.
    pub(super) fn look<T>(
        &mut self,
        attribute: Attribute,
        access: PROCESS_ACCESS_RIGHTS,
        look: impl FnOnce(BorrowedHandle<'_>) -> io::Result<T>,
    ) -> Result<T> {
        let (pid, operation) = (self.pid, attribute.operation());
        let process = if pid.as_u32() == process::id() {
            self.handle(0, operation)?;
            // Whatever others may do with it, it may look at itself.
            this_process()
        } else {
            self.handle(access, operation)?.as_handle()
        };
        match look(process) {
            Ok(found) => Ok(found),
            // Of a process that has ended, memory and handles are refused.
            Err(_) if ffi::process::has_exited(process).unwrap_or(false) => {
                Err(Error::no_such_process(operation, pid))
            }
            Err(error) if is_unknown_question(&error) => Err(self.untold(attribute)),
            Err(error) => Err(Error::os_pid(operation, pid, error)),
        }
    }
}
