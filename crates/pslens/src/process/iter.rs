//! All processes: their numbers, their handles, their attributes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::identity::Sameness;
use super::percent;
use super::{Attribute, AttributeSet, Field, Info, Pid, Process};
use crate::error::{ErrorKind, Result};
use crate::root::Root;
use crate::sys;

/// Returns the numbers of all processes, in ascending order.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`] if the system hides the list.
/// # Sources
/// Linux: the directories of `/proc`, which `hidepid=2` reduces to the caller's own; Windows
/// `SystemProcessInformation`, without those that have ended and are only held open.
/// # Examples
/// ```
/// let pids = pslens::process::pids()?;
/// assert!(pids.contains(&std::process::id().into()));
/// assert!(pids.is_sorted());
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "ps")]
pub fn pids() -> Result<Vec<Pid>> {
    pids_in(Root::current())
}

/// As [`pids`], read from `root`.
///
/// # Errors
/// As [`pids`].
pub fn pids_in(root: &Root) -> Result<Vec<Pid>> {
    sys::process::pids(&root.0)
}

/// Whether there is a process with this number now. A zombie is one; a thread is not.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// Those of reading `/proc` under another root; none on the running system.
/// # Sources
/// Linux `tgkill` with signal 0, which finds processes only; under another root `/proc/PID/status`. Windows a
/// handle, or `SystemProcessInformation` of a process that refuses it.
/// # Examples
/// ```
/// assert!(pslens::process::pid_exists(std::process::id().into())?);
/// # Ok::<(), pslens::Error>(())
/// ```
pub fn pid_exists(pid: Pid) -> Result<bool> {
    pid_exists_in(pid, Root::current())
}

/// As [`pid_exists`], under `root`.
///
/// # Errors
/// As [`pid_exists`].
pub fn pid_exists_in(pid: Pid, root: &Root) -> Result<bool> {
    sys::process::pid_exists(&root.0, pid)
}

/// Returns handles of all processes, in ascending order of the pids.
///
/// Processes that vanish while the scan runs are left out, and nothing else is. Zombies are included.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`pids`]; each item can fail for reasons of the caller (no file descriptor left).
/// # Sources
/// Linux `/proc` and `/proc/PID/stat`; Windows `SystemProcessInformation`.
/// # Examples
/// ```
/// for process in pslens::process::all()? {
///     println!("{}", process?.pid());
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "process_iter")]
pub fn all() -> Result<All> {
    all_in(Root::current())
}

/// As [`all`], read from `root`.
///
/// # Errors
/// As [`all`].
pub fn all_in(root: &Root) -> Result<All> {
    Ok(All(all_with_in(AttributeSet::EMPTY, root)?))
}

/// Returns attributes of all processes, in ascending order of the pids.
///
/// Each source of a process is read once, with buffers that move from process to process, and what
/// is read of one process belongs together: a pid that is given out again during the scan yields
/// either the old process or the new one, never a mixture. What belongs to no single process is read
/// once per scan: the names of users, and the socket tables of each network namespace, which are of the
/// moment when the scan first needs them. On Windows one system call tells most of every process: names,
/// parents, times, memory, input and output, threads. What is made of it is of the moment when the scan began.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`all`].
/// # Sources
/// Those of the attributes.
/// # Examples
/// ```
/// use pslens::process::{self, Attribute, AttributeSet};
///
/// let wanted = AttributeSet::of(&[Attribute::Name, Attribute::MemoryInfo]);
/// for info in process::all_with(wanted)? {
///     let info = info?;
///     if let (Some(name), Some(memory)) = (info.name.value(), info.memory_info.value()) {
///         println!("{:>8} {:>12} {}", info.pid(), memory.rss, name.display());
///     }
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "process_iter")]
pub fn all_with(attributes: AttributeSet) -> Result<AllWith> {
    all_with_in(attributes, Root::current())
}

/// As [`all_with`], read from `root`.
///
/// # Errors
/// As [`all_with`].
pub fn all_with_in(attributes: AttributeSet, root: &Root) -> Result<AllWith> {
    let reader = sys::process::Reader::scan(&root.0, attributes)?;
    let pids = reader.pids()?;
    Ok(AllWith {
        reader,
        root: root.clone(),
        attributes,
        pids: pids.into_iter(),
    })
}

/// Handles of all processes; see [`all`].
#[derive(Debug)]
pub struct All(AllWith);

impl Iterator for All {
    type Item = Result<Process>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|info| info.map(|info| info.process))
    }
}

/// Attributes of all processes; see [`all_with`].
#[derive(Debug)]
pub struct AllWith {
    reader: sys::process::Reader,
    root: Root,
    attributes: AttributeSet,
    pids: std::vec::IntoIter<Pid>,
}

impl AllWith {
    fn read(&mut self, pid: Pid) -> Result<Info> {
        let identity = self.reader.move_to(pid)?;
        let process = Process::with_identity(pid, identity, self.root.clone());
        Info::read(&mut self.reader, process, self.attributes)
    }
}

impl Iterator for AllWith {
    type Item = Result<Info>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let pid = self.pids.next()?;
            match self.read(pid) {
                Err(error) if error.kind() == ErrorKind::NoSuchProcess => {}
                result => return Some(result),
            }
        }
    }
}

/// Remembers processes from one scan to the next: the same handle for the same process, and what a CPU
/// percentage needs.
///
/// A process that took over a pid is a new one: its handle is new and its first percentage is `None`.
///
/// # Examples
/// ```
/// use pslens::process::{Attribute, AttributeSet, Cache};
///
/// let mut cache = Cache::new();
/// let wanted = AttributeSet::of(&[Attribute::Name, Attribute::CpuPercent]);
/// for _ in 0..2 {
///     for info in cache.scan(wanted)? {
///         let info = info?; // in the second round `info.cpu_percent` has a value
///     }
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Cache {
    entries: HashMap<Pid, Entry>,
}

#[derive(Debug)]
struct Entry {
    process: Process,
    sample: Option<(Duration, Instant)>,
}

impl Cache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The handle of a process that the last scan saw.
    #[must_use]
    pub fn get(&self, pid: Pid) -> Option<&Process> {
        self.entries.get(&pid).map(|entry| &entry.process)
    }

    /// Scans as [`all_with`] does.
    ///
    /// # Errors
    /// As [`all_with`].
    pub fn scan(&mut self, attributes: AttributeSet) -> Result<Scan<'_>> {
        self.scan_in(attributes, Root::current())
    }

    /// As [`Cache::scan`], read from `root`.
    ///
    /// # Errors
    /// As [`all_with`].
    pub fn scan_in(&mut self, attributes: AttributeSet, root: &Root) -> Result<Scan<'_>> {
        let mut wanted = attributes;
        if attributes.contains(Attribute::CpuPercent) {
            wanted = wanted.with(Attribute::CpuTimes);
        }
        let infos = all_with_in(wanted, root)?;
        let listed = infos.pids.as_slice();
        // Both are in ascending order of the pids.
        self.entries
            .retain(|pid, _| listed.binary_search(pid).is_ok());
        Ok(Scan {
            cache: self,
            infos,
            attributes,
        })
    }
}

/// One scan of a [`Cache`].
#[derive(Debug)]
pub struct Scan<'a> {
    cache: &'a mut Cache,
    infos: AllWith,
    attributes: AttributeSet,
}

impl Iterator for Scan<'_> {
    type Item = Result<Info>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut info = match self.infos.next()? {
            Ok(info) => info,
            Err(error) => return Some(Err(error)),
        };
        let pid = info.pid();
        let entry = self
            .cache
            .entries
            .entry(pid)
            .and_modify(|entry| {
                if entry.process.compare(&info.process) == Sameness::Different {
                    *entry = Entry::new(&info.process);
                }
            })
            .or_insert_with(|| Entry::new(&info.process));
        info.process.clone_from(&entry.process);
        if self.attributes.contains(Attribute::CpuPercent)
            && let Field::Value(times) = &info.cpu_times
        {
            let now = (times.total(), self.infos.reader.moment());
            info.cpu_percent = Field::Value(
                entry
                    .sample
                    .replace(now)
                    .map(|before| percent::between(before, now)),
            );
        }
        if !self.attributes.contains(Attribute::CpuTimes) {
            info.cpu_times = Field::NotAsked;
        }
        Some(Ok(info))
    }
}

impl Entry {
    fn new(process: &Process) -> Self {
        Self {
            process: process.clone(),
            sample: None,
        }
    }
}
