//! Drive letters, and paths that the kernel tells.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::path::PathBuf;

use pslens_parse::windows::Wide;
use pslens_parse::windows::nt_path::{Drive, for_programs};

use super::ffi;

/// Which letters are devices, as this session sees them now.
#[derive(Debug, Clone)]
pub(super) struct Drives(Vec<Drive>);

impl Drives {
    pub(super) fn now() -> Self {
        let drives = (b'A'..=b'Z').filter_map(|letter| {
            // Most letters are names of nothing.
            let target = ffi::device::dos_device(letter).ok()?;
            Drive::new(letter, &target)
        });
        Self(drives.collect())
    }

    /// The path for programs.
    pub(super) fn path(&self, kernel: Wide<'_>) -> PathBuf {
        let units: Vec<u16> = kernel.units().collect();
        self.path_of_units(&units)
    }

    /// The same.
    pub(super) fn path_of_units(&self, kernel: &[u16]) -> PathBuf {
        PathBuf::from(OsString::from_wide(&for_programs(kernel, &self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::windows::wide;

    #[test]
    fn the_drive_of_this_program_is_found_by_its_device() {
        let program = std::env::current_exe().unwrap();
        let [letter, b':', b'\\', ..] = *program.as_os_str().as_encoded_bytes() else {
            panic!("not on a drive: {program:?}");
        };
        let device = wide::until_nul(&ffi::device::dos_device(letter).unwrap());
        let kernel = format!(r"{}\dir\file", device.to_string_lossy());
        let bytes: Vec<u8> = kernel.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let path = Drives::now().path(Wide(&bytes));
        assert_eq!(
            path,
            PathBuf::from(format!(r"{}:\dir\file", letter as char))
        );
    }
}
