//! Sessions on Windows.

use std::ffi::OsString;

/// COMPAT(psutil): nobody else than who comes from another machine has one.
pub(crate) fn login_host(host: Option<OsString>) -> Option<OsString> {
    host
}
