//! Setters: how the system treats a process.

use super::{IoPriority, Process};
use crate::error::Result;
use crate::sys;

/// Setters. Each mirrors a getter.
impl Process {
    /// Sets the scheduling priority.
    ///
    /// On Linux the process is compared with this one before and after, and a pid that was given out again
    /// in between is reported: the system has no call that names a process by more than its number here. So
    /// another process can be hit only if this one ends, is reaped, and its number is given out again
    /// within the microseconds of the call; and that does not go unnoticed. On Windows it goes through a
    /// handle, and hits no other one.
    ///
    /// Linux changes the main thread; threads that it starts later inherit.
    ///
    /// Windows gives the next lower class to those who may not have real time, and does not say so. Here
    /// that is an error, and the former class is set again.
    ///
    /// # Units
    /// -20 (first) to 19 (last). Windows: the number of a priority class, as [`Process::nice`] answers it;
    /// `pslens::os::windows::PriorityClass` has them by name.
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for other numbers,
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone or went meanwhile,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for another user's process and for a
    /// better priority than the caller may give, [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)
    /// under another root.
    /// # Sources
    /// Linux `setpriority`, Windows `SetPriorityClass`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))] {
    /// let me = pslens::Process::current()?;
    /// me.set_nice(me.nice()?)?;
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "nice")]
    #[doc(alias = "renice")]
    #[doc(alias = "setpriority")]
    pub fn set_nice(&self, nice: i32) -> Result<()> {
        let target = self.target("process set_nice");
        target.refuse_zero()?;
        sys::process::set_nice(&target, nice)
    }

    /// Sets the priority of its input and output.
    ///
    /// Checked as [`Process::set_nice`], and like there for the main thread.
    ///
    /// Linux has classes with levels, Windows has [`IoPriority::Hint`]; what the other system has is refused.
    ///
    /// # Availability
    /// Linux, Windows.
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for what the system does not have
    /// and for [`IoHint::Critical`](super::IoHint::Critical),
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone or went meanwhile,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for another user's process and for
    /// [`IoPriority::Realtime`] or [`IoHint::High`](super::IoHint::High) without the privilege,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) under another root.
    /// # Sources
    /// Linux `ioprio_set`, Windows `NtSetInformationProcess` with `ProcessIoPriority`.
    /// # Examples
    /// ```
    /// use pslens::process::IoPriority;
    ///
    /// # #[cfg(target_os = "linux")] {
    /// let me = pslens::Process::current()?;
    /// me.set_ionice(IoPriority::Idle)?;
    /// assert_eq!(me.ionice()?, IoPriority::Idle);
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "ionice")]
    #[doc(alias = "ioprio_set")]
    pub fn set_ionice(&self, priority: IoPriority) -> Result<()> {
        let target = self.target("process set_ionice");
        target.refuse_zero()?;
        sys::process::set_ionice(&target, priority)
    }

    /// Says which CPUs it may run on. The order and repetitions do not matter.
    ///
    /// All of them are set, or none: where the system would silently leave out a CPU (it is offline, or
    /// the cpuset or the job of the process excludes it), the former ones are restored and the CPU is named.
    ///
    /// Windows with more than 64 CPUs has processor groups, and a process is on the CPUs of one group or,
    /// since Windows 11 and Server 2022, not confined at all. CPUs of different groups together are refused,
    /// and before Windows 11 those of another group than its own. (CPUs are numbered through all groups, as
    /// [`cpu::count_logical`](crate::cpu::count_logical) counts them.)
    ///
    /// Checked as [`Process::set_nice`], and like there for the main thread.
    ///
    /// # Availability
    /// Linux, Windows, FreeBSD.
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for no CPU at all (see
    /// [`Process::reset_cpu_affinity`]) and for one that it cannot run on,
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone or went meanwhile,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for another user's process,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) under another root.
    /// # Sources
    /// Linux `sched_setaffinity`, `/sys/devices/system/cpu/online`. Windows `SetProcessAffinityMask`;
    /// `NtSetInformationProcess` with `ProcessAffinityMask` where a processor group must be named.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))] {
    /// let me = pslens::Process::current()?;
    /// let cpus = me.cpu_affinity()?;
    /// me.set_cpu_affinity(&cpus[..1])?;
    /// assert_eq!(me.cpu_affinity()?, cpus[..1]);
    /// me.set_cpu_affinity(&cpus)?;
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "cpu_affinity")]
    #[doc(alias = "taskset")]
    #[doc(alias = "sched_setaffinity")]
    pub fn set_cpu_affinity(&self, cpus: &[u32]) -> Result<()> {
        let target = self.target("process set_cpu_affinity");
        target.refuse_zero()?;
        sys::process::set_cpu_affinity(&target, cpus)
    }

    /// Lets it run on every CPU that its cpuset allows; on Windows on every CPU of its processor group.
    ///
    /// # Availability
    /// Linux, Windows, FreeBSD.
    /// # Errors
    /// As [`Process::set_cpu_affinity`].
    /// # Sources
    /// Linux `sched_setaffinity`, Windows `SetProcessAffinityMask`.
    #[doc(alias = "cpu_affinity")]
    pub fn reset_cpu_affinity(&self) -> Result<()> {
        let target = self.target("process reset_cpu_affinity");
        target.refuse_zero()?;
        sys::process::reset_cpu_affinity(&target)
    }
}
