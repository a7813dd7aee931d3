//! One attribute of one process: the getters, with what each means and where it comes from.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use super::{
    Attribute, CpuTimes, CtxSwitches, Ids, IoCounters, IoPriority, MemoryFootprint, MemoryFullInfo,
    MemoryInfo, MemoryInfoEx, MemoryMap, OpenFile, PageFaults, Pid, Process, Status, Thread,
};
use crate::error::Result;
use crate::net::{Connection, ConnectionKind};
use crate::sys;

/// Getters. Each reads its source anew, and checks after the read that it was still this process.
impl Process {
    /// The number of the parent process; 0 if it has none that can be seen.
    ///
    /// Windows keeps the number when the parent ends, and may give it to another process:
    /// [`Process::parent`] tells.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/stat` field 4; Windows `ProcessBasicInformation`, else `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert_ne!(pslens::Process::current()?.ppid()?, std::process::id().into());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn ppid(&self) -> Result<Pid> {
        self.read(Attribute::Ppid, sys::process::Reader::ppid)
    }

    /// The name, completed from the command line where the kernel cut it.
    ///
    /// Linux keeps 15 bytes; if the base name of the first argument starts with those, it is returned. Any
    /// process may choose both. Windows has the name of the program file as it was when the process was started.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/stat` field 2, `/proc/PID/cmdline`; Windows `ProcessImageFileName`, else
    /// `SystemProcessInformation`, and for 0 and 4 the names that they are known by.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert!(!pslens::Process::current()?.name()?.is_empty());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn name(&self) -> Result<OsString> {
        self.read(Attribute::Name, sys::process::Reader::name)
    }

    /// The program file; `None` for kernel threads and processes of the kernel, which have none.
    ///
    /// A file that was removed keeps its former path; on Windows also one that was renamed.
    ///
    /// The kernel of Windows names devices, for which drive letters are put as they are now
    /// (`C:\Windows\explorer.exe`, `\\server\share\program.exe`). A program on a device without a letter has the
    /// path with which it can be opened nevertheless: `\\?\GLOBALROOT\Device\HarddiskVolume4\program.exe`.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for a process that the caller may not
    /// trace, [`ErrorKind::ZombieProcess`](crate::ErrorKind::ZombieProcess) for a zombie.
    /// # Sources
    /// Linux `/proc/PID/exe`. Windows `ProcessImageFileName`, which everybody may ask of most processes, else
    /// `SystemProcessIdInformation`, which everybody may of all; `QueryDosDevice`.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// assert_eq!(pslens::Process::current()?.exe()?, std::env::current_exe().ok());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn exe(&self) -> Result<Option<PathBuf>> {
        self.read(Attribute::Exe, sys::process::Reader::exe)
    }

    /// The arguments it was started with, as far as it has not overwritten them. Empty for kernel threads and
    /// processes of the kernel.
    ///
    /// Windows passes on one line, which is split here as `CommandLineToArgvW` splits it. A program that splits it by
    /// rules of its own may see other arguments.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::ZombieProcess`](crate::ErrorKind::ZombieProcess) for a zombie;
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) on Windows for a process that the caller may not
    /// look at, or that is not readable for a second, as one that hangs while it is being made.
    /// # Sources
    /// Linux `/proc/PID/cmdline`. Windows `RTL_USER_PROCESS_PARAMETERS` in the memory of the process, else
    /// `ProcessCommandLineInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert_eq!(pslens::Process::current()?.cmdline()?, std::env::args_os().collect::<Vec<_>>());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn cmdline(&self) -> Result<Vec<OsString>> {
        self.read(Attribute::Cmdline, sys::process::Reader::cmdline)
    }

    /// The environment it was started with, in order; later changes are not seen, except on Windows. Empty for
    /// kernel threads and processes of the kernel.
    ///
    /// Windows does not tell upper from lower case in names, which are all in upper case here, as `os.environ` of
    /// Python has them. The entries with which it remembers the directory of each drive (`=C:`) are left out.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for a process that the caller may not
    /// trace (on Windows: whose memory it may not read, or cannot for a second),
    /// [`ErrorKind::ZombieProcess`](crate::ErrorKind::ZombieProcess) for a zombie.
    /// # Sources
    /// Linux `/proc/PID/environ`. Windows `RTL_USER_PROCESS_PARAMETERS` in the memory of the process.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.environ()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn environ(&self) -> Result<Vec<(OsString, OsString)>> {
        self.read(Attribute::Environ, sys::process::Reader::environ)
    }

    /// When it was started.
    ///
    /// Linux counts from boot; the result follows later changes of the clock, so compare processes, not times.
    /// Windows notes what the clock said; the idle process is as old as the system.
    ///
    /// # Units
    /// To the clock tick: 10 ms on Linux, on Windows 16 ms or less.
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/stat` field 22 and the time of boot; Windows `GetProcessTimes`, else
    /// `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert!(pslens::Process::current()?.create_time()? <= std::time::SystemTime::now());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn create_time(&self) -> Result<SystemTime> {
        self.read(Attribute::CreateTime, sys::process::Reader::create_time)
    }

    /// What it is doing. A zombie is a status here, not an error.
    ///
    /// Windows tells [`Status::Stopped`], if every thread is suspended, from [`Status::Running`], and has no
    /// zombies: who has ended is gone, also while somebody has it open.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/stat` field 3; Windows the threads in `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert_eq!(pslens::Process::current()?.status()?, pslens::process::Status::Running);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn status(&self) -> Result<Status> {
        self.read(Attribute::Status, sys::process::Reader::status)
    }

    /// The working directory; a removed one keeps its former path. (On Windows none can be removed.)
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for a process that the caller may not
    /// trace (on Windows: whose memory it may not read, or cannot for a second, and any of the kernel's),
    /// [`ErrorKind::ZombieProcess`](crate::ErrorKind::ZombieProcess) for a zombie.
    /// # Sources
    /// Linux `/proc/PID/cwd`. Windows `RTL_USER_PROCESS_PARAMETERS` in the memory of the process.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert_eq!(pslens::Process::current()?.cwd()?, std::env::current_dir().ok());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn cwd(&self) -> Result<Option<PathBuf>> {
        self.read(Attribute::Cwd, sys::process::Reader::cwd)
    }

    /// The name of the real user; the number in decimal where no name is known. On Windows `DOMAIN\user`.
    ///
    /// Windows may ask a domain controller for the name, which can take seconds, once for each user.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone;
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) on Windows for a process that the caller may not
    /// look at, and if nobody knows the name.
    /// # Sources
    /// Linux [`Process::uids`] and the user data base. Windows `GetTokenInformation`, `LookupAccountSid`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.username()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn username(&self) -> Result<OsString> {
        self.read(Attribute::Username, sys::process::Reader::username)
    }

    /// Real, effective and saved user id.
    ///
    /// # Availability
    /// Linux, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on other systems.
    /// # Sources
    /// Linux `PIDFD_GET_INFO` (6.13), else `/proc/PID/status` Uid.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// println!("{:?}", pslens::Process::current()?.uids()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn uids(&self) -> Result<Ids> {
        self.read(Attribute::Uids, sys::process::Reader::uids)
    }

    /// Real, effective and saved group id.
    ///
    /// # Availability
    /// Linux, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on other systems.
    /// # Sources
    /// Linux `PIDFD_GET_INFO` (6.13), else `/proc/PID/status` Gid.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// println!("{:?}", pslens::Process::current()?.gids()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn gids(&self) -> Result<Ids> {
        self.read(Attribute::Gids, sys::process::Reader::gids)
    }

    /// The terminal that controls it; `None` for none.
    ///
    /// # Availability
    /// Linux, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if it has one and nothing tells its name
    /// (sandboxes without `/proc/tty`), and on other systems.
    /// # Sources
    /// Linux `/proc/PID/stat` field 7, `/proc/tty/drivers`, and the device.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// println!("{:?}", pslens::Process::current()?.terminal()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn terminal(&self) -> Result<Option<PathBuf>> {
        self.read(Attribute::Terminal, sys::process::Reader::terminal)
    }

    /// The scheduling priority.
    ///
    /// # Units
    /// -20 (first) to 19 (last). Windows: the number of its priority class, as psutil has it, 64 (idle), 16384
    /// (below normal), 32 (normal), 32768 (above normal), 128 (high), 256 (real time);
    /// `pslens::os::windows::PriorityClass` has them by name and in order.
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if it may not be opened (Windows).
    /// # Sources
    /// Linux `getpriority`; `/proc/PID/stat` field 19 where that is read anyway. Windows `GetPriorityClass`.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// assert!((-20..20).contains(&pslens::Process::current()?.nice()?));
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn nice(&self) -> Result<i32> {
        self.read(Attribute::Nice, sys::process::Reader::nice)
    }

    /// The priority of its input and output: a class on Linux, an [`IoPriority::Hint`] on Windows.
    ///
    /// # Availability
    /// Linux, Windows.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if it may not be opened (Windows).
    /// # Sources
    /// Linux `ioprio_get`, Windows `NtQueryInformationProcess` with `ProcessIoPriority`.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// println!("{:?}", pslens::Process::current()?.ionice()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn ionice(&self) -> Result<IoPriority> {
        self.read(Attribute::Ionice, sys::process::Reader::ionice)
    }

    /// Input and output since it was started. On Windows with files, pipes, sockets and devices alike.
    ///
    /// # Units
    /// Bytes and calls.
    /// # Availability
    /// Linux, Windows, FreeBSD, OpenBSD, NetBSD.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for a process that the caller may not
    /// trace.
    /// # Sources
    /// Linux `/proc/PID/io`; Windows `GetProcessIoCounters`, else `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.io_counters()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn io_counters(&self) -> Result<IoCounters> {
        self.read(Attribute::IoCounters, sys::process::Reader::io_counters)
    }

    /// How often it left the CPU. On Windows the threads that it has now, together, for whatever reason.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/status`, since 2.6.23; Windows `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.num_ctx_switches()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn num_ctx_switches(&self) -> Result<CtxSwitches> {
        self.read(
            Attribute::NumCtxSwitches,
            sys::process::Reader::num_ctx_switches,
        )
    }

    /// How many file descriptors it has open.
    ///
    /// # Availability
    /// Linux, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on other systems.
    /// # Sources
    /// Linux: the size of `/proc/PID/fd` since 6.2, which everybody may see; before, its entries.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// println!("{:?}", pslens::Process::current()?.num_fds()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn num_fds(&self) -> Result<u32> {
        self.read(Attribute::NumFds, sys::process::Reader::num_fds)
    }

    /// How many handles it has: files, keys of the registry, events, threads, whatever the kernel gives out.
    ///
    /// # Availability
    /// Windows.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on other systems.
    /// # Sources
    /// Windows `GetProcessHandleCount`, else `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(windows)]
    /// println!("{:?}", pslens::Process::current()?.num_handles()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn num_handles(&self) -> Result<u32> {
        self.read(Attribute::NumHandles, sys::process::Reader::num_handles)
    }

    /// How many threads it has.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/stat` field 20; Windows `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert!(pslens::Process::current()?.num_threads()? > 0);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn num_threads(&self) -> Result<u32> {
        self.read(Attribute::NumThreads, sys::process::Reader::num_threads)
    }

    /// Its threads, in ascending order of the ids. Without names on Windows.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/task/*/stat`; Windows `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert!(!pslens::Process::current()?.threads()?.is_empty());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn threads(&self) -> Result<Vec<Thread>> {
        self.read(Attribute::Threads, sys::process::Reader::threads)
    }

    /// CPU time used so far.
    ///
    /// # Units
    /// Durations, to the clock tick: 10 ms on Linux, 16 ms on Windows.
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/stat` fields 14 to 17 and 42; Windows `GetProcessTimes`, else `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.cpu_times()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn cpu_times(&self) -> Result<CpuTimes> {
        self.read(Attribute::CpuTimes, sys::process::Reader::cpu_times)
    }

    /// The CPUs that it may run on, in ascending order.
    ///
    /// Windows with more than 64 CPUs has processor groups. A process that is in several of them may run on
    /// all their CPUs, as far as it is told here: what single threads are confined to is not looked at.
    ///
    /// # Availability
    /// Linux, Windows, FreeBSD.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if it may not be opened (Windows).
    /// # Sources
    /// Linux `sched_getaffinity`, Windows `GetProcessAffinityMask` and `GetProcessGroupAffinity`.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// assert!(!pslens::Process::current()?.cpu_affinity()?.is_empty());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn cpu_affinity(&self) -> Result<Vec<u32>> {
        self.read(Attribute::CpuAffinity, sys::process::Reader::cpu_affinity)
    }

    /// The CPU that it runs on, or last ran on.
    ///
    /// # Availability
    /// Linux, FreeBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on other systems.
    /// # Sources
    /// Linux `/proc/PID/stat` field 39.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// println!("{:?}", pslens::Process::current()?.cpu_num()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn cpu_num(&self) -> Result<Option<u32>> {
        self.read(Attribute::CpuNum, sys::process::Reader::cpu_num)
    }

    /// Memory it uses, exactly as of now. All zero for kernel threads and zombies, which have none.
    ///
    /// # Units
    /// Bytes.
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/statm`; Windows `ProcessVmCounters` (`GetProcessMemoryInfo`), else
    /// `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert!(pslens::Process::current()?.memory_info()?.rss > 0);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn memory_info(&self) -> Result<MemoryInfo> {
        self.read(Attribute::MemoryInfo, sys::process::Reader::memory_info)
    }

    /// Memory it uses, with peaks and by kind.
    ///
    /// # Units
    /// Bytes.
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/statm`, `/proc/PID/status`; Windows as [`Process::memory_info`].
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.memory_info_ex()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn memory_info_ex(&self) -> Result<MemoryInfoEx> {
        self.read(
            Attribute::MemoryInfoEx,
            sys::process::Reader::memory_info_ex,
        )
    }

    /// Memory that is its own, found by walking its page tables: milliseconds for a large process.
    ///
    /// # Units
    /// Bytes.
    /// # Availability
    /// Linux, Windows, macOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for a process that the caller may not
    /// trace, [`ErrorKind::ZombieProcess`](crate::ErrorKind::ZombieProcess) for a zombie.
    /// # Sources
    /// Linux `/proc/PID/smaps_rollup` (4.14), else `smaps`; Windows `QueryWorkingSet`, of a process with more
    /// than 32 GiB in memory `QueryWorkingSetEx`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert!(pslens::Process::current()?.memory_footprint()?.uss > 0);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn memory_footprint(&self) -> Result<MemoryFootprint> {
        self.read(
            Attribute::MemoryFootprint,
            sys::process::Reader::memory_footprint,
        )
    }

    /// [`Process::memory_info`] and [`Process::memory_footprint`] together.
    ///
    /// # Units
    /// Bytes.
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for a process that the caller may not
    /// trace, [`ErrorKind::ZombieProcess`](crate::ErrorKind::ZombieProcess) for a zombie.
    /// # Sources
    /// Linux `/proc/PID/statm`, `/proc/PID/smaps_rollup`; Windows as [`Process::memory_info`] and
    /// [`Process::memory_footprint`].
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.memory_full_info()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn memory_full_info(&self) -> Result<MemoryFullInfo> {
        self.read(
            Attribute::MemoryFullInfo,
            sys::process::Reader::memory_full_info,
        )
    }

    /// Resident memory as a share of physical memory.
    ///
    /// # Units
    /// Percent, 0 to 100.
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/statm`, `/proc/meminfo`; Windows as [`Process::memory_info`] and
    /// [`memory::virtual_memory`](crate::memory::virtual_memory).
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert!(pslens::Process::current()?.memory_percent()? < 100.0);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn memory_percent(&self) -> Result<f64> {
        self.read(
            Attribute::MemoryPercent,
            sys::process::Reader::memory_percent,
        )
    }

    /// What is mapped where, in order of the addresses; see [`memory::group`](super::memory::group) for
    /// sums by path. Empty for kernel threads.
    ///
    /// On Windows these are the regions that have memory or a promise of it, without what is reserved only. What
    /// belongs to no file is `[anon]`, or `[shared]` if others can map it as well.
    ///
    /// # Units
    /// Bytes.
    /// # Availability
    /// Linux, Windows, FreeBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for a process that the caller may not
    /// trace, [`ErrorKind::ZombieProcess`](crate::ErrorKind::ZombieProcess) for a zombie.
    /// # Sources
    /// Linux `/proc/PID/smaps`; Windows `VirtualQueryEx`, `GetMappedFileNameW`, `QueryWorkingSetEx`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.memory_maps()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn memory_maps(&self) -> Result<Vec<MemoryMap>> {
        self.read(Attribute::MemoryMaps, sys::process::Reader::memory_maps)
    }

    /// How often it touched memory that was not there.
    ///
    /// Windows counts with 32 bits, which wrap.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone.
    /// # Sources
    /// Linux `/proc/PID/stat` fields 10 and 12; Windows `SystemProcessInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.page_faults()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn page_faults(&self) -> Result<PageFaults> {
        self.read(Attribute::PageFaults, sys::process::Reader::page_faults)
    }

    /// Regular files that it has open, in ascending order of the descriptors.
    ///
    /// Files on network mounts are listed without asking their servers, so a dead one cannot stall the call.
    ///
    /// On Windows whatever is behind a handle must be asked. Who does not answer within 100 ms (a server that has
    /// died, a pipe that somebody reads from) is left out. What a file is called is asked on a thread of its
    /// own, which is ended by force if it hangs.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for a process that the caller may not
    /// trace.
    /// # Sources
    /// Linux `/proc/PID/fd`, `/proc/PID/fdinfo`; Windows `ProcessHandleInformation`, else
    /// `SystemExtendedHandleInformation`, then `DuplicateHandle`, `GetFileType`, `FileStandardInfo`,
    /// `FileBasicInfo`, `ObjectNameInformation`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))]
    /// println!("{:?}", pslens::Process::current()?.open_files()?);
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn open_files(&self) -> Result<Vec<OpenFile>> {
        self.read(Attribute::OpenFiles, sys::process::Reader::open_files)
    }

    /// Its sockets, with itself as the only owner that is named.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for another user's process (not on Windows).
    /// # Sources
    /// Linux: the links in `/proc/PID/fd` and the socket tables of its network namespace. Windows
    /// `GetExtendedTcpTable` and `GetExtendedUdpTable`: what it opened, also if others hold it now.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")] {
    /// use pslens::net::ConnectionKind;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    /// let sockets = pslens::Process::current()?.net_connections(ConnectionKind::Tcp)?;
    /// assert_eq!(sockets.len(), 1);
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "connections")]
    pub fn net_connections(&self, kind: ConnectionKind) -> Result<Vec<Connection>> {
        self.read(Attribute::NetConnections, |reader| {
            reader.net_connections(kind)
        })
    }
}
