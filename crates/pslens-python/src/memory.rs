//! Memory of the system, and of the interpreter's own heap.

use pslens::memory;
use pyo3::prelude::*;

use crate::convert::tenths;
use crate::ntuple::named;
use crate::root;
use crate::system::memory::{pages_moved, svmem};

/// System memory, in bytes: `total`, `available` (what can be had without swapping), `percent` (that
/// cannot), `used`, `free`, and what it is used for where the system tells that.
///
/// >>> virtual_memory().available
/// 6526726144
#[pyfunction]
pub(crate) fn virtual_memory(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    svmem(py, &root::ask(py, memory::virtual_memory_in)?)
}

/// Swap, in bytes: `total`, `used`, `free`, `percent` (used), and what was swapped in and out since boot
/// (0 on Windows, which does not tell).
///
/// >>> swap_memory().percent
/// 14.7
#[pyfunction]
pub(crate) fn swap_memory(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let swap = root::ask(py, memory::swap_memory_in)?;
    let (sin, sout) = pages_moved(py, &swap)?;
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
