//! Points in time, as the local clock shows them.

use std::time::SystemTime;

use jiff::{Timestamp, Zoned};

use super::text::append;
use crate::context::Clock;

/// How a point in time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Style {
    /// `2026-11-22 05:17:10`.
    Full,
    /// `Sun Nov 22 05:17:10 2026`, as `ps -o lstart`.
    Long,
    /// `05:17:10`.
    Clock,
    /// `05:17` today, `Nov22` this year, `2025` before; `2026-11-22` if nobody knows what today is.
    Short,
}

/// Appends a point in time; false if it is outside what clocks and calendars can say.
pub(crate) fn push(out: &mut String, time: SystemTime, style: Style, clock: &Clock) -> bool {
    let Some(local) = local(time, clock) else {
        return false;
    };
    let format = match style {
        Style::Full => "%Y-%m-%d %H:%M:%S",
        Style::Long => "%a %b %e %H:%M:%S %Y",
        Style::Clock => "%H:%M:%S",
        Style::Short => match clock.now.and_then(|now| self::local(now, clock)) {
            None => "%Y-%m-%d",
            Some(now) if now.date() == local.date() => "%H:%M",
            Some(now) if now.year() == local.year() => "%b%d",
            Some(_) => "%Y",
        },
    };
    append(out, format_args!("{}", local.strftime(format)));
    true
}

/// The present, in full; `-` where nobody knows it.
pub(crate) fn present(clock: &Clock) -> String {
    let mut out = String::new();
    let known = clock
        .now
        .is_some_and(|now| push(&mut out, now, Style::Full, clock));
    if known { out } else { "-".to_owned() }
}

fn local(time: SystemTime, clock: &Clock) -> Option<Zoned> {
    Some(
        Timestamp::try_from(time)
            .ok()?
            .to_zoned(clock.zone().clone()),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_no_calendar_has_is_not_written() {
        let Some(far) = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1 << 60)) else {
            return;
        };
        let mut out = String::new();
        assert!(!push(&mut out, far, Style::Full, &Clock::at(None)));
        assert_eq!(out, "");
    }

    #[test]
    fn short_is_shorter_the_nearer() {
        let day = Duration::from_secs(86_400);
        let now = SystemTime::UNIX_EPOCH + 20_000 * day + day / 2;
        let clock = Clock::at(Some(now));
        let check = |time: SystemTime, length: usize| {
            let mut out = String::new();
            assert!(push(&mut out, time, Style::Short, &clock));
            assert_eq!(out.len(), length, "{out}");
        };
        check(now, 5);
        check(now - 40 * day, 5);
        check(now - 800 * day, 4);
    }
}
