//! What a disk did between two readings of its counters.

use std::time::Duration;

use pslens::counters::Counters;
use pslens::disk::IoCounters;
use serde::Serialize;

use crate::listing::{Listed, Named};
use crate::output::Cell;

/// A disk or partition, in the time between two readings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) is_partition: bool,
    /// Reads, writes and discards.
    tps: Option<f64>,
    read_count_per_second: Option<f64>,
    write_count_per_second: Option<f64>,
    discard_count_per_second: Option<f64>,
    flush_count_per_second: Option<f64>,
    read_bytes_per_second: Option<f64>,
    write_bytes_per_second: Option<f64>,
    discard_bytes_per_second: Option<f64>,
    read_merged_count_per_second: Option<f64>,
    write_merged_count_per_second: Option<f64>,
    /// The share of those that were asked for that were done together with others.
    read_merged_percent: Option<f64>,
    write_merged_percent: Option<f64>,
    /// How long one took on average, in seconds; unknown if there were none.
    read_await: Option<f64>,
    write_await: Option<f64>,
    discard_await: Option<f64>,
    flush_await: Option<f64>,
    /// How large one was on average, in bytes; unknown if there were none.
    read_size: Option<f64>,
    write_size: Option<f64>,
    discard_size: Option<f64>,
    /// How many were under way on average.
    queue_length: Option<f64>,
    /// The share of the time in which any was.
    busy_percent: Option<f64>,
    read_bytes: Option<u64>,
    write_bytes: Option<u64>,
    discard_bytes: Option<u64>,
}

impl Row {
    /// From `before` to `after`. Rates are unknown if nobody knows how long that was.
    pub(super) fn between(
        name: &str,
        before: &IoCounters,
        after: &IoCounters,
        elapsed: Option<Duration>,
    ) -> Self {
        let change = Change {
            before,
            after,
            seconds: elapsed
                .map(|elapsed| elapsed.as_secs_f64())
                .filter(|seconds| *seconds > 0.0),
            fell: fell(before, after),
        };
        let reads = change.count(|disk| Some(disk.read_count));
        let writes = change.count(|disk| Some(disk.write_count));
        let discards = change.count(|disk| disk.discard_count);
        let flushes = change.count(|disk| disk.flush_count);
        let read_bytes = change.count(|disk| Some(disk.read_bytes));
        let write_bytes = change.count(|disk| Some(disk.write_bytes));
        let discard_bytes = change.count(|disk| disk.discard_bytes);
        let reads_merged = change.count(|disk| disk.read_merged_count);
        let writes_merged = change.count(|disk| disk.write_merged_count);
        let read_time = change.time(|disk| disk.read_time);
        let write_time = change.time(|disk| disk.write_time);
        let discard_time = change.time(|disk| disk.discard_time);
        let flush_time = change.time(|disk| disk.flush_time);
        let busy_time = change.time(|disk| disk.busy_time);
        let rate = |count: Option<f64>| ratio(count, change.seconds);
        // What a kernel does not tell apart is not among the others either.
        let also = |count: Option<f64>| count.unwrap_or_default();
        Self {
            name: name.to_owned(),
            is_partition: after.is_partition,
            tps: rate(sum(reads, writes).map(|both| both + also(discards))),
            read_count_per_second: rate(reads),
            write_count_per_second: rate(writes),
            discard_count_per_second: rate(discards),
            flush_count_per_second: rate(flushes),
            read_bytes_per_second: rate(read_bytes),
            write_bytes_per_second: rate(write_bytes),
            discard_bytes_per_second: rate(discard_bytes),
            read_merged_count_per_second: rate(reads_merged),
            write_merged_count_per_second: rate(writes_merged),
            read_merged_percent: percent(reads_merged, sum(reads_merged, reads)),
            write_merged_percent: percent(writes_merged, sum(writes_merged, writes)),
            read_await: ratio(read_time, reads),
            write_await: ratio(write_time, writes),
            discard_await: ratio(discard_time, discards),
            flush_await: ratio(flush_time, flushes),
            read_size: ratio(read_bytes, reads),
            write_size: ratio(write_bytes, writes),
            discard_size: ratio(discard_bytes, discards),
            queue_length: rate(
                sum(read_time, write_time).map(|both| both + also(discard_time) + also(flush_time)),
            ),
            // The two clocks may disagree a little.
            busy_percent: percent(busy_time, change.seconds).map(|percent| percent.min(100.0)),
            read_bytes: change.bytes(|disk| Some(disk.read_bytes)),
            write_bytes: change.bytes(|disk| Some(disk.write_bytes)),
            discard_bytes: change.bytes(|disk| disk.discard_bytes),
        }
    }

    /// What the disk did since it is there.
    pub(super) fn since_it_is_there(
        name: &str,
        counters: &IoCounters,
        elapsed: Option<Duration>,
    ) -> Self {
        let mut before = counters.clone();
        let mut fields = before.fields();
        fields.fill(0);
        before.set_fields(fields);
        Self::between(name, &before, counters, elapsed)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.tps == Some(0.0)
    }
}

/// Two readings of a disk's counters, and how long was between them.
struct Change<'a> {
    before: &'a IoCounters,
    after: &'a IoCounters,
    /// More than 0.
    seconds: Option<f64>,
    fell: bool,
}

impl Change<'_> {
    fn bytes(&self, counter: fn(&IoCounters) -> Option<u64>) -> Option<u64> {
        let grown = counter(self.after)?.checked_sub(counter(self.before)?)?;
        (!self.fell).then_some(grown)
    }

    fn count(&self, counter: fn(&IoCounters) -> Option<u64>) -> Option<f64> {
        self.bytes(counter).map(|grown| grown as f64)
    }

    fn time(&self, counter: fn(&IoCounters) -> Option<Duration>) -> Option<f64> {
        let grown = counter(self.after)?.checked_sub(counter(self.before)?)?;
        (!self.fell).then_some(grown.as_secs_f64())
    }
}

/// A counter that falls has wrapped, or another disk has the name: then nothing is known of the others
/// either.
fn fell(before: &IoCounters, after: &IoCounters) -> bool {
    let (before, after) = (before.fields(), after.fields());
    before
        .iter()
        .zip(after)
        .any(|(before, after)| after < *before)
}

fn sum(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? + b?)
}

fn ratio(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    let (a, b) = (a?, b?);
    (b > 0.0).then_some(a / b)
}

fn percent(part: Option<f64>, whole: Option<f64>) -> Option<f64> {
    ratio(part, whole).map(|share| share * 100.0)
}

/// The columns of the short report.
pub(super) const SHORT: &[&str] = &[
    "name",
    "tps",
    "read_bytes_per_second",
    "write_bytes_per_second",
    "discard_bytes_per_second",
    "read_bytes",
    "write_bytes",
    "discard_bytes",
];

/// The columns of `-x`.
pub(super) const EXTENDED: &[&str] = &[
    "name",
    "read_count_per_second",
    "read_bytes_per_second",
    "read_merged_count_per_second",
    "read_merged_percent",
    "read_await",
    "read_size",
    "write_count_per_second",
    "write_bytes_per_second",
    "write_merged_count_per_second",
    "write_merged_percent",
    "write_await",
    "write_size",
    "discard_count_per_second",
    "discard_bytes_per_second",
    "discard_await",
    "discard_size",
    "flush_count_per_second",
    "flush_await",
    "queue_length",
    "busy_percent",
];

/// A column of a field that holds a quotient.
macro_rules! quotient {
    ($name:ident, $heading:literal, $kind:ident) => {
        Named::number(stringify!($name), $heading, |row: &Self, _| {
            Cell::quotient(row.$name, Cell::$kind)
        })
    };
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("name", "DEVICE", |row: &Self, _| Cell::text(&row.name)),
        quotient!(tps, "TPS", Hundredths),
        quotient!(read_count_per_second, "R/S", Hundredths),
        quotient!(read_bytes_per_second, "RB/S", BytesRate),
        quotient!(read_merged_count_per_second, "RRQM/S", Hundredths),
        quotient!(read_merged_percent, "%RRQM", Percent),
        quotient!(read_await, "R_AWAIT", Milliseconds),
        quotient!(read_size, "RAREQ-SZ", BytesRate),
        quotient!(write_count_per_second, "W/S", Hundredths),
        quotient!(write_bytes_per_second, "WB/S", BytesRate),
        quotient!(write_merged_count_per_second, "WRQM/S", Hundredths),
        quotient!(write_merged_percent, "%WRQM", Percent),
        quotient!(write_await, "W_AWAIT", Milliseconds),
        quotient!(write_size, "WAREQ-SZ", BytesRate),
        quotient!(discard_count_per_second, "D/S", Hundredths),
        quotient!(discard_bytes_per_second, "DB/S", BytesRate),
        quotient!(discard_await, "D_AWAIT", Milliseconds),
        quotient!(discard_size, "DAREQ-SZ", BytesRate),
        quotient!(flush_count_per_second, "F/S", Hundredths),
        quotient!(flush_await, "F_AWAIT", Milliseconds),
        quotient!(queue_length, "AQU-SZ", Hundredths),
        quotient!(busy_percent, "%UTIL", Percent),
        Named::number("read_bytes", "READ", |row, _| Cell::bytes(row.read_bytes)),
        Named::number("write_bytes", "WRITTEN", |row, _| {
            Cell::bytes(row.write_bytes)
        }),
        Named::number("discard_bytes", "DISCARDED", |row, _| {
            Cell::bytes(row.discard_bytes)
        }),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads and writes of 4 K, each of which takes 2 ms.
    fn disk(reads: u64, writes: u64) -> IoCounters {
        let mut disk = IoCounters::default();
        disk.read_count = reads;
        disk.write_count = writes;
        disk.read_bytes = reads * 4096;
        disk.write_bytes = writes * 4096;
        disk.read_time = Some(Duration::from_millis(2 * reads));
        disk.write_time = Some(Duration::from_millis(2 * writes));
        disk.read_merged_count = Some(reads);
        disk.write_merged_count = Some(3 * writes);
        disk.busy_time = Some(Duration::from_millis(reads + writes));
        disk
    }

    const TWO: Option<Duration> = Some(Duration::from_secs(2));

    #[test]
    fn rates_are_what_was_done_by_the_time_it_took() {
        let row = Row::between("sda", &disk(100, 50), &disk(300, 50), TWO);
        assert_eq!(row.tps, Some(100.0));
        assert_eq!(row.read_count_per_second, Some(100.0));
        assert_eq!(row.write_count_per_second, Some(0.0));
        assert_eq!(row.read_bytes_per_second, Some(409_600.0));
        assert_eq!(row.read_bytes, Some(819_200));
        assert_eq!(row.read_merged_percent, Some(50.0));
        assert_eq!(row.read_await, Some(0.002));
        assert_eq!(row.read_size, Some(4096.0));
        // 200 reads of 2 ms in 2 s.
        assert_eq!(row.queue_length, Some(0.2));
        assert_eq!(row.busy_percent, Some(10.0));
        // Nothing was written: nobody waited 0 ms for it.
        assert_eq!(row.write_await, None);
        assert_eq!(row.write_size, None);
        assert_eq!(row.write_merged_percent, None);
        // This kernel does not count discards and flushes.
        assert_eq!(row.discard_count_per_second, None);
        assert_eq!(row.flush_await, None);
        assert!(!row.is_idle());
    }

    #[test]
    fn discards_are_requests_too() {
        let mut after = disk(2, 2);
        after.discard_count = Some(4);
        after.discard_time = Some(Duration::from_millis(8));
        let row = Row::since_it_is_there("sda", &after, TWO);
        assert_eq!(row.tps, Some(4.0));
        assert_eq!(row.discard_await, Some(0.002));
        assert_eq!(row.queue_length, Some(0.008));
    }

    #[test]
    fn what_falls_is_unknown_and_so_is_all_else_of_the_disk() {
        let mut after = disk(300, 70);
        after.write_bytes = 1;
        let row = Row::between("sda", &disk(100, 50), &after, TWO);
        let json = serde_json::to_value(row).unwrap();
        for (key, value) in json.as_object().unwrap() {
            let is_known = matches!(&**key, "name" | "is_partition");
            assert_eq!(!value.is_null(), is_known, "{key}");
        }
    }

    #[test]
    fn in_no_time_no_rates_but_averages() {
        for elapsed in [None, Some(Duration::ZERO)] {
            let row = Row::between("sda", &disk(100, 50), &disk(300, 60), elapsed);
            assert_eq!(row.tps, None);
            assert_eq!(row.read_bytes_per_second, None);
            assert_eq!(row.queue_length, None);
            assert_eq!(row.busy_percent, None);
            assert_eq!(row.read_await, Some(0.002));
            assert_eq!(row.read_bytes, Some(819_200));
        }
    }

    #[test]
    fn a_disk_is_not_busier_than_all_the_time() {
        let mut after = disk(0, 0);
        after.busy_time = Some(Duration::from_millis(2001));
        let row = Row::between("sda", &disk(0, 0), &after, TWO);
        assert_eq!(row.busy_percent, Some(100.0));
        assert!(row.is_idle());
    }

    #[test]
    fn every_column_of_a_report_is_there() {
        for names in [SHORT, EXTENDED] {
            assert_eq!(crate::listing::named::<Row>(names).len(), names.len());
        }
    }
}
