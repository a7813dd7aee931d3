//! The machine as a whole: load average, boot time, users.
//!
//! Not here: what CPUs do ([`crate::cpu`]) and what processes do ([`crate::process`]).

use std::ffi::{OsStr, OsString};
use std::time::SystemTime;

use crate::error::Result;
use crate::process::Pid;
use crate::root::Root;
use crate::sys;

/// How many tasks ran or waited to run, on average.
///
/// On Linux tasks in uninterruptible sleep (usually waiting for a disk) count as well. The numbers
/// are the whole machine's, also inside a container, and are not divided by the number of CPUs.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LoadAverage {
    /// Over the last minute.
    pub one: f64,
    /// Over the last five minutes.
    pub five: f64,
    /// Over the last fifteen minutes.
    pub fifteen: f64,
}

/// Somebody who is logged in, at one terminal.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct User {
    /// The login name. Bytes, as the login program wrote them.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::text"))]
    pub name: OsString,
    /// The terminal, without `/dev/`: `pts/0`. `None` for logins without one, and on Windows.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::text_option")
    )]
    pub terminal: Option<OsString>,
    /// Where the login came from: an address, a host name, an X display (`:0`). `None` for a login at
    /// the machine itself.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::text_option")
    )]
    pub host: Option<OsString>,
    /// When.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::epoch"))]
    pub started: SystemTime,
    /// The login process. Of a login that ended without notice the pid may be another process's by
    /// now. `None` on Windows and OpenBSD.
    pub pid: Option<Pid>,
}

/// Returns the load averages of the last 1, 5 and 15 minutes.
///
/// # Units
/// Tasks, with a precision of a hundredth.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system hides it (hardened containers).
/// # Sources
/// Linux `/proc/loadavg`.
/// # Examples
/// ```
/// let load = pslens::host::load_average()?;
/// assert!(load.one >= 0.0);
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "getloadavg")]
#[doc(alias = "uptime")]
pub fn load_average() -> Result<LoadAverage> {
    load_average_in(Root::current())
}

/// As [`load_average`], read from `root`.
///
/// # Errors
/// As [`load_average`].
pub fn load_average_in(root: &Root) -> Result<LoadAverage> {
    sys::host::load_average(&root.0)
}

/// Returns when the system booted.
///
/// The kernel computes it from the clock of the wall, so it moves when that clock is set, and may
/// differ by a second between two calls. Do not compare it for equality.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system hides it (Android, hardened
/// containers).
/// # Sources
/// Linux `/proc/stat` (`btime`).
/// # Examples
/// ```
/// assert!(pslens::host::boot_time()? < std::time::SystemTime::now());
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "uptime")]
pub fn boot_time() -> Result<SystemTime> {
    boot_time_in(Root::current())
}

/// As [`boot_time`], read from `root`.
///
/// # Errors
/// As [`boot_time`].
pub fn boot_time_in(root: &Root) -> Result<SystemTime> {
    sys::host::boot_time(&root.0)
}

/// Returns who is logged in, one row for each terminal.
///
/// Programs that open terminals decide whether they make a record; graphical ones often do not.
/// Systems that have given up the login records (musl, and distributions that rely on systemd alone)
/// have no rows. On Windows a row is a session that has a user, connected or left open: `started` is when it was
/// last connected to, and `host` is the address that a remote client says it has.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the records may not be read.
/// # Sources
/// Linux `/var/run/utmp`, else `/run/utmp`. Windows `WTSEnumerateSessionsW`, then
/// `WTSQuerySessionInformationW`; editions without `wtsapi32.dll` (Nano Server) have no rows.
/// # Examples
/// ```
/// for user in pslens::host::users()? {
///     assert!(!user.name.is_empty());
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "who")]
#[doc(alias = "getutxent")]
pub fn users() -> Result<Vec<User>> {
    users_in(Root::current())
}

/// As [`users`], for `root`, which must be the running system: the records are not below `/proc`.
///
/// # Errors
/// As [`users`]; [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) under another root.
pub fn users_in(root: &Root) -> Result<Vec<User>> {
    sys::host::users(&root.0)
}

/// Returns the name of the user with this number; `None` if nobody knows one.
///
/// Where names come from a directory service this can take as long as the service does.
///
/// # Availability
/// Linux.
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on other systems.
/// # Sources
/// The system's user data base, by `getpwuid_r`.
/// # Examples
/// ```
/// # #[cfg(target_os = "linux")]
/// assert_eq!(pslens::host::user_name(0)?.as_deref(), Some("root".as_ref()));
/// # Ok::<(), pslens::Error>(())
/// ```
pub fn user_name(uid: u32) -> Result<Option<OsString>> {
    user_name_in(uid, Root::current())
}

/// As [`user_name`], for `root`: of another than the running system's users nobody knows the names.
///
/// # Errors
/// As [`user_name`].
pub fn user_name_in(uid: u32, root: &Root) -> Result<Option<OsString>> {
    sys::host::user_name(&root.0, uid)
}

/// Returns the number of the user with this name; `None` if nobody is called so.
///
/// Where names come from a directory service this can take as long as the service does.
///
/// # Availability
/// Linux.
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on other systems.
/// # Sources
/// The system's user data base, by `getpwnam_r`.
/// # Examples
/// ```
/// # #[cfg(target_os = "linux")]
/// assert_eq!(pslens::host::user_id("root")?, Some(0));
/// # Ok::<(), pslens::Error>(())
/// ```
pub fn user_id(name: impl AsRef<OsStr>) -> Result<Option<u32>> {
    user_id_in(name, Root::current())
}

/// As [`user_id`], for `root`: of another than the running system's users nobody knows the names.
///
/// # Errors
/// As [`user_id`].
pub fn user_id_in(name: impl AsRef<OsStr>, root: &Root) -> Result<Option<u32>> {
    sys::host::user_id(&root.0, name.as_ref())
}
