//! The lines of `df`.

use std::collections::HashSet;

use pslens::disk::{Inodes, Partition, Usage};
use serde::Serialize;

use crate::listing::{Listed, Named};
use crate::output::Cell;

/// A line of the answer: psutil's `sdiskpart` and `sdiskusage` in one.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    #[serde(flatten)]
    place: Place,
    #[serde(flatten)]
    pub(super) usage: Answer,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Place {
    Mount(Partition),
    /// Of all the other lines: `()` is what a sum does not have.
    Sum {
        device: &'static str,
        mountpoint: (),
        fstype: (),
        opts: (),
    },
}

/// What a file system said about its size.
#[derive(Debug)]
pub(super) enum Answer {
    Usage(Usage),
    /// Not asked, or no answer.
    Unknown,
    Denied,
}

impl Row {
    pub(super) const fn new(partition: Partition, usage: Answer) -> Self {
        Self {
            place: Place::Mount(partition),
            usage,
        }
    }

    /// Of everything that is known of `rows`.
    pub(super) fn sum(rows: &[Self]) -> Self {
        let usage = distinct(rows).fold(None, |sum, usage| Some(plus(sum, usage)));
        Self {
            place: Place::Sum {
                device: "total",
                mountpoint: (),
                fstype: (),
                opts: (),
            },
            usage: usage.map_or(Answer::Unknown, Answer::Usage),
        }
    }

    /// `None` for a sum.
    pub(super) const fn partition(&self) -> Option<&Partition> {
        match &self.place {
            Place::Mount(partition) => Some(partition),
            Place::Sum { .. } => None,
        }
    }
}

/// What is known of `rows`; what is mounted in several places only once.
fn distinct(rows: &[Row]) -> impl Iterator<Item = &Usage> {
    let mut devices = HashSet::new();
    rows.iter().filter_map(move |row| {
        let Answer::Usage(usage) = &row.usage else {
            return None;
        };
        let device = row.partition().and_then(|mount| mount.device.as_ref());
        match device {
            // Words such as `tmpfs` name no device: each mount is a file system of its own.
            Some(device) if device.as_encoded_bytes().contains(&b'/') => {
                devices.insert(device).then_some(usage)
            }
            _ => Some(usage),
        }
    })
}

fn plus(sum: Option<Usage>, usage: &Usage) -> Usage {
    let mut sum = sum.unwrap_or_default();
    sum.total = sum.total.saturating_add(usage.total);
    sum.used = sum.used.saturating_add(usage.used);
    sum.free = sum.free.saturating_add(usage.free);
    sum.percent = percent(sum.used, sum.free);
    if let Some(more) = &usage.inodes {
        let inodes = sum.inodes.get_or_insert_default();
        inodes.total = inodes.total.saturating_add(more.total);
        inodes.used = inodes.used.saturating_add(more.used);
        inodes.free = inodes.free.saturating_add(more.free);
        inodes.percent = percent(inodes.used, inodes.free).unwrap_or_default();
    }
    sum
}

fn percent(used: u64, free: u64) -> Option<f64> {
    let usable = used as f64 + free as f64;
    (usable > 0.0).then(|| used as f64 / usable * 100.0)
}

impl Serialize for Answer {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        /// `sdiskusage`, all of it null where it is not known.
        #[derive(Serialize)]
        struct Known<'a> {
            total: Option<u64>,
            used: Option<u64>,
            free: Option<u64>,
            percent: Option<f64>,
            inodes: Option<&'a Inodes>,
        }
        let usage = match self {
            Self::Usage(usage) => Some(usage),
            Self::Unknown | Self::Denied => None,
        };
        Known {
            total: usage.map(|usage| usage.total),
            used: usage.map(|usage| usage.used),
            free: usage.map(|usage| usage.free),
            percent: usage.and_then(|usage| usage.percent),
            inodes: usage.and_then(|usage| usage.inodes.as_ref()),
        }
        .serialize(serializer)
    }
}

impl Answer {
    fn cell(&self, show: impl FnOnce(&Usage) -> Cell<'static>) -> Cell<'static> {
        match self {
            Self::Usage(usage) => show(usage),
            Self::Unknown => Cell::Unknown,
            Self::Denied => Cell::Denied,
        }
    }

    fn inodes(&self, show: impl FnOnce(&Inodes) -> Cell<'static>) -> Cell<'static> {
        self.cell(|usage| usage.inodes.as_ref().map_or(Cell::Unknown, show))
    }
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("device", "FILESYSTEM", |row, _| match &row.place {
            Place::Mount(partition) => Cell::some_text(partition.device.as_ref()),
            Place::Sum { device, .. } => Cell::text(*device),
        }),
        Named::text("fstype", "TYPE", |row, _| {
            Cell::some_text(row.partition().map(|partition| &partition.fstype))
        }),
        Named::number("total", "SIZE", |row, _| {
            row.usage.cell(|usage| Cell::Bytes(usage.total))
        }),
        Named::number("used", "USED", |row, _| {
            row.usage.cell(|usage| Cell::Bytes(usage.used))
        }),
        Named::number("free", "AVAIL", |row, _| {
            row.usage.cell(|usage| Cell::Bytes(usage.free))
        }),
        Named::number("percent", "USE%", |row, _| {
            let percent = |usage: &Usage| usage.percent.map_or(Cell::Unknown, Cell::Percent);
            row.usage.cell(percent)
        }),
        Named::number("inodes.total", "INODES", |row: &Self, _| {
            row.usage.inodes(|inodes| Cell::Count(inodes.total))
        })
        .on_demand(),
        Named::number("inodes.used", "IUSED", |row: &Self, _| {
            row.usage.inodes(|inodes| Cell::Count(inodes.used))
        })
        .on_demand(),
        Named::number("inodes.free", "IFREE", |row: &Self, _| {
            row.usage.inodes(|inodes| Cell::Count(inodes.free))
        })
        .on_demand(),
        Named::number("inodes.percent", "IUSE%", |row: &Self, _| {
            row.usage.inodes(|inodes| Cell::Percent(inodes.percent))
        })
        .on_demand(),
        Named::text("opts", "OPTIONS", |row: &Self, _| {
            Cell::some_text(row.partition().map(|partition| &partition.opts))
        })
        .on_demand(),
        Named::text("mountpoint", "MOUNTED ON", |row, _| {
            Cell::some_text(row.partition().map(|partition| &partition.mountpoint))
        }),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_counts_each_file_system_once_and_leaves_out_what_is_unknown() {
        let row = |device: &str, total: u64| {
            let mut partition = Partition::default();
            partition.device = Some(device.into());
            let mut usage = Usage::default();
            (usage.total, usage.used, usage.free) = (total, total / 2, total / 4);
            let mut inodes = Inodes::default();
            (inodes.total, inodes.used, inodes.free) = (10, 5, 5);
            usage.inodes = Some(inodes);
            Row::new(partition, Answer::Usage(usage))
        };
        let rows = [
            row("/dev/sda1", 100),
            row("/dev/sda1", 100),
            row("tmpfs", 8),
            row("tmpfs", 8),
            Row::new(Partition::default(), Answer::Denied),
        ];
        let sum = serde_json::to_value(Row::sum(&rows)).unwrap();
        let expect = serde_json::json!({
            "device": "total", "mountpoint": null, "fstype": null, "opts": null,
            "total": 116, "used": 58, "free": 29, "percent": 58.0 / 87.0 * 100.0,
            "inodes": {"total": 30, "used": 15, "free": 15, "percent": 50.0},
        });
        assert_eq!(sum, expect);
        let nothing = serde_json::to_value(Row::sum(&rows[4..])).unwrap();
        assert!(nothing["total"].is_null() && nothing["inodes"].is_null());
    }
}
