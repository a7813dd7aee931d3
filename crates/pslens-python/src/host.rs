//! The machine: when it was started, and who is logged in.

use pslens::{Pid, host};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::convert::{Text, epoch};
use crate::ntuple::named;
use crate::{root, system};

/// When the system was started, in seconds since 1970.
///
/// >>> boot_time()
/// 1389563460.0
#[pyfunction]
pub(crate) fn boot_time(py: Python<'_>) -> PyResult<f64> {
    root::ask(py, host::boot_time_in)
        .map(epoch)
        .map_err(|error| {
            // COMPAT(psutil): of all functions this one has another exception for a file without the answer.
            if error.is_instance_of::<PyValueError>(py) {
                PyRuntimeError::new_err(error.value(py).to_string())
            } else {
                error
            }
        })
}

/// Who is logged in: `name`, `terminal` (or None), `host`, `started` (seconds since 1970), `pid`.
///
/// >>> users()[0].name
/// 'giampaolo'
#[pyfunction]
pub(crate) fn users(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let mut tuples = Vec::new();
    for user in root::ask(py, |_| host::users())? {
        let host = system::host::login_host(user.host);
        tuples.push(named!(
            py,
            suser {
                name: Text::of(&user.name),
                terminal: user.terminal.as_deref().map(Text),
                host: host.as_deref().map(Text),
                started: epoch(user.started),
                pid: user.pid.map(Pid::as_u32),
            }
        )?);
    }
    PyList::new(py, tuples)
}
