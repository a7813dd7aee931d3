//! What the safe interface to Python does not offer.
#![allow(unsafe_code, reason = "modules named ffi are where unsafe code is")]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// An instance of a class derived from `tuple`, filled as `tuple.__new__` fills it, without making a plain
/// tuple first.
pub(crate) fn instance<'py>(
    class: &Bound<'py, PyType>,
    values: impl IntoIterator<Item = Bound<'py, PyAny>, IntoIter: ExactSizeIterator>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let values = values.into_iter();
    let length = ffi::Py_ssize_t::try_from(values.len())?;
    // SAFETY: the class is a heap type with the layout of a tuple: `_ntuples` makes them with namedtuple.
    let object = unsafe { ffi::PyType_GenericAlloc(class.as_type_ptr(), length) };
    // SAFETY: a new reference, or null with an exception set.
    let object = unsafe { Bound::from_owned_ptr_or_err(py, object) }?;
    for (at, value) in (0..length).zip(values) {
        // SAFETY: the tuple has `length` places and nobody else has seen it; the value's reference is
        // given away.
        let result = unsafe { ffi::PyTuple_SetItem(object.as_ptr(), at, value.into_ptr()) };
        if result != 0 {
            return Err(PyErr::fetch(py));
        }
    }
    Ok(object)
}
