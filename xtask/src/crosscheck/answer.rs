//! pslens' answers, as JSON lines: the counterpart of `oracle.py`, in a process of its own.
//!
//! Records are written in the library's own JSON form (feature `serde`), so that form is compared too.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, Write};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, SystemTime};

use pslens::net::ConnectionKind;
use pslens::process::{self, Attribute, AttributeSet, Field, Info, MemoryMap, Process};
use pslens::{Error, Pid};
use pslens::{cpu, disk, host, memory, net, sensors};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::step::Outcome;

/// What stands for an attribute that is denied, or that a zombie does not have; `oracle.py` has it too.
const UNAVAILABLE: &str = "(denied or zombie)";

type Answer = Result<Value, Failure>;

/// Why there is no answer.
pub(super) enum Failure {
    /// The library says so.
    Library(Error),
    /// The request is not understood: a mistake of this program.
    Request(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self::Request(why)
    }
}

/// Answers until standard input ends.
pub(super) fn serve() -> Outcome {
    let mut server = Server::default();
    let mut out = std::io::stdout().lock();
    let mut say = |value: &Value| -> Outcome {
        writeln!(out, "{value}").map_err(|error| error.to_string())?;
        out.flush().map_err(|error| error.to_string())
    };
    say(&json!({"version": env!("CARGO_PKG_VERSION")}))?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let request: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        say(&written(server.answer(&request)))?;
    }
    Ok(())
}

fn written(answer: Answer) -> Value {
    match answer {
        Ok(value) => json!({"ok": value}),
        Err(Failure::Library(error)) => {
            json!({"error": format!("{:?}", error.kind()), "message": error.to_string()})
        }
        Err(Failure::Request(why)) => json!({"error": "Request", "message": why}),
    }
}

pub(super) fn json<T: Serialize>(value: T) -> Answer {
    serde_json::to_value(value).map_err(|error| Failure::Request(error.to_string()))
}

/// Text, or the bytes of what is not UTF-8.
pub(super) fn text(text: impl AsRef<OsStr>) -> Value {
    match text.as_ref().to_str() {
        Some(text) => text.into(),
        None => text.as_ref().as_bytes().into(),
    }
}

fn epoch(time: SystemTime) -> Value {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64().into()
}

fn flag(args: &Value, name: &str) -> bool {
    args[name].as_bool().unwrap_or(false)
}

fn number(value: &Value, what: &str) -> Result<u32, String> {
    let number = value.as_u64().and_then(|number| number.try_into().ok());
    number.ok_or_else(|| format!("{what}: {value}"))
}

fn kind(args: &Value) -> Result<ConnectionKind, Error> {
    args["kind"].as_str().unwrap_or("inet").parse()
}

#[derive(Default)]
struct Server {
    held: BTreeMap<String, Process>,
}

impl Server {
    fn answer(&mut self, request: &Value) -> Answer {
        let name = request["name"].as_str().unwrap_or_default();
        match request["verb"].as_str().unwrap_or_default() {
            "call" => system(name, &request["args"]),
            "process" => self.process(request),
            "hold" => {
                let process = Process::new(number(&request["pid"], "pid")?)?;
                let name = request["as"].as_str().unwrap_or_default();
                self.held.insert(name.to_owned(), process);
                Ok(true.into())
            }
            "alive" => {
                let name = request["hold"].as_str().unwrap_or_default();
                match self.held.get(name) {
                    Some(process) => Ok(process.is_running()?.into()),
                    None => Err(format!("{name} is not held").into()),
                }
            }
            "forget" => {
                self.held.clear();
                Ok(true.into())
            }
            "formula" => formula(request),
            "iterate" => iterate(request),
            "ends" => super::actions::ends(request),
            verb => Err(format!("verb {verb}").into()),
        }
    }

    fn process(&self, request: &Value) -> Answer {
        let fresh;
        let hold = request["hold"].as_str().unwrap_or_default();
        let process = match self.held.get(hold) {
            Some(process) => process,
            None => {
                fresh = Process::new(number(&request["pid"], "pid")?)?;
                &fresh
            }
        };
        let calls = request["calls"].as_array().cloned().unwrap_or_default();
        let answers = calls.iter().map(|call| {
            let name = call["name"].as_str().unwrap_or_default();
            written(on_process(process, name, &call["args"]))
        });
        Ok(answers.collect())
    }
}

fn system(name: &str, args: &Value) -> Answer {
    let second = Duration::from_secs_f64(args["interval"].as_f64().unwrap_or(0.0));
    match name {
        "cpu_times" if flag(args, "percpu") => json(cpu::times_per_cpu()?),
        "cpu_times" => json(cpu::times()?),
        "cpu_percent" if flag(args, "percpu") => json(cpu::percent_per_cpu(second)?),
        "cpu_percent" => json(cpu::percent(second)?),
        "cpu_times_percent" if flag(args, "percpu") => json(cpu::times_percent_per_cpu(second)?),
        "cpu_times_percent" => json(cpu::times_percent(second)?),
        "cpu_count" if args["logical"] == false => json(cpu::count_cores()?),
        "cpu_count" => json(cpu::count_logical()?),
        "cpu_stats" => json(cpu::stats()?),
        "cpu_freq" if flag(args, "percpu") => json(cpu::frequency_per_cpu()?),
        "cpu_freq" => json(cpu::frequency()?),
        "getloadavg" => {
            let load = host::load_average()?;
            json([load.one, load.five, load.fifteen])
        }
        "virtual_memory" => json(memory::virtual_memory()?),
        "swap_memory" => json(memory::swap_memory()?),
        "disk_partitions" if flag(args, "all") => json(disk::partitions_all()?),
        "disk_partitions" => json(disk::partitions()?),
        "disk_usage" => json(disk::usage(args["path"].as_str().unwrap_or_default())?),
        "disk_io_counters" if flag(args, "perdisk") => json(disk::io_counters_per_disk()?),
        "disk_io_counters" => json(disk::io_counters()?),
        "net_io_counters" if flag(args, "pernic") => named(net::io_counters_per_nic()?),
        "net_io_counters" => json(net::io_counters()?),
        "net_connections" => json(net::connections(kind(args)?)?),
        "net_if_addrs" => json(net::if_addrs()?),
        "net_if_stats" => json(net::if_stats()?),
        "sensors_temperatures" => json(sensors::temperatures()?),
        "sensors_fans" => json(sensors::fans()?),
        "sensors_battery" => json(sensors::batteries()?.first()),
        "boot_time" => Ok(epoch(host::boot_time()?)),
        "users" => json(host::users()?),
        "pids" => json(process::pids()?),
        "pid_exists" => json(process::pid_exists(number(&args["pid"], "pid")?.into())?),
        _ => Err(format!("no system call is named {name}").into()),
    }
}

fn named<N: AsRef<OsStr>, T: Serialize>(rows: Vec<(N, T)>) -> Answer {
    let mut map = Map::new();
    for (name, row) in rows {
        map.insert(name.as_ref().to_string_lossy().into_owned(), json(row)?);
    }
    Ok(map.into())
}

fn on_process(process: &Process, name: &str, args: &Value) -> Answer {
    match name {
        "is_running" => json(process.is_running()?),
        "ppid" => json(process.ppid()?),
        "name" => Ok(text(process.name()?)),
        "exe" => Ok(process.exe()?.map(text).unwrap_or_default()),
        "cmdline" => Ok(process.cmdline()?.iter().map(text).collect()),
        "environ" => environ(&process.environ()?),
        "create_time" => Ok(epoch(process.create_time()?)),
        "status" => json(process.status()?),
        "cwd" => Ok(process.cwd()?.map(text).unwrap_or_default()),
        "username" => Ok(text(process.username()?)),
        "uids" => json(process.uids()?),
        "gids" => json(process.gids()?),
        "terminal" => Ok(process.terminal()?.map(text).unwrap_or_default()),
        "nice" => json(process.nice()?),
        "ionice" => json(process.ionice()?),
        "io_counters" => json(process.io_counters()?),
        "num_ctx_switches" => json(process.num_ctx_switches()?),
        "num_fds" => json(process.num_fds()?),
        "num_threads" => json(process.num_threads()?),
        "threads" => json(process.threads()?),
        "cpu_times" => json(process.cpu_times()?),
        "cpu_percent" => {
            let interval = args["interval"].as_f64().unwrap_or(0.0);
            if interval == 0.0 {
                return json(process::PercentSampler::new(process.clone()).percent()?);
            }
            json(process.cpu_percent(Duration::from_secs_f64(interval))?)
        }
        "cpu_affinity" => json(process.cpu_affinity()?),
        "cpu_num" => json(process.cpu_num()?),
        "memory_info" => json(process.memory_info()?),
        "memory_full_info" => json(process.memory_full_info()?),
        "memory_footprint" => json(process.memory_footprint()?),
        "memory_info_ex" => json(process.memory_info_ex()?),
        "page_faults" => json(process.page_faults()?),
        "memory_percent" => json(process.memory_percent()?),
        "memory_maps" if args["grouped"] == false => maps(&process.memory_maps()?),
        "memory_maps" => maps(&process::memory::group(&process.memory_maps()?)),
        "open_files" => json(process.open_files()?),
        "net_connections" => json(process.net_connections(kind(args)?)?),
        "children" if flag(args, "recursive") => pids(&process.children_recursive()?),
        "children" => pids(&process.children()?),
        "parent" => json(process.parent()?.map(|parent| parent.pid())),
        "parents" => pids(&process.parents()?),
        "as_dict" => {
            let set = match args["attrs"].as_array() {
                None => AttributeSet::ALL,
                Some(names) => attributes(names)?,
            };
            as_dict(&process.info(set)?)
        }
        "oneshot" => oneshot(process),
        _ => super::actions::answer(process, name, args),
    }
}

fn attributes(names: &[Value]) -> Result<AttributeSet, Error> {
    let names = names.iter().filter_map(Value::as_str);
    names.map(str::parse::<Attribute>).collect()
}

fn pids(processes: &[Process]) -> Answer {
    json(processes.iter().map(Process::pid).collect::<Vec<Pid>>())
}

fn environ(variables: &[(impl AsRef<OsStr>, impl AsRef<OsStr>)]) -> Answer {
    let mut map = Map::new();
    for (name, value) in variables {
        let name = name.as_ref().to_string_lossy().into_owned();
        map.insert(name, text(value));
    }
    Ok(map.into())
}

/// Mappings with psutil's columns for the address.
fn maps(maps: &[MemoryMap]) -> Answer {
    let rows = maps.iter().map(|map| {
        let mut row = json(map)?;
        if let Some(at) = map.address {
            row["addr"] = format!("{:08x}-{:08x}", at.start, at.end).into();
            let letter = |set, letter| if set { letter } else { '-' };
            let perms = [
                letter(at.read, 'r'),
                letter(at.write, 'w'),
                letter(at.execute, 'x'),
                if at.shared { 's' } else { 'p' },
            ];
            row["perms"] = perms.iter().collect::<String>().into();
        }
        Ok(row)
    });
    rows.collect()
}

/// The getters again, through one reader that reads each source once.
fn oneshot(process: &Process) -> Answer {
    let mut look = process.oneshot()?;
    Ok(json!({
        "name": text(look.name()?),
        "ppid": look.ppid()?,
        "status": look.status()?,
        "uids": look.uids()?,
        "gids": look.gids()?,
        "num_threads": look.num_threads()?,
        "num_ctx_switches": look.num_ctx_switches()?,
        "cpu_times": look.cpu_times()?,
        "create_time": epoch(look.create_time()?),
        "memory_info": look.memory_info()?,
    }))
}

/// The JSON of a set of attributes, with a mark where it says null for want of a right.
fn as_dict(info: &Info) -> Answer {
    let mut record = json(info)?;
    macro_rules! mark {
        ($($field:ident)*) => {$(
            if matches!(info.$field, Field::Denied | Field::Zombie) {
                record[stringify!($field)] = UNAVAILABLE.into();
            }
        )*};
    }
    mark!(
        uids gids username nice ionice cpu_affinity net_connections ppid name status create_time terminal
        cpu_times cpu_num cpu_percent num_threads page_faults memory_info memory_percent num_ctx_switches
        memory_info_ex cmdline environ exe cwd io_counters num_fds open_files threads memory_maps
        memory_footprint memory_full_info
    );
    if let Some(found) = info.memory_maps.value() {
        record["memory_maps"] = maps(&process::memory::group(found))?;
    }
    Ok(record)
}

fn iterate(request: &Value) -> Answer {
    let names = request["attrs"].as_array().cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for info in process::all_with(attributes(&names)?)? {
        rows.push(as_dict(&info?)?);
    }
    Ok(rows.into())
}

/// Percentages of given pairs of samples.
fn formula(request: &Value) -> Answer {
    let pairs = request["pairs"].as_array().cloned().unwrap_or_default();
    let rows = pairs.iter().map(|pair| {
        let (earlier, later) = (sample(&pair[0]), sample(&pair[1]));
        Ok(json!({
            "cpu_percent": {"ok": later.percent_since(&earlier)},
            "cpu_times_percent": {"ok": json(later.times_percent_since(&earlier))?},
        }))
    });
    rows.collect()
}

fn sample(fields: &Value) -> cpu::Times {
    let seconds = |name: &str| Duration::from_secs_f64(fields[name].as_f64().unwrap_or(0.0));
    let mut times = cpu::Times::default();
    times.user = seconds("user");
    times.nice = Some(seconds("nice"));
    times.system = seconds("system");
    times.idle = seconds("idle");
    times.iowait = Some(seconds("iowait"));
    times.irq = Some(seconds("irq"));
    times.softirq = Some(seconds("softirq"));
    times.steal = Some(seconds("steal"));
    times.guest = Some(seconds("guest"));
    times.guest_nice = Some(seconds("guest_nice"));
    times
}
