//! Numbers of errors as Python has them on Windows.

use pslens::Error;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use crate::convert::Text;

/// What Python itself would raise for the failed call: `OSError` or one of its kinds, which it finds by the
/// number in its fourth argument.
pub(crate) fn os_error(py: Python<'_>, error: &Error) -> Option<PyErr> {
    let number = error.raw_os_error()?;
    let shown = std::io::Error::from_raw_os_error(number).to_string();
    // Rust adds the number, and so does Python.
    let text = shown.split(" (os error").next().unwrap_or(&shown);
    let path = error.path().map(|path| Text::of(path).into_pyobject(py));
    Some(match path.transpose() {
        Ok(path) => PyOSError::new_err((0, text.to_owned(), path.map(Bound::unbind), number)),
        Err(error) => error,
    })
}
