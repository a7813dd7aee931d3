//! What CPUs are there, how fast they run, and what they spent their time on.
//!
//! Times are sums since boot; [`percent`] and its kin compare two readings. The blocking forms sleep
//! in between, [`PercentSampler`] compares with its own previous call.
//!
//! Not here: the load average ([`crate::host`]) and the CPU use of a process ([`crate::Process`]).
//! Limits that a container sets are not looked at: these are the numbers of the machine.

mod percent;

use std::time::Duration;

use crate::error::Result;
use crate::root::Root;
use crate::sys;

pub use percent::{
    CpuPercent, PercentSampler, TimesPercent, percent, percent_in, percent_per_cpu,
    percent_per_cpu_in, times_percent, times_percent_in, times_percent_per_cpu,
    times_percent_per_cpu_in,
};

/// What CPUs spent their time on since boot: one of them, or all together.
///
/// The kernel takes care that sums grow, not that every field does: `idle` and `iowait` of Linux go
/// back at times. [`Times::since`] takes such a step as 0.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Times {
    /// Running programs. Includes `guest`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub user: Duration,
    /// Running programs at low priority. Includes `guest_nice`. `None` on Windows and SunOS.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub nice: Option<Duration>,
    /// Running the kernel on behalf of programs. Without `irq` and `softirq`, also on Windows, where
    /// psutil counts these twice.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub system: Duration,
    /// Doing nothing.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub idle: Duration,
    /// Doing nothing while a program of this CPU waits for a disk; a hint at best on several CPUs.
    /// `None` on systems other than Linux and SunOS.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub iowait: Option<Duration>,
    /// Serving interrupts. `None` on macOS and SunOS.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub irq: Option<Duration>,
    /// Serving soft interrupts, which Windows calls deferred procedure calls (psutil: `dpc`). `None` on
    /// other systems.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub softirq: Option<Duration>,
    /// Waiting while the hypervisor runs somebody else. Since Linux 2.6.11; `None` on other systems.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub steal: Option<Duration>,
    /// Running virtual machines; a part of `user`. Since Linux 2.6.24; `None` on other systems.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub guest: Option<Duration>,
    /// Running virtual machines at low priority; a part of `nice`. Since Linux 2.6.33; `None` on other
    /// systems.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub guest_nice: Option<Duration>,
}

/// A value of one CPU.
///
/// CPUs that are offline are missing, so the position in a list is not the CPU's number.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PerCpu<T> {
    /// The CPU's number, counted from 0.
    pub cpu: u32,
    /// What is said of it. Serialised as part of this record.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub value: T,
}

/// How often CPUs were interrupted since boot, all together.
///
/// Windows counts with 32 bits (interrupts and soft interrupts with 32 for each CPU): after days or weeks
/// the numbers begin anew.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Stats {
    /// Switches from one task to another.
    pub ctx_switches: u64,
    /// Interrupts.
    pub interrupts: u64,
    /// Soft interrupts, which Windows calls deferred procedure calls. Since Linux 2.6.31; `None` on SunOS.
    pub soft_interrupts: Option<u64>,
    /// System calls. `None` on Linux, which does not count them.
    pub syscalls: Option<u64>,
}

/// How fast a CPU runs, in MHz (millions of cycles in a second).
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Frequency {
    /// Now. In a virtual machine the nominal speed.
    #[cfg_attr(feature = "serde", serde(rename = "current"))]
    pub current_mhz: f64,
    /// The slowest the system will go; `None` if it does not change the speed, or does not say.
    #[cfg_attr(feature = "serde", serde(rename = "min"))]
    pub min_mhz: Option<f64>,
    /// The fastest the system will go; `None` if it does not change the speed, or does not say.
    #[cfg_attr(feature = "serde", serde(rename = "max"))]
    pub max_mhz: Option<f64>,
}

impl<T> PerCpu<T> {
    pub(crate) fn new(cpu: u32, value: T) -> Self {
        Self { cpu, value }
    }
}

impl Times {
    /// What was spent between `earlier` and this reading. A field that went back counts as 0; one that
    /// either reading lacks is `None`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let both = |later: Option<Duration>, earlier: Option<Duration>| {
            Some(later?.saturating_sub(earlier?))
        };
        Self {
            user: self.user.saturating_sub(earlier.user),
            nice: both(self.nice, earlier.nice),
            system: self.system.saturating_sub(earlier.system),
            idle: self.idle.saturating_sub(earlier.idle),
            iowait: both(self.iowait, earlier.iowait),
            irq: both(self.irq, earlier.irq),
            softirq: both(self.softirq, earlier.softirq),
            steal: both(self.steal, earlier.steal),
            guest: both(self.guest, earlier.guest),
            guest_nice: both(self.guest_nice, earlier.guest_nice),
        }
    }

    /// All time, each moment once: `guest` and `guest_nice` are parts of `user` and `nice`.
    #[must_use]
    pub fn total(&self) -> Duration {
        let parts = [self.nice, self.irq, self.softirq, self.steal];
        parts
            .into_iter()
            .flatten()
            .fold(self.idle_total(), Duration::saturating_add)
            .saturating_add(self.user)
            .saturating_add(self.system)
    }

    /// The part of [`Times::total`] in which something was done: neither `idle` nor `iowait`.
    #[must_use]
    pub fn busy(&self) -> Duration {
        self.total().saturating_sub(self.idle_total())
    }

    fn idle_total(&self) -> Duration {
        self.idle.saturating_add(self.iowait.unwrap_or_default())
    }
}

/// Returns what all CPUs together spent their time on since boot.
///
/// With four CPUs the sum of the fields grows by four seconds in a second.
///
/// # Units
/// Times are [`Duration`]s with the resolution of the kernel's clock tick, usually 10 ms (15.6 ms on
/// Windows).
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system hides it (Android, hardened
/// containers).
/// # Sources
/// Linux `/proc/stat`; Windows as [`times_per_cpu`].
/// # Examples
/// ```
/// let times = pslens::cpu::times()?;
/// assert!(times.busy() <= times.total());
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_times")]
#[doc(alias = "vmstat")]
pub fn times() -> Result<Times> {
    times_in(Root::current())
}

/// As [`times`], read from `root`.
///
/// Ticks of another machine are taken to be as long as here; they are 10 ms nearly everywhere.
///
/// # Errors
/// As [`times`].
pub fn times_in(root: &Root) -> Result<Times> {
    sys::cpu::times(&root.0)
}

/// Returns what each CPU that is online spent its time on since boot, in the order of their numbers.
///
/// # Units
/// As [`times`].
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`times`].
/// # Sources
/// Linux `/proc/stat`; Windows `SystemProcessorPerformanceInformation` of every processor group, so that
/// more than 64 CPUs are seen.
/// # Examples
/// ```
/// let cpus = pslens::cpu::times_per_cpu()?;
/// assert!(cpus.is_sorted_by_key(|row| row.cpu));
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_times")]
#[doc(alias = "mpstat")]
pub fn times_per_cpu() -> Result<Vec<PerCpu<Times>>> {
    times_per_cpu_in(Root::current())
}

/// As [`times_per_cpu`], read from `root`.
///
/// # Errors
/// As [`times`].
pub fn times_per_cpu_in(root: &Root) -> Result<Vec<PerCpu<Times>>> {
    sys::cpu::times_per_cpu(&root.0)
}

/// Returns how many CPUs are online: hardware threads, as the scheduler sees them.
///
/// Neither affinity masks ([`count_usable`]) nor the limits of a container make it smaller.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if every source is hidden.
/// # Sources
/// Linux `/sys/devices/system/cpu/online`, else `/proc/stat`, else `/proc/cpuinfo`; Windows
/// `GetActiveProcessorCount` of all processor groups.
/// # Examples
/// ```
/// assert!(pslens::cpu::count_logical()? >= 1);
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_count")]
#[doc(alias = "nproc")]
pub fn count_logical() -> Result<u32> {
    count_logical_in(Root::current())
}

/// As [`count_logical`], read from `root`.
///
/// # Errors
/// As [`count_logical`].
pub fn count_logical_in(root: &Root) -> Result<u32> {
    sys::cpu::count_logical(&root.0)
}

/// Returns how many cores are online, each with one or more hardware threads; `None` if the system
/// does not say (many ARM boards, some virtual machines).
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if every source is hidden.
/// # Sources
/// Linux `/sys/devices/system/cpu/cpu*/topology`, else `/proc/cpuinfo`; Windows
/// `GetLogicalProcessorInformationEx`.
/// # Examples
/// ```
/// if let Some(cores) = pslens::cpu::count_cores()? {
///     assert!(cores <= pslens::cpu::count_logical()?);
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_count")]
#[doc(alias = "lscpu")]
pub fn count_cores() -> Result<Option<u32>> {
    count_cores_in(Root::current())
}

/// As [`count_cores`], read from `root`.
///
/// # Errors
/// As [`count_cores`].
pub fn count_cores_in(root: &Root) -> Result<Option<u32>> {
    sys::cpu::count_cores(&root.0)
}

/// Returns on how many CPUs this process may run: the size of its affinity mask.
///
/// A thread of this process may have a mask of its own. The CPU time that a container may use is
/// another matter: a container limited to the time of one CPU may run on all of them. On Windows with
/// more than 64 CPUs: those of the processor groups in which the process has threads.
///
/// # Availability
/// Linux, Windows, FreeBSD.
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on systems without affinity.
/// # Sources
/// Linux `sched_getaffinity(2)`; Windows `GetProcessAffinityMask`, `GetProcessGroupAffinity`.
/// # Examples
/// ```
/// # #[cfg(any(target_os = "linux", windows))]
/// assert!(pslens::cpu::count_usable()? >= 1);
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_affinity")]
#[doc(alias = "nproc")]
pub fn count_usable() -> Result<u32> {
    count_usable_in(Root::current())
}

/// As [`count_usable`], for `root`, which must be the running system: this process has no affinity on
/// another one.
///
/// # Errors
/// As [`count_usable`]; [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) under another root.
pub fn count_usable_in(root: &Root) -> Result<u32> {
    sys::cpu::count_usable(&root.0)
}

/// Returns how often CPUs were interrupted since boot.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`times`].
/// # Sources
/// Linux `/proc/stat`; Windows `SystemPerformanceInformation`, `SystemProcessorPerformanceInformation` and
/// `SystemInterruptInformation`.
/// # Examples
/// ```
/// let stats = pslens::cpu::stats()?;
/// # #[cfg(target_os = "linux")]
/// assert!(stats.ctx_switches > 0);
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_stats")]
#[doc(alias = "vmstat")]
pub fn stats() -> Result<Stats> {
    stats_in(Root::current())
}

/// As [`stats`], read from `root`.
///
/// # Errors
/// As [`stats`].
pub fn stats_in(root: &Root) -> Result<Stats> {
    sys::cpu::stats(&root.0)
}

/// Returns how fast the CPUs run, on average; `None` if the system does not say.
///
/// # Units
/// MHz.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system hides it.
/// # Sources
/// As [`frequency_per_cpu`].
/// # Examples
/// ```
/// if let Some(frequency) = pslens::cpu::frequency()? {
///     assert!(frequency.current_mhz > 0.0);
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_freq")]
#[doc(alias = "lscpu")]
pub fn frequency() -> Result<Option<Frequency>> {
    frequency_in(Root::current())
}

/// As [`frequency`], read from `root`.
///
/// # Errors
/// As [`frequency`].
pub fn frequency_in(root: &Root) -> Result<Option<Frequency>> {
    sys::cpu::frequency(&root.0)
}

/// Returns how fast each CPU runs, in the order of their numbers.
///
/// CPUs that are offline, or whose speed the system does not tell, are missing; so the list may be
/// empty. CPUs whose speed is governed together show the same limits. Windows tells the rated speed as
/// the fastest one and the step that it chose as the current one, not what the CPU makes of them ("turbo").
///
/// # Units
/// MHz.
/// # Availability
/// Linux, Windows.
/// # Errors
/// As [`frequency`].
/// # Sources
/// Linux `/proc/cpuinfo`, `/sys/devices/system/cpu/cpufreq/policy*`; Windows `CallNtPowerInformation`.
/// # Examples
/// ```
/// for row in pslens::cpu::frequency_per_cpu()? {
///     assert!(row.value.current_mhz > 0.0);
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_freq")]
pub fn frequency_per_cpu() -> Result<Vec<PerCpu<Frequency>>> {
    frequency_per_cpu_in(Root::current())
}

/// As [`frequency_per_cpu`], read from `root`.
///
/// # Errors
/// As [`frequency`].
pub fn frequency_per_cpu_in(root: &Root) -> Result<Vec<PerCpu<Frequency>>> {
    sys::cpu::frequency_per_cpu(&root.0)
}

/// The average of several CPUs; a limit only if all of them have one.
pub(crate) fn average_frequency(rows: &[PerCpu<Frequency>]) -> Option<Frequency> {
    let count = rows.len() as f64;
    let average = |values: &mut dyn Iterator<Item = Option<f64>>| -> Option<f64> {
        Some(values.sum::<Option<f64>>()? / count)
    };
    if rows.is_empty() {
        return None;
    }
    Some(Frequency {
        current_mhz: average(&mut rows.iter().map(|row| Some(row.value.current_mhz)))?,
        min_mhz: average(&mut rows.iter().map(|row| row.value.min_mhz)),
        max_mhz: average(&mut rows.iter().map(|row| row.value.max_mhz)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(value: u64) -> Duration {
        Duration::from_secs(value)
    }

    #[test]
    fn totals_count_guests_once_and_waiting_is_not_work() {
        let times = Times {
            user: seconds(50),
            nice: Some(seconds(20)),
            system: seconds(10),
            idle: seconds(5),
            iowait: Some(seconds(7)),
            irq: Some(seconds(1)),
            softirq: Some(seconds(2)),
            steal: Some(seconds(3)),
            guest: Some(seconds(40)),
            guest_nice: Some(seconds(20)),
        };
        assert_eq!(times.total(), seconds(98));
        assert_eq!(times.busy(), seconds(86));
        // What an older kernel lacks is not counted and not made up.
        let old = Times {
            user: seconds(1),
            idle: seconds(2),
            ..Times::default()
        };
        assert_eq!((old.total(), old.busy()), (seconds(3), seconds(1)));
        assert_eq!(times.since(&old).steal, None);
    }

    #[test]
    fn a_field_that_goes_back_counts_as_nothing() {
        let earlier = Times {
            idle: seconds(10),
            iowait: Some(seconds(5)),
            ..Times::default()
        };
        let later = Times {
            user: seconds(2),
            idle: seconds(9),
            iowait: Some(seconds(4)),
            ..Times::default()
        };
        let delta = later.since(&earlier);
        assert_eq!(delta.idle, Duration::ZERO);
        assert_eq!(delta.iowait, Some(Duration::ZERO));
        assert_eq!((delta.total(), delta.busy()), (seconds(2), seconds(2)));
    }

    #[test]
    fn an_average_has_a_limit_only_if_every_cpu_has_one() {
        let row = |cpu, current_mhz, min_mhz, max_mhz| {
            PerCpu::new(
                cpu,
                Frequency {
                    current_mhz,
                    min_mhz,
                    max_mhz,
                },
            )
        };
        let average = average_frequency(&[
            row(0, 1000.0, Some(500.0), Some(3000.0)),
            row(1, 2000.0, Some(500.0), None),
        ])
        .unwrap();
        assert_eq!(
            (average.current_mhz, average.min_mhz, average.max_mhz),
            (1500.0, Some(500.0), None)
        );
        assert_eq!(average_frequency(&[]), None);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn rows_serialise_flat_with_psutil_names() {
        let row = PerCpu::new(
            3,
            Frequency {
                current_mhz: 1000.0,
                min_mhz: None,
                max_mhz: Some(2000.0),
            },
        );
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"cpu":3,"current":1000.0,"min":null,"max":2000.0}"#
        );
        let times = Times {
            user: Duration::from_millis(10),
            ..Times::default()
        };
        let text = serde_json::to_string(&PerCpu::new(0, times)).unwrap();
        assert!(
            text.starts_with(r#"{"cpu":0,"user":0.01,"nice":null,"#),
            "{text}"
        );
    }
}
