//! Named tuples: the classes of `pslens._ntuples`, filled without a detour through Python.
//!
//! `_ntuples.py` declares the fields; each place here that fills a class names them again, and the first
//! use compares the two, so that they cannot drift.

use pyo3::exceptions::PySystemError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::once::{Once, intern};

/// One class of `pslens._ntuples`, imported when it is first needed.
pub(crate) struct Class {
    name: &'static str,
    fields: &'static [&'static str],
    class: Once<Py<PyType>>,
}

impl Class {
    pub(crate) const fn new(name: &'static str, fields: &'static [&'static str]) -> Self {
        Self {
            name,
            fields,
            class: Once::new(),
        }
    }

    pub(crate) fn get<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyType>> {
        let class = self.class.get(|| {
            let module = py.import(intern!(py, "pslens._ntuples"))?;
            let class = module.getattr(self.name)?.cast_into::<PyType>()?;
            self.check(&class)?;
            PyResult::Ok(class.unbind())
        })?;
        Ok(class.bind(py))
    }

    fn check(&self, class: &Bound<'_, PyType>) -> PyResult<()> {
        let declared: Vec<String> = class.getattr("_fields")?.extract()?;
        // A field that is a word of Rust is written `r#type` there.
        let filled: Vec<&str> = self
            .fields
            .iter()
            .map(|field| field.trim_start_matches("r#"))
            .collect();
        if declared == filled {
            return Ok(());
        }
        let name = self.name;
        Err(PySystemError::new_err(format!(
            "{name} is declared as {declared:?} and filled as {filled:?}"
        )))
    }

    pub(crate) fn tuple<'py, const N: usize>(
        &self,
        py: Python<'py>,
        values: [Bound<'py, PyAny>; N],
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::ffi::instance(self.get(py)?, values)
    }
}

/// Fills a named tuple: `named!(py, sswap { total: 1_u64, used: 0_u64, ... })`.
macro_rules! named {
    ($py:expr, $class:ident { $($field:ident : $value:expr),* $(,)? }) => {{
        static CLASS: $crate::ntuple::Class =
            $crate::ntuple::Class::new(stringify!($class), &[$(stringify!($field)),*]);
        let values = [$(pyo3::IntoPyObjectExt::into_bound_py_any($value, $py)?),*];
        CLASS.tuple($py, values)
    }};
}
pub(crate) use named;
