//! The counters of the previous call, for `nowrap=True`: the one state that psutil keeps for functions.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use pslens::counters::{Counters, NoWrap};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

/// What one function remembers.
pub(crate) struct Previous<K, C: Counters>(Mutex<Option<NoWrap<K, C>>>);

impl<K: Eq + Hash + Clone, C: Counters> Previous<K, C> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Counters that started again go on where they were.
    pub(crate) fn adjust<'a>(
        &self,
        py: Python<'_>,
        rows: impl IntoIterator<Item = (&'a K, &'a mut C)>,
    ) where
        K: 'a,
        C: 'a,
    {
        let previous = self.0.lock_py_attached(py);
        let mut previous = previous.unwrap_or_else(PoisonError::into_inner);
        previous.get_or_insert_default().adjust(rows);
    }

    pub(crate) fn clear(&self, py: Python<'_>) {
        *self
            .0
            .lock_py_attached(py)
            .unwrap_or_else(PoisonError::into_inner) = None;
    }
}
