//! `with process.oneshot():` what several methods read is read once.
//!
//! A look belongs to the thread that opened it: other threads go on reading anew.

use std::thread::ThreadId;

use pslens::process::Oneshot;
use pyo3::prelude::*;

use super::Process;

/// What one thread has read of a process so far.
pub(super) struct Look {
    thread: ThreadId,
    /// How many `with` blocks it is in.
    depth: usize,
    /// Opened by the first method that needs it; away while the system is asked.
    pub(super) reader: Option<Box<Oneshot>>,
}

/// The looks of all threads at one process: nearly always none or one.
#[derive(Default)]
pub(super) struct Looks(Vec<Look>);

impl Looks {
    fn position(&self, thread: ThreadId) -> Option<usize> {
        self.0.iter().position(|look| look.thread == thread)
    }

    pub(super) fn of_this_thread(&mut self) -> Option<&mut Look> {
        if self.0.is_empty() {
            return None;
        }
        let at = self.position(std::thread::current().id())?;
        self.0.get_mut(at)
    }

    pub(super) fn enter(&mut self) -> ThreadId {
        let thread = std::thread::current().id();
        match self.position(thread) {
            Some(at) => self.0[at].depth += 1,
            None => self.0.push(Look {
                thread,
                depth: 1,
                reader: None,
            }),
        }
        thread
    }

    pub(super) fn leave(&mut self, thread: ThreadId) {
        if let Some(at) = self.position(thread) {
            self.0[at].depth -= 1;
            if self.0[at].depth == 0 {
                self.0.swap_remove(at);
            }
        }
    }
}

/// What `Process.oneshot()` returns: a context manager that may be entered again inside itself.
#[pyclass(name = "_OneShot", module = "pslens", frozen)]
pub(crate) struct OneShot {
    process: Py<Process>,
    entered: std::sync::Mutex<Vec<ThreadId>>,
}

impl OneShot {
    pub(super) fn new(process: Py<Process>) -> Self {
        Self {
            process,
            entered: std::sync::Mutex::default(),
        }
    }

    fn entered(&self, py: Python<'_>) -> std::sync::MutexGuard<'_, Vec<ThreadId>> {
        use pyo3::sync::MutexExt;
        let entered = self.entered.lock_py_attached(py);
        entered.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[pymethods]
impl OneShot {
    fn __enter__(&self, py: Python<'_>) {
        let thread = self.process.get().state(py).looks.enter();
        self.entered(py).push(thread);
    }

    #[pyo3(signature = (*_error))]
    fn __exit__(&self, py: Python<'_>, _error: &Bound<'_, pyo3::types::PyTuple>) {
        if let Some(thread) = self.entered(py).pop() {
            self.process.get().state(py).looks.leave(thread);
        }
    }
}
