//! The backends: which one serves this system, and what every one of them must provide.
//!
//! The `target_os` ladder below is the only one of the library. A backend is a folder with the seven
//! domain files `cpu memory disk net sensors host process`; the contract at the end of this file is
//! checked for the current system's backend and for `unsupported`, which is built everywhere.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "linux", windows))]
mod pause;
#[cfg(unix)]
mod unix;
mod unsupported;
#[cfg(windows)]
pub(crate) mod windows;

#[cfg(target_os = "linux")]
use linux as current;
#[cfg(not(any(target_os = "linux", windows)))]
use unsupported as current;
#[cfg(windows)]
use windows as current;

pub(crate) use current::{Root, cpu, disk, errno_kind, host, memory, net, process, sensors};

/// What a backend provides. A missing or mistyped function is a compile error that names it.
macro_rules! contract {
    ($os:ident) => {
        const _: () = {
            use crate::error::Result;
            use $os::Root;

            const _: fn(&std::io::Error) -> crate::ErrorKind = $os::errno_kind;

            const _: fn() -> Root = Root::running;
            const _: fn(&std::path::Path, &std::path::Path) -> Result<Root> = Root::at;
            const _: fn(&Root) -> bool = Root::is_running_system;

            const _: fn(&Root) -> Result<crate::cpu::Times> = $os::cpu::times;
            const _: fn(&Root) -> Result<Vec<crate::cpu::PerCpu<crate::cpu::Times>>> =
                $os::cpu::times_per_cpu;
            const _: fn(&Root) -> Result<u32> = $os::cpu::count_logical;
            const _: fn(&Root) -> Result<Option<u32>> = $os::cpu::count_cores;
            const _: fn(&Root) -> Result<u32> = $os::cpu::count_usable;
            const _: fn(&Root) -> Result<crate::cpu::Stats> = $os::cpu::stats;
            const _: fn(&Root) -> Result<Option<crate::cpu::Frequency>> = $os::cpu::frequency;
            const _: fn(&Root) -> Result<Vec<crate::cpu::PerCpu<crate::cpu::Frequency>>> =
                $os::cpu::frequency_per_cpu;

            const _: fn(&Root) -> Result<crate::memory::VirtualMemory> =
                $os::memory::virtual_memory;
            const _: fn(&Root) -> Result<crate::memory::SwapMemory> = $os::memory::swap_memory;

            const _: fn() -> Result<crate::memory::HeapInfo> = $os::memory::heap_info;
            const _: fn() -> Result<()> = $os::memory::heap_trim;

            const _: fn(&Root) -> Result<Vec<crate::disk::Partition>> = $os::disk::partitions;
            const _: fn(&Root) -> Result<Vec<crate::disk::Partition>> = $os::disk::partitions_all;
            const _: fn(&std::path::Path) -> Result<crate::disk::Usage> = $os::disk::usage;
            // Called first on the thread that asks for a usage with a deadline.
            const _: fn() = $os::disk::keep_signals_out;
            const _: fn(&Root, &mut dyn FnMut(&str, crate::disk::IoCounters)) -> Result<()> =
                $os::disk::io_counters;

            const _: fn(&Root) -> Result<Vec<crate::sensors::Chip<crate::sensors::Temperature>>> =
                $os::sensors::temperatures;
            const _: fn(&Root) -> Result<Vec<crate::sensors::Chip<crate::sensors::Fan>>> =
                $os::sensors::fans;
            const _: fn(&Root) -> Result<Vec<crate::sensors::Battery>> = $os::sensors::batteries;

            const _: fn(&Root) -> Result<crate::host::LoadAverage> = $os::host::load_average;
            const _: fn(&Root) -> Result<std::time::SystemTime> = $os::host::boot_time;
            const _: fn(&Root) -> Result<Vec<crate::host::User>> = $os::host::users;
            const _: fn(&Root, u32) -> Result<Option<std::ffi::OsString>> = $os::host::user_name;
            const _: fn(&Root, &std::ffi::OsStr) -> Result<Option<u32>> = $os::host::user_id;

            const _: fn(&Root) -> Result<Vec<(std::ffi::OsString, crate::net::IoCounters)>> =
                $os::net::io_counters;
            const _: fn(&Root) -> Result<Vec<crate::net::IfAddr>> = $os::net::if_addrs;
            const _: fn(&Root) -> Result<Vec<crate::net::IfStats>> = $os::net::if_stats;
            const _: fn(&Root, crate::net::ConnectionKind) -> Result<Vec<crate::net::Connection>> =
                $os::net::connections;
            const _: fn(&Root, crate::net::ConnectionKind) -> Result<Vec<crate::net::Connection>> =
                $os::net::connections_without_owners;

            // A process is read through `Reader`, which moves from one to the next, or opens one.
            use crate::process::{
                Attribute, AttributeSet, CpuTimes, CtxSwitches, Descriptor, Identity, Ids,
                IoCounters, IoPriority, MappedFile, MemoryFootprint, MemoryFullInfo, MemoryInfo,
                MemoryInfoEx, MemoryMap, OpenFile, PageFaults, Pid, Status, Thread,
            };
            use std::ffi::OsString;
            use std::path::PathBuf;
            use $os::process::Reader;

            const _: fn(&Root) -> Result<Vec<Pid>> = $os::process::pids;
            const _: fn(&Root, Pid) -> Result<bool> = $os::process::pid_exists;
            const _: fn(&Root, Pid, &'static str) -> Result<Identity> = $os::process::identity;
            // Of a child that was just started, also if it has ended already.
            const _: fn(&std::process::Child, &'static str) -> Result<Identity> =
                $os::process::child_identity;
            const _: fn(&Root, Pid, &Identity, &'static str) -> Result<Identity> =
                $os::process::comparable;
            use crate::process::{Limits, Resource, Signal, Target};
            const _: [i32; 31] = {
                use $os::process::signals::*;
                [
                    HUP, INT, QUIT, ILL, TRAP, ABRT, BUS, FPE, KILL, USR1, SEGV, USR2, PIPE, ALRM,
                    TERM, STKFLT, CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG, XCPU, XFSZ, VTALRM,
                    PROF, WINCH, IO, PWR, SYS,
                ]
            };
            const _: fn() -> (i32, i32) = $os::process::signals::real_time;
            const _: fn(&Target<'_>, Signal) -> Result<()> = $os::process::send_signal;
            const _: fn(&Target<'_>, i32) -> Result<()> = $os::process::set_nice;
            const _: fn(&Target<'_>, IoPriority) -> Result<()> = $os::process::set_ionice;
            const _: fn(&Target<'_>, &[u32]) -> Result<()> = $os::process::set_cpu_affinity;
            const _: fn(&Target<'_>) -> Result<()> = $os::process::reset_cpu_affinity;
            const _: fn(&Target<'_>, Resource) -> Result<Limits> = $os::process::rlimit;
            const _: fn(&Target<'_>, Resource, Limits) -> Result<()> = $os::process::set_rlimit;
            use crate::process::{Outcome, Wakeup};
            use std::ops::ControlFlow;
            use std::process::{ChildStderr, ChildStdout};
            use std::time::Instant;
            const _: fn(
                &Target<'_>,
                Option<Instant>,
                &mut dyn FnMut() -> ControlFlow<()>,
            ) -> Result<Outcome> = $os::process::wait;
            const _: fn(
                &[Target<'_>],
                Option<Instant>,
                &mut dyn FnMut(Wakeup) -> ControlFlow<()>,
            ) -> Result<()> = $os::process::wait_all;
            const _: fn(
                Option<ChildStdout>,
                Option<ChildStderr>,
            ) -> std::io::Result<(Vec<u8>, Vec<u8>)> = $os::process::drain;
            const _: fn(&Root, AttributeSet) -> Result<Reader> = Reader::scan;
            const _: fn(&Reader) -> Result<Vec<Pid>> = Reader::pids;
            const _: fn(&mut Reader, Pid) -> Result<Identity> = Reader::move_to;
            const _: fn(
                &Root,
                Pid,
                Identity,
                Option<AttributeSet>,
                &'static str,
            ) -> Result<Reader> = Reader::open;
            const _: fn(&Root, Pid, Identity, Attribute) -> Result<Reader> = Reader::open_single;
            const _: fn(&mut Reader, &'static str) -> Result<()> = Reader::finish;
            // When a scan's look at the current process was: now, or when the table of all was read.
            const _: fn(&Reader) -> Instant = Reader::moment;
            const _: fn(&mut Reader) -> Result<Pid> = Reader::ppid;
            const _: fn(&mut Reader) -> Result<OsString> = Reader::name;
            const _: fn(&mut Reader) -> Result<Option<PathBuf>> = Reader::exe;
            const _: fn(&mut Reader) -> Result<Vec<OsString>> = Reader::cmdline;
            const _: fn(&mut Reader) -> Result<Vec<(OsString, OsString)>> = Reader::environ;
            const _: fn(&mut Reader) -> Result<std::time::SystemTime> = Reader::create_time;
            const _: fn(&mut Reader) -> Result<Status> = Reader::status;
            const _: fn(&mut Reader) -> Result<Option<PathBuf>> = Reader::cwd;
            const _: fn(&mut Reader) -> Result<OsString> = Reader::username;
            const _: fn(&mut Reader) -> Result<Ids> = Reader::uids;
            const _: fn(&mut Reader) -> Result<Ids> = Reader::gids;
            const _: fn(&mut Reader) -> Result<Option<PathBuf>> = Reader::terminal;
            const _: fn(&mut Reader) -> Result<i32> = Reader::nice;
            const _: fn(&mut Reader) -> Result<IoPriority> = Reader::ionice;
            const _: fn(&mut Reader) -> Result<IoCounters> = Reader::io_counters;
            const _: fn(&mut Reader) -> Result<CtxSwitches> = Reader::num_ctx_switches;
            const _: fn(&mut Reader) -> Result<u32> = Reader::num_fds;
            const _: fn(&mut Reader) -> Result<u32> = Reader::num_handles;
            const _: fn(&mut Reader) -> Result<u32> = Reader::num_threads;
            const _: fn(&mut Reader) -> Result<Vec<Thread>> = Reader::threads;
            const _: fn(&mut Reader) -> Result<CpuTimes> = Reader::cpu_times;
            const _: fn(&mut Reader) -> Result<Vec<u32>> = Reader::cpu_affinity;
            const _: fn(&mut Reader) -> Result<Option<u32>> = Reader::cpu_num;
            const _: fn(&mut Reader) -> Result<MemoryInfo> = Reader::memory_info;
            const _: fn(&mut Reader) -> Result<MemoryInfoEx> = Reader::memory_info_ex;
            const _: fn(&mut Reader) -> Result<MemoryFootprint> = Reader::memory_footprint;
            const _: fn(&mut Reader) -> Result<MemoryFullInfo> = Reader::memory_full_info;
            const _: fn(&mut Reader) -> Result<f64> = Reader::memory_percent;
            const _: fn(&mut Reader) -> Result<Vec<MemoryMap>> = Reader::memory_maps;
            const _: fn(&mut Reader) -> Result<PageFaults> = Reader::page_faults;
            const _: fn(&mut Reader) -> Result<Vec<OpenFile>> = Reader::open_files;
            const _: fn(&mut Reader) -> Result<Vec<Descriptor>> = Reader::every_descriptor;
            const _: fn(&mut Reader) -> Result<Vec<MappedFile>> = Reader::mapped_files;
            const _: fn(
                &mut Reader,
                crate::net::ConnectionKind,
            ) -> Result<Vec<crate::net::Connection>> = Reader::net_connections;
        };
    };
}

contract!(current);
contract!(unsupported);
