//! Numbers for people.

use std::num::NonZeroU64;
use std::time::Duration;

use super::text::append;

/// In what sizes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sizes {
    /// `512B`, `9.8K`, `123M`: powers of 1024.
    Human,
    /// The same in powers of 1000.
    Si,
    /// The number of whole units of so many bytes.
    Whole(NonZeroU64),
    /// The number of units of so many bytes, the last of which may be in part.
    Begun(NonZeroU64),
}

impl Sizes {
    /// What most of the originals count in.
    pub(crate) const KIBIBYTES: Self = Self::Whole(match NonZeroU64::new(1024) {
        Some(unit) => unit,
        None => NonZeroU64::MIN,
    });
}

/// Appends a number of bytes.
pub(crate) fn push_bytes(out: &mut String, bytes: u64, sizes: Sizes) {
    match sizes {
        Sizes::Human => push_prefixed(out, bytes, 1024.0),
        Sizes::Si => push_prefixed(out, bytes, 1000.0),
        Sizes::Whole(unit) => append(out, format_args!("{}", bytes / unit)),
        Sizes::Begun(unit) => append(out, format_args!("{}", bytes.div_ceil(unit.get()))),
    }
}

fn push_prefixed(out: &mut String, bytes: u64, base: f64) {
    let mut value = bytes as f64;
    if value < base {
        return append(out, format_args!("{bytes}B"));
    }
    let mut unit = ' ';
    for next in ['K', 'M', 'G', 'T', 'P', 'E'] {
        // What would be printed as 1024 is 1 of the next unit.
        if value < base - 0.5 {
            break;
        }
        value /= base;
        unit = next;
    }
    if value < 99.95 {
        append(out, format_args!("{value:.1}{unit}"));
    } else {
        append(out, format_args!("{value:.0}{unit}"));
    }
}

/// Appends bytes per second: as [`push_bytes`] does bytes, in larger units with a fraction.
pub(crate) fn push_rate(out: &mut String, rate: f64, sizes: Sizes) {
    if let Sizes::Whole(unit) | Sizes::Begun(unit) = sizes
        && unit > NonZeroU64::MIN
    {
        return append(out, format_args!("{:.2}", rate / unit.get() as f64));
    }
    // A rate is a quotient, so its fraction of a byte means nothing.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, and rates are not negative"
    )]
    push_bytes(out, rate.round() as u64, sizes);
}

/// Appends CPU time as `ps` does: `00:01:02`, `3-04:05:06`.
pub(crate) fn push_cpu_time(out: &mut String, time: Duration) {
    let (days, hours, minutes, seconds) = parts(time);
    if days > 0 {
        append(out, format_args!("{days}-"));
    }
    append(out, format_args!("{hours:02}:{minutes:02}:{seconds:02}"));
}

/// Appends how long something lasts as `ps` does: `01:02`, `04:05:06`, `3-04:05:06`.
pub(crate) fn push_elapsed(out: &mut String, time: Duration) {
    let (days, hours, minutes, seconds) = parts(time);
    if days > 0 || hours > 0 {
        push_cpu_time(out, time);
    } else {
        append(out, format_args!("{minutes:02}:{seconds:02}"));
    }
}

fn parts(time: Duration) -> (u64, u64, u64, u64) {
    let seconds = time.as_secs();
    (
        seconds / 86_400,
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    )
}

/// Appends numbers in ascending order as the kernel and `taskset` write lists of CPUs: `0-3,8`.
pub(crate) fn push_ranges(out: &mut String, numbers: &[u32]) {
    let mut between = "";
    for range in numbers.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
        if let [first, .., last] = range {
            append(out, format_args!("{between}{first}-{last}"));
        } else if let [only] = range {
            append(out, format_args!("{between}{only}"));
        }
        between = ",";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits() {
        let check = |bytes: u64, expect: &str| {
            let mut out = String::new();
            push_bytes(&mut out, bytes, Sizes::Human);
            assert_eq!(out, expect);
        };
        check(0, "0B");
        check(1023, "1023B");
        check(1024, "1.0K");
        check(10_240, "10.0K");
        check(102_400, "100K");
        check(1024 * 1024 - 1, "1.0M");
        check(1024 * 1023, "1023K");
        check(5 << 30, "5.0G");
        check(u64::MAX, "16.0E");
    }

    #[test]
    fn sizes_in_a_unit_are_plain_numbers() {
        let check = |sizes: Sizes, bytes: u64, expect: [&str; 2]| {
            let (mut size, mut rate) = (String::new(), String::new());
            push_bytes(&mut size, bytes, sizes);
            push_rate(&mut rate, bytes as f64, sizes);
            assert_eq!([&*size, &*rate], expect, "{sizes:?}");
        };
        let kib = NonZeroU64::new(1024).unwrap();
        check(Sizes::Whole(NonZeroU64::MIN), 1536, ["1536", "1536"]);
        check(Sizes::Whole(kib), 1536, ["1", "1.50"]);
        check(Sizes::Begun(kib), 1536, ["2", "1.50"]);
        check(Sizes::Begun(kib), 2048, ["2", "2.00"]);
        check(Sizes::Si, 1536, ["1.5K", "1.5K"]);
        check(Sizes::Si, 999, ["999B", "999B"]);
        check(Sizes::Si, 999_999, ["1.0M", "1.0M"]);
    }

    #[test]
    fn times_read_as_in_ps() {
        let check = |seconds: u64, cpu: &str, elapsed: &str| {
            let (mut a, mut b) = (String::new(), String::new());
            push_cpu_time(&mut a, Duration::from_secs(seconds));
            push_elapsed(&mut b, Duration::from_secs(seconds));
            assert_eq!((&*a, &*b), (cpu, elapsed));
        };
        check(0, "00:00:00", "00:00");
        check(62, "00:01:02", "01:02");
        check(3_600, "01:00:00", "01:00:00");
        check(273_906, "3-04:05:06", "3-04:05:06");
    }

    #[test]
    fn neighbours_are_a_range() {
        let check = |numbers: &[u32], expect: &str| {
            let mut out = String::new();
            push_ranges(&mut out, numbers);
            assert_eq!(out, expect);
        };
        check(&[], "");
        check(&[0], "0");
        check(&[0, 1, 2, 3, 8], "0-3,8");
        check(&[u32::MAX, 0], "4294967295,0");
    }
}
