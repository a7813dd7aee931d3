//! Numbers of errors as Python has them on Linux.

use pslens::Error;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use crate::convert::Text;
use crate::once::intern;

/// What Python itself would raise for the failed call: `OSError` or one of its kinds.
pub(crate) fn os_error(py: Python<'_>, error: &Error) -> Option<PyErr> {
    let errno = error.raw_os_error()?;
    let text = || {
        let os = py.import(intern!(py, "os"))?;
        os.call_method1(intern!(py, "strerror"), (errno,))
    };
    let text = match text() {
        Ok(text) => text.unbind(),
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
