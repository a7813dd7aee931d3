//! The machine as a whole: load average, boot time, logged-in users.
//!
//! Not here: what CPUs do ([`crate::cpu`]) and what processes do ([`crate::process`]).

use crate::error::Result;
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
