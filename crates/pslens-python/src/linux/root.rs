//! Where is read: `pslens.PROCFS_PATH` and `pslens.SYSFS_PATH`, looked up at every call.

use std::path::PathBuf;
use std::sync::Mutex;

use pslens::Root;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyDict, PyModule};

use crate::errors;
use crate::once::{Once, intern};

/// The names that a program may change, in the module that it changes them in.
fn settings(py: Python<'_>) -> PyResult<&Bound<'_, PyDict>> {
    static SETTINGS: Once<Py<PyDict>> = Once::new();
    let settings = SETTINGS.get(|| {
        let package = PyModule::import(py, intern!(py, "pslens"))?;
        PyResult::Ok(package.dict().unbind())
    })?;
    Ok(settings.bind(py))
}

struct Choice {
    procfs: Py<PyAny>,
    sysfs: Py<PyAny>,
    root: Root,
}

/// The last choice: programs rarely have two.
static LAST: Mutex<Option<Choice>> = Mutex::new(None);

pub(crate) fn current(py: Python<'_>) -> PyResult<Root> {
    let settings = settings(py)?;
    let setting = |name| {
        let value = settings.get_item(name)?;
        value.ok_or_else(|| {
            pyo3::exceptions::PyAttributeError::new_err(format!("pslens has no {name} any more"))
        })
    };
    let procfs = setting(intern!(py, "PROCFS_PATH"))?;
    let sysfs = setting(intern!(py, "SYSFS_PATH"))?;
    let mut last = LAST
        .lock_py_attached(py)
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(choice) = &*last
        && choice.procfs.is(&procfs)
        && choice.sysfs.is(&sysfs)
    {
        return Ok(choice.root.clone());
    }
    let (proc, sys): (PathBuf, PathBuf) = (procfs.extract()?, sysfs.extract()?);
    let root = Root::at(proc, sys).map_err(|error| errors::of_system(py, &error))?;
    *last = Some(Choice {
        procfs: procfs.unbind(),
        sysfs: sysfs.unbind(),
        root: root.clone(),
    });
    Ok(root)
}
