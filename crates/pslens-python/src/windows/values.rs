//! Attributes of a process on their way to Python: those that Windows has in another shape or alone.

use std::collections::HashSet;
use std::ffi::OsStr;

use pslens::process::memory::group;
use pslens::process::{
    CpuTimes, IoCounters, IoHint, IoPriority, MapAddress, MemoryFootprint, MemoryInfoEx, MemoryMap,
    OpenFile,
};
use pyo3::prelude::*;

use crate::constants::{self, Constant};
use crate::convert::{Seconds, Text};
use crate::ntuple::named;
use crate::once::intern;
use crate::process::values::{Value, list};

/// The fields of `memory_info`, and those that `memory_full_info` adds.
pub(crate) const MEMORY: &[&str] = &[
    "rss",
    "vms",
    "num_page_faults",
    "peak_wset",
    "wset",
    "peak_paged_pool",
    "paged_pool",
    "peak_nonpaged_pool",
    "nonpaged_pool",
    "pagefile",
    "peak_pagefile",
    "private",
];
pub(crate) const MEMORY_FULL: &[&str] = &["uss"];

pub(super) fn cpu_times<'py>(py: Python<'py>, times: &CpuTimes) -> Value<'py> {
    // COMPAT(psutil): what nobody counts is 0.
    named!(
        py,
        pcputimes {
            user: Seconds(times.user),
            system: Seconds(times.system),
            children_user: Seconds(times.children_user.unwrap_or_default()),
            children_system: Seconds(times.children_system.unwrap_or_default()),
        }
    )
}

/// COMPAT(psutil): the same numbers under several names, and unknown is 0.
pub(super) fn memory_info<'py>(py: Python<'py>, memory: &MemoryInfoEx) -> Value<'py> {
    let info = &memory.info;
    named!(
        py,
        pmem {
            rss: info.rss,
            vms: info.vms,
            num_page_faults: memory.num_page_faults.unwrap_or(0),
            peak_wset: memory.peak_rss.unwrap_or(0),
            wset: info.rss,
            peak_paged_pool: memory.peak_paged_pool.unwrap_or(0),
            paged_pool: memory.paged_pool.unwrap_or(0),
            peak_nonpaged_pool: memory.peak_nonpaged_pool.unwrap_or(0),
            nonpaged_pool: memory.nonpaged_pool.unwrap_or(0),
            pagefile: info.vms,
            peak_pagefile: memory.peak_vms.unwrap_or(0),
            private: info.vms,
        }
    )
}

pub(super) fn memory_full_info<'py>(
    py: Python<'py>,
    memory: &MemoryInfoEx,
    footprint: &MemoryFootprint,
) -> Value<'py> {
    let info = &memory.info;
    named!(
        py,
        pfullmem {
            rss: info.rss,
            vms: info.vms,
            num_page_faults: memory.num_page_faults.unwrap_or(0),
            peak_wset: memory.peak_rss.unwrap_or(0),
            wset: info.rss,
            peak_paged_pool: memory.peak_paged_pool.unwrap_or(0),
            paged_pool: memory.paged_pool.unwrap_or(0),
            peak_nonpaged_pool: memory.peak_nonpaged_pool.unwrap_or(0),
            nonpaged_pool: memory.nonpaged_pool.unwrap_or(0),
            pagefile: info.vms,
            peak_pagefile: memory.peak_vms.unwrap_or(0),
            private: info.vms,
            uss: footprint.uss,
        }
    )
}

pub(super) fn memory_footprint<'py>(py: Python<'py>, memory: &MemoryFootprint) -> Value<'py> {
    named!(py, pfootprint { uss: memory.uss })
}

/// COMPAT(psutil): files only, and what it calls `rss` is all that is mapped of them.
pub(super) fn memory_maps<'py>(py: Python<'py>, maps: &[MemoryMap], grouped: bool) -> Value<'py> {
    // What is no file has a name in brackets.
    let is_file = |map: &&MemoryMap| !map.path.as_encoded_bytes().starts_with(b"[");
    let files = maps.iter().filter(is_file);
    if grouped {
        let files: Vec<_> = files.cloned().collect();
        return list(
            py,
            group(&files).iter().map(|map| {
                named!(
                    py,
                    pmmap_grouped {
                        path: Text::of(&map.path),
                        rss: map.size
                    }
                )
            }),
        );
    }
    list(
        py,
        files.map(|map| {
            let address = map.address.as_ref();
            named!(
                py,
                pmmap_ext {
                    addr: address
                        .map_or_else(String::new, |address| format!("{:#x}", address.start)),
                    perms: address.map_or("", permissions),
                    path: Text::of(&map.path),
                    rss: map.size,
                }
            )
        }),
    )
}

/// In psutil's letters: `wc` is what becomes the process's own copy when it is written to.
const fn permissions(address: &MapAddress) -> &'static str {
    match (address.execute, address.read, address.write, address.shared) {
        (false, false, false, _) => "",
        (false, true, false, _) => "r",
        (false, _, true, true) => "rw",
        (false, _, true, false) => "wc",
        (true, false, false, _) => "x",
        (true, true, false, _) => "xr",
        (true, _, true, true) => "xrw",
        (true, _, true, false) => "xwc",
    }
}

pub(super) fn io_counters<'py>(py: Python<'py>, io: &IoCounters) -> Value<'py> {
    named!(
        py,
        pio {
            read_count: io.read_count,
            write_count: io.write_count,
            read_bytes: io.read_bytes.unwrap_or(0),
            write_bytes: io.write_bytes.unwrap_or(0),
            other_count: io.other_count.unwrap_or(0),
            other_bytes: io.other_bytes.unwrap_or(0),
        }
    )
}

/// The member of `Priority`, or the number if it has none.
pub(super) fn nice(py: Python<'_>, number: i32) -> Value<'_> {
    static PRIORITY: Constant = constants::enums("priority");
    PRIORITY.get(py)?.call1((number,))
}

pub(super) fn ionice(py: Python<'_>, priority: IoPriority) -> Value<'_> {
    static VERYLOW: Constant = constants::enums("IOPRIO_VERYLOW");
    static LOW: Constant = constants::enums("IOPRIO_LOW");
    static NORMAL: Constant = constants::enums("IOPRIO_NORMAL");
    static HIGH: Constant = constants::enums("IOPRIO_HIGH");
    match priority {
        IoPriority::Hint(IoHint::VeryLow) => VERYLOW.get(py),
        IoPriority::Hint(IoHint::Low) => LOW.get(py),
        IoPriority::Hint(IoHint::High) => HIGH.get(py),
        // psutil has no name for it.
        IoPriority::Hint(IoHint::Critical) => {
            Ok(IoHint::Critical.as_raw().into_pyobject(py)?.into_any())
        }
        _ => NORMAL.get(py),
    }
}

/// COMPAT(psutil): the idle process and the kernel are not asked for their files, and have none.
pub(super) const fn has_no_files(pid: u32) -> bool {
    matches!(pid, 0 | 4)
}

/// COMPAT(psutil): a file that was opened several times is listed once.
pub(super) fn open_files<'py>(py: Python<'py>, files: &[OpenFile]) -> Value<'py> {
    let mut seen = HashSet::new();
    let files = files.iter().filter(|file| seen.insert(&file.path));
    list(
        py,
        files.map(|file| {
            named!(
                py,
                popenfile {
                    path: Text::of(&file.path),
                    fd: -1
                }
            )
        }),
    )
}

/// The name of a variable. COMPAT(psutil): in capitals, upper and lower case being the same to Windows.
pub(crate) fn variable<'py>(py: Python<'py>, name: &OsStr) -> Value<'py> {
    Text(name)
        .into_pyobject(py)?
        .call_method0(intern!(py, "upper"))
}
