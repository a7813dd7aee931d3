//! Disks on Linux: what names a file system, and what is counted of a disk.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use pslens::disk::IoCounters;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::convert::milliseconds;
use crate::ntuple::named;
use crate::once::intern;

/// Whatever `os.statvfs` takes: text, bytes, a path, the number of an open file.
pub(crate) fn file_path(path: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    if let Ok(fd) = path.extract::<i32>() {
        return Ok(format!("/proc/self/fd/{fd}").into());
    }
    let os = path.py().import(intern!(path.py(), "os"))?;
    let bytes = os.call_method1(intern!(path.py(), "fsencode"), (path,))?;
    let bytes: Vec<u8> = bytes.extract()?;
    if bytes.contains(&0) {
        return Err(PyValueError::new_err("embedded null byte"));
    }
    Ok(OsString::from_vec(bytes).into())
}

pub(crate) fn sdiskio<'py>(py: Python<'py>, counters: &IoCounters) -> PyResult<Bound<'py, PyAny>> {
    // COMPAT(psutil): unknown is 0.
    named!(
        py,
        sdiskio {
            read_count: counters.read_count,
            write_count: counters.write_count,
            read_bytes: counters.read_bytes,
            write_bytes: counters.write_bytes,
            read_time: milliseconds(counters.read_time),
            write_time: milliseconds(counters.write_time),
            read_merged_count: counters.read_merged_count.unwrap_or(0),
            write_merged_count: counters.write_merged_count.unwrap_or(0),
            busy_time: milliseconds(counters.busy_time),
        }
    )
}
