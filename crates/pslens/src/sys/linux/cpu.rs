//! `stat`, `cpuinfo`, and below `/sys/devices/system/cpu` the topology and `cpufreq`.
//!
//! Manuals: proc(5), and the kernel's `Documentation/admin-guide/cputopology.rst` and
//! `Documentation/admin-guide/pm/cpufreq.rst`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pslens_parse::linux::{cpu_list, cpuinfo, stat};
use pslens_parse::scan::{Scan, trim};
use rustix::fs::CWD;

use crate::cpu::{Frequency, PerCpu, Stats, Times, average_frequency};
use crate::error::{Error, ErrorKind, Result};
use crate::sys::linux::root::read_record_at;
use crate::sys::linux::ticks::Ticks;
use crate::sys::linux::{Root, ffi};

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
    let cpus =
        ffi::process::sched_getaffinity(rustix::process::getpid().as_raw_pid().unsigned_abs())
            .map_err(|error| Error::os(OPERATION, error))?;
    Ok(u32::try_from(cpus.len()).unwrap_or(u32::MAX))
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pslens_fixtures::{Machine, materialise};

    use super::*;

    fn root(machine: &Machine) -> Root {
        Root::at(&machine.proc(), &machine.sys()).unwrap()
    }

    #[test]
    fn times_of_every_generation() {
        for name in pslens_fixtures::MACHINES {
            let machine = materialise(name);
            let root = root(&machine);
            let all = times(&root).unwrap();
            let cpus = times_per_cpu(&root).unwrap();
            assert!(cpus.is_sorted_by_key(|row| row.cpu), "{name}");
            let sum: std::time::Duration = cpus.iter().map(|row| row.value.total()).sum();
            // The kernel cuts each of the eight fields of each CPU to ticks; made-up machines are exact.
            let cut = Duration::from_millis(10) * 8 * u32::try_from(cpus.len()).unwrap();
            assert!(all.total().abs_diff(sum) <= cut, "{name}");
            // Since Linux 2.6.33.
            assert_eq!(all.guest_nice.is_none(), *name == "kernel-2.6.32", "{name}");
            assert_eq!(
                count_logical(&root).unwrap(),
                u32::try_from(cpus.len()).unwrap(),
                "{name}"
            );
        }
    }

    #[test]
    fn a_denied_or_cut_stat_is_an_error_and_not_a_zero() {
        let machine = materialise("kernel-5.10");
        machine.write("proc/stat", "cpu  1 2 3");
        let error = times(&root(&machine)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        machine.remove("proc/stat");
        let error = times(&root(&machine)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.path().unwrap().ends_with("proc/stat"));
    }

    #[test]
    fn offline_cpus_have_no_row_and_are_not_counted() {
        let machine = materialise("manycore");
        let root = root(&machine);
        assert_eq!(count_logical(&root).unwrap(), 112);
        let last = times_per_cpu(&root).unwrap().last().map(|row| row.cpu);
        assert_eq!(last, Some(252));
        assert_eq!(frequency_per_cpu(&root).unwrap().len(), 112);
    }

    #[test]
    fn logical_cpus_are_counted_from_the_next_source_if_one_is_missing() {
        let machine = materialise("laptop");
        let root = root(&machine);
        assert_eq!(count_logical(&root).unwrap(), 8);
        machine.remove("sys/devices/system/cpu/online");
        assert_eq!(count_logical(&root).unwrap(), 8);
        machine.remove("proc/stat");
        assert_eq!(count_logical(&root).unwrap(), 8);
        machine.remove("proc/cpuinfo");
        let error = count_logical(&root).unwrap_err();
        assert!(error.path().unwrap().ends_with("proc/stat"));
    }

    #[test]
    fn cores_are_sets_of_siblings_else_what_cpuinfo_says() {
        let machine = materialise("laptop");
        let root = root(&machine);
        assert_eq!(count_cores(&root).unwrap(), Some(4));
        // Before Linux 5.3 only the second file existed.
        for cpu in 0..8 {
            let topology = format!("sys/devices/system/cpu/cpu{cpu}/topology");
            machine.remove(&topology);
        }
        assert_eq!(count_cores(&root).unwrap(), Some(4));
        let package =
            |id, cores| format!("processor: {id}\nphysical id: {id}\ncpu cores: {cores}\n\n");
        machine.write(
            "proc/cpuinfo",
            package(0, 6) + &package(0, 6) + &package(1, 2),
        );
        assert_eq!(count_cores(&root).unwrap(), Some(8));
        machine.write("proc/cpuinfo", "processor: 0\nmodel name: ARMv7\n");
        assert_eq!(count_cores(&root).unwrap(), None);
        machine.remove("proc/cpuinfo");
        assert_eq!(count_cores(&root).unwrap(), None);
    }

    #[test]
    fn stats_have_what_the_kernel_counts() {
        let machine = materialise("kernel-2.6.32");
        let stats = stats(&root(&machine)).unwrap();
        assert_eq!(stats.ctx_switches, 987_654_321);
        assert_eq!(stats.interrupts, 3_164_320);
        assert_eq!((stats.soft_interrupts, stats.syscalls), (Some(5617), None));
    }

    #[test]
    fn usable_cpus_are_those_of_the_running_system_only() {
        let machine = materialise("kernel-5.10");
        let error = count_usable(&root(&machine)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    /// (CPU, current, min, max) in MHz.
    type Speeds = Vec<(u32, f64, Option<f64>, Option<f64>)>;

    fn speeds(machine: &Machine) -> Speeds {
        frequency_per_cpu(&root(machine))
            .unwrap()
            .into_iter()
            .map(|row| {
                let Frequency {
                    current_mhz,
                    min_mhz,
                    max_mhz,
                    ..
                } = row.value;
                (row.cpu, current_mhz, min_mhz, max_mhz)
            })
            .collect()
    }

    /// A machine that has nothing but these files of `cpufreq`.
    fn machine_with(files: &[(&str, &str)]) -> Machine {
        let machine = materialise("kernel-5.10");
        machine.remove("sys/devices/system/cpu");
        machine.remove("proc/cpuinfo");
        for (path, text) in files {
            let path = if path.starts_with("proc") {
                (*path).to_owned()
            } else {
                format!("sys/devices/system/cpu/{path}")
            };
            machine.write(&path, text);
        }
        machine
    }

    #[test]
    fn one_policy_governs_many_cpus_and_none_that_is_offline() {
        // psutil #2512, #2628
        let machine = machine_with(&[
            ("cpufreq/policy0/affected_cpus", "0 1 3\n"),
            ("cpufreq/policy0/scaling_cur_freq", "1800000\n"),
            ("cpufreq/policy0/scaling_min_freq", "400000\n"),
            ("cpufreq/policy0/scaling_max_freq", "4200000\n"),
            ("cpufreq/policy4/affected_cpus", "\n"),
            ("cpufreq/policy4/scaling_cur_freq", "999\n"),
            // Listed after policy4, not before.
            ("cpufreq/policy10/affected_cpus", "10\n"),
            ("cpufreq/policy10/cpuinfo_cur_freq", "2000000\n"),
            ("cpufreq/policy10/scaling_max_freq", "<unknown>\n"),
            ("cpufreq/policy11/affected_cpus", "11\n"),
            ("cpufreq/policy11/scaling_cur_freq", "0\n"),
        ]);
        let governed = |cpu| (cpu, 1800.0, Some(400.0), Some(4200.0));
        let expect: Speeds = vec![
            governed(0),
            governed(1),
            governed(3),
            (10, 2000.0, None, None),
        ];
        assert_eq!(speeds(&machine), expect);
        let average = frequency(&root(&machine)).unwrap().unwrap();
        assert_eq!((average.current_mhz, average.min_mhz), (1850.0, None));
    }

    #[test]
    fn before_policies_each_cpu_has_its_own_directory() {
        let machine = machine_with(&[
            ("cpu0/cpufreq/affected_cpus", "0 1\n"),
            ("cpu0/cpufreq/scaling_cur_freq", "1000000\n"),
            ("cpu0/cpufreq/scaling_max_freq", "2000000\n"),
            ("cpu1/cpufreq/scaling_cur_freq", "1500000\n"),
            ("cpu2/topology/core_id", "0\n"),
        ]);
        let expect: Speeds = vec![(0, 1000.0, None, Some(2000.0)), (1, 1500.0, None, None)];
        assert_eq!(speeds(&machine), expect);
    }

    #[test]
    fn the_speed_in_cpuinfo_comes_first_the_limits_from_the_policy() {
        let machine = machine_with(&[
            (
                "proc/cpuinfo",
                "processor: 0\ncpu MHz: 3100.5\n\nprocessor: 1\ncpu MHz: 0.000\n\n",
            ),
            ("cpufreq/policy0/affected_cpus", "0-1\n"),
            ("cpufreq/policy0/scaling_cur_freq", "900000\n"),
            ("cpufreq/policy0/scaling_min_freq", "800000\n"),
        ]);
        let expect: Speeds = vec![
            (0, 3100.5, Some(800.0), None),
            (1, 900.0, Some(800.0), None),
        ];
        assert_eq!(speeds(&machine), expect);
    }

    #[test]
    fn a_machine_that_says_nothing_has_no_frequency() {
        assert_eq!(frequency(&root(&machine_with(&[]))).unwrap(), None);
        // A list that claims every CPU there could be does not fill the memory.
        let machine = machine_with(&[
            ("cpufreq/policy0/affected_cpus", "0-4294967295\n"),
            ("cpufreq/policy0/scaling_cur_freq", "1000000\n"),
        ]);
        assert_eq!(speeds(&machine).len(), MAX_CPUS);
    }
}
