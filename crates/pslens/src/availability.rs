//! What exists where: one row per public name of psutil 7.2.2, and those of 8.0's development.
//!
//! This table is the only truth. `docs/PLATFORMS.md` is generated from it, the `# Availability`
//! sections of the documentation are compared with it, bindings export the names that it says exist,
//! and the live tests check that a name which is said to exist here answers.
//!
//! # Examples
//! ```
//! use pslens::availability::{System, find};
//!
//! let row = find("net_connections").expect("psutil has it");
//! assert_eq!(row.path, Some("net::connections"));
//! assert!(row.psutil.contains(System::Windows));
//! ```

use core::fmt;

use Kind::{Class, Constant, Exception, Function, Method};
use System::{FreeBsd, Linux, MacOs, NetBsd, OpenBsd, SunOs, Windows};

/// An operating system (family) that psutil knows and this library is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum System {
    /// Linux, with any C library.
    Linux,
    /// Windows 10 and Server 2016 or later.
    Windows,
    /// macOS.
    MacOs,
    /// FreeBSD.
    FreeBsd,
    /// OpenBSD.
    OpenBsd,
    /// NetBSD.
    NetBsd,
    /// Solaris and illumos.
    SunOs,
}

impl System {
    /// Every system, in the order in which documents list them.
    pub const ALL: [Self; 7] = [Linux, Windows, MacOs, FreeBsd, OpenBsd, NetBsd, SunOs];

    /// The system that this program was built for; `None` if it is none of psutil's.
    #[must_use]
    pub fn current() -> Option<Self> {
        match std::env::consts::OS {
            "linux" => Some(Linux),
            "windows" => Some(Windows),
            "macos" => Some(MacOs),
            "freebsd" => Some(FreeBsd),
            "openbsd" => Some(OpenBsd),
            "netbsd" => Some(NetBsd),
            "solaris" | "illumos" => Some(SunOs),
            _ => None,
        }
    }

    /// The name as it is written in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Linux => "Linux",
            Windows => "Windows",
            MacOs => "macOS",
            FreeBsd => "FreeBSD",
            OpenBsd => "OpenBSD",
            NetBsd => "NetBSD",
            SunOs => "SunOS",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Linux => 1,
            Windows => 1 << 1,
            MacOs => 1 << 2,
            FreeBsd => 1 << 3,
            OpenBsd => 1 << 4,
            NetBsd => 1 << 5,
            SunOs => 1 << 6,
        }
    }
}

/// A set of systems. Displays as documents write it: `Linux, macOS`.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Systems(u8);

impl Systems {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// The set of `systems`.
    #[must_use]
    pub const fn of(systems: &[System]) -> Self {
        let mut bits = 0;
        let mut rest = systems;
        while let [first, others @ ..] = rest {
            bits |= first.bit();
            rest = others;
        }
        Self(bits)
    }

    /// True if `system` is in the set.
    #[must_use]
    pub const fn contains(self, system: System) -> bool {
        self.0 & system.bit() != 0
    }

    /// True if no system is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The systems of the set, in the order of [`System::ALL`].
    pub fn iter(self) -> impl Iterator<Item = System> {
        System::ALL
            .into_iter()
            .filter(move |system| self.contains(*system))
    }
}

impl fmt::Display for Systems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, system) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(system.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Systems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// What a name of psutil is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A function of the module.
    Function,
    /// A class.
    Class,
    /// A method or attribute; the name contains its class.
    Method,
    /// An exception.
    Exception,
    /// A constant of the module.
    Constant,
}

/// How it is known that the answers of a system that no developer sits at are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Evidence {
    /// It ran under wine, and its answers were checked.
    Run,
    /// It ran under wine, which has no data for it: that it answers was checked, and its decoders.
    RunWithoutData,
    /// It never ran; its decoders were tested with constructed buffers.
    Decoders,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Run => "run under wine",
            Self::RunWithoutData => "run under wine, which has no data",
            Self::Decoders => "decoder tests only",
        })
    }
}

/// One public name of psutil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The psutil name; a method carries its class, as in `Process.cpu_num`.
    pub name: &'static str,
    /// Its place in this crate, as in `Process::cpu_num` and `cpu::times`; `None` if Rust has no
    /// counterpart, or none yet.
    pub path: Option<&'static str>,
    /// What it is.
    pub kind: Kind,
    /// Where psutil has it, which is where this library will have it.
    pub psutil: Systems,
    /// Where this library has it now.
    pub implemented: Systems,
    /// Its place in this crate on Windows, if that is another one.
    pub windows_path: Option<&'static str>,
    /// What proves the answers on Windows, if it is implemented there.
    pub windows_evidence: Evidence,
    /// What is missing for more evidence.
    pub windows_gap: Option<&'static str>,
    /// Limits on some system, a minimum version, or what replaces it; `None` if there is nothing to
    /// say.
    pub note: Option<&'static str>,
}

/// The row of a psutil name; methods are asked for with their class (`Process.cpu_num`).
#[must_use]
pub fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

/// True if this library has the psutil name on the system that this program was built for.
#[must_use]
pub fn is_available(name: &str) -> bool {
    match (find(name), System::current()) {
        (Some(row), Some(system)) => row.implemented.contains(system),
        _ => false,
    }
}

const ALL: Systems = Systems::of(&System::ALL);
const UNIX: Systems = of(&[Linux, MacOs, FreeBsd, OpenBsd, NetBsd, SunOs]);
const NONE: Systems = Systems::NONE;
/// The systems that have a backend, as far as they have the thing at all.
const BOTH: Systems = of(&[Linux, Windows]);

const fn of(systems: &[System]) -> Systems {
    Systems::of(systems)
}

const fn row(
    kind: Kind,
    name: &'static str,
    path: &'static str,
    psutil: Systems,
    implemented: Systems,
) -> Row {
    Row {
        name,
        path: if path.is_empty() { None } else { Some(path) },
        kind,
        psutil,
        implemented,
        windows_path: None,
        windows_evidence: Evidence::Run,
        windows_gap: None,
        note: None,
    }
}

impl Row {
    const fn note(self, note: &'static str) -> Self {
        Self {
            note: Some(note),
            ..self
        }
    }

    /// Windows has it elsewhere.
    const fn on_windows(self, path: &'static str) -> Self {
        Self {
            windows_path: Some(path),
            ..self
        }
    }

    /// What proves the answers on Windows, where that is less than a checked run, and why it is less.
    const fn windows_evidence(self, evidence: Evidence, gap: &'static str) -> Self {
        Self {
            windows_evidence: evidence,
            windows_gap: Some(gap),
            ..self
        }
    }
}

/// Every public name of psutil, by subject.
#[rustfmt::skip] // One row, one line: this is a table.
pub const TABLE: &[Row] = &[
    // CPU.
    row(Function, "cpu_times", "cpu::times", ALL, BOTH).note("percpu=True: `cpu::times_per_cpu`; likewise below"),
    row(Function, "cpu_percent", "cpu::percent", ALL, BOTH),
    row(Function, "cpu_times_percent", "cpu::times_percent", ALL, BOTH),
    row(Function, "cpu_count", "cpu::count_logical", ALL, BOTH).note("also `cpu::count_cores`, `cpu::count_usable`"),
    row(Function, "cpu_stats", "cpu::stats", ALL, BOTH).windows_evidence(Evidence::RunWithoutData, "wine counts nothing"),
    row(Function, "cpu_freq", "cpu::frequency", of(&[Linux, Windows, MacOs, FreeBsd, OpenBsd]), BOTH).note("Windows: without turbo; the BSDs: nominal values only"),
    row(Function, "getloadavg", "host::load_average", ALL, BOTH).note("Windows: emulated by `os::windows::LoadSampler`").on_windows("os::windows::LoadSampler::sample").windows_evidence(Evidence::RunWithoutData, "wine says of no thread that it is ready"),
    // Memory.
    row(Function, "virtual_memory", "memory::virtual_memory", ALL, BOTH),
    row(Function, "swap_memory", "memory::swap_memory", ALL, BOTH).windows_evidence(Evidence::RunWithoutData, "wine does not know page files"),
    row(Function, "heap_info", "memory::heap_info", of(&[Linux, Windows, MacOs, FreeBsd, NetBsd]), BOTH).note("Linux: glibc only"),
    row(Function, "heap_trim", "memory::heap_trim", of(&[Linux, Windows, MacOs, FreeBsd, NetBsd]), BOTH).note("Linux: glibc only"),
    // Disks.
    row(Function, "disk_partitions", "disk::partitions", ALL, BOTH),
    row(Function, "disk_usage", "disk::usage", ALL, BOTH),
    row(Function, "disk_io_counters", "disk::io_counters", ALL, BOTH).note("OpenBSD, NetBSD: no times").windows_evidence(Evidence::RunWithoutData, "wine counts nothing that disks do"),
    row(Function, "disk_io_counters.cache_clear", "counters::NoWrap::clear", ALL, BOTH),
    // Network.
    row(Function, "net_io_counters", "net::io_counters", ALL, BOTH),
    row(Function, "net_io_counters.cache_clear", "counters::NoWrap::clear", ALL, BOTH),
    row(Function, "net_connections", "net::connections", ALL, BOTH).note("Windows: no unix sockets; macOS: needs root; SunOS: no descriptor"),
    row(Function, "net_if_addrs", "net::if_addrs", ALL, BOTH).note("SunOS: no hardware address"),
    row(Function, "net_if_stats", "net::if_stats", ALL, BOTH),
    // Sensors.
    row(Function, "sensors_temperatures", "sensors::temperatures", of(&[Linux, FreeBsd]), of(&[Linux])).note("FreeBSD: CPU cores only"),
    row(Function, "sensors_fans", "sensors::fans", of(&[Linux]), of(&[Linux])),
    row(Function, "sensors_battery", "sensors::batteries", of(&[Linux, Windows, MacOs, FreeBsd]), BOTH).note("all batteries, not only the first"),
    // Machine.
    row(Function, "boot_time", "host::boot_time", ALL, BOTH).windows_evidence(Evidence::RunWithoutData, "wine boots when its server starts"),
    row(Function, "users", "host::users", ALL, BOTH).windows_evidence(Evidence::RunWithoutData, "wine has no sessions to list"),
    // Processes.
    row(Function, "pids", "process::pids", ALL, BOTH),
    row(Function, "pid_exists", "process::pid_exists", ALL, BOTH),
    row(Function, "process_iter", "process::all", ALL, BOTH),
    row(Function, "process_iter.cache_clear", "process::Cache::clear", ALL, BOTH),
    row(Function, "wait_procs", "process::wait_all", ALL, BOTH),
    row(Class, "Process", "Process", ALL, BOTH),
    row(Class, "Popen", "process::Child", ALL, BOTH),
    // Process methods.
    row(Method, "Process.pid", "Process::pid", ALL, BOTH),
    row(Method, "Process.info", "", ALL, NONE).note("what the iterator's records hold in Rust"),
    row(Method, "Process.oneshot", "Process::oneshot", ALL, BOTH),
    row(Method, "Process.as_dict", "Process::info", ALL, BOTH),
    row(Method, "Process.ppid", "Process::ppid", ALL, BOTH),
    row(Method, "Process.name", "Process::name", ALL, BOTH),
    row(Method, "Process.exe", "Process::exe", ALL, BOTH).note("OpenBSD: a guess from the command line"),
    row(Method, "Process.cmdline", "Process::cmdline", ALL, BOTH),
    row(Method, "Process.environ", "Process::environ", ALL, BOTH).note("macOS: own processes only"),
    row(Method, "Process.create_time", "Process::create_time", ALL, BOTH),
    row(Method, "Process.status", "Process::status", ALL, BOTH).windows_evidence(Evidence::RunWithoutData, "wine says of nobody that he is suspended"),
    row(Method, "Process.cwd", "Process::cwd", ALL, BOTH),
    row(Method, "Process.username", "Process::username", ALL, BOTH),
    row(Method, "Process.uids", "Process::uids", UNIX, of(&[Linux])),
    row(Method, "Process.gids", "Process::gids", UNIX, of(&[Linux])),
    row(Method, "Process.terminal", "Process::terminal", UNIX, of(&[Linux])),
    row(Method, "Process.nice", "Process::nice", ALL, BOTH).note("Windows: priority classes"),
    row(Method, "Process.ionice", "Process::ionice", of(&[Linux, Windows]), BOTH).windows_evidence(Evidence::RunWithoutData, "wine has no input and output priorities"),
    row(Method, "Process.rlimit", "Process::rlimit", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Method, "Process.io_counters", "Process::io_counters", of(&[Linux, Windows, FreeBsd, OpenBsd, NetBsd]), BOTH).note("BSD: operations only").windows_evidence(Evidence::RunWithoutData, "wine counts no input and output"),
    row(Method, "Process.num_ctx_switches", "Process::num_ctx_switches", ALL, BOTH).note("Windows, macOS: one total").windows_evidence(Evidence::RunWithoutData, "wine counts no switches"),
    row(Method, "Process.num_fds", "Process::num_fds", UNIX, of(&[Linux])),
    row(Method, "Process.num_handles", "Process::num_handles", of(&[Windows]), of(&[Windows])).windows_evidence(Evidence::RunWithoutData, "wine says 0, or how many handles there is room for"),
    row(Method, "Process.num_threads", "Process::num_threads", ALL, BOTH),
    row(Method, "Process.threads", "Process::threads", ALL, BOTH).note("OpenBSD: needs root"),
    row(Method, "Process.cpu_times", "Process::cpu_times", ALL, BOTH),
    row(Method, "Process.cpu_percent", "Process::cpu_percent", ALL, BOTH),
    row(Method, "Process.cpu_affinity", "Process::cpu_affinity", of(&[Linux, Windows, FreeBsd]), BOTH),
    row(Method, "Process.cpu_num", "Process::cpu_num", of(&[Linux, FreeBsd, SunOs]), of(&[Linux])),
    row(Method, "Process.memory_info", "Process::memory_info", ALL, BOTH),
    row(Method, "Process.memory_info_ex", "Process::memory_info_ex", ALL, BOTH).note("psutil 8.0; BSD, SunOS: as `memory_info`"),
    row(Method, "Process.memory_full_info", "Process::memory_full_info", ALL, BOTH).note("BSD, SunOS: as `memory_info`").windows_evidence(Evidence::Run, "wine: of the own process only"),
    row(Method, "Process.memory_footprint", "Process::memory_footprint", of(&[Linux, Windows, MacOs]), BOTH).note("psutil 8.0").windows_evidence(Evidence::Run, "wine: of the own process only"),
    row(Method, "Process.memory_percent", "Process::memory_percent", ALL, BOTH),
    row(Method, "Process.memory_maps", "Process::memory_maps", of(&[Linux, Windows, FreeBsd, SunOs]), BOTH).windows_evidence(Evidence::Run, "wine: of the own process only"),
    row(Method, "Process.page_faults", "Process::page_faults", ALL, BOTH).note("psutil 8.0").windows_evidence(Evidence::RunWithoutData, "wine counts no page faults"),
    row(Method, "Process.children", "Process::children", ALL, BOTH),
    row(Method, "Process.parent", "Process::parent", ALL, BOTH),
    row(Method, "Process.parents", "Process::parents", ALL, BOTH),
    row(Method, "Process.open_files", "Process::open_files", ALL, BOTH).note("Windows: partial; OpenBSD, NetBSD: no path"),
    row(Method, "Process.net_connections", "Process::net_connections", ALL, BOTH),
    row(Method, "Process.connections", "Process::net_connections", ALL, BOTH).note("psutil's older name of `net_connections`"),
    row(Method, "Process.is_running", "Process::is_running", ALL, BOTH),
    row(Method, "Process.send_signal", "Process::send_signal", ALL, BOTH),
    row(Method, "Process.suspend", "Process::suspend", ALL, BOTH),
    row(Method, "Process.resume", "Process::resume", ALL, BOTH),
    row(Method, "Process.terminate", "Process::terminate", ALL, BOTH),
    row(Method, "Process.kill", "Process::kill", ALL, BOTH),
    row(Method, "Process.wait", "Process::wait", ALL, BOTH),
    // Windows services.
    row(Function, "win_service_iter", "os::windows::services::all", of(&[Windows]), of(&[Windows])),
    row(Function, "win_service_get", "os::windows::services::get", of(&[Windows]), of(&[Windows])),
    row(Method, "WindowsService.name", "os::windows::services::Service", of(&[Windows]), of(&[Windows])),
    row(Method, "WindowsService.display_name", "os::windows::services::Service", of(&[Windows]), of(&[Windows])),
    row(Method, "WindowsService.username", "os::windows::services::Service::config", of(&[Windows]), of(&[Windows])),
    row(Method, "WindowsService.start_type", "os::windows::services::Service::config", of(&[Windows]), of(&[Windows])),
    row(Method, "WindowsService.status", "os::windows::services::Service::state", of(&[Windows]), of(&[Windows])),
    row(Method, "WindowsService.binpath", "os::windows::services::Service::config", of(&[Windows]), of(&[Windows])),
    row(Method, "WindowsService.description", "os::windows::services::Service::description", of(&[Windows]), of(&[Windows])),
    row(Method, "WindowsService.pid", "os::windows::services::Service::state", of(&[Windows]), of(&[Windows])),
    row(Method, "WindowsService.as_dict", "os::windows::services::Service", of(&[Windows]), of(&[Windows])),
    // Exceptions.
    row(Exception, "Error", "Error", ALL, BOTH),
    row(Exception, "NoSuchProcess", "ErrorKind::NoSuchProcess", ALL, BOTH),
    row(Exception, "ZombieProcess", "ErrorKind::ZombieProcess", ALL, BOTH),
    row(Exception, "AccessDenied", "ErrorKind::AccessDenied", ALL, BOTH),
    row(Exception, "TimeoutExpired", "ErrorKind::TimedOut", ALL, BOTH),
    // Process status.
    row(Constant, "STATUS_RUNNING", "process::Status::Running", ALL, BOTH),
    row(Constant, "STATUS_SLEEPING", "process::Status::Sleeping", ALL, BOTH),
    row(Constant, "STATUS_DISK_SLEEP", "process::Status::DiskSleep", ALL, BOTH),
    row(Constant, "STATUS_STOPPED", "process::Status::Stopped", ALL, BOTH),
    row(Constant, "STATUS_TRACING_STOP", "process::Status::TracingStop", ALL, BOTH),
    row(Constant, "STATUS_ZOMBIE", "process::Status::Zombie", ALL, BOTH),
    row(Constant, "STATUS_DEAD", "process::Status::Dead", ALL, BOTH),
    row(Constant, "STATUS_WAKING", "process::Status::Waking", ALL, BOTH),
    row(Constant, "STATUS_IDLE", "process::Status::Idle", ALL, BOTH),
    row(Constant, "STATUS_LOCKED", "process::Status::Locked", ALL, BOTH),
    row(Constant, "STATUS_WAITING", "process::Status::Waiting", ALL, BOTH),
    row(Constant, "STATUS_PARKED", "process::Status::Parked", ALL, BOTH),
    // Connection states.
    row(Constant, "CONN_ESTABLISHED", "net::ConnectionStatus::Established", ALL, BOTH),
    row(Constant, "CONN_SYN_SENT", "net::ConnectionStatus::SynSent", ALL, BOTH),
    row(Constant, "CONN_SYN_RECV", "net::ConnectionStatus::SynRecv", ALL, BOTH),
    row(Constant, "CONN_FIN_WAIT1", "net::ConnectionStatus::FinWait1", ALL, BOTH),
    row(Constant, "CONN_FIN_WAIT2", "net::ConnectionStatus::FinWait2", ALL, BOTH),
    row(Constant, "CONN_TIME_WAIT", "net::ConnectionStatus::TimeWait", ALL, BOTH),
    row(Constant, "CONN_CLOSE", "net::ConnectionStatus::Close", ALL, BOTH),
    row(Constant, "CONN_CLOSE_WAIT", "net::ConnectionStatus::CloseWait", ALL, BOTH),
    row(Constant, "CONN_LAST_ACK", "net::ConnectionStatus::LastAck", ALL, BOTH),
    row(Constant, "CONN_LISTEN", "net::ConnectionStatus::Listen", ALL, BOTH),
    row(Constant, "CONN_CLOSING", "net::ConnectionStatus::Closing", ALL, BOTH),
    row(Constant, "CONN_NONE", "net::ConnectionStatus::None", ALL, BOTH),
    row(Constant, "CONN_DELETE_TCB", "net::ConnectionStatus::DeleteTcb", of(&[Windows]), of(&[Windows])),
    row(Constant, "CONN_IDLE", "net::ConnectionStatus::Idle", of(&[SunOs]), NONE),
    row(Constant, "CONN_BOUND", "net::ConnectionStatus::Bound", of(&[SunOs]), NONE),
    // Other constants.
    row(Constant, "AF_LINK", "", ALL, NONE),
    row(Constant, "NIC_DUPLEX_FULL", "net::Duplex::Full", ALL, BOTH),
    row(Constant, "NIC_DUPLEX_HALF", "net::Duplex::Half", ALL, BOTH),
    row(Constant, "NIC_DUPLEX_UNKNOWN", "net::Duplex::Unknown", ALL, BOTH),
    row(Constant, "POWER_TIME_UNKNOWN", "sensors::TimeLeft::Unknown", ALL, BOTH),
    row(Constant, "POWER_TIME_UNLIMITED", "sensors::TimeLeft::Unlimited", ALL, BOTH),
    row(Constant, "BSD", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "FREEBSD", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "LINUX", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "NETBSD", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "OPENBSD", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "MACOS", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "OSX", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "POSIX", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "SUNOS", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "WINDOWS", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "AIX", "", ALL, NONE).note("`cfg(target_os)` in Rust"),
    row(Constant, "PROCFS_PATH", "Root::set_current", of(&[Linux, SunOs]), of(&[Linux])),
    row(Constant, "version_info", "", ALL, NONE),
    row(Constant, "__version__", "", ALL, NONE),
    row(Constant, "IOPRIO_CLASS_NONE", "process::IoPriority::None", of(&[Linux]), of(&[Linux])),
    row(Constant, "IOPRIO_CLASS_RT", "process::IoPriority::Realtime", of(&[Linux]), of(&[Linux])),
    row(Constant, "IOPRIO_CLASS_BE", "process::IoPriority::BestEffort", of(&[Linux]), of(&[Linux])),
    row(Constant, "IOPRIO_CLASS_IDLE", "process::IoPriority::Idle", of(&[Linux]), of(&[Linux])),
    row(Constant, "IOPRIO_VERYLOW", "process::IoHint::VeryLow", of(&[Windows]), of(&[Windows])),
    row(Constant, "IOPRIO_LOW", "process::IoHint::Low", of(&[Windows]), of(&[Windows])),
    row(Constant, "IOPRIO_NORMAL", "process::IoHint::Normal", of(&[Windows]), of(&[Windows])),
    row(Constant, "IOPRIO_HIGH", "process::IoHint::High", of(&[Windows]), of(&[Windows])),
    row(Constant, "ABOVE_NORMAL_PRIORITY_CLASS", "os::windows::PriorityClass::AboveNormal", of(&[Windows]), of(&[Windows])),
    row(Constant, "BELOW_NORMAL_PRIORITY_CLASS", "os::windows::PriorityClass::BelowNormal", of(&[Windows]), of(&[Windows])),
    row(Constant, "HIGH_PRIORITY_CLASS", "os::windows::PriorityClass::High", of(&[Windows]), of(&[Windows])),
    row(Constant, "IDLE_PRIORITY_CLASS", "os::windows::PriorityClass::Idle", of(&[Windows]), of(&[Windows])),
    row(Constant, "NORMAL_PRIORITY_CLASS", "os::windows::PriorityClass::Normal", of(&[Windows]), of(&[Windows])),
    row(Constant, "REALTIME_PRIORITY_CLASS", "os::windows::PriorityClass::Realtime", of(&[Windows]), of(&[Windows])),
    row(Constant, "RLIMIT_AS", "process::Resource::As", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_CORE", "process::Resource::Core", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_CPU", "process::Resource::Cpu", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_DATA", "process::Resource::Data", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_FSIZE", "process::Resource::Fsize", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_LOCKS", "process::Resource::Locks", of(&[Linux]), of(&[Linux])),
    row(Constant, "RLIMIT_MEMLOCK", "process::Resource::Memlock", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_MSGQUEUE", "process::Resource::Msgqueue", of(&[Linux]), of(&[Linux])),
    row(Constant, "RLIMIT_NICE", "process::Resource::Nice", of(&[Linux]), of(&[Linux])),
    row(Constant, "RLIMIT_NOFILE", "process::Resource::Nofile", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_NPROC", "process::Resource::Nproc", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_NPTS", "", of(&[FreeBsd]), NONE),
    row(Constant, "RLIMIT_RSS", "process::Resource::Rss", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_RTPRIO", "process::Resource::Rtprio", of(&[Linux]), of(&[Linux])),
    row(Constant, "RLIMIT_RTTIME", "process::Resource::Rttime", of(&[Linux]), of(&[Linux])),
    row(Constant, "RLIMIT_SBSIZE", "", of(&[FreeBsd]), NONE),
    row(Constant, "RLIMIT_SIGPENDING", "process::Resource::Sigpending", of(&[Linux]), of(&[Linux])),
    row(Constant, "RLIMIT_STACK", "process::Resource::Stack", of(&[Linux, FreeBsd]), of(&[Linux])),
    row(Constant, "RLIMIT_SWAP", "", of(&[FreeBsd]), NONE),
    row(Constant, "RLIM_INFINITY", "process::Limit::Unlimited", of(&[Linux, FreeBsd]), of(&[Linux])),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = TABLE.iter().map(|row| row.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn every_name_exists_somewhere_and_what_is_implemented_has_a_path() {
        for row in TABLE {
            assert!(!row.psutil.is_empty(), "{}", row.name);
            assert!(
                row.implemented.is_empty() || row.path.is_some(),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn sets_display_as_documents_write_them() {
        assert_eq!(
            ALL.to_string(),
            "Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS"
        );
        assert_eq!(of(&[SunOs, Linux]).to_string(), "Linux, SunOS");
        assert_eq!(NONE.to_string(), "");
    }

    #[test]
    fn unknown_name_is_not_available() {
        assert!(!is_available("no_such_name"));
        assert!(find("no_such_name").is_none());
    }
}
