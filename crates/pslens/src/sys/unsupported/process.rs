//! Processes: none.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout};
use std::time::{Instant, SystemTime};

use super::Root;
use crate::error::{Error, Result};
use crate::net::{Connection, ConnectionKind};
use crate::process::{
    Attribute, AttributeSet, CpuTimes, CtxSwitches, Descriptor, Identity, Ids, IoCounters,
    IoPriority, Limits, MappedFile, MemoryFootprint, MemoryFullInfo, MemoryInfo, MemoryInfoEx,
    MemoryMap, OpenFile, Outcome, PageFaults, Pid, Resource, Signal, Status, Target, Thread,
    Wakeup,
};

pub(crate) fn pids(_root: &Root) -> Result<Vec<Pid>> {
    Err(Error::unsupported("process pids", ""))
}

pub(crate) fn pid_exists(_root: &Root, _pid: Pid) -> Result<bool> {
    Err(Error::unsupported("process pid_exists", ""))
}

pub(crate) fn identity(_root: &Root, pid: Pid, operation: &'static str) -> Result<Identity> {
    Err(Error::unsupported(operation, "").of_pid(pid))
}

pub(crate) fn child_identity(child: &Child, operation: &'static str) -> Result<Identity> {
    Err(Error::unsupported(operation, "").of_pid(Pid::from(child.id())))
}

pub(crate) fn comparable(
    _root: &Root,
    pid: Pid,
    _expected: &Identity,
    operation: &'static str,
) -> Result<Identity> {
    Err(Error::unsupported(operation, "").of_pid(pid))
}

/// The numbers of Linux on most machines: nothing can be sent, but the names exist.
pub(crate) mod signals {
    macro_rules! numbers {
        ($($name:ident = $number:literal,)*) => {
            $(pub(crate) const $name: i32 = $number;)*
        };
    }

    numbers! {
        HUP = 1, INT = 2, QUIT = 3, ILL = 4, TRAP = 5, ABRT = 6, BUS = 7, FPE = 8, KILL = 9,
        USR1 = 10, SEGV = 11, USR2 = 12, PIPE = 13, ALRM = 14, TERM = 15, STKFLT = 16, CHLD = 17,
        CONT = 18, STOP = 19, TSTP = 20, TTIN = 21, TTOU = 22, URG = 23, XCPU = 24, XFSZ = 25,
        VTALRM = 26, PROF = 27, WINCH = 28, IO = 29, PWR = 30, SYS = 31,
    }

    pub(crate) fn real_time() -> (i32, i32) {
        (34, 64)
    }
}

pub(crate) fn send_signal(target: &Target<'_>, _signal: Signal) -> Result<()> {
    Err(unsupported(target))
}

pub(crate) fn set_nice(target: &Target<'_>, _nice: i32) -> Result<()> {
    Err(unsupported(target))
}

pub(crate) fn set_ionice(target: &Target<'_>, _priority: IoPriority) -> Result<()> {
    Err(unsupported(target))
}

pub(crate) fn set_cpu_affinity(target: &Target<'_>, _cpus: &[u32]) -> Result<()> {
    Err(unsupported(target))
}

pub(crate) fn reset_cpu_affinity(target: &Target<'_>) -> Result<()> {
    Err(unsupported(target))
}

pub(crate) fn rlimit(target: &Target<'_>, _resource: Resource) -> Result<Limits> {
    Err(unsupported(target))
}

pub(crate) fn set_rlimit(target: &Target<'_>, _which: Resource, _limits: Limits) -> Result<()> {
    Err(unsupported(target))
}

pub(crate) fn wait(
    target: &Target<'_>,
    _until: Option<Instant>,
    _interrupted: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Outcome> {
    Err(unsupported(target))
}

pub(crate) fn wait_all(
    _targets: &[Target<'_>],
    _until: Option<Instant>,
    _tell: &mut dyn FnMut(Wakeup) -> ControlFlow<()>,
) -> Result<()> {
    Err(Error::unsupported("process wait_all", ""))
}

pub(crate) fn drain(
    _stdout: Option<ChildStdout>,
    _stderr: Option<ChildStderr>,
) -> io::Result<(Vec<u8>, Vec<u8>)> {
    Err(io::ErrorKind::Unsupported.into())
}

fn unsupported(target: &Target<'_>) -> Error {
    Error::unsupported(target.operation, "").of_pid(target.pid)
}

/// Cannot be made.
#[derive(Debug)]
pub(crate) enum Reader {}

impl Reader {
    pub(crate) fn scan(_root: &Root, _attributes: AttributeSet) -> Result<Self> {
        Err(Error::unsupported("process scan", ""))
    }

    pub(crate) fn open(
        _root: &Root,
        pid: Pid,
        _expected: Identity,
        _attributes: Option<AttributeSet>,
        operation: &'static str,
    ) -> Result<Self> {
        Err(Error::unsupported(operation, "").of_pid(pid))
    }

    pub(crate) fn open_single(
        _root: &Root,
        pid: Pid,
        _expected: Identity,
        attribute: Attribute,
    ) -> Result<Self> {
        Err(Error::unsupported(attribute.operation(), "").of_pid(pid))
    }

    pub(crate) fn pids(&self) -> Result<Vec<Pid>> {
        match *self {}
    }

    pub(crate) fn move_to(&mut self, _pid: Pid) -> Result<Identity> {
        match *self {}
    }

    pub(crate) fn finish(&mut self, _operation: &'static str) -> Result<()> {
        match *self {}
    }

    pub(crate) fn moment(&self) -> Instant {
        match *self {}
    }

    pub(crate) fn ppid(&mut self) -> Result<Pid> {
        match *self {}
    }

    pub(crate) fn name(&mut self) -> Result<OsString> {
        match *self {}
    }

    pub(crate) fn exe(&mut self) -> Result<Option<PathBuf>> {
        match *self {}
    }

    pub(crate) fn cmdline(&mut self) -> Result<Vec<OsString>> {
        match *self {}
    }

    pub(crate) fn environ(&mut self) -> Result<Vec<(OsString, OsString)>> {
        match *self {}
    }

    pub(crate) fn create_time(&mut self) -> Result<SystemTime> {
        match *self {}
    }

    pub(crate) fn status(&mut self) -> Result<Status> {
        match *self {}
    }

    pub(crate) fn cwd(&mut self) -> Result<Option<PathBuf>> {
        match *self {}
    }

    pub(crate) fn username(&mut self) -> Result<OsString> {
        match *self {}
    }

    pub(crate) fn uids(&mut self) -> Result<Ids> {
        match *self {}
    }

    pub(crate) fn gids(&mut self) -> Result<Ids> {
        match *self {}
    }

    pub(crate) fn terminal(&mut self) -> Result<Option<PathBuf>> {
        match *self {}
    }

    pub(crate) fn nice(&mut self) -> Result<i32> {
        match *self {}
    }

    pub(crate) fn ionice(&mut self) -> Result<IoPriority> {
        match *self {}
    }

    pub(crate) fn io_counters(&mut self) -> Result<IoCounters> {
        match *self {}
    }

    pub(crate) fn num_ctx_switches(&mut self) -> Result<CtxSwitches> {
        match *self {}
    }

    pub(crate) fn num_fds(&mut self) -> Result<u32> {
        match *self {}
    }

    pub(crate) fn num_handles(&mut self) -> Result<u32> {
        match *self {}
    }

    pub(crate) fn num_threads(&mut self) -> Result<u32> {
        match *self {}
    }

    pub(crate) fn threads(&mut self) -> Result<Vec<Thread>> {
        match *self {}
    }

    pub(crate) fn cpu_times(&mut self) -> Result<CpuTimes> {
        match *self {}
    }

    pub(crate) fn cpu_affinity(&mut self) -> Result<Vec<u32>> {
        match *self {}
    }

    pub(crate) fn cpu_num(&mut self) -> Result<Option<u32>> {
        match *self {}
    }

    pub(crate) fn memory_info(&mut self) -> Result<MemoryInfo> {
        match *self {}
    }

    pub(crate) fn memory_info_ex(&mut self) -> Result<MemoryInfoEx> {
        match *self {}
    }

    pub(crate) fn memory_footprint(&mut self) -> Result<MemoryFootprint> {
        match *self {}
    }

    pub(crate) fn memory_full_info(&mut self) -> Result<MemoryFullInfo> {
        match *self {}
    }

    pub(crate) fn memory_percent(&mut self) -> Result<f64> {
        match *self {}
    }

    pub(crate) fn memory_maps(&mut self) -> Result<Vec<MemoryMap>> {
        match *self {}
    }

    pub(crate) fn page_faults(&mut self) -> Result<PageFaults> {
        match *self {}
    }

    pub(crate) fn every_descriptor(&mut self) -> Result<Vec<Descriptor>> {
        match *self {}
    }

    pub(crate) fn mapped_files(&mut self) -> Result<Vec<MappedFile>> {
        match *self {}
    }

    pub(crate) fn open_files(&mut self) -> Result<Vec<OpenFile>> {
        match *self {}
    }

    pub(crate) fn net_connections(&mut self, _kind: ConnectionKind) -> Result<Vec<Connection>> {
        match *self {}
    }
}
