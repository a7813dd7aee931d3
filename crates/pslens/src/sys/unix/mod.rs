//! What all Unix systems share: error codes, and the calls of POSIX.

pub(crate) mod accounts;
pub(crate) mod errno;
pub(crate) mod ffi;
pub(crate) mod statvfs;
pub(crate) mod users;
