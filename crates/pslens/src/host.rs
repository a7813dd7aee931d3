//! The machine as a whole: load average, boot time, users.
//!
//! Not here: what CPUs do ([`crate::cpu`]) and what processes do ([`crate::process`]).

use std::ffi::{OsStr, OsString};
use std::time::{Duration, SystemTime};

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

impl LoadAverage {
    /// The averages `elapsed` after these, if in the meantime `tasks` tasks ran or waited to run.
    ///
    /// Averages as kernels make them: what was so a minute ago counts in the first one by a factor of
    /// 1/e, what was so two minutes ago by its square, and so on. For systems whose kernel keeps none
    /// (`os::windows::LoadSampler`), and for averages of something else.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// use pslens::host::LoadAverage;
    ///
    /// let idle = LoadAverage::default();
    /// let load = idle.after(Duration::from_secs(60), 2);
    /// assert!(load.one > 1.2 && load.one < 1.3);
    /// assert!(load.fifteen < load.five && load.five < load.one);
    /// ```
    #[must_use]
    pub fn after(&self, elapsed: Duration, tasks: u32) -> Self {
        let tasks = f64::from(tasks);
        let average = |before: f64, seconds: f64| {
            let kept = (-elapsed.as_secs_f64() / seconds).exp();
            before * kept + tasks * (1.0 - kept)
        };
        Self {
            one: average(self.one, 60.0),
            five: average(self.five, 300.0),
            fifteen: average(self.fifteen, 900.0),
        }
    }
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
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS. Windows keeps no averages:
/// `os::windows::LoadSampler` makes them for a program that asks it every few seconds.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system hides it (hardened containers);
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on Windows.
/// # Sources
/// Linux `/proc/loadavg`.
/// # Examples
/// ```
/// # #[cfg(target_os = "linux")] {
/// let load = pslens::host::load_average()?;
/// assert!(load.one >= 0.0);
/// # }
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
/// differ by a second between two calls. Do not compare it for equality. Sleep does not move it: the
/// time since includes that. A Windows that is shut down with "fast startup" on does not boot the next
/// time, but wakes up.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system hides it (Android, hardened
/// containers).
/// # Sources
/// Linux `/proc/stat` (`btime`); Windows `SystemTimeOfDayInformation`, the field `BootTime`.
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
/// last connected to, and `host` is the address that a remote client says it has. A session that refuses to tell
/// is left out, unless all do.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn near(load: &LoadAverage, expect: [f64; 3]) -> bool {
        let got = [load.one, load.five, load.fifteen];
        got.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    #[test]
    fn no_time_changes_no_average_and_much_time_all() {
        let load = LoadAverage {
            one: 3.0,
            five: 2.0,
            fifteen: 1.0,
        };
        assert_eq!(load.after(Duration::ZERO, 100), load);
        assert!(near(&load.after(Duration::from_secs(36_000), 7), [7.0; 3]));
        assert!(near(&load.after(Duration::MAX, 7), [7.0; 3]));
    }

    #[test]
    fn samples_five_seconds_apart_count_as_psutils_do() {
        let kept = [60.0, 300.0, 900.0].map(|seconds: f64| (-5.0 / seconds).exp());
        let mut load = LoadAverage::default();
        let mut expect = [0.0; 3];
        for tasks in [4, 0, 9, 1] {
            load = load.after(Duration::from_secs(5), tasks);
            for (average, kept) in expect.iter_mut().zip(kept) {
                *average = *average * kept + f64::from(tasks) * (1.0 - kept);
            }
        }
        assert!(near(&load, expect), "{load:?} {expect:?}");
    }

    #[test]
    fn it_does_not_matter_how_often_a_steady_load_is_looked_at() {
        let start = LoadAverage {
            one: 5.0,
            ..LoadAverage::default()
        };
        let once = start.after(Duration::from_secs(12), 2);
        let mut often = start;
        for _ in 0..120 {
            often = often.after(Duration::from_millis(100), 2);
        }
        assert!(near(&often, [once.one, once.five, once.fifteen]));
    }
}
