//! The extension module of the Python package `pslens`: takes arguments, asks the library with the
//! interpreter's lock released, and gives the answers psutil's names and shapes.
//!
//! Here is the table of contents; each domain has its module. What one system has alone, or in another
//! shape than the others, is in the folder with its name: `linux`, `windows`.

mod constants;
mod convert;
mod cpu;
mod disk;
mod errors;
mod ffi;
mod host;
#[cfg(target_os = "linux")]
mod linux;
mod memory;
mod net;
mod nowrap;
mod ntuple;
mod once;
mod process;
mod root;
mod sensors;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

use pyo3::prelude::*;

/// The native half of `pslens`.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::cpu::{
        cpu_count, cpu_freq, cpu_percent, cpu_stats, cpu_times, cpu_times_percent, getloadavg,
    };
    #[pymodule_export]
    use crate::disk::{
        disk_io_counters, disk_io_counters_cache_clear, disk_partitions, disk_usage,
    };
    #[pymodule_export]
    use crate::host::{boot_time, users};
    #[pymodule_export]
    use crate::memory::{swap_memory, virtual_memory};
    #[pymodule_export]
    use crate::net::{
        net_connections, net_connections_without_owners, net_if_addrs, net_if_stats,
        net_io_counters, net_io_counters_cache_clear,
    };
    #[pymodule_export]
    use crate::process::{
        _as_dict_attrnames, OneShot, Process, Scan, pid_exists, pids, wait_procs,
    };
    #[pymodule_export]
    use crate::sensors::sensors_battery;

    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::system::add_to(module)?;
        crate::process::remember_originals(module.py())
    }
}
