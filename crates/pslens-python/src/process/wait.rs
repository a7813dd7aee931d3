//! Waiting until processes end.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pslens::process::{
    ExitStatus, Outcome, Status, WaitEvent, pid_exists_in, wait_all_interruptible,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt};

use super::{Missing, Process};
use crate::errors;
use crate::once::intern;

/// The exit code as a number, a signal as a negative member of an enumeration, or None.
fn exit_code<'py>(py: Python<'py>, status: Option<ExitStatus>) -> PyResult<Bound<'py, PyAny>> {
    match status {
        None => Ok(py.None().into_bound(py)),
        Some(ExitStatus::Exited(code)) => Ok(code.into_pyobject(py)?.into_any()),
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

/// COMPAT(psutil): of a process that is not our child, ended means reaped. The library waits for the exit.
fn is_unreaped(handle: &pslens::Process) -> bool {
    // Most are gone by now, which one call tells; only of the others it is asked what they are.
    let there = pid_exists_in(handle.pid(), handle.root());
    there.unwrap_or(true) && matches!(handle.status(), Ok(Status::Zombie))
}

/// Pauses between looks at a zombie: longer and longer.
///
/// Most parents take note at once, sooner than the shortest sleep ends: at first the processor is only
/// offered to others.
struct Pauses {
    offers: u32,
    sleep: Duration,
}

impl Pauses {
    const LONGEST: Duration = Duration::from_millis(40);

    const fn new() -> Self {
        Self {
            offers: 10,
            sleep: Duration::from_micros(100),
        }
    }

    fn next(&mut self) -> Duration {
        if self.offers > 0 {
            self.offers -= 1;
            return Duration::ZERO;
        }
        let pause = self.sleep;
        self.sleep = (pause * 2).min(Self::LONGEST);
        pause
    }
}

fn pause(time: Duration) {
    if time.is_zero() {
        std::thread::yield_now();
    } else {
        std::thread::sleep(time);
    }
}

/// A moment, unless it is never.
fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}

fn left(until: Option<Instant>) -> Option<Duration> {
    until.map(|until| until.saturating_duration_since(Instant::now()))
}

fn wait_until_reaped(
    handle: &pslens::Process,
    timeout: Option<Duration>,
    raised: &mut Option<PyErr>,
) -> pslens::Result<Outcome> {
    let until = deadline(timeout);
    let outcome = handle.wait_interruptible(timeout, || handle_signals(raised))?;
    let mut pauses = Pauses::new();
    while raised.is_none() && outcome == Outcome::Gone(None) && is_unreaped(handle) {
        let left = left(until);
        if left == Some(Duration::ZERO) {
            return Ok(Outcome::Running);
        }
        let time = pauses.next();
        pause(left.map_or(time, |left| left.min(time)));
        // What they raise is seen by the caller.
        let _ = handle_signals(raised);
    }
    Ok(outcome)
}

/// Runs Python's signal handlers; what they raise ends the wait.
fn handle_signals(raised: &mut Option<PyErr>) -> ControlFlow<()> {
    raised.told(Python::attach(|py| py.check_signals()))
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
        let outcome = py.detach(|| wait_until_reaped(handle, duration, &mut raised));
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
    let mut waiting = Waiting {
        handles,
        unreaped: Vec::new(),
        raised: None,
        note: |handle: &pslens::Process, status| {
            Python::attach(|py| {
                if let Some(process) = objects.get(handle) {
                    process.get().remember_exit(py, status)?;
                    gone.call1(py, (process,))?;
                }
                Ok(())
            })
        },
    };
    let waited = py.detach(|| waiting.run(deadline(timeout)));
    match waiting.raised {
        Some(raised) => Err(raised),
        None => waited.map_err(|error| errors::of_system(py, &error)),
    }
}

/// Processes that are waited for, and those that have ended and nobody has taken note of yet.
struct Waiting<F> {
    handles: Vec<pslens::Process>,
    unreaped: Vec<pslens::Process>,
    raised: Option<PyErr>,
    note: F,
}

impl<F: FnMut(&pslens::Process, Option<ExitStatus>) -> PyResult<()>> Waiting<F> {
    fn run(&mut self, until: Option<Instant>) -> pslens::Result<()> {
        let mut pauses = Pauses::new();
        loop {
            let mut time = left(until);
            let over = time == Some(Duration::ZERO);
            if !self.unreaped.is_empty() {
                let pause = pauses.next();
                time = Some(time.map_or(pause, |left| left.min(pause)));
            }
            self.wait(time)?;
            self.look();
            let done = self.handles.is_empty() && self.unreaped.is_empty();
            if done || over || self.raised.is_some() {
                return Ok(());
            }
        }
    }

    fn wait(&mut self, time: Option<Duration>) -> pslens::Result<()> {
        if self.handles.is_empty() {
            // Only zombies are left.
            pause(time.unwrap_or(Pauses::LONGEST));
            let _ = handle_signals(&mut self.raised);
            return Ok(());
        }
        let handles = std::mem::take(&mut self.handles);
        let waited = wait_all_interruptible(handles, time, |event| match event {
            WaitEvent::Gone(handle, None) if is_unreaped(handle) => {
                self.unreaped.push(handle.clone());
                ControlFlow::Break(())
            }
            WaitEvent::Gone(handle, status) => self.raised.told((self.note)(handle, status)),
            _ => handle_signals(&mut self.raised),
        })?;
        self.handles = waited.alive;
        Ok(())
    }

    fn look(&mut self) {
        let (unreaped, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.unreaped)
            .into_iter()
            .partition(is_unreaped);
        self.unreaped = unreaped;
        for handle in gone {
            if self.raised.told((self.note)(&handle, None)).is_break() {
                break;
            }
        }
    }
}

/// The first exception that a callback raises ends the wait.
trait Raised {
    fn told(&mut self, result: PyResult<()>) -> ControlFlow<()>;
}

impl Raised for Option<PyErr> {
    fn told(&mut self, result: PyResult<()>) -> ControlFlow<()> {
        match result {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                *self = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}
