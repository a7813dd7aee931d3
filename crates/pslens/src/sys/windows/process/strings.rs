//! What a process was started with: command line, directory, environment; and the user it runs as.

use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use pslens_parse::windows::{Wide, command_line, environment_block, token_user, unicode_string};
use windows_sys::Wdk::System::Threading::ProcessCommandLineInformation;
use windows_sys::Win32::Foundation::{ERROR_NOACCESS, ERROR_NOT_FOUND, ERROR_PARTIAL_COPY};
use windows_sys::Win32::System::Threading::{
    PROCESS_ACCESS_RIGHTS, PROCESS_QUERY_INFORMATION, PROCESS_VM_READ,
};

use super::handle::Handle;
use super::identity::{IDLE, SYSTEM};
use super::names::LOCAL_SYSTEM;
use super::parameters::{Known, Parameters};
use super::reader::Reader;
use crate::error::{Error, ErrorKind, Result};
use crate::process::Attribute;
use crate::sys::windows::errors::{code, denied, invalid};
use crate::sys::windows::ffi::buffer::Buffer;
use crate::sys::windows::{ffi, wide};

/// What reading the memory of a process takes.
const READ: PROCESS_ACCESS_RIGHTS = PROCESS_QUERY_INFORMATION | PROCESS_VM_READ;

/// How long a process may be unreadable in parts, as one is that is just being made.
const PATIENCE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(40);

impl Reader {
    pub(crate) fn cmdline(&mut self) -> Result<Vec<OsString>> {
        const OPERATION: &str = Attribute::Cmdline.operation();
        if self.has_no_strings() {
            return Ok(Vec::new());
        }
        let line = match self.read(OPERATION, Parameters::command_line) {
            // The kernel may say more than it allows to be read.
            Err(error) if error.kind() == ErrorKind::AccessDenied => {
                let handle = self.handle(0, OPERATION)?;
                let told = told_command_line(handle);
                Some(told.map_err(|error| Error::os_pid(OPERATION, self.pid, error))?)
            }
            line => line?,
        };
        let arguments = command_line::arguments(Wide(line.as_deref().unwrap_or_default()));
        Ok(arguments
            .map(|argument| OsString::from_wide(&argument))
            .collect())
    }

    pub(crate) fn cwd(&mut self) -> Result<Option<PathBuf>> {
        const OPERATION: &str = Attribute::Cwd.operation();
        let path = if self.has_no_strings() {
            None
        } else {
            self.read(OPERATION, Parameters::current_directory)?
        };
        match path {
            Some(path) => Ok(directory(Wide(&path).until_nul())),
            // Where the kernel's own processes are is nobody's business.
            None => Err(Error::os_pid(OPERATION, self.pid, denied())),
        }
    }

    pub(crate) fn environ(&mut self) -> Result<Vec<(OsString, OsString)>> {
        if self.has_no_strings() {
            return Ok(Vec::new());
        }
        let block = self.read(Attribute::Environ.operation(), Parameters::environment)?;
        let variables = environment_block::variables(Wide(block.as_deref().unwrap_or_default()));
        Ok(variables
            .map(|(name, value)| (wide::upper(name), wide::text(value)))
            .collect())
    }

    pub(crate) fn username(&mut self) -> Result<OsString> {
        const OPERATION: &str = Attribute::Username.operation();
        let name = if self.has_no_strings() {
            self.names.user(LOCAL_SYSTEM)
        } else {
            let sid = sid(self.handle(0, OPERATION)?);
            sid.and_then(|sid| self.names.user(&sid))
        };
        name.map_err(|error| Error::os_pid(OPERATION, self.pid, error))
    }

    /// The kernel's own two, which nobody may open, or not for this.
    fn has_no_strings(&self) -> bool {
        matches!(self.pid.as_u32(), IDLE | SYSTEM)
    }

    /// Reads something out of the process's memory, with patience.
    fn read<T>(
        &mut self,
        operation: &'static str,
        read: impl Fn(Parameters, BorrowedHandle<'_>) -> io::Result<T>,
    ) -> Result<T> {
        let pid = self.pid;
        let until = Instant::now() + PATIENCE;
        let mut pause = FIRST_PAUSE;
        loop {
            let known = self.parameters;
            let process = self.handle(READ, operation)?.as_handle();
            let found = match known {
                Known::Nothing => Parameters::of(process),
                Known::Found(parameters) => Ok(parameters),
                Known::Unreadable => return Err(Error::os_pid(operation, pid, denied())),
            };
            let (next, answer) = match found {
                // What they lead to may be elsewhere the next time.
                Ok(found) => (
                    Known::Nothing,
                    read(found, process).map(|read| (found, read)),
                ),
                Err(error) => (Known::Unreadable, Err(error)),
            };
            let error = match answer {
                Ok((found, answer)) => {
                    self.parameters = Known::Found(found);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let again = match code(&error) {
                Some(ERROR_PARTIAL_COPY) => Instant::now() < until,
                Some(ERROR_NOACCESS) => false,
                _ => return Err(Error::os_pid(operation, pid, error)),
            };
            // The memory of one that has ended will not come back.
            if ffi::process::has_exited(process).unwrap_or(false) {
                return Err(Error::no_such_process(operation, pid));
            }
            if !again {
                self.parameters = next;
                return Err(Error::os_pid(operation, pid, denied()));
            }
            self.parameters = Known::Nothing;
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// The command line, which the kernel reads for those who may not (since Windows 8.1).
fn told_command_line(process: &Handle) -> io::Result<Vec<u8>> {
    let mut bytes = Buffer::default();
    ffi::nt::query_process(
        process.as_handle(),
        ProcessCommandLineInformation,
        &mut bytes,
    )
    .map_err(|error| match code(&error) {
        Some(ERROR_NOT_FOUND) => denied(),
        _ => error,
    })?;
    let text = unicode_string::answer(bytes.memory()).map_err(invalid)?;
    Ok(text.0.to_vec())
}

/// Without the backslash at the end, which only a drive keeps.
fn directory(path: Wide<'_>) -> Option<PathBuf> {
    let mut units: Vec<u16> = path.units().collect();
    if let [.., before, last] = units[..]
        && last == u16::from(b'\\')
        && before != u16::from(b':')
    {
        units.pop();
    }
    (!units.is_empty()).then(|| PathBuf::from(OsString::from_wide(&units)))
}

/// Whose a process is.
fn sid(process: &Handle) -> io::Result<Vec<u8>> {
    let token = ffi::account::token(process.as_handle())?;
    let bytes = ffi::account::token_user(token.as_handle())?;
    token_user::sid(bytes.memory())
        .map(<[u8]>::to_vec)
        .map_err(invalid)
}
