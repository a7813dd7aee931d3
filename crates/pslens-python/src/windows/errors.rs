//! Numbers of errors as Python has them on Windows.

use pslens::Error;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use crate::convert::Text;

const ERROR_INVALID_PARAMETER: i32 = 87;

/// What Python itself would raise for the failed call: `OSError` or one of its kinds, which it finds by the
/// number in its fourth argument.
pub(crate) fn os_error(py: Python<'_>, error: &Error) -> Option<PyErr> {
    let number = error.raw_os_error()?;
    let path = error.path().map(|path| Text::of(path).into_pyobject(py));
    Some(match path.transpose() {
        Ok(path) => PyOSError::new_err((0, text(number), path.map(Bound::unbind), number)),
        Err(error) => error,
    })
}

/// What the system would say to an argument that it does not take.
pub(super) fn invalid_argument(py: Python<'_>) -> PyErr {
    let number = ERROR_INVALID_PARAMETER;
    PyOSError::new_err((0, text(number), py.None(), number))
}

fn text(number: i32) -> String {
    let shown = std::io::Error::from_raw_os_error(number).to_string();
    // Rust adds the number, and so does Python, which leaves out the full stop.
    let text = shown.split(" (os error").next().unwrap_or(&shown);
    text.trim_end_matches('.').to_owned()
}
