//! What is looked up once per scan: drive letters, and users' names.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;

use windows_sys::Win32::Foundation::ERROR_NONE_MAPPED;

use crate::sys::windows::drives::Drives;
use crate::sys::windows::errors::{code, denied};
use crate::sys::windows::ffi;

/// S-1-5-18, the user that the system itself runs as.
pub(super) const LOCAL_SYSTEM: &[u8] = &[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];

/// Answers that stay the same while one scan lasts.
#[derive(Debug, Default)]
pub(super) struct Names {
    drives: Option<Drives>,
    /// By SID; of those without a name the code, so that asking again does not wait again.
    users: HashMap<Vec<u8>, Result<OsString, Option<i32>>>,
}

impl Names {
    pub(super) fn drives(&mut self) -> &Drives {
        self.drives.get_or_insert_with(Drives::now)
    }

    /// `DOMAIN\user`.
    pub(super) fn user(&mut self, sid: &[u8]) -> io::Result<OsString> {
        let known = match self.users.get(sid) {
            Some(known) => known,
            None => {
                let name = user(sid).map_err(|error| error.raw_os_error());
                self.users.entry(sid.to_vec()).or_insert(name)
            }
        };
        known.clone().map_err(|code| match code {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::ErrorKind::InvalidData.into(),
        })
    }
}

fn user(sid: &[u8]) -> io::Result<OsString> {
    let (domain, name) = ffi::account::account(sid).map_err(|error| match code(&error) {
        // Nobody who may be asked knows the account: of a removed user, or of another domain.
        Some(ERROR_NONE_MAPPED) => denied(),
        _ => error,
    })?;
    if domain.is_empty() {
        return Ok(name);
    }
    let mut full = domain;
    full.push(r"\");
    full.push(name);
    Ok(full)
}
