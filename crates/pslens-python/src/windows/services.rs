//! Services, for `pslens._services`.

use pslens::os::windows::services::{self, Service as Found};
use pslens::{Error, ErrorKind, Pid};
use pyo3::exceptions::{PyFileNotFoundError, PyPermissionError};
use pyo3::prelude::*;

use crate::convert::Text;
use crate::errors;

/// COMPAT(psutil): what is not set is empty.
fn text<'py>(py: Python<'py>, text: Option<&std::ffi::OsStr>) -> PyResult<Bound<'py, PyAny>> {
    Ok(Text(text.unwrap_or_default()).into_pyobject(py)?.into_any())
}

/// That there is none, and that it may not be asked, are told apart by the classes that Python has for files.
fn refused(py: Python<'_>, error: &Error) -> PyErr {
    match error.kind() {
        ErrorKind::NotFound => PyFileNotFoundError::new_err(error.to_string()),
        ErrorKind::AccessDenied => PyPermissionError::new_err(error.to_string()),
        _ => errors::of_system(py, error),
    }
}

/// A service that was found.
#[pyclass(name = "_Service", module = "pslens", frozen)]
struct Service(Found);

#[pymethods]
impl Service {
    /// Finds the service with this name.
    #[new]
    fn __new__(py: Python<'_>, name: std::ffi::OsString) -> PyResult<Self> {
        py.detach(|| services::get(name))
            .map(Self)
            .map_err(|error| refused(py, &error))
    }

    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        text(py, Some(&self.0.name))
    }

    #[getter]
    fn display_name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        text(py, Some(&self.0.display_name))
    }

    /// The command line, the account, and what starts it.
    fn config<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>, &'static str)> {
        let config = py.detach(|| self.0.config());
        let config = config.map_err(|error| refused(py, &error))?;
        Ok((
            text(py, config.binpath.as_deref())?,
            text(py, config.username.as_deref())?,
            config.start_type.as_str(),
        ))
    }

    /// What it does, and its process.
    fn state(&self, py: Python<'_>) -> PyResult<(&'static str, Option<u32>)> {
        let state = py.detach(|| self.0.state());
        let state = state.map_err(|error| refused(py, &error))?;
        Ok((state.status.as_str(), state.pid.map(Pid::as_u32)))
    }

    /// What it is for.
    fn description<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let description = py.detach(|| self.0.description());
        let description = description.map_err(|error| refused(py, &error))?;
        text(py, description.as_deref())
    }
}

/// All services.
#[pyfunction]
fn _services(py: Python<'_>) -> PyResult<Vec<Service>> {
    let all = py.detach(services::all);
    let all = all.map_err(|error| errors::of_system(py, &error))?;
    Ok(all.into_iter().map(Service).collect())
}

pub(super) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Service>()?;
    module.add_function(wrap_pyfunction!(_services, module)?)
}
