//! Privileges of the calling process.

use crate::error::{Error, Result};
use crate::sys::windows;

/// Lets the calling process open nearly every other one, if its user may debug programs
/// (`SeDebugPrivilege`: administrators, in a program that was started as administrator).
///
/// Then command lines, environments, open files and names of users can be read of processes of other users
/// and of services, and they can be acted on. Nothing is changed for those who do not have the privilege.
/// The library never does this by itself: it stays in force until the process ends, and for all of its
/// threads.
///
/// # Availability
/// Windows.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the user does not have the privilege.
/// # Sources
/// `AdjustTokenPrivileges`.
/// # Examples
/// ```no_run
/// if let Err(error) = pslens::os::windows::enable_debug_privilege() {
///     eprintln!("processes of others will tell little: {error}");
/// }
/// ```
#[doc(alias = "SeDebugPrivilege")]
pub fn enable_debug_privilege() -> Result<()> {
    windows::enable_debug_privilege()
        .map_err(|error| Error::os("windows enable_debug_privilege", error))
}
