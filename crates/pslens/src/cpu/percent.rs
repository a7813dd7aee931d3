//! Percentages: two readings of the times, compared.

use std::thread;
use std::time::Duration;

use crate::cpu::{PerCpu, Times, times_in, times_per_cpu_in};
use crate::error::{Error, Result};
use crate::root::Root;

/// How busy one CPU was.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CpuPercent {
    /// The CPU's number, counted from 0.
    pub cpu: u32,
    /// Share of the time in which it did something, 0 to 100.
    pub percent: f64,
}

/// What CPUs spent their time on between two readings, in percent of it.
///
/// The fields are those of [`Times`], and `None` means the same. All fields but `guest` and
/// `guest_nice`, which are parts of others, add up to 100, or to 0 if no time has passed.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TimesPercent {
    /// Running programs. Includes `guest`.
    pub user: f64,
    /// Running programs at low priority. Includes `guest_nice`. `None` on Windows and SunOS.
    pub nice: Option<f64>,
    /// Running the kernel on behalf of programs.
    pub system: f64,
    /// Doing nothing.
    pub idle: f64,
    /// Doing nothing while a program waits for a disk. `None` on systems other than Linux and SunOS.
    pub iowait: Option<f64>,
    /// Serving interrupts. `None` on macOS and SunOS.
    pub irq: Option<f64>,
    /// Serving soft interrupts, which Windows calls deferred procedure calls. `None` on other systems.
    pub softirq: Option<f64>,
    /// Waiting while the hypervisor runs somebody else. `None` on systems other than Linux.
    pub steal: Option<f64>,
    /// Running virtual machines; a part of `user`. `None` on systems other than Linux.
    pub guest: Option<f64>,
    /// Running virtual machines at low priority; a part of `nice`. `None` on systems other than Linux.
    pub guest_nice: Option<f64>,
}

impl Times {
    /// How busy the CPUs were between `earlier` and this reading: 0 to 100, not rounded, and 0 if no
    /// time has passed.
    ///
    /// # Examples
    /// ```
    /// let earlier = pslens::cpu::times()?;
    /// let later = pslens::cpu::times()?;
    /// assert!((0.0..=100.0).contains(&later.percent_since(&earlier)));
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[must_use]
    pub fn percent_since(&self, earlier: &Self) -> f64 {
        let delta = self.since(earlier);
        share(delta.busy(), delta.total())
    }

    /// What the CPUs spent the time between `earlier` and this reading on, not rounded; all 0 if no
    /// time has passed.
    #[must_use]
    pub fn times_percent_since(&self, earlier: &Self) -> TimesPercent {
        let delta = self.since(earlier);
        let total = delta.total();
        let of = |part: Duration| share(part, total);
        TimesPercent {
            user: of(delta.user),
            nice: delta.nice.map(of),
            system: of(delta.system),
            idle: of(delta.idle),
            iowait: delta.iowait.map(of),
            irq: delta.irq.map(of),
            softirq: delta.softirq.map(of),
            steal: delta.steal.map(of),
            guest: delta.guest.map(of),
            guest_nice: delta.guest_nice.map(of),
        }
    }
}

/// `part` of `total` in percent. The clocks of the fields may disagree a little, hence the clamp.
fn share(part: Duration, total: Duration) -> f64 {
    if total.is_zero() {
        return 0.0;
    }
    (part.as_secs_f64() / total.as_secs_f64() * 100.0).clamp(0.0, 100.0)
}

/// The CPUs that are in both readings, as `value(cpu, earlier, later)`. CPUs come and go.
fn pairs<T>(
    earlier: &[PerCpu<Times>],
    later: &[PerCpu<Times>],
    value: impl Fn(u32, &Times, &Times) -> T,
) -> Vec<T> {
    later
        .iter()
        .filter_map(|row| {
            // Both are in the order of the CPUs' numbers.
            let index = earlier.binary_search_by_key(&row.cpu, |row| row.cpu).ok()?;
            Some(value(row.cpu, &earlier.get(index)?.value, &row.value))
        })
        .collect()
}

fn percents(earlier: &[PerCpu<Times>], later: &[PerCpu<Times>]) -> Vec<CpuPercent> {
    pairs(earlier, later, |cpu, earlier, later| CpuPercent {
        cpu,
        percent: later.percent_since(earlier),
    })
}

fn times_percents(earlier: &[PerCpu<Times>], later: &[PerCpu<Times>]) -> Vec<PerCpu<TimesPercent>> {
    pairs(earlier, later, |cpu, earlier, later| {
        PerCpu::new(cpu, later.times_percent_since(earlier))
    })
}

/// CPU percentages since the previous call, without sleeping.
///
/// Each of the four methods remembers its own previous reading, so that they do not disturb each
/// other; each answers `None` when called for the first time. Between two calls should be a tenth of a
/// second or more: the kernel counts in ticks of 10 ms.
///
/// # Examples
/// ```
/// let mut sampler = pslens::cpu::PercentSampler::new();
/// assert_eq!(sampler.percent()?, None);
/// let percent = sampler.percent()?.expect("the second call has something to compare with");
/// assert!((0.0..=100.0).contains(&percent));
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_percent")]
#[derive(Debug, Clone)]
pub struct PercentSampler {
    root: Root,
    percent: Option<Times>,
    percent_per_cpu: Option<Vec<PerCpu<Times>>>,
    times_percent: Option<Times>,
    times_percent_per_cpu: Option<Vec<PerCpu<Times>>>,
}

impl Default for PercentSampler {
    fn default() -> Self {
        Self::new()
    }
}

impl PercentSampler {
    /// A sampler that has not read anything.
    #[must_use]
    pub fn new() -> Self {
        Self::new_in(Root::current())
    }

    /// As [`PercentSampler::new`], reading from `root`.
    #[must_use]
    pub fn new_in(root: &Root) -> Self {
        Self {
            root: root.clone(),
            percent: None,
            percent_per_cpu: None,
            times_percent: None,
            times_percent_per_cpu: None,
        }
    }

    /// How busy all CPUs together were since the previous call: 0 to 100, not rounded.
    ///
    /// # Errors
    /// As [`cpu::times`](crate::cpu::times). The previous reading is kept.
    pub fn percent(&mut self) -> Result<Option<f64>> {
        let later = times_in(&self.root)?;
        let result = self
            .percent
            .as_ref()
            .map(|earlier| later.percent_since(earlier));
        self.percent = Some(later);
        Ok(result)
    }

    /// How busy each CPU was since the previous call. A CPU that was offline then is missing.
    ///
    /// # Errors
    /// As [`cpu::times`](crate::cpu::times). The previous reading is kept.
    pub fn percent_per_cpu(&mut self) -> Result<Option<Vec<CpuPercent>>> {
        let later = times_per_cpu_in(&self.root)?;
        let result = self
            .percent_per_cpu
            .as_ref()
            .map(|earlier| percents(earlier, &later));
        self.percent_per_cpu = Some(later);
        Ok(result)
    }

    /// What all CPUs together spent the time since the previous call on.
    ///
    /// # Errors
    /// As [`cpu::times`](crate::cpu::times). The previous reading is kept.
    pub fn times_percent(&mut self) -> Result<Option<TimesPercent>> {
        let later = times_in(&self.root)?;
        let result = self
            .times_percent
            .as_ref()
            .map(|earlier| later.times_percent_since(earlier));
        self.times_percent = Some(later);
        Ok(result)
    }

    /// What each CPU spent the time since the previous call on. A CPU that was offline then is missing.
    ///
    /// # Errors
    /// As [`cpu::times`](crate::cpu::times). The previous reading is kept.
    pub fn times_percent_per_cpu(&mut self) -> Result<Option<Vec<PerCpu<TimesPercent>>>> {
        let later = times_per_cpu_in(&self.root)?;
        let result = self
            .times_percent_per_cpu
            .as_ref()
            .map(|earlier| times_percents(earlier, &later));
        self.times_percent_per_cpu = Some(later);
        Ok(result)
    }
}

/// Reads twice, `interval` apart. An interval of 0 would compare a reading with itself.
fn compare<R, T>(
    operation: &'static str,
    interval: Duration,
    read: impl Fn() -> Result<R>,
    difference: impl FnOnce(&R, &R) -> T,
) -> Result<T> {
    if interval.is_zero() {
        return Err(Error::invalid_argument(
            operation,
            "interval",
            "0",
            "more than 0; a PercentSampler does not sleep",
        ));
    }
    let earlier = read()?;
    thread::sleep(interval);
    Ok(difference(&earlier, &read()?))
}

/// Sleeps for `interval` and returns how busy all CPUs together were meanwhile.
///
/// # Units
/// 0 to 100, not rounded; 100 means that all CPUs were busy all the time.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for an interval of 0; otherwise as
/// [`cpu::times`](crate::cpu::times).
/// # Sources
/// As [`cpu::times`](crate::cpu::times).
/// # Examples
/// ```
/// use std::time::Duration;
///
/// let percent = pslens::cpu::percent(Duration::from_millis(20))?;
/// assert!((0.0..=100.0).contains(&percent));
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_percent")]
pub fn percent(interval: Duration) -> Result<f64> {
    percent_in(Root::current(), interval)
}

/// As [`percent`], read from `root`.
///
/// # Errors
/// As [`percent`].
pub fn percent_in(root: &Root, interval: Duration) -> Result<f64> {
    compare(
        "cpu percent",
        interval,
        || times_in(root),
        |earlier, later| later.percent_since(earlier),
    )
}

/// Sleeps for `interval` and returns how busy each CPU was meanwhile.
///
/// A CPU that went offline or came online meanwhile is missing.
///
/// # Units
/// 0 to 100, not rounded.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`percent`].
/// # Sources
/// As [`cpu::times`](crate::cpu::times).
/// # Examples
/// ```
/// use std::time::Duration;
///
/// for cpu in pslens::cpu::percent_per_cpu(Duration::from_millis(20))? {
///     assert!((0.0..=100.0).contains(&cpu.percent));
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_percent")]
pub fn percent_per_cpu(interval: Duration) -> Result<Vec<CpuPercent>> {
    percent_per_cpu_in(Root::current(), interval)
}

/// As [`percent_per_cpu`], read from `root`.
///
/// # Errors
/// As [`percent`].
pub fn percent_per_cpu_in(root: &Root, interval: Duration) -> Result<Vec<CpuPercent>> {
    compare(
        "cpu percent_per_cpu",
        interval,
        || times_per_cpu_in(root),
        |earlier, later| percents(earlier, later),
    )
}

/// Sleeps for `interval` and returns what all CPUs together spent the time on meanwhile.
///
/// # Units
/// Percent of the time of all CPUs, not rounded.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`percent`].
/// # Sources
/// As [`cpu::times`](crate::cpu::times).
/// # Examples
/// ```
/// use std::time::Duration;
///
/// let percent = pslens::cpu::times_percent(Duration::from_millis(20))?;
/// assert!((0.0..=100.0).contains(&percent.idle));
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_times_percent")]
pub fn times_percent(interval: Duration) -> Result<TimesPercent> {
    times_percent_in(Root::current(), interval)
}

/// As [`times_percent`], read from `root`.
///
/// # Errors
/// As [`percent`].
pub fn times_percent_in(root: &Root, interval: Duration) -> Result<TimesPercent> {
    compare(
        "cpu times_percent",
        interval,
        || times_in(root),
        |earlier, later| later.times_percent_since(earlier),
    )
}

/// Sleeps for `interval` and returns what each CPU spent the time on meanwhile.
///
/// A CPU that went offline or came online meanwhile is missing.
///
/// # Units
/// Percent of the time of the CPU, not rounded.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`percent`].
/// # Sources
/// As [`cpu::times`](crate::cpu::times).
/// # Examples
/// ```
/// use std::time::Duration;
///
/// for row in pslens::cpu::times_percent_per_cpu(Duration::from_millis(20))? {
///     assert!((0.0..=100.0).contains(&row.value.idle));
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "cpu_times_percent")]
pub fn times_percent_per_cpu(interval: Duration) -> Result<Vec<PerCpu<TimesPercent>>> {
    times_percent_per_cpu_in(Root::current(), interval)
}

/// As [`times_percent_per_cpu`], read from `root`.
///
/// # Errors
/// As [`percent`].
pub fn times_percent_per_cpu_in(
    root: &Root,
    interval: Duration,
) -> Result<Vec<PerCpu<TimesPercent>>> {
    compare(
        "cpu times_percent_per_cpu",
        interval,
        || times_per_cpu_in(root),
        |earlier, later| times_percents(earlier, later),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// user, system, idle, iowait, guest; in hundredths of a second.
    fn times([user, system, idle, iowait, guest]: [u64; 5]) -> Times {
        let ticks = |n| Duration::from_millis(n * 10);
        Times {
            user: ticks(user),
            system: ticks(system),
            idle: ticks(idle),
            iowait: Some(ticks(iowait)),
            guest: Some(ticks(guest)),
            ..Times::default()
        }
    }

    fn check(earlier: [u64; 5], later: [u64; 5], expect: f64) {
        let got = times(later).percent_since(&times(earlier));
        assert!((got - expect).abs() < 1e-9, "{got} is not {expect}");
    }

    #[test]
    fn percent_of_busy_time() {
        check([0; 5], [25, 25, 40, 10, 0], 50.0);
        // No time has passed, or only backwards.
        check([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 0.0);
        check([1, 2, 3, 4, 5], [0; 5], 0.0);
        // Guests are in user already.
        check([0; 5], [50, 0, 50, 0, 50], 50.0);
        // iowait went back: it counts as 0 and not as less idle.
        check([0, 0, 0, 50, 0], [10, 0, 30, 40, 0], 25.0);
        check([0; 5], [1, 0, 2, 0, 0], 100.0 / 3.0);
    }

    #[test]
    fn times_percent_below_a_second_is_still_percent() {
        let got = times([5, 0, 5, 0, 5]).times_percent_since(&times([0; 5]));
        assert!((got.user - 50.0).abs() < 1e-9 && (got.idle - 50.0).abs() < 1e-9);
        assert!(got.guest.is_some_and(|guest| (guest - 50.0).abs() < 1e-9));
        assert_eq!(got.nice, None);
    }

    #[test]
    fn cpus_are_paired_by_number() {
        let row = |cpu, user, idle| PerCpu::new(cpu, times([user, 0, idle, 0, 0]));
        let earlier = [row(0, 0, 0), row(1, 0, 0), row(2, 100, 100)];
        let later = [row(0, 10, 0), row(2, 150, 150), row(3, 9, 9)];
        let got = percents(&earlier, &later);
        let got: Vec<_> = got.iter().map(|row| (row.cpu, row.percent)).collect();
        assert_eq!(got, [(0, 100.0), (2, 50.0)]);
        assert_eq!(times_percents(&earlier, &later).len(), 2);
    }

    #[test]
    fn an_interval_of_nothing_is_refused() {
        let error = percent(Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidArgument);
    }

    proptest! {
        #[test]
        fn percentages_stay_between_0_and_100(a in any::<[u32; 5]>(), b in any::<[u32; 5]>()) {
            let (a, b) = (times(a.map(u64::from)), times(b.map(u64::from)));
            let percent = b.percent_since(&a);
            prop_assert!((0.0..=100.0).contains(&percent));
            let parts = b.times_percent_since(&a);
            let sum = parts.user + parts.system + parts.idle + parts.iowait.unwrap_or(0.0);
            prop_assert!(sum.abs() < 1e-6 || (sum - 100.0).abs() < 1e-6, "{sum}");
        }
    }
}
