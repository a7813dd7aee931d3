//! Attributes of a process on their way to Python: those that Linux has in another shape or alone.

use std::ffi::OsStr;

use pslens::process::memory::group;
use pslens::process::{
    CpuTimes, Ids, IoCounters, IoPriority, MemoryFootprint, MemoryFullInfo, MemoryInfo, MemoryMap,
    OpenFile,
};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::constants::{self, Constant};
use crate::convert::{Seconds, Text};
use crate::ntuple::named;
use crate::process::values::{Value, list};

pub(crate) fn cpu_times<'py>(py: Python<'py>, times: &CpuTimes) -> Value<'py> {
    // COMPAT(psutil): unknown is 0.
    named!(
        py,
        pcputimes {
            user: Seconds(times.user),
            system: Seconds(times.system),
            children_user: Seconds(times.children_user.unwrap_or_default()),
            children_system: Seconds(times.children_system.unwrap_or_default()),
            iowait: Seconds(times.iowait.unwrap_or_default()),
        }
    )
}

pub(crate) fn memory_info<'py>(py: Python<'py>, memory: &MemoryInfo) -> Value<'py> {
    // COMPAT(psutil): what Linux does not count any more is 0.
    named!(
        py,
        pmem {
            rss: memory.rss,
            vms: memory.vms,
            shared: memory.shared.unwrap_or(0),
            text: memory.text.unwrap_or(0),
            lib: 0_u8,
            data: memory.data.unwrap_or(0),
            dirty: 0_u8,
        }
    )
}

pub(crate) fn memory_full_info<'py>(py: Python<'py>, memory: &MemoryFullInfo) -> Value<'py> {
    let (info, footprint) = (&memory.info, &memory.footprint);
    named!(
        py,
        pfullmem {
            rss: info.rss,
            vms: info.vms,
            shared: info.shared.unwrap_or(0),
            text: info.text.unwrap_or(0),
            lib: 0_u8,
            data: info.data.unwrap_or(0),
            dirty: 0_u8,
            uss: footprint.uss,
            pss: footprint.pss.unwrap_or(0),
            swap: footprint.swap.unwrap_or(0),
        }
    )
}

pub(crate) fn memory_footprint<'py>(py: Python<'py>, memory: &MemoryFootprint) -> Value<'py> {
    named!(
        py,
        pfootprint {
            uss: memory.uss,
            pss: memory.pss.unwrap_or(0),
            swap: memory.swap.unwrap_or(0),
        }
    )
}

pub(crate) fn memory_maps<'py>(py: Python<'py>, maps: &[MemoryMap], grouped: bool) -> Value<'py> {
    if !grouped {
        return list(py, maps.iter().map(|map| mapping(py, map)));
    }
    list(
        py,
        group(maps).iter().map(|map| {
            named!(
                py,
                pmmap_grouped {
                    path: Text::of(&map.path),
                    rss: map.rss,
                    size: map.size,
                    pss: map.pss.unwrap_or(0),
                    shared_clean: map.shared_clean.unwrap_or(0),
                    shared_dirty: map.shared_dirty.unwrap_or(0),
                    private_clean: map.private_clean.unwrap_or(0),
                    private_dirty: map.private_dirty.unwrap_or(0),
                    referenced: map.referenced.unwrap_or(0),
                    anonymous: map.anonymous.unwrap_or(0),
                    swap: map.swap.unwrap_or(0),
                }
            )
        }),
    )
}

fn mapping<'py>(py: Python<'py>, map: &MemoryMap) -> Value<'py> {
    // As the kernel writes them.
    let (addr, perms) = map
        .address
        .as_ref()
        .map_or_else(Default::default, |address| {
            let flag = |is_set, letter| if is_set { letter } else { '-' };
            let perms: String = [
                flag(address.read, 'r'),
                flag(address.write, 'w'),
                flag(address.execute, 'x'),
                if address.shared { 's' } else { 'p' },
            ]
            .iter()
            .collect();
            (format!("{:08x}-{:08x}", address.start, address.end), perms)
        });
    named!(
        py,
        pmmap_ext {
            addr: addr,
            perms: perms,
            path: Text::of(&map.path),
            rss: map.rss,
            size: map.size,
            pss: map.pss.unwrap_or(0),
            shared_clean: map.shared_clean.unwrap_or(0),
            shared_dirty: map.shared_dirty.unwrap_or(0),
            private_clean: map.private_clean.unwrap_or(0),
            private_dirty: map.private_dirty.unwrap_or(0),
            referenced: map.referenced.unwrap_or(0),
            anonymous: map.anonymous.unwrap_or(0),
            swap: map.swap.unwrap_or(0),
        }
    )
}

pub(crate) fn uids<'py>(py: Python<'py>, ids: &Ids) -> Value<'py> {
    named!(
        py,
        puids {
            real: ids.real,
            effective: ids.effective,
            saved: ids.saved
        }
    )
}

pub(crate) fn gids<'py>(py: Python<'py>, ids: &Ids) -> Value<'py> {
    named!(
        py,
        pgids {
            real: ids.real,
            effective: ids.effective,
            saved: ids.saved
        }
    )
}

pub(crate) fn io_counters<'py>(py: Python<'py>, io: &IoCounters) -> Value<'py> {
    named!(
        py,
        pio {
            read_count: io.read_count,
            write_count: io.write_count,
            read_bytes: io.read_bytes.unwrap_or(0),
            write_bytes: io.write_bytes.unwrap_or(0),
            read_chars: io.read_chars.unwrap_or(0),
            write_chars: io.write_chars.unwrap_or(0),
        }
    )
}

pub(crate) fn ionice<'py>(py: Python<'py>, priority: IoPriority) -> Value<'py> {
    static NONE: Constant = constants::enums("IOPRIO_CLASS_NONE");
    static RT: Constant = constants::enums("IOPRIO_CLASS_RT");
    static BE: Constant = constants::enums("IOPRIO_CLASS_BE");
    static IDLE: Constant = constants::enums("IOPRIO_CLASS_IDLE");
    let class = match priority {
        IoPriority::Realtime(_) => &RT,
        IoPriority::BestEffort(_) => &BE,
        IoPriority::Idle => &IDLE,
        _ => &NONE,
    };
    let level = priority.level().map_or(0, pslens::process::IoLevel::get);
    named!(
        py,
        pionice {
            ioclass: class.get(py)?,
            value: level
        }
    )
}

pub(crate) fn open_files<'py>(py: Python<'py>, files: &[OpenFile]) -> Value<'py> {
    // COMPAT(psutil): a file without a name is not listed.
    let named = files.iter().filter(|file| file.deleted != Some(true));
    list(
        py,
        named.map(|file| {
            named!(
                py,
                popenfile {
                    path: Text::of(&file.path),
                    fd: file.fd.map_or(-1, i64::from),
                    position: file.position.unwrap_or(0),
                    mode: file.mode.map_or("", |mode| mode.as_str()),
                    flags: file.flags.unwrap_or(0),
                }
            )
        }),
    )
}

/// The name of a variable.
pub(crate) fn variable<'py>(py: Python<'py>, name: &OsStr) -> PyResult<Bound<'py, PyString>> {
    Text(name).into_pyobject(py)
}

/// The fields of `memory_info`, and those that `memory_full_info` adds.
pub(crate) const MEMORY: &[&str] = &["rss", "vms", "shared", "text", "lib", "data", "dirty"];
pub(crate) const MEMORY_FULL: &[&str] = &["uss", "pss", "swap"];
