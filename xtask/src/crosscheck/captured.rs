//! Other machines: the fixtures, which have sensors, batteries, CPUs that are off and kernels of long ago.
//!
//! psutil can be told where procfs is but not where sysfs is, so it gets a mount namespace in which `/sys` is
//! that of the machine. Only root can make one.

use std::path::Path;

use serde_json::{Value, json};

use super::report::Report;
use super::side::Side;
use super::{Pair, process};

/// Calls that files answer. Everything else asks the running system in psutil.
const SYSTEM: &[&str] = &[
    "cpu_times",
    "cpu_stats",
    "cpu_freq",
    "virtual_memory",
    "swap_memory",
    "disk_partitions",
    "sensors_temperatures",
    "sensors_fans",
    "sensors_battery",
    "boot_time",
    "pids",
];

const PROCESS: &[&str] = &[
    "ppid",
    "name",
    "exe",
    "cmdline",
    "environ",
    "create_time",
    "status",
    "cwd",
    "uids",
    "gids",
    "io_counters",
    "num_ctx_switches",
    "num_fds",
    "num_threads",
    "threads",
    "cpu_times",
    "cpu_num",
    "memory_info",
    "memory_full_info",
    "memory_percent",
    "memory_maps",
];

pub(super) fn check(python: &Path, machine: &'static str) -> Result<Report, String> {
    let files = pslens_fixtures::materialise(machine);
    let places = (files.proc(), files.sys());
    let mut pair = Pair {
        ours: Side::pslens_at(&places)?,
        theirs: Side::psutil_at(python, &places)?,
        root: true,
        machine,
        outcome: None,
        at_most: usize::MAX,
        report: Report::default(),
    };
    for name in SYSTEM {
        pair.call(name, &json!({}))?;
    }
    for name in ["cpu_times", "cpu_freq"] {
        pair.call(name, &json!({"percpu": true}))?;
    }
    pair.call("cpu_count", &json!({"logical": false}))?;
    pair.call("disk_partitions", &json!({"all": true}))?;
    for (name, each) in [
        ("disk_io_counters", "perdisk"),
        ("net_io_counters", "pernic"),
    ] {
        for whole in [false, true] {
            pair.call(name, &json!({"nowrap": false, each: whole}))?;
        }
    }
    super::system::connections(&mut pair)?;
    let calls: Vec<(&str, Value, &str)> = PROCESS
        .iter()
        .map(|name| (*name, json!({}), *name))
        .chain([("memory_maps", json!({"grouped": false}), "memory_maps")])
        .collect();
    let pids = pair
        .ours
        .ask(&json!({"verb": "call", "name": "pids", "args": {}}))?;
    for pid in pids
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
    {
        let pid = u32::try_from(pid).map_err(|error| error.to_string())?;
        process::one(&mut pair, pid, machine, &calls)?;
    }
    Ok(pair.report)
}
