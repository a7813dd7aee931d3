//! The library's errors as Python's exceptions.

use pslens::{Error, ErrorKind};
use pyo3::exceptions::{PyNotImplementedError, PyOSError, PyTimeoutError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use crate::once::{Once, intern};
use crate::system::errors::os_error;

/// A class of `pslens._exceptions`, imported when it is first needed.
pub(crate) struct Exception {
    name: &'static str,
    class: Once<Py<PyType>>,
}

impl Exception {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            class: Once::new(),
        }
    }

    pub(crate) fn class<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyType>> {
        let class = self.class.get(|| {
            let module = py.import(intern!(py, "pslens._exceptions"))?;
            PyResult::Ok(module.getattr(self.name)?.cast_into::<PyType>()?.unbind())
        })?;
        Ok(class.bind(py))
    }
}

pub(crate) static NO_SUCH_PROCESS: Exception = Exception::new("NoSuchProcess");
pub(crate) static ZOMBIE_PROCESS: Exception = Exception::new("ZombieProcess");
pub(crate) static ACCESS_DENIED: Exception = Exception::new("AccessDenied");
pub(crate) static TIMEOUT_EXPIRED: Exception = Exception::new("TimeoutExpired");

pub(crate) const REUSED: &str = "process no longer exists and its PID has been reused";

/// Who an exception is about.
pub(crate) struct Subject<'a, 'py> {
    pub(crate) pid: u32,
    pub(crate) name: Option<&'a Bound<'py, PyAny>>,
    /// For zombies, whose parents are to blame.
    pub(crate) ppid: Option<u32>,
}

impl Subject<'_, '_> {
    /// One of which nothing else is known.
    pub(crate) const fn of_pid(pid: u32) -> Self {
        let (name, ppid) = (None, None);
        Self { pid, name, ppid }
    }
}

/// An exception of a class that takes `pid`, `name` and perhaps `msg`.
pub(crate) fn about(
    py: Python<'_>,
    exception: &Exception,
    subject: &Subject<'_, '_>,
    msg: Option<&str>,
) -> PyErr {
    let make = || {
        let keywords = PyDict::new(py);
        if let Some(msg) = msg {
            keywords.set_item(intern!(py, "msg"), msg)?;
        }
        let class = exception.class(py)?;
        if let Some(ppid) = subject.ppid
            && class.is(ZOMBIE_PROCESS.class(py)?)
        {
            keywords.set_item(intern!(py, "ppid"), ppid)?;
        }
        let arguments = (subject.pid, subject.name);
        class.call(arguments, Some(&keywords))
    };
    match make() {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// An error about a process.
pub(crate) fn of_process(py: Python<'_>, error: &Error, subject: &Subject<'_, '_>) -> PyErr {
    let (exception, msg) = match error.kind() {
        ErrorKind::NoSuchProcess if error.is_pid_reused() => (&NO_SUCH_PROCESS, Some(REUSED)),
        ErrorKind::NoSuchProcess => (&NO_SUCH_PROCESS, None),
        ErrorKind::ZombieProcess => (&ZOMBIE_PROCESS, None),
        ErrorKind::AccessDenied => (&ACCESS_DENIED, None),
        _ => return of_system(py, error),
    };
    let raised = about(py, exception, subject, msg);
    if let Some(cause) = os_error(py, error) {
        raised.set_cause(py, Some(cause));
    }
    raised
}

/// An error about the system, a path or an argument.
pub(crate) fn of_system(py: Python<'_>, error: &Error) -> PyErr {
    if error.kind() == ErrorKind::AccessDenied && error.pid().is_some() {
        let pid = error.pid().map_or(0, pslens::Pid::as_u32);
        let subject = Subject::of_pid(pid);
        return about(py, &ACCESS_DENIED, &subject, None);
    }
    match error.kind() {
        ErrorKind::Unsupported => PyNotImplementedError::new_err(error.to_string()),
        ErrorKind::InvalidArgument | ErrorKind::InvalidData => {
            PyValueError::new_err(error.to_string())
        }
        ErrorKind::TimedOut => PyTimeoutError::new_err(error.to_string()),
        _ => os_error(py, error).unwrap_or_else(|| PyOSError::new_err(error.to_string())),
    }
}
