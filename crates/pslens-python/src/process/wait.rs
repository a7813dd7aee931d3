//! Waiting until processes end.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Duration;

use pslens::process::{ExitStatus, Outcome, WaitEvent, wait_all_interruptible};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt};

use super::{Missing, Process};
use crate::errors;

/// The exit code as a number, a signal as a negative member of an enumeration, or None.
fn exit_code<'py>(py: Python<'py>, status: Option<ExitStatus>) -> PyResult<Bound<'py, PyAny>> {
    match status {
        None => Ok(py.None().into_bound(py)),
        Some(status @ ExitStatus::Exited(_)) => {
            Ok(status.returncode().into_pyobject(py)?.into_any())
        }
        Some(status) => py
            .import(intern!(py, "pslens._enums"))?
            .call_method1(intern!(py, "negsignal"), (status.returncode(),)),
    }
}

/// Seconds; more than fits is for ever.
fn duration(timeout: Option<f64>) -> PyResult<Option<Duration>> {
    match timeout {
        Some(timeout) if timeout.is_nan() => {
            Err(PyValueError::new_err("timeout must be a number (got nan)"))
        }
        Some(timeout) => Ok(Duration::try_from_secs_f64(timeout.max(0.0)).ok()),
        None => Ok(None),
    }
}

/// Runs Python's signal handlers; what they raise ends the wait.
fn handle_signals(raised: &mut Option<PyErr>) -> ControlFlow<()> {
    match Python::attach(|py| py.check_signals()) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            *raised = Some(error);
            ControlFlow::Break(())
        }
    }
}

#[pymethods]
impl Process {
    /// Waits until it ends, at most `timeout` seconds, after which `TimeoutExpired` is raised.
    ///
    /// Returns the exit code of a child of this process (negative: the signal that ended it), and None
    /// of other processes. Later calls return the same.
    #[pyo3(signature = (timeout = None))]
    fn wait<'py>(
        slf: &Bound<'py, Self>,
        timeout: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, process) = (slf.py(), slf.get());
        let core = process.core()?;
        if core.pid == 0 {
            return Err(PyValueError::new_err("can't wait for PID 0"));
        }
        let seconds = timeout.map(checked_timeout).transpose()?;
        if let Some(known) = &process.state(py).exitcode {
            return Ok(known.bind(py).clone());
        }
        let handle = match &core.handle {
            Ok(handle) => handle,
            Err(Missing::Gone) => return process.remember_exit(py, None),
            Err(Missing::Hidden) => {
                return Err(process.exception(py, &errors::ACCESS_DENIED, None));
            }
        };
        let duration = duration(seconds)?;
        let mut raised = None;
        let outcome =
            py.detach(|| handle.wait_interruptible(duration, || handle_signals(&mut raised)));
        if let Some(raised) = raised {
            return Err(raised);
        }
        match outcome.map_err(|error| process.error(py, &error))? {
            Outcome::Gone(status) => process.remember_exit(py, status),
            Outcome::Running => Err(process.timeout_expired(py, timeout)),
        }
    }
}

fn checked_timeout(timeout: &Bound<'_, PyAny>) -> PyResult<f64> {
    if !timeout.is_instance_of::<PyInt>() && !timeout.is_instance_of::<PyFloat>() {
        let given = timeout.get_type().repr()?;
        let message = format!("timeout must be an int or float (got {given})");
        return Err(PyTypeError::new_err(message));
    }
    if timeout.lt(0)? {
        let message = format!("timeout must be positive or zero (got {timeout})");
        return Err(PyValueError::new_err(message));
    }
    timeout.extract()
}

impl Process {
    fn remember_exit<'py>(
        &self,
        py: Python<'py>,
        status: Option<ExitStatus>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let code = exit_code(py, status)?;
        self.state(py).exitcode = Some(code.clone().unbind());
        Ok(code)
    }

    fn timeout_expired(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyErr {
        let name = self.state(py).name.as_ref().map(|name| name.clone_ref(py));
        let make = || {
            let keywords = PyDict::new(py);
            keywords.set_item(intern!(py, "pid"), self.core()?.pid)?;
            keywords.set_item(intern!(py, "name"), name)?;
            errors::TIMEOUT_EXPIRED
                .class(py)?
                .call((timeout,), Some(&keywords))
        };
        make().map_or_else(|error| error, PyErr::from_value)
    }
}

/// Waits for processes with one call of the system; calls `gone` with each that has ended.
///
/// Every one must be a `Process` with its own `wait`, or one that comes from it.
#[pyfunction]
pub(crate) fn wait_procs(
    py: Python<'_>,
    processes: Vec<Bound<'_, Process>>,
    timeout: Option<f64>,
    gone: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let timeout = duration(timeout)?;
    let mut handles = Vec::with_capacity(processes.len());
    let mut objects = HashMap::with_capacity(processes.len());
    for process in processes {
        let core = process.get().core()?;
        let ended = process.get().state(py).exitcode.is_some();
        match &core.handle {
            Ok(handle) if !ended => {
                handles.push(handle.clone());
                objects.insert(handle.clone(), process.unbind());
            }
            _ => {
                gone.call1((process,))?;
            }
        }
    }
    let gone = gone.clone().unbind();
    let mut raised = None;
    let waited = py.detach(|| {
        wait_all_interruptible(handles, timeout, |event| match event {
            WaitEvent::Gone(handle, status) => {
                let told = Python::attach(|py| {
                    if let Some(process) = objects.get(handle) {
                        process.get().remember_exit(py, status)?;
                        gone.call1(py, (process,))?;
                    }
                    PyResult::Ok(())
                });
                match told {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        raised = Some(error);
                        ControlFlow::Break(())
                    }
                }
            }
            _ => handle_signals(&mut raised),
        })
    });
    if let Some(raised) = raised {
        return Err(raised);
    }
    waited
        .map(drop)
        .map_err(|error| errors::of_system(py, &error))
}
