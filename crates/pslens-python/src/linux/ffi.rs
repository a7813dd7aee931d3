//! Texts of Linux, which are bytes.
#![allow(unsafe_code, reason = "modules named ffi are where unsafe code is")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The text as Python shows names of files: in the file system's encoding, with surrogates for the bytes
/// that are none.
pub(crate) fn text<'py>(py: Python<'py>, bytes: &OsStr) -> PyResult<Bound<'py, PyString>> {
    let bytes = bytes.as_bytes();
    if bytes.is_ascii()
        && let Ok(ascii) = std::str::from_utf8(bytes)
    {
        return Ok(PyString::new(py, ascii));
    }
    let length = ffi::Py_ssize_t::try_from(bytes.len())?;
    // SAFETY: pointer and length are those of a slice.
    let object = unsafe { ffi::PyUnicode_DecodeFSDefaultAndSize(bytes.as_ptr().cast(), length) };
    // SAFETY: a new reference, or null with an exception set.
    let object = unsafe { Bound::from_owned_ptr_or_err(py, object) }?;
    Ok(object.cast_into()?)
}
