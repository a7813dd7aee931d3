//! What is measured: the machine and its processes at one moment, with rates since the moment before.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use pslens::cpu::{self, PerCpu, TimesPercent};
use pslens::host::{self, LoadAverage};
use pslens::memory::{self, SwapMemory, VirtualMemory};
use pslens::process::{Attribute, AttributeSet, Cache, Field, Info, IoCounters, Status};
use pslens::{Error, ErrorKind, Pid, Process, Root, disk, net};

use serde::Serialize;

use crate::output::Cell;

/// A value, or why there is none.
pub(super) type Answer<T> = Result<T, Missing>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Unknown,
    Denied,
}

impl From<Missing> for Cell<'_> {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Unknown => Self::Unknown,
            Missing::Denied => Self::Denied,
        }
    }
}

impl From<Error> for Missing {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::AccessDenied => Self::Denied,
            _ => Self::Unknown,
        }
    }
}

/// Bytes per second in two directions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    pub(super) read: Answer<f64>,
    pub(super) written: Answer<f64>,
}

/// The machine.
#[derive(Debug)]
pub(super) struct System {
    /// Of each CPU. Unknown in the first sample.
    pub(super) cpus: Answer<Vec<PerCpu<TimesPercent>>>,
    /// How many there are, known from the first sample on.
    pub(super) cpu_count: usize,
    pub(super) memory: Answer<VirtualMemory>,
    pub(super) swap: Answer<SwapMemory>,
    pub(super) load: Answer<LoadAverage>,
    pub(super) boot: Answer<SystemTime>,
    pub(super) disk: Flow,
    pub(super) net: Flow,
}

impl System {
    /// A part of the time of all CPUs, in percent.
    pub(super) fn cpu(&self, part: impl Fn(&TimesPercent) -> Option<f64>) -> Answer<f64> {
        let cpus = self.cpus.as_ref().map_err(|missing| *missing)?;
        let sum: Option<f64> = cpus.iter().map(|cpu| part(&cpu.value)).sum();
        match sum {
            Some(sum) if !cpus.is_empty() => Ok(sum / cpus.len() as f64),
            _ => Err(Missing::Unknown),
        }
    }

    /// What all CPUs did but wait, in percent.
    pub(super) fn cpu_percent(&self) -> Answer<f64> {
        self.cpu(|times| Some(busy(times)))
    }
}

/// A part of the time of a CPU, if the system counts it.
type Part = fn(&TimesPercent) -> Option<f64>;

/// What the time of CPUs is spent on.
pub(super) const PARTS: [(&str, Part); 7] = [
    ("user", |times| Some(times.user)),
    ("system", |times| Some(times.system)),
    ("nice", |times| times.nice),
    ("idle", |times| Some(times.idle)),
    ("iowait", |times| times.iowait),
    ("irq", |times| Some(times.irq? + times.softirq?)),
    ("steal", |times| times.steal),
];

/// What a CPU did but wait, in percent.
pub(super) fn busy(times: &TimesPercent) -> f64 {
    (100.0 - times.idle - times.iowait.unwrap_or_default()).clamp(0.0, 100.0)
}

/// One process.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) info: Info,
    /// What was asked of it.
    pub(super) asked: AttributeSet,
    /// Storage, if its counters were asked for twice.
    pub(super) disk: Flow,
}

/// How many processes are in which state.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tasks {
    pub(super) all: usize,
    pub(super) running: usize,
    pub(super) sleeping: usize,
    pub(super) stopped: usize,
    pub(super) zombie: usize,
}

impl Tasks {
    fn count(&mut self, status: &Field<Status>) {
        self.all += 1;
        match status.value() {
            Some(Status::Running) => self.running += 1,
            Some(Status::Stopped | Status::TracingStop) => self.stopped += 1,
            Some(Status::Zombie) => self.zombie += 1,
            Some(_) => self.sleeping += 1,
            None => {}
        }
    }
}

/// One moment.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) system: System,
    pub(super) tasks: Tasks,
    /// In the order of their numbers.
    pub(super) rows: Vec<Row>,
    /// Processes that could not be read at all.
    pub(super) unreadable: usize,
}

/// What has to be remembered from one sample to the next.
#[derive(Debug)]
pub(super) struct Sampler {
    root: Root,
    processes: Cache,
    /// What processes had read and written, and when that was asked.
    io: HashMap<Pid, (Process, IoCounters, Instant)>,
    cpus: cpu::PercentSampler,
    disk: Option<[u64; 2]>,
    net: Option<[u64; 2]>,
    /// When the last sample was taken.
    before: Option<Instant>,
}

impl Sampler {
    pub(super) fn new(root: &Root) -> Self {
        Self {
            root: root.clone(),
            processes: Cache::new(),
            io: HashMap::new(),
            cpus: cpu::PercentSampler::new_in(root),
            disk: None,
            net: None,
            before: None,
        }
    }

    /// Looks at the machine, and at these attributes of all processes.
    pub(super) fn sample(&mut self, attributes: AttributeSet) -> pslens::Result<Sample> {
        let now = Instant::now();
        let passed = self.before.replace(now).map(|before| now - before);
        let system = self.system(passed);
        // Who was not looked at since the last sample has nothing to be compared with.
        self.io
            .retain(|_, (.., asked)| passed.is_some_and(|passed| now - *asked <= passed));
        let mut sample = Sample {
            system,
            tasks: Tasks::default(),
            rows: Vec::new(),
            unreadable: 0,
        };
        for info in self.processes.scan_in(attributes, &self.root)? {
            let Ok(info) = info else {
                sample.unreadable += 1;
                continue;
            };
            sample.tasks.count(&info.status);
            let disk = storage(&mut self.io, &info);
            sample.rows.push(Row {
                info,
                asked: attributes,
                disk,
            });
        }
        Ok(sample)
    }

    /// Looks at these attributes of one process again, unless that was done already. What has ended stays
    /// as it was seen last.
    pub(super) fn complete(&mut self, row: &mut Row, attributes: AttributeSet) {
        if attributes.iter().all(|it| row.asked.contains(it)) {
            return;
        }
        row.asked = attributes.iter().fold(row.asked, AttributeSet::with);
        if let Ok(mut info) = row.info.process.info(row.asked) {
            row.disk = storage(&mut self.io, &info);
            // That needs the sample before.
            info.cpu_percent = std::mem::take(&mut row.info.cpu_percent);
            row.info = info;
        }
    }

    fn system(&mut self, passed: Option<Duration>) -> System {
        let root = &self.root;
        let cpus = self.cpus.times_percent_per_cpu();
        let cpus = cpus.map_err(Missing::from);
        let cpus = cpus.and_then(|cpus| cpus.ok_or(Missing::Unknown));
        let cpu_count = match &cpus {
            Ok(cpus) => cpus.len(),
            Err(_) => cpu::count_logical_in(root)
                .ok()
                .and_then(|count| usize::try_from(count).ok())
                .unwrap_or(1),
        };
        let disk = disk::io_counters_in(root).map(|sum| {
            let sum = sum?;
            Some([sum.read_bytes, sum.write_bytes])
        });
        let net = net::io_counters_in(root).map(|sum| Some([sum.bytes_recv, sum.bytes_sent]));
        System {
            cpus,
            cpu_count,
            memory: memory::virtual_memory_in(root).map_err(Missing::from),
            swap: memory::swap_memory_in(root).map_err(Missing::from),
            load: host::load_average_in(root).map_err(Missing::from),
            boot: host::boot_time_in(root).map_err(Missing::from),
            disk: flow(&mut self.disk, disk, passed),
            net: flow(&mut self.net, net, passed),
        }
    }
}

const fn nothing(missing: Missing) -> Flow {
    Flow {
        read: Err(missing),
        written: Err(missing),
    }
}

/// What flowed since the counters of `before`, which are replaced.
fn flow(
    before: &mut Option<[u64; 2]>,
    now: pslens::Result<Option<[u64; 2]>>,
    passed: Option<Duration>,
) -> Flow {
    let now = match now {
        Ok(now) => now,
        Err(error) => return nothing(error.into()),
    };
    let before = std::mem::replace(before, now);
    let rate = |at: usize| rate(before.map(|it| it[at]), now.map(|it| it[at]), passed);
    Flow {
        read: rate(0),
        written: rate(1),
    }
}

/// What a process read from storage and wrote to it since it was asked last.
fn storage(known: &mut HashMap<Pid, (Process, IoCounters, Instant)>, info: &Info) -> Flow {
    let counters = match &info.io_counters {
        Field::Value(counters) => counters,
        Field::Denied => return nothing(Missing::Denied),
        _ => return nothing(Missing::Unknown),
    };
    let now = Instant::now();
    let before = known.insert(info.pid(), (info.process.clone(), counters.clone(), now));
    let before = before.filter(|(process, ..)| *process == info.process);
    let passed = before.as_ref().map(|(.., then)| now - *then);
    let rate_of = |bytes: fn(&IoCounters) -> Option<u64>| {
        let before = before.as_ref().and_then(|(_, before, _)| bytes(before));
        rate(before, bytes(counters), passed)
    };
    Flow {
        read: rate_of(|io| io.read_bytes),
        written: rate_of(|io| io.write_bytes),
    }
}

/// What goes back (a disk or an interface that was there is gone) says nothing.
fn rate(before: Option<u64>, now: Option<u64>, passed: Option<Duration>) -> Answer<f64> {
    let known = || {
        let bytes = now?.checked_sub(before?)?;
        let passed = passed?.as_secs_f64();
        (passed > 0.0).then(|| bytes as f64 / passed)
    };
    known().ok_or(Missing::Unknown)
}

/// What the summary and every table need. All of it comes with what identifies a process.
pub(super) const ALWAYS: AttributeSet = AttributeSet::of(&[
    Attribute::Name,
    Attribute::Ppid,
    Attribute::Status,
    Attribute::CreateTime,
    Attribute::CpuTimes,
    Attribute::CpuPercent,
    Attribute::Nice,
    Attribute::NumThreads,
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_needs_two_counters_that_rise() {
        let second = Some(Duration::from_secs(2));
        assert_eq!(rate(Some(100), Some(300), second), Ok(100.0));
        for (before, now, passed) in [
            (None, Some(300), second),
            (Some(100), None, second),
            (Some(100), Some(300), None),
            (Some(100), Some(300), Some(Duration::ZERO)),
            (Some(300), Some(100), second),
        ] {
            assert_eq!(rate(before, now, passed), Err(Missing::Unknown));
        }
    }
}
