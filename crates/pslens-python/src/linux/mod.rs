//! What Linux has and other systems lack, and the shapes that psutil gives its answers there.

pub(crate) mod attributes;
mod control;
pub(crate) mod cpu;
pub(crate) mod disk;
pub(crate) mod errors;
mod ffi;
mod getters;
pub(crate) mod host;
mod limits;
pub(crate) mod memory;
pub(crate) mod net;
pub(crate) mod root;
pub(crate) mod sensors;
pub(crate) mod values;

use pyo3::prelude::*;

pub(crate) use ffi::text;

/// Whether a process has the same name for ever.
pub(crate) const NAMES_LAST: bool = false;

/// The functions and constants of this system.
pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    limits::add_to(module)?;
    module.add_function(wrap_pyfunction!(cpu::_cpu_times_fields, module)?)?;
    module.add_function(wrap_pyfunction!(sensors::sensors_fans, module)?)?;
    module.add_function(wrap_pyfunction!(sensors::sensors_temperatures, module)?)?;
    #[cfg(target_env = "gnu")]
    {
        module.add_function(wrap_pyfunction!(memory::heap_info, module)?)?;
        module.add_function(wrap_pyfunction!(memory::heap_trim, module)?)?;
    }
    Ok(())
}
