//! Disks on Windows: what names a volume, and what is counted of a disk.

use std::path::PathBuf;

use pslens::disk::IoCounters;
use pyo3::prelude::*;

use crate::convert::milliseconds;
use crate::ntuple::named;
use crate::once::intern;

/// Whatever Python takes for a path: text, bytes, an object with `__fspath__`.
pub(crate) fn file_path(path: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    let os = path.py().import(intern!(path.py(), "os"))?;
    os.call_method1(intern!(path.py(), "fsdecode"), (path,))?
        .extract()
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
        }
    )
}
