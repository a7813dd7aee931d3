//! What processes read and wrote from one look to the next.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use pslens::process::{self, AttributeSet, Field, Info};
use pslens::{Pid, Process};
use serde::Serialize;

use crate::exit::Result;

/// Counters of a process since it was started; those that are not told are `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    read: Option<u64>,
    write: Option<u64>,
    iowait: Option<Duration>,
}

/// What a process did in the time between two looks, or since the first one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Activity {
    pub(super) read_bytes_per_second: Option<f64>,
    pub(super) write_bytes_per_second: Option<f64>,
    /// The share of the time in which its main thread waited for a disk.
    pub(super) iowait_percent: Option<f64>,
    pub(super) read_bytes: Option<u64>,
    pub(super) write_bytes: Option<u64>,
}

impl Counts {
    /// Of a process that has only been started.
    const NOTHING: Self = Self {
        read: Some(0),
        write: Some(0),
        iowait: Some(Duration::ZERO),
    };

    fn of(info: &Info) -> Self {
        let io = info.io_counters.value();
        Self {
            read: io.and_then(|io| io.read_bytes),
            write: io.and_then(|io| io.write_bytes),
            iowait: info.cpu_times.value().and_then(|times| times.iowait),
        }
    }

    /// A counter that falls tells nothing, and neither does a time without length.
    fn since(self, earlier: Self, elapsed: Duration) -> Activity {
        let seconds = elapsed.as_secs_f64();
        let rate = |amount: f64| (seconds > 0.0).then_some(amount / seconds);
        let grown = |later: Option<u64>, earlier: Option<u64>| later?.checked_sub(earlier?);
        let waited = || self.iowait?.checked_sub(earlier.iowait?);
        let read_bytes = grown(self.read, earlier.read);
        let write_bytes = grown(self.write, earlier.write);
        Activity {
            read_bytes_per_second: read_bytes.and_then(|bytes| rate(bytes as f64)),
            write_bytes_per_second: write_bytes.and_then(|bytes| rate(bytes as f64)),
            iowait_percent: waited()
                .and_then(|time| rate(time.as_secs_f64()))
                // The clocks may disagree a little.
                .map(|share| (share * 100.0).min(100.0)),
            read_bytes,
            write_bytes,
        }
    }
}

impl Activity {
    /// True if it is known to have done something.
    pub(super) fn is_any(&self) -> bool {
        let bytes = [self.read_bytes, self.write_bytes];
        bytes.into_iter().flatten().any(|bytes| bytes > 0)
            || self.iowait_percent.is_some_and(|percent| percent > 0.0)
    }

    /// By which processes are sorted.
    pub(super) fn bytes(&self) -> Option<u64> {
        match (self.read_bytes, self.write_bytes) {
            (Some(read), Some(write)) => Some(read.saturating_add(write)),
            (one, other) => one.or(other),
        }
    }
}

/// A process at the last look.
#[derive(Debug)]
struct Seen {
    process: Process,
    counts: Counts,
    /// At the first look at which it was there.
    first: Counts,
}

/// Every process at the last look.
#[derive(Debug, Default)]
pub(super) struct Looks {
    seen: HashMap<Pid, Seen>,
    last: Option<Instant>,
    /// Every process could be read at the last look, so one that was not there has been started since.
    complete: bool,
}

/// What came out of a look.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) processes: Vec<(Info, Activity)>,
    /// Why the first of those that could not be read could not.
    pub(super) failure: Option<pslens::Error>,
}

impl Looks {
    /// Looks at all processes. `accumulated` is about the time since the first look, but for rates.
    pub(super) fn look(&mut self, attributes: AttributeSet, accumulated: bool) -> Result<Look> {
        let now = Instant::now();
        let elapsed = self.last.map_or(Duration::ZERO, |last| now - last);
        let mut look = Look::default();
        let mut seen = HashMap::with_capacity(self.seen.len());
        for info in process::all_with(attributes)? {
            let info = match info {
                Ok(info) => info,
                Err(error) => {
                    look.failure.get_or_insert(error);
                    continue;
                }
            };
            let counts = Counts::of(&info);
            let before = self.before(&info.process, counts);
            let mut activity = counts.since(before.counts, elapsed);
            if accumulated {
                let all = counts.since(before.first, elapsed);
                activity.read_bytes = all.read_bytes;
                activity.write_bytes = all.write_bytes;
            }
            let now = Seen { counts, ..before };
            seen.insert(info.pid(), now);
            look.processes.push((info, activity));
        }
        forget_what_is_not_counted(&mut look.processes);
        self.seen = seen;
        self.last = Some(now);
        self.complete = look.failure.is_none();
        Ok(look)
    }

    /// The process at the last look; one with the same number may be another.
    fn before(&mut self, process: &Process, counts: Counts) -> Seen {
        match self.seen.remove(&process.pid()) {
            Some(seen) if seen.process == *process => seen,
            _ => {
                let counts = if self.last.is_none() {
                    counts
                } else if self.complete {
                    Counts::NOTHING
                } else {
                    Counts::default()
                };
                Seen {
                    process: process.clone(),
                    counts,
                    first: counts,
                }
            }
        }
    }
}

/// A kernel that does not count how long processes wait for disks says 0 of all of them.
fn forget_what_is_not_counted(processes: &mut [(Info, Activity)]) {
    let has_waited = |info: &Info| match &info.cpu_times {
        Field::Value(times) => times.iowait.is_some_and(|time| !time.is_zero()),
        _ => false,
    };
    if !processes.iter().any(|(info, _)| has_waited(info)) {
        for (_, activity) in processes {
            activity.iowait_percent = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(read: u64, write: u64, iowait: u64) -> Counts {
        Counts {
            read: Some(read),
            write: Some(write),
            iowait: Some(Duration::from_millis(iowait)),
        }
    }

    const TWO: Duration = Duration::from_secs(2);

    #[test]
    fn rates_are_what_was_done_by_the_time_it_took() {
        let activity = counts(5000, 100, 600).since(counts(1000, 100, 100), TWO);
        let expect = Activity {
            read_bytes_per_second: Some(2000.0),
            write_bytes_per_second: Some(0.0),
            iowait_percent: Some(25.0),
            read_bytes: Some(4000),
            write_bytes: Some(0),
        };
        assert_eq!(activity, expect);
        assert!(activity.is_any());
        assert_eq!(activity.bytes(), Some(4000));
    }

    #[test]
    fn what_falls_is_unknown_and_never_negative() {
        let activity = counts(5, 5, 5).since(counts(6, 4, 6), TWO);
        assert_eq!(activity.read_bytes_per_second, None);
        assert_eq!(activity.read_bytes, None);
        assert_eq!(activity.write_bytes, Some(1));
        assert_eq!(activity.iowait_percent, None);
    }

    #[test]
    fn what_is_not_told_is_not_nothing() {
        let activity = counts(5, 5, 5).since(Counts::default(), TWO);
        assert_eq!(activity, Activity::default());
        assert_eq!(Counts::default().since(Counts::NOTHING, TWO), activity);
        assert!(!activity.is_any());
        assert_eq!(activity.bytes(), None);
    }

    #[test]
    fn in_no_time_no_rates() {
        let activity = counts(6, 5, 5).since(Counts::NOTHING, Duration::ZERO);
        assert_eq!(activity.read_bytes_per_second, None);
        assert_eq!(activity.iowait_percent, None);
        assert_eq!(activity.read_bytes, Some(6));
    }

    #[test]
    fn nobody_waits_longer_than_all_the_time() {
        let activity = counts(0, 0, 2001).since(counts(0, 0, 0), TWO);
        assert_eq!(activity.iowait_percent, Some(100.0));
    }
}
