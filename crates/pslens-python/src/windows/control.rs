//! Acting on a process: priorities, and what Windows has in place of signals.

use pslens::os::windows::{CtrlEvent, PriorityClass, ProcessExt};
use pslens::process::{IoHint, IoPriority};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::errors::invalid_argument;
use super::values;
use crate::errors;
use crate::process::{Process, ask};

/// `signal.SIGTERM`
const SIGTERM: i32 = 15;

#[pymethods]
impl Process {
    /// The priority class, or with a `value` sets it: one of the `..._PRIORITY_CLASS` constants.
    #[pyo3(signature = (value = None))]
    fn nice<'py>(
        slf: &Bound<'py, Self>,
        value: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let Some(value) = value else {
            return values::nice(py, ask!(slf.get(), py, nice)?);
        };
        let number: i64 = value.extract()?;
        let class = u32::try_from(number).ok();
        let class = class.and_then(|number| PriorityClass::from_raw(number).ok());
        let class = class.ok_or_else(|| invalid_argument(py))?;
        Self::act(slf, |process| process.set_priority_class(class))?;
        Ok(py.None().into_bound(py))
    }

    /// The I/O priority, or with an `ioclass` sets it: `IOPRIO_HIGH`, `IOPRIO_NORMAL`, `IOPRIO_LOW`,
    /// `IOPRIO_VERYLOW`. There is no `value` on Windows.
    #[pyo3(signature = (ioclass = None, value = None))]
    fn ionice<'py>(
        slf: &Bound<'py, Self>,
        ioclass: Option<&Bound<'py, PyAny>>,
        value: Option<&Bound<'py, PyAny>>,
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
        if value.map_or(Ok(false), |value| value.is_truthy())? {
            return Err(PyTypeError::new_err(
                "value argument not accepted on Windows",
            ));
        }
        let number: Option<u8> = ioclass.extract().ok();
        let settable = IoHint::ALL.iter().filter(|hint| **hint != IoHint::Critical);
        let hint = settable
            .copied()
            .find(|hint| Some(hint.as_raw()) == number)
            .ok_or_else(|| PyValueError::new_err(format!("{ioclass} is not a valid priority")))?;
        Self::act(slf, |process| process.set_ionice(IoPriority::Hint(hint)))?;
        Ok(py.None().into_bound(py))
    }

    /// Ends the process (`signal.SIGTERM`), or sends an event of the console to the process group that it
    /// leads (`signal.CTRL_C_EVENT`, `signal.CTRL_BREAK_EVENT`); never to another process that has the pid by
    /// now.
    fn send_signal(slf: &Bound<'_, Self>, sig: i32) -> PyResult<()> {
        let py = slf.py();
        if sig == SIGTERM {
            return Self::act(slf, pslens::Process::terminate);
        }
        Self::raise_if_reused(slf)?;
        if !Self::is_running(slf)? {
            return Err(slf.get().exception(py, &errors::NO_SUCH_PROCESS, None));
        }
        let known = [CtrlEvent::C, CtrlEvent::Break];
        let event = known
            .into_iter()
            .find(|event| i32::try_from(event.as_raw()) == Ok(sig))
            .ok_or_else(|| {
                PyValueError::new_err(
                    "only SIGTERM, CTRL_C_EVENT and CTRL_BREAK_EVENT signals are supported on Windows",
                )
            })?;
        Self::act(slf, |process| process.send_ctrl_event(event))
    }

    /// Suspends all threads of the process until `resume`.
    fn suspend(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::suspend)
    }

    /// Lets the threads of the process go on after `suspend`.
    fn resume(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::resume)
    }

    /// Ends the process, as `kill` does.
    fn terminate(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::terminate)
    }

    /// Ends the process, which it can neither refuse nor delay.
    fn kill(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::act(slf, pslens::Process::kill)
    }
}
