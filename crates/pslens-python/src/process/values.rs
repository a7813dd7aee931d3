//! Attributes of a process on their way to Python, for getters and for dictionaries alike: those that are the
//! same everywhere.

use std::ffi::OsString;

use pslens::process::{CtxSwitches, PageFaults, Thread};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::convert::{Seconds, Text};
use crate::ntuple::named;
use crate::system;

pub(crate) type Value<'py> = PyResult<Bound<'py, PyAny>>;

pub(crate) fn list<'py>(
    py: Python<'py>,
    values: impl Iterator<Item = Value<'py>>,
) -> PyResult<Bound<'py, PyAny>> {
    let values: Vec<_> = values.collect::<PyResult<_>>()?;
    Ok(PyList::new(py, values)?.into_any())
}

/// A text, or psutil's empty one for what cannot be told.
pub(crate) fn text<'py>(py: Python<'py>, text: Option<&std::ffi::OsStr>) -> Value<'py> {
    Ok(Text::of(text.unwrap_or_default())
        .into_pyobject(py)?
        .into_any())
}

pub(crate) fn texts<'py>(py: Python<'py>, texts: &[OsString]) -> Value<'py> {
    Ok(PyList::new(py, texts.iter().map(Text::of))?.into_any())
}

pub(crate) fn environ<'py>(py: Python<'py>, variables: &[(OsString, OsString)]) -> Value<'py> {
    let dict = PyDict::new(py);
    for (name, value) in variables {
        dict.set_item(system::values::variable(py, name)?, Text::of(value))?;
    }
    Ok(dict.into_any())
}

pub(crate) fn page_faults<'py>(py: Python<'py>, faults: &PageFaults) -> Value<'py> {
    named!(
        py,
        ppagefaults {
            minor: faults.minor,
            major: faults.major
        }
    )
}

pub(crate) fn num_ctx_switches<'py>(py: Python<'py>, switches: &CtxSwitches) -> Value<'py> {
    named!(
        py,
        pctxsw {
            voluntary: switches.voluntary,
            involuntary: switches.involuntary.unwrap_or(0),
        }
    )
}

pub(crate) fn threads<'py>(py: Python<'py>, threads: &[Thread]) -> Value<'py> {
    list(
        py,
        threads.iter().map(|thread| {
            named!(
                py,
                pthread {
                    id: thread.id,
                    user_time: Seconds(thread.user_time),
                    system_time: Seconds(thread.system_time),
                }
            )
        }),
    )
}
