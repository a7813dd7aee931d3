//! Memory of the system, and of the interpreter's own heap.

use std::ffi::CString;

use pslens::memory;
use pyo3::exceptions::PyRuntimeWarning;
use pyo3::prelude::*;

use crate::convert::tenths;
use crate::ntuple::named;
use crate::root;

fn warn(py: Python<'_>, message: String) -> PyResult<()> {
    let message = CString::new(message)?;
    PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &message, 1)
}

/// System memory, in bytes: `total`, `available` (what can be had without swapping), `percent` (that
/// cannot), `used`, `free`, and what it is used for.
///
/// >>> virtual_memory().available
/// 6526726144
#[pyfunction]
pub(crate) fn virtual_memory(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let memory = root::ask(py, memory::virtual_memory_in)?;
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

/// Swap, in bytes: `total`, `used`, `free`, `percent` (used), and what was swapped in and out since boot.
///
/// >>> swap_memory().percent
/// 14.7
#[pyfunction]
pub(crate) fn swap_memory(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let swap = root::ask(py, memory::swap_memory_in)?;
    let (sin, sout) = match (swap.sin, swap.sout) {
        (Some(sin), Some(sout)) => (sin, sout),
        _ => {
            let message =
                "'sin' and 'sout' swap memory stats couldn't be determined and were set to 0";
            warn(py, message.to_owned())?;
            (0, 0)
        }
    };
    named!(
        py,
        sswap {
            total: swap.total,
            used: swap.used,
            free: swap.free,
            percent: tenths(swap.percent),
            sin: sin,
            sout: sout,
        }
    )
}

/// What this process has allocated through the C library, in bytes: `heap_used`, and `mmap_used` for
/// large blocks.
#[pyfunction]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn heap_info(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let heap = py
        .detach(memory::heap_info)
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
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn heap_trim(py: Python<'_>) -> PyResult<()> {
    py.detach(memory::heap_trim)
        .map_err(|error| crate::errors::of_system(py, &error))
}
