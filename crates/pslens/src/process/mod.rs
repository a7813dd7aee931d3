//! Processes: what they are, what they use, and acting on them safely.
//!
//! [`Process`] names one process; [`all`] and [`all_with`] go through all of them; [`Cache`] remembers
//! them between scans. Reading never changes anything; what acts on a process says so in its name
//! (`set_nice`, `terminate`).
//!
//! Not here: sockets of the whole machine ([`crate::net`]).

mod attribute;
mod cpu;
mod files;
mod getters;
mod held;
mod identity;
mod ids;
mod info;
mod iter;
mod limits;
pub mod memory;
mod oneshot;
mod percent;
mod pid;
mod priority;
mod set;
mod signal;
mod spawn;
mod status;
mod target;
mod tree;
mod wait;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

pub use attribute::{Attribute, AttributeSet};
pub use cpu::{CpuTimes, CtxSwitches, Thread};
pub use files::{IoCounters, OpenFile, OpenMode};
pub use held::{Descriptor, DescriptorKind, MappedFile};
pub(crate) use identity::{Identity, Sameness};
pub use ids::Ids;
pub use info::{Field, Info};
pub use iter::{
    All, AllWith, Cache, Scan, all, all_in, all_with, all_with_in, pid_exists, pid_exists_in, pids,
    pids_in,
};
pub use limits::{Limit, Limits, Resource};
pub use memory::{
    MapAddress, MemoryFootprint, MemoryFullInfo, MemoryInfo, MemoryInfoEx, MemoryMap, PageFaults,
};
pub use oneshot::Oneshot;
pub use percent::PercentSampler;
pub use pid::Pid;
pub use priority::{IoHint, IoLevel, IoPriority};
pub use signal::Signal;
pub use spawn::{Child, Output};
pub use status::Status;
pub(crate) use target::Target;
pub(crate) use wait::Wakeup;
pub use wait::{
    ExitStatus, Outcome, WaitEvent, Waited, wait_all, wait_all_interruptible, wait_procs,
};

use crate::error::{ErrorKind, Result};
use crate::root::Root;
use crate::sys;

/// A process, named safely.
///
/// A pid alone says little: it is given out again when its owner is gone. A `Process` remembers when
/// its process was started (and, since Linux 6.9, a number that is never used twice), so every method
/// either speaks of that process or fails with [`ErrorKind::NoSuchProcess`]; none ever reads, signals
/// or changes the process that got the pid later.
///
/// Getters read anew at each call; [`Process::info`] and [`Process::oneshot`] read several attributes
/// together. Nothing is kept open in between: a `Process` costs no file descriptor.
///
/// # Examples
/// ```
/// use pslens::Process;
///
/// let me = Process::current()?;
/// # #[cfg(any(target_os = "linux", windows))] {
/// println!("{} uses {} bytes", me.name()?.display(), me.memory_info()?.rss);
/// assert!(me.is_running()?);
/// # }
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Clone)]
pub struct Process {
    pid: Pid,
    identity: Identity,
    root: Root,
}

/// Making and comparing.
impl Process {
    /// The process that has `pid` now.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`] if nobody has it; [`ErrorKind::AccessDenied`] if the system hides it.
    /// # Sources
    /// Linux `/proc/PID/stat` and the inode number of a pidfd; Windows `GetProcessTimes`, else
    /// `SystemProcessInformation`.
    pub fn new(pid: impl Into<Pid>) -> Result<Self> {
        Self::new_in(pid, Root::current())
    }

    /// As [`Process::new`], under `root`.
    ///
    /// # Errors
    /// As [`Process::new`].
    pub fn new_in(pid: impl Into<Pid>, root: &Root) -> Result<Self> {
        let pid = pid.into();
        let identity = sys::process::identity(&root.0, pid, "process new")?;
        Ok(Self::with_identity(pid, identity, root.clone()))
    }

    /// The calling process.
    ///
    /// # Errors
    /// As [`Process::new`]; under another root ([`Root::set_current`]) nobody is the caller.
    pub fn current() -> Result<Self> {
        Self::new_in(std::process::id(), &Root::running())
    }

    pub(crate) const fn with_identity(pid: Pid, identity: Identity, root: Root) -> Self {
        Self {
            pid,
            identity,
            root,
        }
    }

    /// The number that the process has (or had).
    #[must_use]
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    /// The root that it was read from.
    #[must_use]
    pub const fn root(&self) -> &Root {
        &self.root
    }

    /// Whether this very process still exists. A zombie does.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::AccessDenied`] if the system hides who has the pid now.
    /// # Sources
    /// Linux: the inode number of a pidfd, or the start time in `/proc/PID/stat`; Windows: the time of
    /// creation, as [`Process::new`].
    pub fn is_running(&self) -> Result<bool> {
        match sys::process::comparable(&self.root.0, self.pid, &self.identity, "process is_running")
        {
            Ok(found) => Ok(self.identity.compare(&found) != Sameness::Different),
            Err(error) if error.kind() == ErrorKind::NoSuchProcess => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Several attributes, read together.
    ///
    /// One that fails is marked so in its [`Field`] and does not spoil the others.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`] if the process is gone.
    /// # Sources
    /// Those of the attributes, each read once.
    /// # Examples
    /// ```
    /// use pslens::process::{Attribute, AttributeSet, Process};
    ///
    /// let wanted = AttributeSet::of(&[Attribute::Name, Attribute::Ppid]);
    /// let info = Process::current()?.info(wanted)?;
    /// assert!(info.name.value().is_some());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "as_dict")]
    pub fn info(&self, attributes: AttributeSet) -> Result<Info> {
        let mut reader = sys::process::Reader::open(
            &self.root.0,
            self.pid,
            self.identity,
            Some(attributes),
            "process info",
        )?;
        Info::read(&mut reader, self.clone(), attributes)
    }

    /// A look at the process during which every source is read at most once.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`] if the process is gone.
    pub fn oneshot(&self) -> Result<Oneshot> {
        let reader = sys::process::Reader::open(
            &self.root.0,
            self.pid,
            self.identity,
            None,
            "process oneshot",
        )?;
        Ok(Oneshot { reader })
    }

    /// The CPU use during `interval`, for which the caller sleeps.
    ///
    /// # Units
    /// Percent of one CPU: several busy threads exceed 100. Not rounded.
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::cpu_times`]. For a reading without sleeping see [`PercentSampler`].
    pub fn cpu_percent(&self, interval: Duration) -> Result<f64> {
        let mut sampler = PercentSampler::new(self.clone());
        sampler.percent()?;
        std::thread::sleep(interval);
        Ok(sampler.percent()?.unwrap_or_default())
    }

    pub(crate) fn compare(&self, other: &Self) -> Sameness {
        self.identity.compare(&other.identity)
    }

    fn read<T>(
        &self,
        attribute: Attribute,
        read: impl FnOnce(&mut sys::process::Reader) -> Result<T>,
    ) -> Result<T> {
        let mut reader =
            sys::process::Reader::open_single(&self.root.0, self.pid, self.identity, attribute)?;
        let value = read(&mut reader);
        reader.finish(attribute.operation())?;
        value
    }
}

/// Same pid, same root, and no proof that they are different processes.
impl PartialEq for Process {
    fn eq(&self, other: &Self) -> bool {
        self.pid == other.pid
            && self.root.0 == other.root.0
            && self.compare(other) != Sameness::Different
    }
}

impl Eq for Process {}

/// By pid alone: what is equal must hash equally, and an unknown start time equals any.
impl Hash for Process {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.pid.hash(state);
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("pid", &self.pid.as_u32())
            .field("start", &self.identity.start)
            .finish_non_exhaustive()
    }
}
