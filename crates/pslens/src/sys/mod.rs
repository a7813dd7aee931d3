//! The backends: which one serves this system, and what every one of them must provide.
//!
//! The `target_os` ladder below is the only one of the library. A backend is a folder with the seven
//! domain files `cpu memory disk net sensors host process`; the contract at the end of this file is
//! checked for the current system's backend and for `unsupported`, which is built everywhere.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(unix)]
mod unix;
mod unsupported;

#[cfg(target_os = "linux")]
use linux as current;
#[cfg(not(target_os = "linux"))]
use unsupported as current;

pub(crate) use current::{Root, cpu, disk, errno_kind, host, memory, net, process, sensors};

/// What a backend provides. A missing or mistyped function is a compile error that names it.
macro_rules! contract {
    ($os:ident) => {
        const _: () = {
            use crate::error::Result;
            use $os::Root;

            const _: fn(&std::io::Error) -> crate::ErrorKind = $os::errno_kind;

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

            const _: fn(&Root) -> Result<Vec<(std::ffi::OsString, crate::net::IoCounters)>> =
                $os::net::io_counters;
            const _: fn(&Root) -> Result<Vec<crate::net::IfAddr>> = $os::net::if_addrs;
            const _: fn(&Root) -> Result<Vec<crate::net::IfStats>> = $os::net::if_stats;
            const _: fn(&Root, crate::net::ConnectionKind) -> Result<Vec<crate::net::Connection>> =
                $os::net::connections;
            const _: fn(&Root, crate::net::ConnectionKind) -> Result<Vec<crate::net::Connection>> =
                $os::net::connections_without_owners;
        };
    };
}

contract!(current);
contract!(unsupported);
