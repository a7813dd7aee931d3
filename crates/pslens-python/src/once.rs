//! Values that are made when they are first needed.

use std::sync::OnceLock;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// A value that is made once and kept.
///
/// Nobody waits for whoever makes it: threads that come meanwhile make it as well, and the first one is
/// kept. Making it usually imports something, which gives the interpreter's lock to others; if one of these
/// forks, the child would wait for a thread that it does not have.
pub(crate) struct Once<T>(OnceLock<T>);

impl<T> Once<T> {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    pub(crate) fn get(&self, make: impl FnOnce() -> PyResult<T>) -> PyResult<&T> {
        if let Some(made) = self.0.get() {
            return Ok(made);
        }
        let made = make()?;
        Ok(self.0.get_or_init(|| made))
    }
}

/// A text that is known when this is compiled, made and interned once.
pub(crate) struct Name {
    text: &'static str,
    made: OnceLock<Py<PyString>>,
}

impl Name {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self {
            text,
            made: OnceLock::new(),
        }
    }

    pub(crate) fn get<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        // Nothing in here gives the interpreter's lock away.
        let make = || PyString::intern(py, self.text).unbind();
        self.made.get_or_init(make).bind(py)
    }
}

/// The Python text of a literal. In place of PyO3's macro, whose cell makes others wait.
macro_rules! intern {
    ($py:expr, $text:expr) => {{
        static NAME: $crate::once::Name = $crate::once::Name::new($text);
        NAME.get($py)
    }};
}
pub(crate) use intern;
