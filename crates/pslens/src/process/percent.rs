//! The share of a CPU that a process uses between two samples.

use std::time::{Duration, Instant};

use super::Process;
use crate::error::Result;

/// Remembers how much CPU time a process had used, to say how much it uses.
///
/// # Examples
/// ```
/// # #[cfg(any(target_os = "linux", windows))] {
/// let mut sampler = pslens::process::PercentSampler::new(pslens::Process::current()?);
/// assert_eq!(sampler.percent()?, None); // nothing to compare with yet
/// assert!(sampler.percent()?.is_some_and(|percent| percent >= 0.0));
/// # }
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct PercentSampler {
    process: Process,
    sample: Option<(Duration, Instant)>,
}

impl PercentSampler {
    /// A sampler without a sample.
    #[must_use]
    pub const fn new(process: Process) -> Self {
        Self {
            process,
            sample: None,
        }
    }

    /// The process that is sampled.
    #[must_use]
    pub const fn process(&self) -> &Process {
        &self.process
    }

    /// Returns the CPU use since the previous call; `None` at the first one.
    ///
    /// # Units
    /// Percent of one CPU: a process with several busy threads exceeds 100. Not rounded.
    /// # Errors
    /// As [`Process::cpu_times`].
    pub fn percent(&mut self) -> Result<Option<f64>> {
        let now = (self.process.cpu_times()?.total(), Instant::now());
        Ok(self.sample.replace(now).map(|before| between(before, now)))
    }
}

/// CPU time used per time passed, in percent; 0 if no time passed.
pub(super) fn between(before: (Duration, Instant), now: (Duration, Instant)) -> f64 {
    let used = now.0.saturating_sub(before.0).as_secs_f64();
    let passed = now.1.saturating_duration_since(before.1).as_secs_f64();
    if passed > 0.0 {
        used / passed * 100.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_busy_threads_are_two_hundred_percent() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let check = |used: (u64, u64), passed: Duration, expect: f64| {
            let before = (Duration::from_secs(used.0), start);
            let now = (Duration::from_secs(used.1), start + passed);
            assert!((between(before, now) - expect).abs() < 1e-9);
        };
        check((10, 12), second, 200.0);
        check((10, 10), second, 0.0);
        check((10, 12), Duration::ZERO, 0.0);
        // A counter that goes backwards is no use at all.
        check((10, 9), second, 0.0);
    }
}
