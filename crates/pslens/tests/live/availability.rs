//! The availability table is right about this system, in both directions: what it says exists answers,
//! and what it says does not exist has no probe here or answers `Unsupported`.

use std::collections::BTreeSet;
use std::time::Duration;

use pslens::availability::{Kind, TABLE, is_available};
use pslens::net::ConnectionKind;
use pslens::{Error, ErrorKind, cpu, disk, host, memory, net, sensors};

/// Calls what a psutil name stands for. That this compiles is half of the test.
type Probe = (&'static str, fn() -> Result<(), Error>);

const INTERVAL: Duration = Duration::from_millis(1);

const FUNCTIONS: &[Probe] = &[
    ("cpu_times", || cpu::times().map(drop)),
    ("cpu_percent", || cpu::percent(INTERVAL).map(drop)),
    ("cpu_times_percent", || {
        cpu::times_percent(INTERVAL).map(drop)
    }),
    ("cpu_count", || cpu::count_logical().map(drop)),
    ("cpu_stats", || cpu::stats().map(drop)),
    ("cpu_freq", || cpu::frequency().map(drop)),
    ("getloadavg", || host::load_average().map(drop)),
    ("virtual_memory", || memory::virtual_memory().map(drop)),
    ("swap_memory", || memory::swap_memory().map(drop)),
    ("disk_partitions", || disk::partitions().map(drop)),
    ("disk_usage", || disk::usage("/").map(drop)),
    ("disk_io_counters", || disk::io_counters().map(drop)),
    ("net_io_counters", || net::io_counters().map(drop)),
    ("net_connections", || {
        net::connections(ConnectionKind::All).map(drop)
    }),
    ("net_if_addrs", || net::if_addrs().map(drop)),
    ("net_if_stats", || net::if_stats().map(drop)),
    ("sensors_temperatures", || sensors::temperatures().map(drop)),
    ("sensors_fans", || sensors::fans().map(drop)),
    ("sensors_battery", || sensors::batteries().map(drop)),
    ("boot_time", || host::boot_time().map(drop)),
    ("users", || host::users().map(drop)),
];

fn probes() -> impl Iterator<Item = &'static Probe> {
    FUNCTIONS.iter()
}

#[test]
fn what_the_table_says_is_here_answers_and_nothing_else_does() {
    for (name, probe) in probes() {
        // Another failure (denied, not found) is an answer: the system has it.
        let unsupported = probe().is_err_and(|error| error.kind() == ErrorKind::Unsupported);
        assert_eq!(!unsupported, is_available(name), "{name}");
    }
}

#[test]
fn every_function_and_method_that_is_here_has_a_probe() {
    let probed: BTreeSet<_> = probes().map(|(name, _)| *name).collect();
    for row in TABLE {
        let callable = matches!(row.kind, Kind::Function | Kind::Method);
        if callable && is_available(row.name) {
            assert!(probed.contains(row.name), "{} has no probe", row.name);
        }
    }
}
