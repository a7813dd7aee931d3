//! What the codes of Windows mean.

use std::io;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_BAD_NET_NAME, ERROR_BAD_NETPATH, ERROR_CALL_NOT_IMPLEMENTED,
    ERROR_FILE_NOT_FOUND, ERROR_INVALID_DRIVE, ERROR_INVALID_FUNCTION, ERROR_INVALID_PARAMETER,
    ERROR_NOT_SUPPORTED, ERROR_PATH_NOT_FOUND, ERROR_PRIVILEGE_NOT_HELD,
    ERROR_SERVICE_DOES_NOT_EXIST,
};

use crate::error::ErrorKind;

pub(crate) fn errno_kind(error: &io::Error) -> ErrorKind {
    match code(error) {
        Some(ERROR_ACCESS_DENIED | ERROR_PRIVILEGE_NOT_HELD) => ErrorKind::AccessDenied,
        Some(
            ERROR_FILE_NOT_FOUND
            | ERROR_PATH_NOT_FOUND
            | ERROR_INVALID_DRIVE
            | ERROR_BAD_NETPATH
            | ERROR_BAD_NET_NAME
            | ERROR_SERVICE_DOES_NOT_EXIST,
        ) => ErrorKind::NotFound,
        Some(ERROR_CALL_NOT_IMPLEMENTED | ERROR_INVALID_FUNCTION | ERROR_NOT_SUPPORTED) => {
            ErrorKind::Unsupported
        }
        None if error.kind() == io::ErrorKind::InvalidData => ErrorKind::InvalidData,
        // Not from the system but from `std`, which looks for programs itself.
        None if error.kind() == io::ErrorKind::NotFound => ErrorKind::NotFound,
        _ => ErrorKind::Os,
    }
}

/// The code of a failed call, as the constants `ERROR_*` are typed.
pub(super) fn code(error: &io::Error) -> Option<u32> {
    error.raw_os_error().map(i32::cast_unsigned)
}

/// Whether the system does not know the question (this class of information), whatever the answer were.
pub(super) fn is_unknown_question(error: &io::Error) -> bool {
    code(error) == Some(ERROR_INVALID_PARAMETER) || errno_kind(error) == ErrorKind::Unsupported
}

/// As if the system had refused.
pub(super) fn denied() -> io::Error {
    io::Error::from_raw_os_error(ERROR_ACCESS_DENIED.cast_signed())
}

/// The answer could not be understood.
pub(super) fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
