//! Times of Windows: units of 100 ns, points in time counted from 1601.

use std::time::{Duration, SystemTime};

/// The epoch, in units since 1601.
const EPOCH: u64 = 116_444_736_000_000_000;

/// A span of time.
pub(super) const fn duration(units: u64) -> Duration {
    const PER_SECOND: u64 = 10_000_000;
    // Less than a second fits.
    #[expect(clippy::cast_possible_truncation, reason = "less than 10^9")]
    let nanos = (units % PER_SECOND * 100) as u32;
    Duration::new(units / PER_SECOND, nanos)
}

/// A point in time, as in a `FILETIME`; `None` for what `SystemTime` cannot hold.
pub(super) fn point(units: u64) -> Option<SystemTime> {
    match units.checked_sub(EPOCH) {
        Some(after) => SystemTime::UNIX_EPOCH.checked_add(duration(after)),
        None => SystemTime::UNIX_EPOCH.checked_sub(duration(EPOCH - units)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_hundreds_of_nanoseconds_from_1601() {
        assert_eq!(duration(u64::MAX).subsec_nanos(), 955_161_500);
        assert_eq!(duration(10_000_001), Duration::new(1, 100));
        assert_eq!(point(EPOCH), Some(SystemTime::UNIX_EPOCH));
        let later = SystemTime::UNIX_EPOCH + Duration::from_millis(1);
        assert_eq!(point(EPOCH + 10_000), Some(later));
        assert!(point(0).is_none_or(|point| point < SystemTime::UNIX_EPOCH));
    }
}
