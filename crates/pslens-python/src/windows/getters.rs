//! What a process tells of itself on Windows alone, or there in another shape.

use pyo3::prelude::*;

use super::values;
use crate::process::values::{Value, text};
use crate::process::{Process, ask};

#[pymethods]
impl Process {
    /// The user that it belongs to: `DOMAIN\user`.
    fn username<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let name = ask!(slf.get(), slf.py(), username)?;
        text(slf.py(), Some(&name))
    }

    /// The number of open handles.
    fn num_handles(slf: &Bound<'_, Self>) -> PyResult<u32> {
        ask!(slf.get(), slf.py(), num_handles)
    }

    /// What it has read and written, and other input and output such as asking for sizes of files:
    /// `read_count`, `write_count`, `other_count` (calls), `read_bytes`, `write_bytes`, `other_bytes`.
    fn io_counters<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::io_counters(slf.py(), &ask!(slf.get(), slf.py(), io_counters)?)
    }

    /// CPU time used, in seconds: `user`, `system`; `children_user` and `children_system` are 0.0.
    fn cpu_times<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::cpu_times(slf.py(), &ask!(slf.get(), slf.py(), cpu_times)?)
    }

    /// Memory, in bytes: `rss` and `wset` (in RAM), `vms`, `pagefile` and `private` (promised to it alone),
    /// `paged_pool` and `nonpaged_pool` (of the kernel on its behalf), the highest of these so far
    /// (`peak_...`); and `num_page_faults`.
    fn memory_info<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let py = slf.py();
        values::memory_info(py, &ask!(slf.get(), py, memory_info_ex)?)
    }

    /// As `memory_info`, and `uss` (what would be freed if it ended).
    fn memory_full_info<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let py = slf.py();
        let (memory, footprint) = slf.get().ask(
            py,
            |process| Ok((process.memory_info_ex()?, process.memory_footprint()?)),
            |look| Ok((look.memory_info_ex()?, look.memory_footprint()?)),
        )?;
        values::memory_full_info(py, &memory, &footprint)
    }

    /// What `memory_full_info` adds, alone: `uss`, in bytes.
    fn memory_footprint<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::memory_footprint(slf.py(), &ask!(slf.get(), slf.py(), memory_footprint)?)
    }

    /// Mapped files, in bytes: one row per file, or per mapping (with `addr` and `perms`) if not `grouped`.
    /// `rss` is what is mapped of it, in RAM or not.
    #[pyo3(signature = (grouped = true))]
    fn memory_maps<'py>(slf: &Bound<'py, Self>, grouped: bool) -> Value<'py> {
        values::memory_maps(slf.py(), &ask!(slf.get(), slf.py(), memory_maps)?, grouped)
    }

    /// Open regular files: `path`, and `fd`, which is -1.
    fn open_files<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let (py, process) = (slf.py(), slf.get());
        if values::has_no_files(process.pid()?) {
            return values::open_files(py, &[]);
        }
        values::open_files(py, &ask!(process, py, open_files)?)
    }
}
