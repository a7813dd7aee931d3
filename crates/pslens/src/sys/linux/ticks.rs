//! Clock ticks, the unit of CPU times and start times in procfs.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long a clock tick is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticks {
    per_second: u64,
}

impl Ticks {
    pub(crate) fn of_this_system() -> Self {
        Self {
            per_second: rustix::param::clock_ticks_per_second().max(1),
        }
    }

    /// The tick of this moment, counted from boot as start times are.
    pub(crate) fn since_boot() -> u64 {
        let now = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        let nanos = u64::try_from(now.tv_nsec).unwrap_or_default();
        let Self { per_second } = Self::of_this_system();
        seconds
            .saturating_mul(per_second)
            .saturating_add(nanos.saturating_mul(per_second) / 1_000_000_000)
    }

    pub(crate) fn duration(self, ticks: u64) -> Duration {
        // Less than a second of ticks, times a billion, fits with room to spare.
        let nanos = (ticks % self.per_second).saturating_mul(1_000_000_000) / self.per_second;
        // Below a second by construction.
        Duration::new(ticks / self.per_second, u32::try_from(nanos).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_hundredths_where_the_kernel_says_so() {
        let ticks = Ticks { per_second: 100 };
        assert_eq!(ticks.duration(12_345), Duration::from_millis(123_450));
        let odd = Ticks { per_second: 1024 };
        assert_eq!(odd.duration(512), Duration::from_millis(500));
        assert_eq!(ticks.duration(u64::MAX).as_secs(), u64::MAX / 100);
    }
}
