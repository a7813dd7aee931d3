//! Acting on a process: priorities and signals.

use pslens::process::{IoPriority, Signal};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::errors::invalid_argument;
use super::values;
use crate::process::{Process, ask};

#[pymethods]
impl Process {
    /// The priority, or with a `value` sets it: -20 (first) to 19 (last). Less than it was is refused to
    /// ordinary users.
    #[pyo3(signature = (value = None))]
    fn nice<'py>(slf: &Bound<'py, Self>, value: Option<i32>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let Some(value) = value else {
            let nice = ask!(slf.get(), py, nice)?;
            return Ok(nice.into_pyobject(py)?.into_any());
        };
        // COMPAT(psutil): as the system call does it, more than that is the most.
        let value = value.clamp(-20, 19);
        Self::act(slf, |process| process.set_nice(value))?;
        Ok(py.None().into_bound(py))
    }

    /// The I/O priority, or with an `ioclass` sets it: one of the `IOPRIO_CLASS_` constants, with a level
    /// from 0 (first) to 7 (last) for the classes that have levels.
    #[pyo3(signature = (ioclass = None, value = None))]
    fn ionice<'py>(
        slf: &Bound<'py, Self>,
        ioclass: Option<&Bound<'py, PyAny>>,
        value: Option<i64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let Some(ioclass) = ioclass else {
            if value.is_some() {
                return Err(PyValueError::new_err(
                    "'ioclass' argument must be specified",
                ));
            }
            return values::ionice(py, ask!(slf.get(), py, ionice)?);
        };
        let class: i32 = ioclass.extract()?;
        let Ok(class) = u8::try_from(class) else {
            return Err(invalid_argument(py));
        };
        let has_levels = matches!(class, 1 | 2);
        let level = value.unwrap_or(0);
        if level != 0 && !has_levels {
            let ioclass = ioclass.repr()?;
            let message = format!("{ioclass} ioclass accepts no value");
            return Err(PyValueError::new_err(message));
        }
        let level = u8::try_from(level).ok().filter(|level| *level <= 7);
        let Some(level) = level else {
            return Err(PyValueError::new_err("value not in 0-7 range"));
        };
        let priority = IoPriority::from_class_and_level(class, has_levels.then_some(level))
            .map_err(|error| slf.get().error(py, &error))?;
        Self::act(slf, |process| process.set_ionice(priority))?;
        Ok(py.None().into_bound(py))
    }

    /// Sends a signal, by number or as a member of `signal.Signals`; never to another process that has
    /// the pid by now.
    fn send_signal(slf: &Bound<'_, Self>, sig: i32) -> PyResult<()> {
        let Ok(signal) = Signal::from_raw(sig) else {
            return Err(invalid_argument(slf.py()));
        };
        Self::act(slf, |process| process.send_signal(signal))
    }

    /// Stops the process (`SIGSTOP`) until `resume`.
    fn suspend(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::suspend)
    }

    /// Lets the process go on after `suspend` (`SIGCONT`).
    fn resume(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::resume)
    }

    /// Asks the process to end (`SIGTERM`), which it may do later or not at all.
    fn terminate(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::terminate)
    }

    /// Ends the process (`SIGKILL`), which it can neither refuse nor delay.
    fn kill(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::kill)
    }
}
