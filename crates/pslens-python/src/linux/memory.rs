//! Memory as Linux counts it, and the heap of the GNU C library.

use std::ffi::CString;

use pslens::memory::{SwapMemory, VirtualMemory};
use pyo3::exceptions::PyRuntimeWarning;
use pyo3::prelude::*;

use crate::convert::tenths;
use crate::ntuple::named;

fn warn(py: Python<'_>, message: String) -> PyResult<()> {
    let message = CString::new(message)?;
    PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &message, 1)
}

pub(crate) fn svmem<'py>(py: Python<'py>, memory: &VirtualMemory) -> PyResult<Bound<'py, PyAny>> {
    let counted = [
        ("buffers", memory.buffers),
        ("cached", memory.cached),
        ("shared", memory.shared),
        ("active", memory.active),
        ("inactive", memory.inactive),
    ];
    if counted.iter().any(|(_, value)| value.is_none()) {
        let missing = counted.iter().filter(|(_, value)| value.is_none());
        let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
        let was = if missing.len() == 1 { "was" } else { "were" };
        let names = missing.join(", ");
        warn(
            py,
            format!("{names} memory stats couldn't be determined and {was} set to 0"),
        )?;
    }
    // COMPAT(psutil): unknown is 0.
    named!(
        py,
        svmem {
            total: memory.total,
            available: memory.available,
            percent: tenths(memory.percent),
            used: memory.used,
            free: memory.free,
            active: memory.active.unwrap_or(0),
            inactive: memory.inactive.unwrap_or(0),
            buffers: memory.buffers.unwrap_or(0),
            cached: memory.cached.unwrap_or(0),
            shared: memory.shared.unwrap_or(0),
            slab: memory.slab.unwrap_or(0),
        }
    )
}

/// Bytes that were swapped in and out.
pub(crate) fn pages_moved(py: Python<'_>, swap: &SwapMemory) -> PyResult<(u64, u64)> {
    if let (Some(sin), Some(sout)) = (swap.sin, swap.sout) {
        return Ok((sin, sout));
    }
    // COMPAT(psutil)
    let message = "'sin' and 'sout' swap memory stats couldn't be determined and were set to 0";
    warn(py, message.to_owned())?;
    Ok((0, 0))
}

/// What this process has allocated through the C library, in bytes: `heap_used`, and `mmap_used` for
/// large blocks.
#[pyfunction]
#[cfg(target_env = "gnu")]
pub(crate) fn heap_info(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let heap = py
        .detach(pslens::memory::heap_info)
        .map_err(|error| crate::errors::of_system(py, &error))?;
    named!(
        py,
        pheap {
            heap_used: heap.heap_used,
            mmap_used: heap.mmap_used,
        }
    )
}

/// Asks the C library to give unused memory back to the system.
#[pyfunction]
#[cfg(target_env = "gnu")]
pub(crate) fn heap_trim(py: Python<'_>) -> PyResult<()> {
    py.detach(pslens::memory::heap_trim)
        .map_err(|error| crate::errors::of_system(py, &error))
}
