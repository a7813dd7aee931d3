//! Parents and children.

use pyo3::prelude::*;

use super::Process;

impl Process {
    fn relatives<T: Send>(
        slf: &Bound<'_, Self>,
        find: impl FnOnce(&pslens::Process) -> pslens::Result<T> + Send,
    ) -> PyResult<T> {
        Self::raise_if_reused(slf)?;
        let (py, process) = (slf.py(), slf.get());
        let handle = process.handle(py)?;
        py.detach(|| find(&handle))
            .map_err(|error| process.error(py, &error))
    }
}

fn objects(py: Python<'_>, handles: Vec<pslens::Process>) -> PyResult<Vec<Py<Process>>> {
    handles
        .into_iter()
        .map(|handle| Py::new(py, Process::of(handle)))
        .collect()
}

#[pymethods]
impl Process {
    /// The parent as a `Process`, or None without one.
    fn parent(slf: &Bound<'_, Self>) -> PyResult<Option<Py<Self>>> {
        let parent = Self::relatives(slf, pslens::Process::parent)?;
        parent
            .map(|parent| Py::new(slf.py(), Self::of(parent)))
            .transpose()
    }

    /// The parent, its parent, and so on, as a list of `Process`.
    fn parents(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<Self>>> {
        let parents = Self::relatives(slf, pslens::Process::parents)?;
        objects(slf.py(), parents)
    }

    /// The children as a list of `Process`; if `recursive`, theirs as well, and so on.
    #[pyo3(signature = (recursive = false))]
    fn children(slf: &Bound<'_, Self>, recursive: bool) -> PyResult<Vec<Py<Self>>> {
        let children = Self::relatives(slf, |process| {
            if recursive {
                process.children_recursive()
            } else {
                process.children()
            }
        })?;
        objects(slf.py(), children)
    }
}
