//! Error codes of Unix, as kinds.

use std::io;

use crate::error::ErrorKind;

/// What an `errno` means, where nothing more is known about the subject.
///
/// `ESRCH` is "no such process" everywhere; `ENOENT` only the caller can tell.
pub(crate) fn errno_kind(error: &io::Error) -> ErrorKind {
    match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => ErrorKind::AccessDenied,
        Some(libc::ESRCH) => ErrorKind::NoSuchProcess,
        Some(libc::ENOENT | libc::ENODEV | libc::ENXIO | libc::ENOTDIR) => ErrorKind::NotFound,
        Some(libc::ENOSYS | libc::EOPNOTSUPP) => ErrorKind::Unsupported,
        Some(libc::ETIMEDOUT) => ErrorKind::TimedOut,
        _ => ErrorKind::Os,
    }
}
