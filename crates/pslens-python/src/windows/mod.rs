//! What Windows has and other systems lack, and the shapes that psutil gives its answers there.

pub(crate) mod attributes;
mod control;
pub(crate) mod cpu;
pub(crate) mod disk;
pub(crate) mod errors;
mod getters;
pub(crate) mod host;
pub(crate) mod memory;
pub(crate) mod net;
pub(crate) mod root;
pub(crate) mod sensors;
mod services;
pub(crate) mod values;

use std::ffi::OsStr;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// The text as Python shows it, with surrogates where it is no Unicode.
pub(crate) fn text<'py>(py: Python<'py>, text: &OsStr) -> PyResult<Bound<'py, PyString>> {
    Ok(text.into_pyobject(py)?)
}

/// Whether a process has the same name for ever: then it is known after it has ended as well.
pub(crate) const NAMES_LAST: bool = true;

/// The functions of this system.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // COMPAT(psutil): it is allowed to look at whatever the user is allowed to. Most users have no such
    // privilege.
    let _ = pslens::os::windows::enable_debug_privilege();
    module.add_function(wrap_pyfunction!(memory::heap_info, module)?)?;
    module.add_function(wrap_pyfunction!(memory::heap_trim, module)?)?;
    services::add_to(module)
}
