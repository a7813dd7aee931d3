//! The program file.

use std::io;
use std::os::windows::io::AsHandle;
use std::path::PathBuf;

use pslens_parse::windows::{Wide, unicode_string};
use windows_sys::Wdk::System::Threading::ProcessImageFileName;
use windows_sys::Win32::Foundation::ERROR_INVALID_PARAMETER;

use super::handle::Handle;
use super::identity::{IDLE, SYSTEM};
use super::reader::Reader;
use crate::error::{Error, ErrorKind, Result};
use crate::process::Attribute;
use crate::sys::windows::errors::{code, invalid};
use crate::sys::windows::ffi;
use crate::sys::windows::ffi::buffer::Buffer;

impl Reader {
    pub(crate) fn exe(&mut self) -> Result<Option<PathBuf>> {
        const OPERATION: &str = Attribute::Exe.operation();
        if matches!(self.pid.as_u32(), IDLE | SYSTEM) {
            return Ok(None);
        }
        let told = match self.handle(0, OPERATION) {
            Ok(handle) => path_of(handle).ok(),
            Err(error) if error.kind() == ErrorKind::AccessDenied => None,
            Err(error) => return Err(error),
        };
        let path = match told {
            Some(path) => path,
            // By its number everybody is told, of every process.
            None => {
                let path = self.image_name(OPERATION)?;
                let path = path.map_err(|error| match code(&error) {
                    Some(ERROR_INVALID_PARAMETER) => Error::no_such_process(OPERATION, self.pid),
                    _ => Error::os_pid(OPERATION, self.pid, error),
                })?;
                path.into_iter().flat_map(u16::to_le_bytes).collect()
            }
        };
        // Some of the kernel's own have a name here (`Registry`, `MemCompression`), which is no path.
        let is_path = path.starts_with(&u16::from(b'\\').to_le_bytes());
        Ok(is_path.then(|| self.names.drives().path(Wide(&path))))
    }
}

/// As the kernel has it.
pub(super) fn path_of(process: &Handle) -> io::Result<Vec<u8>> {
    let mut bytes = Buffer::default();
    ffi::nt::query_process(process.as_handle(), ProcessImageFileName, &mut bytes)?;
    let text = unicode_string::answer(bytes.memory()).map_err(invalid)?;
    Ok(text.0.to_vec())
}
