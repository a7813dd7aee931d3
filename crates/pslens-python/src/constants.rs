//! Members of Python's enumerations, looked up when they are first needed: importing the modules that
//! have them costs more than importing this one.

use pyo3::prelude::*;

use crate::once::Once;

/// An attribute of a module.
pub(crate) struct Constant {
    module: &'static str,
    name: &'static str,
    value: Once<Py<PyAny>>,
}

/// Of the standard library's `socket`.
pub(crate) const fn socket(name: &'static str) -> Constant {
    of("socket", name)
}

/// Of `pslens._enums`.
pub(crate) const fn enums(name: &'static str) -> Constant {
    of("pslens._enums", name)
}

const fn of(module: &'static str, name: &'static str) -> Constant {
    Constant {
        module,
        name,
        value: Once::new(),
    }
}

impl Constant {
    pub(crate) fn get<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = self
            .value
            .get(|| PyResult::Ok(py.import(self.module)?.getattr(self.name)?.unbind()))?;
        Ok(value.bind(py).clone())
    }
}
