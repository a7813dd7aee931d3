//! Several attributes of one process, asked for one by one.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use super::{
    Attribute, CpuTimes, CtxSwitches, Ids, IoCounters, IoPriority, MemoryFootprint, MemoryFullInfo,
    MemoryInfo, MemoryInfoEx, MemoryMap, OpenFile, PageFaults, Pid, Status, Thread,
};
use crate::error::Result;
use crate::net::{Connection, ConnectionKind};
use crate::sys;

/// A look at one process during which every source of the kernel is read at most once.
///
/// Made by [`Process::oneshot`](super::Process::oneshot). All values are of the same process, even if its
/// pid is given out again meanwhile, and values of one source are of one moment. When the set of
/// attributes is known beforehand, [`Process::info`](super::Process::info) is the same in one call and
/// may choose a cheaper source.
///
/// # Examples
/// ```
/// let me = pslens::Process::current()?;
/// # #[cfg(target_os = "linux")] {
/// let mut look = me.oneshot()?;
/// let (name, threads, times) = (look.name()?, look.num_threads()?, look.cpu_times()?); // one file
/// assert!(!name.is_empty() && threads > 0 && times.iowait.is_some());
/// # }
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Debug)]
pub struct Oneshot {
    pub(super) reader: sys::process::Reader,
}

macro_rules! getters {
    ($($attribute:ident $name:ident -> $type:ty;)*) => {
        /// The getters of [`Process`](super::Process), with the same errors.
        impl Oneshot {
            $(
                #[doc = concat!("See [`Process::", stringify!($name), "`](super::Process::", stringify!($name), ").")]
                ///
                /// # Errors
                /// As there.
                pub fn $name(&mut self) -> Result<$type> {
                    let value = self.reader.$name();
                    self.reader.finish(Attribute::$attribute.operation())?;
                    value
                }
            )*

            /// See [`Process::net_connections`](super::Process::net_connections).
            ///
            /// # Errors
            /// As there.
            pub fn net_connections(&mut self, kind: ConnectionKind) -> Result<Vec<Connection>> {
                let value = self.reader.net_connections(kind);
                self.reader.finish(Attribute::NetConnections.operation())?;
                value
            }
        }
    };
}

getters! {
    Cmdline cmdline -> Vec<OsString>;
    CpuAffinity cpu_affinity -> Vec<u32>;
    CpuNum cpu_num -> Option<u32>;
    CpuTimes cpu_times -> CpuTimes;
    CreateTime create_time -> SystemTime;
    Cwd cwd -> Option<PathBuf>;
    Environ environ -> Vec<(OsString, OsString)>;
    Exe exe -> Option<PathBuf>;
    Gids gids -> Ids;
    IoCounters io_counters -> IoCounters;
    Ionice ionice -> IoPriority;
    MemoryFootprint memory_footprint -> MemoryFootprint;
    MemoryFullInfo memory_full_info -> MemoryFullInfo;
    MemoryInfo memory_info -> MemoryInfo;
    MemoryInfoEx memory_info_ex -> MemoryInfoEx;
    MemoryMaps memory_maps -> Vec<MemoryMap>;
    MemoryPercent memory_percent -> f64;
    Name name -> OsString;
    Nice nice -> i32;
    NumCtxSwitches num_ctx_switches -> CtxSwitches;
    NumFds num_fds -> u32;
    NumHandles num_handles -> u32;
    NumThreads num_threads -> u32;
    OpenFiles open_files -> Vec<OpenFile>;
    PageFaults page_faults -> PageFaults;
    Ppid ppid -> Pid;
    Status status -> Status;
    Terminal terminal -> Option<PathBuf>;
    Threads threads -> Vec<Thread>;
    Uids uids -> Ids;
    Username username -> OsString;
}
