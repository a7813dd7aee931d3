//! What the CPUs did meanwhile.

use std::time::Duration;

use pslens::cpu::{Times, TimesPercent};
use serde::Serialize;

use crate::listing::{Listed, Named};
use crate::output::Cell;

/// All CPUs together: psutil's `cpu_times_percent()`.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    name: &'static str,
    #[serde(flatten)]
    times: TimesPercent,
}

impl Row {
    /// Between two readings, or since boot.
    pub(super) fn between(before: Option<&Times>, after: &Times) -> Self {
        let times = match before {
            Some(before) => after.times_percent_since(before),
            None => after.times_percent_since(&nothing(after)),
        };
        Self { name: "cpu", times }
    }
}

/// No time in any field that `like` has.
fn nothing(like: &Times) -> Times {
    let zero = |field: Option<Duration>| field.map(|_| Duration::ZERO);
    let mut times = Times::default();
    times.nice = zero(like.nice);
    times.iowait = zero(like.iowait);
    times.irq = zero(like.irq);
    times.softirq = zero(like.softirq);
    times.steal = zero(like.steal);
    times.guest = zero(like.guest);
    times.guest_nice = zero(like.guest_nice);
    times
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("name", "CPU", |_: &Self, _| Cell::word("all")),
        Named::number("user", "%USER", |row, _| Cell::Percent(row.times.user)),
        Named::number("nice", "%NICE", |row, _| percent(row.times.nice)),
        Named::number("system", "%SYSTEM", |row, _| {
            Cell::Percent(row.times.system)
        }),
        Named::number("irq", "%IRQ", |row, _| percent(row.times.irq)),
        Named::number("softirq", "%SOFT", |row, _| percent(row.times.softirq)),
        Named::number("iowait", "%IOWAIT", |row, _| percent(row.times.iowait)),
        Named::number("steal", "%STEAL", |row, _| percent(row.times.steal)),
        Named::number("idle", "%IDLE", |row, _| Cell::Percent(row.times.idle)),
        Named::number("guest", "%GUEST", |row: &Self, _| percent(row.times.guest)).on_demand(),
        Named::number("guest_nice", "%GNICE", |row: &Self, _| {
            percent(row.times.guest_nice)
        })
        .on_demand(),
    ];
}

fn percent(percent: Option<f64>) -> Cell<'static> {
    Cell::quotient(percent, Cell::Percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_boot_is_since_nothing() {
        let mut times = Times::default();
        times.user = Duration::from_secs(3);
        times.idle = Duration::from_secs(6);
        times.iowait = Some(Duration::from_secs(1));
        let row = Row::between(None, &times).times;
        assert!((row.user - 30.0).abs() < 1e-9);
        assert!((row.iowait.unwrap() - 10.0).abs() < 1e-9);
        assert_eq!(row.steal, None);
    }
}
