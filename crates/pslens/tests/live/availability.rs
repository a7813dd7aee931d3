//! The availability table is right about this system, in both directions: what it says exists answers,
//! and what it says does not exist has no probe here or answers `Unsupported`.

use std::collections::BTreeSet;
use std::time::Duration;

use pslens::availability::{Kind, TABLE, is_available};
use pslens::net::ConnectionKind;
use pslens::process::{AttributeSet, Cache};
use pslens::{Error, ErrorKind, Process, cpu, disk, host, memory, net, process, sensors};

/// Calls what a psutil name stands for. That this compiles is half of the test.
type Probe = (&'static str, fn() -> Result<(), Error>);

/// The same, for a method.
type MethodProbe = (&'static str, fn(&Process) -> Result<(), Error>);

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
    ("heap_info", || memory::heap_info().map(drop)),
    ("heap_trim", memory::heap_trim),
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
    ("pids", || process::pids().map(drop)),
    ("pid_exists", || {
        process::pid_exists(Process::current()?.pid()).map(drop)
    }),
    ("process_iter", || process::all().map(drop)),
    ("wait_procs", || {
        process::wait_all([Process::current()?], Some(INTERVAL), |_, _| {}).map(drop)
    }),
];

const METHODS: &[MethodProbe] = &[
    ("Process.oneshot", |p| p.oneshot().map(drop)),
    ("Process.as_dict", |p| p.info(AttributeSet::ALL).map(drop)),
    ("Process.ppid", |p| p.ppid().map(drop)),
    ("Process.name", |p| p.name().map(drop)),
    ("Process.exe", |p| p.exe().map(drop)),
    ("Process.cmdline", |p| p.cmdline().map(drop)),
    ("Process.environ", |p| p.environ().map(drop)),
    ("Process.create_time", |p| p.create_time().map(drop)),
    ("Process.status", |p| p.status().map(drop)),
    ("Process.cwd", |p| p.cwd().map(drop)),
    ("Process.username", |p| p.username().map(drop)),
    ("Process.uids", |p| p.uids().map(drop)),
    ("Process.gids", |p| p.gids().map(drop)),
    ("Process.terminal", |p| p.terminal().map(drop)),
    ("Process.nice", |p| p.nice().map(drop)),
    ("Process.ionice", |p| p.ionice().map(drop)),
    ("Process.io_counters", |p| p.io_counters().map(drop)),
    ("Process.num_ctx_switches", |p| {
        p.num_ctx_switches().map(drop)
    }),
    ("Process.num_fds", |p| p.num_fds().map(drop)),
    ("Process.num_threads", |p| p.num_threads().map(drop)),
    ("Process.threads", |p| p.threads().map(drop)),
    ("Process.cpu_times", |p| p.cpu_times().map(drop)),
    ("Process.cpu_percent", |p| p.cpu_percent(INTERVAL).map(drop)),
    ("Process.cpu_affinity", |p| p.cpu_affinity().map(drop)),
    ("Process.cpu_num", |p| p.cpu_num().map(drop)),
    ("Process.memory_info", |p| p.memory_info().map(drop)),
    ("Process.memory_info_ex", |p| p.memory_info_ex().map(drop)),
    ("Process.memory_full_info", |p| {
        p.memory_full_info().map(drop)
    }),
    ("Process.memory_footprint", |p| {
        p.memory_footprint().map(drop)
    }),
    ("Process.memory_percent", |p| p.memory_percent().map(drop)),
    ("Process.memory_maps", |p| p.memory_maps().map(drop)),
    ("Process.page_faults", |p| p.page_faults().map(drop)),
    ("Process.open_files", |p| p.open_files().map(drop)),
    ("Process.net_connections", |p| {
        p.net_connections(ConnectionKind::All).map(drop)
    }),
    ("Process.connections", |p| {
        p.net_connections(ConnectionKind::All).map(drop)
    }),
    ("Process.is_running", |p| p.is_running().map(drop)),
    ("Process.rlimit", |p| {
        p.rlimit(process::Resource::Core).map(drop)
    }),
    ("Process.children", |p| p.children().map(drop)),
    ("Process.parent", |p| p.parent().map(drop)),
    ("Process.parents", |p| p.parents().map(drop)),
    ("Process.send_signal", |p| {
        p.send_signal(process::Signal::CONT)
    }),
    ("Process.suspend", |_| on_a_child(Process::suspend)),
    ("Process.resume", |p| p.resume()),
    ("Process.terminate", |_| on_a_child(Process::terminate)),
    ("Process.kill", |_| on_a_child(Process::kill)),
    ("Process.wait", |p| p.wait_timeout(INTERVAL).map(drop)),
];

/// Does it to a child, which does not outlive it.
fn on_a_child(act: fn(&Process) -> Result<(), Error>) -> Result<(), Error> {
    let mut child = process::Child::spawn(std::process::Command::new("sleep").arg("1"))?;
    let result = act(&child);
    child.kill()?;
    child.wait()?;
    result
}

/// What cannot fail: it is there if it compiles.
const TOTAL: &[&str] = &[
    "Process.pid",
    "process_iter.cache_clear",
    "disk_io_counters.cache_clear",
    "net_io_counters.cache_clear",
];

/// Another failure (denied, not found) is an answer: the system has it.
fn check(name: &str, answer: Result<(), Error>) {
    let unsupported = answer.is_err_and(|error| error.kind() == ErrorKind::Unsupported);
    assert_eq!(!unsupported, is_available(name), "{name}");
}

#[test]
fn what_the_table_says_is_here_answers_and_nothing_else_does() {
    for (name, probe) in FUNCTIONS {
        check(name, probe());
    }
    let this = Process::current();
    for (name, probe) in METHODS {
        check(name, this.as_ref().map_or(Ok(()), probe));
    }
    Cache::new().clear();
}

#[test]
fn every_function_and_method_that_is_here_has_a_probe() {
    let functions = FUNCTIONS.iter().map(|(name, _)| *name);
    let methods = METHODS.iter().map(|(name, _)| *name);
    let mut probed: BTreeSet<_> = functions.chain(methods).collect();
    probed.extend(TOTAL);
    for row in TABLE {
        let callable = matches!(row.kind, Kind::Function | Kind::Method);
        if callable && is_available(row.name) {
            assert!(probed.contains(row.name), "{} has no probe", row.name);
        }
    }
}
