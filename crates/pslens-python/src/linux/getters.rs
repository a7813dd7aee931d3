//! What a process tells of itself on Linux alone, or there in another shape.

use pyo3::prelude::*;

use super::values;
use crate::convert::Text;
use crate::process::values::{Value, text};
use crate::process::{Process, ask};

#[pymethods]
impl Process {
    /// The user that it belongs to, by its real user id; the number as text if that has no name.
    fn username<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let name = ask!(slf.get(), slf.py(), username)?;
        text(slf.py(), Some(&name))
    }

    /// User ids: `real`, `effective`, `saved`.
    fn uids<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::uids(slf.py(), &ask!(slf.get(), slf.py(), uids)?)
    }

    /// Group ids: `real`, `effective`, `saved`.
    fn gids<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::gids(slf.py(), &ask!(slf.get(), slf.py(), gids)?)
    }

    /// The device of its terminal, such as `/dev/pts/0`, or None without one.
    fn terminal<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let terminal = slf.get().ask_if_supported(
            slf.py(),
            |process| process.terminal(),
            |look| look.terminal(),
        )?;
        let path = terminal.as_ref().map(Text::of);
        path.map(|path| Ok(path.into_pyobject(slf.py())?.into_any()))
            .transpose()
    }

    /// The number of open file descriptors.
    fn num_fds(slf: &Bound<'_, Self>) -> PyResult<u32> {
        ask!(slf.get(), slf.py(), num_fds)
    }

    /// What it has read and written: `read_count` and `write_count` (calls), `read_bytes` and `write_bytes`
    /// (from and to disks), `read_chars` and `write_chars` (bytes in all).
    fn io_counters<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::io_counters(slf.py(), &ask!(slf.get(), slf.py(), io_counters)?)
    }

    /// CPU time used, in seconds: `user`, `system`, `children_user` and `children_system` (of children that
    /// have ended), `iowait` (waiting for disks).
    fn cpu_times<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::cpu_times(slf.py(), &ask!(slf.get(), slf.py(), cpu_times)?)
    }

    /// The CPU that it runs on, or ran on last.
    fn cpu_num(slf: &Bound<'_, Self>) -> PyResult<i64> {
        let cpu = ask!(slf.get(), slf.py(), cpu_num)?;
        // COMPAT(psutil): there always is one.
        Ok(cpu.map_or(0, i64::from))
    }

    /// Memory, in bytes: `rss` (in RAM), `vms` (in all), `shared`, `text`, `lib`, `data`, `dirty`.
    fn memory_info<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::memory_info(slf.py(), &ask!(slf.get(), slf.py(), memory_info)?)
    }

    /// As `memory_info`, and `uss` (what would be freed if it ended), `pss` (shared memory divided by
    /// those who share it), `swap`.
    fn memory_full_info<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        let py = slf.py();
        let memory = ask!(slf.get(), py, memory_full_info)?;
        values::memory_full_info(py, &memory)
    }

    /// What `memory_full_info` adds, alone: `uss`, `pss`, `swap`, in bytes.
    fn memory_footprint<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::memory_footprint(slf.py(), &ask!(slf.get(), slf.py(), memory_footprint)?)
    }

    /// Mapped memory, in bytes: one row per file, or per mapping (with `addr` and `perms`) if not `grouped`.
    #[pyo3(signature = (grouped = true))]
    fn memory_maps<'py>(slf: &Bound<'py, Self>, grouped: bool) -> Value<'py> {
        values::memory_maps(slf.py(), &ask!(slf.get(), slf.py(), memory_maps)?, grouped)
    }

    /// Open regular files: `path`, `fd`, `position`, `mode`, `flags`.
    fn open_files<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        values::open_files(slf.py(), &ask!(slf.get(), slf.py(), open_files)?)
    }
}
