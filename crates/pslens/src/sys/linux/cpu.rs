//! `stat`, `cpuinfo`, and below `/sys/devices/system/cpu` the topology and `cpufreq`.
//!
//! Manuals: proc(5), and the kernel's `Documentation/admin-guide/cputopology.rst` and
//! `Documentation/admin-guide/pm/cpufreq.rst`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use pslens_parse::linux::{cpu_list, cpuinfo, stat};
use pslens_parse::scan::{Scan, trim};
use rustix::fs::CWD;

use crate::cpu::{Frequency, PerCpu, Stats, Times, average_frequency};
use crate::error::{Error, ErrorKind, Result};
use crate::sys::linux::Root;
use crate::sys::linux::root::read_record_at;

const SYS_CPU: &str = "devices/system/cpu";

/// More CPUs than any kernel can be built for; a captured list may claim four billion.
const MAX_CPUS: usize = 1 << 16;

pub(crate) fn times(root: &Root) -> Result<Times> {
    const OPERATION: &str = "cpu times";
    // The first line has at most 214 bytes; the kernel renders the rest whether we want it or not.
    let mut buffer = [0; 512];
    let text = root.read_proc_start(OPERATION, "stat", &mut buffer)?;
    let times = stat::parse_cpu(text).map_err(|error| Error::invalid_data(OPERATION, error))?;
    Ok(record(&times, Ticks::of_this_system()))
}

pub(crate) fn times_per_cpu(root: &Root) -> Result<Vec<PerCpu<Times>>> {
    const OPERATION: &str = "cpu times_per_cpu";
    let text = root.read_proc_record(OPERATION, "stat")?;
    let ticks = Ticks::of_this_system();
    let mut cpus = Vec::new();
    for row in stat::rows(&text) {
        let row = row.map_err(|error| Error::invalid_data(OPERATION, error))?;
        cpus.push(PerCpu::new(row.cpu, record(&row.times, ticks)));
    }
    cpus.sort_by_key(|row| row.cpu);
    Ok(cpus)
}

pub(crate) fn count_logical(root: &Root) -> Result<u32> {
    const OPERATION: &str = "cpu count_logical";
    // Not sysconf: its answer is the affinity mask in some C libraries, and knows no root.
    let mut buffer = Vec::new();
    if read_sys(root, "online", &mut buffer).is_ok() {
        let online = cpu_list::rows(&buffer)
            .filter_map(|range| Some(range.ok()?.count()))
            .fold(0, u64::saturating_add);
        if let Some(count) = count(online) {
            return Ok(count);
        }
    }
    let stat = root.read_proc_record(OPERATION, "stat");
    if let Ok(text) = &stat
        && let Some(count) = count(stat::rows(text).filter(|row| row.is_ok()).count() as u64)
    {
        return Ok(count);
    }
    match root.read_proc(OPERATION, "cpuinfo") {
        Ok(text) => {
            let cpus = cpuinfo::rows(&text).filter(|row| row.is_ok()).count() as u64;
            count(cpus).ok_or_else(|| Error::unsupported(OPERATION, "no file lists the CPUs"))
        }
        // The first failure is the better known one.
        Err(error) => Err(stat.err().unwrap_or(error)),
    }
}

pub(crate) fn count_cores(root: &Root) -> Result<Option<u32>> {
    const OPERATION: &str = "cpu count_cores";
    // CPUs of one core all name the same list of siblings.
    let mut cores = BTreeSet::new();
    let mut buffer = Vec::new();
    for (_, dir) in numbered(&root.sys(SYS_CPU), "cpu") {
        let siblings = ["core_cpus_list", "thread_siblings_list"]
            .into_iter()
            .find(|name| read(&dir.join("topology").join(name), &mut buffer).is_ok());
        if siblings.is_some() && !trim(&buffer).is_empty() {
            cores.insert(trim(&buffer).to_vec());
        }
    }
    if !cores.is_empty() {
        return Ok(count(cores.len() as u64));
    }
    let text = match root.read_proc(OPERATION, "cpuinfo") {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let packages: BTreeMap<u32, u32> = cpuinfo::rows(&text)
        .filter_map(|row| {
            let row = row.ok()?;
            Some((row.physical_id?, row.cpu_cores?))
        })
        .collect();
    Ok(count(
        packages
            .values()
            .fold(0, |sum, &cores| sum + u64::from(cores)),
    ))
}

pub(crate) fn count_usable(root: &Root) -> Result<u32> {
    const OPERATION: &str = "cpu count_usable";
    if !root.proc_is_running() {
        return Err(Error::unsupported(OPERATION, "needs the running system"));
    }
    let mask = rustix::thread::sched_getaffinity(Some(rustix::process::getpid()))
        .map_err(|error| Error::os(OPERATION, error.into()))?;
    Ok(mask.count())
}

pub(crate) fn stats(root: &Root) -> Result<Stats> {
    const OPERATION: &str = "cpu stats";
    let text = root.read_proc_record(OPERATION, "stat")?;
    let stat = stat::parse(&text).map_err(|error| Error::invalid_data(OPERATION, error))?;
    Ok(Stats {
        ctx_switches: stat.ctxt,
        interrupts: stat.intr,
        soft_interrupts: stat.softirq,
        syscalls: None,
    })
}

pub(crate) fn frequency(root: &Root) -> Result<Option<Frequency>> {
    Ok(average_frequency(&frequencies(root, "cpu frequency")?))
}

pub(crate) fn frequency_per_cpu(root: &Root) -> Result<Vec<PerCpu<Frequency>>> {
    frequencies(root, "cpu frequency_per_cpu")
}

/// What is known of one CPU's speed, in Hz. Nothing runs at 0: that is how drivers say "unknown".
#[derive(Default)]
struct Speed {
    current: Option<u64>,
    min: Option<u64>,
    max: Option<u64>,
}

fn frequencies(root: &Root, operation: &'static str) -> Result<Vec<PerCpu<Frequency>>> {
    let mut cpus = BTreeMap::new();
    let policies = policies(root);
    // One file for all CPUs, and on x86 measured rather than requested.
    match root.read_proc(operation, "cpuinfo") {
        Ok(text) => {
            for row in cpuinfo::rows(&text).filter_map(|row| row.ok()) {
                if let Some(hz) = row.hz.filter(|&hz| hz > 0) {
                    let speed: &mut Speed = cpus.entry(row.processor).or_default();
                    speed.current = Some(hz);
                }
            }
        }
        Err(error) if policies.is_empty() && error.kind() != ErrorKind::NotFound => {
            return Err(error);
        }
        Err(_) => {}
    }
    let mut buffer = Vec::new();
    for (cpu, policy) in policies {
        let governed = match cpu {
            // The directory of one CPU: its siblings have theirs.
            Policy::OfCpu(cpu) => vec![cpu],
            Policy::OfMany => affected_cpus(&policy, &mut buffer),
        };
        // All of them are offline.
        if governed.is_empty() {
            continue;
        }
        let mut hz = |name: &str| khz(&policy.join(name), &mut buffer);
        let (min, max) = (hz("scaling_min_freq"), hz("scaling_max_freq"));
        let mut asked = None;
        for cpu in governed {
            let speed = cpus.entry(cpu).or_default();
            (speed.min, speed.max) = (min, max);
            if speed.current.is_none() {
                // Old Red Hat kernels have only the second (psutil #1071).
                speed.current = *asked.get_or_insert_with(|| {
                    hz("scaling_cur_freq").or_else(|| hz("cpuinfo_cur_freq"))
                });
            }
        }
    }
    let mhz = |hz: u64| hz as f64 / 1e6;
    Ok(cpus
        .into_iter()
        .filter_map(|(cpu, speed)| {
            let frequency = Frequency {
                current_mhz: mhz(speed.current?),
                min_mhz: speed.min.map(mhz),
                max_mhz: speed.max.map(mhz),
            };
            Some(PerCpu::new(cpu, frequency))
        })
        .collect())
}

/// Whom a `cpufreq` directory governs.
enum Policy {
    /// `cpufreq/policyN`: the CPUs in its `affected_cpus`.
    OfMany,
    /// `cpuN/cpufreq`, before Linux 4.3.
    OfCpu(u32),
}

fn policies(root: &Root) -> Vec<(Policy, PathBuf)> {
    let base = root.sys(SYS_CPU);
    let shared: Vec<_> = numbered(&base.join("cpufreq"), "policy")
        .into_iter()
        .map(|(_, dir)| (Policy::OfMany, dir))
        .collect();
    if !shared.is_empty() {
        return shared;
    }
    numbered(&base, "cpu")
        .into_iter()
        .map(|(cpu, dir)| (Policy::OfCpu(cpu), dir.join("cpufreq")))
        .filter(|(_, dir)| dir.is_dir())
        .collect()
}

fn affected_cpus(policy: &Path, buffer: &mut Vec<u8>) -> Vec<u32> {
    if read(&policy.join("affected_cpus"), buffer).is_err() {
        return Vec::new();
    }
    cpu_list::rows(buffer)
        .filter_map(|range| range.ok())
        .flat_map(cpu_list::Row::cpus)
        .take(MAX_CPUS)
        .collect()
}

/// A file that holds one number of kHz, in Hz. Drivers without an answer say 0, `<unknown>`, or fail.
fn khz(path: &Path, buffer: &mut Vec<u8>) -> Option<u64> {
    read(path, buffer).ok()?;
    let khz: u64 = Scan::new("cpufreq", buffer).number("kHz").ok()?;
    khz.checked_mul(1000).filter(|&hz| hz > 0)
}

/// The entries of `dir` that are `prefix` and a number, in the order of the numbers.
fn numbered(dir: &Path, prefix: &str) -> Vec<(u32, PathBuf)> {
    let mut found: Vec<_> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name();
            let number = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path()))
        })
        .collect();
    found.sort();
    found
}

fn read_sys(root: &Root, name: &str, buffer: &mut Vec<u8>) -> std::io::Result<()> {
    read(&root.sys(SYS_CPU).join(name), buffer)
}

fn read(path: &Path, buffer: &mut Vec<u8>) -> std::io::Result<()> {
    buffer.clear();
    read_record_at(CWD, path, buffer)
}

/// A number of CPUs, if there are any.
fn count(cpus: u64) -> Option<u32> {
    u32::try_from(cpus).ok().filter(|&cpus| cpus > 0)
}

/// How long a clock tick is.
#[derive(Clone, Copy)]
struct Ticks {
    per_second: u64,
}

impl Ticks {
    fn of_this_system() -> Self {
        Self {
            per_second: rustix::param::clock_ticks_per_second().max(1),
        }
    }

    fn duration(self, ticks: u64) -> Duration {
        let nanos =
            u128::from(ticks % self.per_second) * 1_000_000_000 / u128::from(self.per_second);
        // Below a second by construction.
        Duration::new(ticks / self.per_second, u32::try_from(nanos).unwrap_or(0))
    }
}

fn record(times: &stat::CpuTimes, ticks: Ticks) -> Times {
    let time = |value| ticks.duration(value);
    let option = |value: Option<u64>| value.map(time);
    Times {
        user: time(times.user),
        nice: Some(time(times.nice)),
        system: time(times.system),
        idle: time(times.idle),
        iowait: option(times.iowait),
        irq: option(times.irq),
        softirq: option(times.softirq),
        steal: option(times.steal),
        guest: option(times.guest),
        guest_nice: option(times.guest_nice),
    }
}
