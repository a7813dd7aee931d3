//! `statvfs`: how full a file system is.

use std::path::Path;

use crate::disk::{Inodes, Usage};
use crate::error::{Error, Result};

/// Blocks as long as the file system does.
pub(crate) fn usage(path: &Path) -> Result<Usage> {
    let stat = rustix::io::retry_on_intr(|| rustix::fs::statvfs(path))
        .map_err(|errno| Error::os_path("disk usage", path, errno.into()))?;
    let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
    Ok(Usage::new(
        bytes(stat.f_blocks),
        bytes(stat.f_bfree),
        bytes(stat.f_bavail),
        Inodes::new(stat.f_files, stat.f_ffree),
    ))
}
