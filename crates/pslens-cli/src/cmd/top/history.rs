//! The last values of what is measured, for graphs.

use std::collections::VecDeque;

use super::sample::System;

/// More than the widest screens have columns.
const LONGEST: usize = 512;

/// One series, the newest last; `None` where a value was not known.
#[derive(Debug, Default, Clone)]
pub(super) struct Series(VecDeque<Option<f64>>);

impl Series {
    pub(super) fn push(&mut self, value: Option<f64>) {
        if self.0.len() == LONGEST {
            self.0.pop_front();
        }
        self.0.push_back(value);
    }

    /// The newest value first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = Option<f64>> {
        self.0.iter().rev().copied()
    }

    /// The largest of the newest `count`.
    pub(super) fn max(&self, count: usize) -> f64 {
        let values = self.newest_first().take(count).flatten();
        values.fold(0.0, f64::max)
    }
}

/// Everything that graphs show.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Percent.
    pub(super) cpu: Series,
    pub(super) memory: Series,
    /// Bytes per second.
    pub(super) disk_read: Series,
    pub(super) disk_write: Series,
    pub(super) net_received: Series,
    pub(super) net_sent: Series,
}

impl History {
    pub(super) fn push(&mut self, system: &System) {
        let known = |value: &super::sample::Answer<f64>| value.ok();
        let memory = system.memory.as_ref().ok();
        self.cpu.push(known(&system.cpu_percent()));
        self.memory.push(memory.map(|memory| memory.percent));
        self.disk_read.push(known(&system.disk.read));
        self.disk_write.push(known(&system.disk.written));
        self.net_received.push(known(&system.net.read));
        self.net_sent.push(known(&system.net.written));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_forgets_what_is_old_and_keeps_gaps() {
        let mut series = Series::default();
        for number in 0..LONGEST + 10 {
            series.push(Some(number as f64));
        }
        series.push(None);
        assert_eq!(series.0.len(), LONGEST);
        let newest: Vec<_> = series.newest_first().take(2).collect();
        assert_eq!(newest, [None, Some((LONGEST + 9) as f64)]);
        assert_eq!(series.max(1), 0.0);
        assert_eq!(series.max(LONGEST), (LONGEST + 9) as f64);
    }
}
