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
        PathBuf::from(OsString::from_wide(&for_programs(&units, &self.0)))
    }
}
