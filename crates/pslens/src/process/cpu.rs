//! CPU use of a process and of its threads.

use std::ffi::OsString;
use std::time::Duration;

/// CPU time that a process has used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CpuTimes {
    /// In its own code.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub user: Duration,
    /// In the kernel on its behalf.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub system: Duration,
    /// [`CpuTimes::user`] of its children that have exited and been waited for. `None` on Windows.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub children_user: Option<Duration>,
    /// [`CpuTimes::system`] of its children that have exited and been waited for. `None` on Windows.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub children_system: Option<Duration>,
    /// Waiting for block input and output. Linux, where the kernel counts delays
    /// (`kernel.task_delayacct`); it stays zero where counting is switched off.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::seconds_option")
    )]
    pub iowait: Option<Duration>,
}

impl CpuTimes {
    /// User and system time of the process itself.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.user.saturating_add(self.system)
    }
}

/// One thread of a process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Thread {
    /// The kernel's number of the thread. On Linux the first thread's is the pid.
    pub id: u32,
    /// The thread's own name, cut by the kernel (15 bytes on Linux). `None` on Windows, where every thread
    /// would have to be opened for it.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::text_option")
    )]
    pub name: Option<OsString>,
    /// CPU time in its own code.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub user_time: Duration,
    /// CPU time in the kernel on its behalf.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub system_time: Duration,
}

/// How often a process left the CPU.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CtxSwitches {
    /// Because it waited for something. On Linux those of the main thread only; where the system counts only one
    /// sum, as Windows does, that.
    pub voluntary: u64,
    /// Because its time was up or something more urgent ran. `None` where the system counts only one sum.
    pub involuntary: Option<u64>,
}
