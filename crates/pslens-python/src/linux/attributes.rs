//! What `as_dict` can have on Linux.

use pslens::process::{Attribute, AttributeSet, Field, Info};
use pyo3::prelude::*;

use super::values;
use crate::process::{Entry, Process, each, int};

/// Everything that psutil's `as_dict` can have, `pid` included.
pub(crate) const NAMES: &[(&str, Option<Attribute>)] = {
    use Attribute as A;
    &[
        ("cmdline", Some(A::Cmdline)),
        ("cpu_affinity", Some(A::CpuAffinity)),
        ("cpu_num", Some(A::CpuNum)),
        ("cpu_percent", Some(A::CpuPercent)),
        ("cpu_times", Some(A::CpuTimes)),
        ("create_time", Some(A::CreateTime)),
        ("cwd", Some(A::Cwd)),
        ("environ", Some(A::Environ)),
        ("exe", Some(A::Exe)),
        ("gids", Some(A::Gids)),
        ("io_counters", Some(A::IoCounters)),
        ("ionice", Some(A::Ionice)),
        ("memory_full_info", Some(A::MemoryFullInfo)),
        ("memory_info", Some(A::MemoryInfo)),
        ("memory_maps", Some(A::MemoryMaps)),
        ("memory_percent", Some(A::MemoryPercent)),
        ("name", Some(A::Name)),
        ("net_connections", Some(A::NetConnections)),
        ("nice", Some(A::Nice)),
        ("num_ctx_switches", Some(A::NumCtxSwitches)),
        ("num_fds", Some(A::NumFds)),
        ("num_threads", Some(A::NumThreads)),
        ("open_files", Some(A::OpenFiles)),
        ("pid", None),
        ("ppid", Some(A::Ppid)),
        ("status", Some(A::Status)),
        ("terminal", Some(A::Terminal)),
        ("threads", Some(A::Threads)),
        ("uids", Some(A::Uids)),
        ("username", Some(A::Username)),
    ]
};

/// The record's fields that an attribute is made of, added to a set.
pub(crate) fn needed(attribute: Attribute, set: AttributeSet) -> AttributeSet {
    set.with(attribute)
}

/// The attributes that other systems lack, or have in another shape.
pub(crate) fn entry<'py>(
    process: &Bound<'py, Process>,
    info: &Info,
    attribute: Attribute,
) -> PyResult<Entry<'py>> {
    let py = process.py();
    // COMPAT(psutil): what the kernel does not tell is none.
    if attribute == Attribute::Terminal && matches!(info.terminal, Field::Unsupported) {
        return Ok(Entry::Value(py.None().into_bound(py)));
    }
    each! {
        process, info, attribute, else Ok(Entry::Unsupported);
        CpuNum cpu_num => |cpu| int(py, cpu.unwrap_or(0)),
        CpuTimes cpu_times => |times| values::cpu_times(py, times),
        Gids gids => |ids| values::gids(py, ids),
        IoCounters io_counters => |io| values::io_counters(py, io),
        Ionice ionice => |priority| values::ionice(py, *priority),
        MemoryFootprint memory_footprint => |memory| values::memory_footprint(py, memory),
        MemoryFullInfo memory_full_info => |memory| values::memory_full_info(py, memory),
        MemoryInfo memory_info => |memory| values::memory_info(py, memory),
        MemoryMaps memory_maps => |maps| values::memory_maps(py, maps, true),
        Nice nice => |nice| int(py, *nice),
        NumFds num_fds => |count| int(py, *count),
        OpenFiles open_files => |files| values::open_files(py, files),
        Terminal terminal => |path| match path {
            Some(path) => crate::process::values::text(py, Some(path.as_os_str())),
            None => Ok(py.None().into_bound(py)),
        },
        Uids uids => |ids| values::uids(py, ids),
    }
}
