//! Logins on Linux.

use std::ffi::OsString;

/// COMPAT(psutil): who sits at the machine comes from it.
pub(crate) fn login_host(host: Option<OsString>) -> Option<OsString> {
    let host = host.filter(|host| host != ":0" && host != ":0.0");
    host.or_else(|| Some("localhost".into()))
}
