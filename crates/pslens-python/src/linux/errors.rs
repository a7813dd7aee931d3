//! Numbers of errors as Python has them on Linux.

use pslens::Error;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use crate::convert::Text;
use crate::once::intern;

/// `EINVAL`
const INVALID: i32 = 22;

fn text(py: Python<'_>, errno: i32) -> PyResult<Py<PyAny>> {
    let os = py.import(intern!(py, "os"))?;
    let text = os.call_method1(intern!(py, "strerror"), (errno,))?;
    Ok(text.unbind())
}

/// What Python itself would raise for the failed call: `OSError` or one of its kinds.
pub(crate) fn os_error(py: Python<'_>, error: &Error) -> Option<PyErr> {
    let errno = error.raw_os_error()?;
    let text = match text(py, errno) {
        Ok(text) => text,
        Err(error) => return Some(error),
    };
    Some(match error.path() {
        Some(path) => match Text::of(path).into_pyobject(py) {
            Ok(path) => PyOSError::new_err((errno, text, path.unbind())),
            Err(error) => error,
        },
        None => PyOSError::new_err((errno, text)),
    })
}

/// What the system call would say.
pub(super) fn invalid_argument(py: Python<'_>) -> PyErr {
    match text(py, INVALID) {
        Ok(text) => PyOSError::new_err((INVALID, text)),
        Err(error) => error,
    }
}
