//! What `as_dict` can have on Windows.

use pslens::process::{Attribute, AttributeSet, Field, Info};
use pyo3::prelude::*;

use super::values;
use crate::process::{Entry, Process, each, entry as common, int};

/// Everything that psutil's `as_dict` can have, `pid` included.
pub(crate) const NAMES: &[(&str, Option<Attribute>)] = {
    use Attribute as A;
    &[
        ("cmdline", Some(A::Cmdline)),
        ("cpu_affinity", Some(A::CpuAffinity)),
        ("cpu_percent", Some(A::CpuPercent)),
        ("cpu_times", Some(A::CpuTimes)),
        ("create_time", Some(A::CreateTime)),
        ("cwd", Some(A::Cwd)),
        ("environ", Some(A::Environ)),
        ("exe", Some(A::Exe)),
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
        ("num_handles", Some(A::NumHandles)),
        ("num_threads", Some(A::NumThreads)),
        ("open_files", Some(A::OpenFiles)),
        ("pid", None),
        ("ppid", Some(A::Ppid)),
        ("status", Some(A::Status)),
        ("threads", Some(A::Threads)),
        ("username", Some(A::Username)),
    ]
};

/// The record's fields that an attribute is made of, added to a set.
pub(crate) fn needed(attribute: Attribute, set: AttributeSet) -> AttributeSet {
    match attribute {
        Attribute::MemoryInfo => set.with(Attribute::MemoryInfoEx),
        Attribute::MemoryFullInfo => set
            .with(Attribute::MemoryInfoEx)
            .with(Attribute::MemoryFootprint),
        attribute => set.with(attribute),
    }
}

/// The attributes that other systems lack, or have in another shape.
pub(crate) fn entry<'py>(
    process: &Bound<'py, Process>,
    info: &Info,
    attribute: Attribute,
) -> PyResult<Entry<'py>> {
    let py = process.py();
    if attribute == Attribute::OpenFiles && values::has_no_files(info.pid().as_u32()) {
        return Ok(Entry::Value(values::open_files(py, &[])?));
    }
    each! {
        process, info, attribute, else full_memory(process, info, attribute);
        CpuTimes cpu_times => |times| values::cpu_times(py, times),
        IoCounters io_counters => |io| values::io_counters(py, io),
        Ionice ionice => |priority| values::ionice(py, *priority),
        MemoryFootprint memory_footprint => |memory| values::memory_footprint(py, memory),
        MemoryInfo memory_info_ex => |memory| values::memory_info(py, memory),
        MemoryMaps memory_maps => |maps| values::memory_maps(py, maps, true),
        Nice nice => |nice| values::nice(py, *nice),
        NumHandles num_handles => |count| int(py, *count),
        OpenFiles open_files => |files| values::open_files(py, files),
    }
}

/// What psutil has as one attribute and the library as two.
fn full_memory<'py>(
    process: &Bound<'py, Process>,
    info: &Info,
    attribute: Attribute,
) -> PyResult<Entry<'py>> {
    let py = process.py();
    if attribute != Attribute::MemoryFullInfo {
        return Ok(Entry::Unsupported);
    }
    let Field::Value(footprint) = &info.memory_footprint else {
        return common(process, &info.memory_footprint, |_| int(py, 0));
    };
    common(process, &info.memory_info_ex, |memory| {
        values::memory_full_info(py, memory, footprint)
    })
}
