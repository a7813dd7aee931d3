//! Memory as Windows counts it, and the heaps of this process.

use pslens::memory::{SwapMemory, VirtualMemory};
use pyo3::prelude::*;

use crate::convert::tenths;
use crate::errors;
use crate::ntuple::named;

pub(crate) fn svmem<'py>(py: Python<'py>, memory: &VirtualMemory) -> PyResult<Bound<'py, PyAny>> {
    named!(
        py,
        svmem {
            total: memory.total,
            available: memory.available,
            percent: tenths(memory.percent),
            used: memory.used,
            free: memory.free,
        }
    )
}

/// COMPAT(psutil): what nobody counts is 0.
#[expect(clippy::unnecessary_wraps, reason = "on other systems it may warn")]
pub(crate) fn pages_moved(_py: Python<'_>, _swap: &SwapMemory) -> PyResult<(u64, u64)> {
    Ok((0, 0))
}

/// What this process has allocated: `heap_used` through the C library, `mmap_used` directly from the system,
/// in bytes, and `heap_count`, how many heaps it has.
#[pyfunction]
pub(crate) fn heap_info(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let heap = py
        .detach(pslens::memory::heap_info)
        .map_err(|error| errors::of_system(py, &error))?;
    named!(
        py,
        pheap {
            heap_used: heap.heap_used,
            mmap_used: heap.mmap_used,
            heap_count: heap.heap_count.unwrap_or(0),
        }
    )
}

/// Asks the heap of this process to give unused memory back to the system.
#[pyfunction]
pub(crate) fn heap_trim(py: Python<'_>) -> PyResult<()> {
    py.detach(pslens::memory::heap_trim)
        .map_err(|error| errors::of_system(py, &error))
}
