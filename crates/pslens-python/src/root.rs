//! Asking the system.

use pslens::Root;
use pyo3::prelude::*;

use crate::errors;
pub(crate) use crate::system::root::current;

/// Asks the system at the current root, without the interpreter's lock.
pub(crate) fn ask<T: Send>(
    py: Python<'_>,
    ask: impl FnOnce(&Root) -> pslens::Result<T> + Send,
) -> PyResult<T> {
    let root = current(py)?;
    py.detach(|| ask(&root))
        .map_err(|error| errors::of_system(py, &error))
}
