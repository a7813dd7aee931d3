//! What was asked for in words without a hyphen: which disks, how often, how many times.

use std::collections::BTreeMap;
use std::time::Duration;

use pslens::counters::Counters;
use pslens::disk::IoCounters;

use crate::args::seconds;

/// The words without a hyphen: names of disks, and numbers.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Words {
    pub(super) disks: Vec<String>,
    pub(super) interval: Option<Duration>,
    pub(super) count: Option<u64>,
}

impl Words {
    pub(super) fn understood(typed: &[String]) -> std::result::Result<Self, String> {
        let mut words = Self::default();
        for word in typed {
            let is_number =
                word.starts_with(|first: char| first.is_ascii_digit() || "-.".contains(first));
            match (is_number, words.interval, words.count) {
                (false, ..) => words.disks.push(device(word).to_owned()),
                (true, None, _) => {
                    let wrong = |accepted| format!("invalid INTERVAL '{word}': {accepted}");
                    words.interval = Some(seconds(word).map_err(wrong)?);
                }
                (true, Some(_), None) => {
                    let count = word.parse().ok().filter(|count| *count > 0);
                    let wrong = || format!("invalid COUNT '{word}': accepted: a number from 1 on");
                    words.count = Some(count.ok_or_else(wrong)?);
                }
                (true, Some(_), Some(_)) => {
                    return Err(format!(
                        "'{word}' follows INTERVAL and COUNT; accepted: two numbers"
                    ));
                }
            }
        }
        Ok(words)
    }
}

/// Devices are named with and without their directory.
fn device(typed: &str) -> &str {
    typed.strip_prefix("/dev/").unwrap_or(typed)
}

/// The disks that were asked for; none means those that were ever used.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) disks: Vec<String>,
    /// Disks with their partitions.
    pub(super) families: Vec<String>,
}

impl Wanted {
    pub(super) fn wants(&self, name: &str, disk: &IoCounters) -> bool {
        if self.disks.is_empty() && self.families.is_empty() {
            return !disk.is_partition && disk.fields().iter().any(|counter| *counter > 0);
        }
        let is_named = |wanted: &String| match &**wanted {
            "ALL" => !disk.is_partition,
            wanted => wanted == name,
        };
        let is_of_family = |wanted: &String| {
            let wanted = device(wanted);
            wanted == "ALL" || wanted == name || (disk.is_partition && is_part_of(name, wanted))
        };
        self.disks.iter().any(is_named) || self.families.iter().any(is_of_family)
    }

    /// Those that are not there.
    pub(super) fn missing<'a>(&'a self, disks: &BTreeMap<String, IoCounters>) -> Vec<&'a str> {
        let all = self.disks.iter().chain(&self.families);
        all.map(|name| device(name))
            .filter(|name| *name != "ALL" && !disks.contains_key(*name))
            .collect()
    }
}

/// Partitions are called `sda1`, and `nvme0n1p1` where the name of the disk ends with a digit.
fn is_part_of(partition: &str, disk: &str) -> bool {
    let number = partition.strip_prefix(disk).and_then(|rest| {
        if disk.ends_with(|last: char| last.is_ascii_digit()) {
            rest.strip_prefix('p')
        } else {
            Some(rest)
        }
    });
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &str) -> std::result::Result<Words, String> {
        let typed: Vec<String> = typed.split_whitespace().map(str::to_owned).collect();
        Words::understood(&typed)
    }

    #[test]
    fn disks_and_numbers_stand_in_any_order() {
        let check = |typed: &str, disks: &[&str], interval: Option<f64>, count: Option<u64>| {
            let expect = Words {
                disks: disks.iter().map(|&disk| disk.to_owned()).collect(),
                interval: interval.map(Duration::from_secs_f64),
                count,
            };
            assert_eq!(words(typed), Ok(expect), "{typed}");
        };
        check("", &[], None, None);
        check("1", &[], Some(1.0), None);
        check("0.5 3", &[], Some(0.5), Some(3));
        check("sda /dev/sdb 2 1", &["sda", "sdb"], Some(2.0), Some(1));
        check("2 1 sda", &["sda"], Some(2.0), Some(1));
    }

    #[test]
    fn wrong_numbers_are_told_what_is_accepted() {
        for (typed, part) in [
            ("0", "INTERVAL"),
            ("-1", "INTERVAL"),
            ("1s", "INTERVAL"),
            ("1 0", "COUNT"),
            ("1 1.5", "COUNT"),
            ("1 2 3", "two numbers"),
        ] {
            let wrong = words(typed).unwrap_err();
            assert!(
                wrong.contains(part) && wrong.contains("accepted: "),
                "{typed}: {wrong}"
            );
        }
    }

    #[test]
    fn partitions_are_told_by_their_names() {
        for (partition, disk) in [("sda1", "sda"), ("sda12", "sda"), ("nvme0n1p2", "nvme0n1")] {
            assert!(is_part_of(partition, disk), "{partition} {disk}");
        }
        for (other, disk) in [
            ("sdaa1", "sda"),
            ("sda", "sda"),
            ("sdb1", "sda"),
            ("nvme0n10", "nvme0n1"),
            ("nvme0n1p", "nvme0n1"),
        ] {
            assert!(!is_part_of(other, disk), "{other} {disk}");
        }
    }

    #[test]
    fn what_is_shown_is_what_was_asked_for() {
        let disk = |read_count: u64, is_partition: bool| {
            let mut disk = IoCounters::default();
            (disk.read_count, disk.is_partition) = (read_count, is_partition);
            disk
        };
        let disks = BTreeMap::from([
            ("loop0".to_owned(), disk(0, false)),
            ("sda".to_owned(), disk(1, false)),
            ("sda1".to_owned(), disk(1, true)),
            ("sdb".to_owned(), disk(1, false)),
        ]);
        let check = |named: &[&str], families: &[&str], expect: &str| {
            let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
            let wanted = Wanted {
                disks: owned(named),
                families: owned(families),
            };
            let shown = disks.iter().filter(|(name, disk)| wanted.wants(name, disk));
            let shown: Vec<&str> = shown.map(|(name, _)| &**name).collect();
            assert_eq!(shown.join(" "), expect);
        };
        check(&[], &[], "sda sdb");
        check(&["sda1"], &[], "sda1");
        check(&["ALL"], &[], "loop0 sda sdb");
        check(&[], &["sda"], "sda sda1");
        check(&["sdb"], &["/dev/sda"], "sda sda1 sdb");
        check(&[], &["ALL"], "loop0 sda sda1 sdb");
    }
}
