//! Attributes of a process on their way to Python, for getters and for dictionaries alike.

use std::ffi::OsString;

use pslens::process::memory::group;
use pslens::process::{
    CpuTimes, CtxSwitches, Ids, IoCounters, IoPriority, MemoryFootprint, MemoryFullInfo,
    MemoryInfo, MemoryMap, OpenFile, PageFaults, Thread,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::constants::{self, Constant};
use crate::convert::{Seconds, Text};
use crate::ntuple::named;

type Value<'py> = PyResult<Bound<'py, PyAny>>;

fn list<'py>(
    py: Python<'py>,
    values: impl Iterator<Item = Value<'py>>,
) -> PyResult<Bound<'py, PyAny>> {
    let values: Vec<_> = values.collect::<PyResult<_>>()?;
    Ok(PyList::new(py, values)?.into_any())
}

/// A text, or psutil's empty one for what cannot be told.
pub(super) fn text<'py>(py: Python<'py>, text: Option<&std::ffi::OsStr>) -> Value<'py> {
    Ok(Text::of(text.unwrap_or_default())
        .into_pyobject(py)?
        .into_any())
}

pub(super) fn texts<'py>(py: Python<'py>, texts: &[OsString]) -> Value<'py> {
    Ok(PyList::new(py, texts.iter().map(Text::of))?.into_any())
}

pub(super) fn environ<'py>(py: Python<'py>, variables: &[(OsString, OsString)]) -> Value<'py> {
    let dict = PyDict::new(py);
    for (name, value) in variables {
        dict.set_item(Text::of(name), Text::of(value))?;
    }
    Ok(dict.into_any())
}

pub(super) fn cpu_times<'py>(py: Python<'py>, times: &CpuTimes) -> Value<'py> {
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

pub(super) fn memory_info<'py>(py: Python<'py>, memory: &MemoryInfo) -> Value<'py> {
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

pub(super) fn memory_full_info<'py>(py: Python<'py>, memory: &MemoryFullInfo) -> Value<'py> {
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

pub(super) fn memory_footprint<'py>(py: Python<'py>, memory: &MemoryFootprint) -> Value<'py> {
    named!(
        py,
        pfootprint {
            uss: memory.uss,
            pss: memory.pss.unwrap_or(0),
            swap: memory.swap.unwrap_or(0),
        }
    )
}

pub(super) fn memory_maps<'py>(py: Python<'py>, maps: &[MemoryMap], grouped: bool) -> Value<'py> {
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

pub(super) fn page_faults<'py>(py: Python<'py>, faults: &PageFaults) -> Value<'py> {
    named!(
        py,
        ppagefaults {
            minor: faults.minor,
            major: faults.major
        }
    )
}

pub(super) fn uids<'py>(py: Python<'py>, ids: &Ids) -> Value<'py> {
    named!(
        py,
        puids {
            real: ids.real,
            effective: ids.effective,
            saved: ids.saved
        }
    )
}

pub(super) fn gids<'py>(py: Python<'py>, ids: &Ids) -> Value<'py> {
    named!(
        py,
        pgids {
            real: ids.real,
            effective: ids.effective,
            saved: ids.saved
        }
    )
}

pub(super) fn io_counters<'py>(py: Python<'py>, io: &IoCounters) -> Value<'py> {
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

pub(super) fn num_ctx_switches<'py>(py: Python<'py>, switches: &CtxSwitches) -> Value<'py> {
    named!(
        py,
        pctxsw {
            voluntary: switches.voluntary,
            involuntary: switches.involuntary.unwrap_or(0),
        }
    )
}

pub(super) fn threads<'py>(py: Python<'py>, threads: &[Thread]) -> Value<'py> {
    list(
        py,
        threads.iter().map(|thread| {
            named!(
                py,
                pthread {
                    id: thread.id,
                    user_time: Seconds(thread.user_time),
                    system_time: Seconds(thread.system_time),
                }
            )
        }),
    )
}

pub(super) fn ionice<'py>(py: Python<'py>, priority: IoPriority) -> Value<'py> {
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

pub(super) fn open_files<'py>(py: Python<'py>, files: &[OpenFile]) -> Value<'py> {
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
