//! Values on their way to Python: texts, times, percentages.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::system;

/// A text of the system: bytes, decoded as names of files are.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a>(pub(crate) &'a OsStr);

impl<'a> Text<'a> {
    pub(crate) fn of(text: &'a (impl AsRef<OsStr> + ?Sized)) -> Self {
        Self(text.as_ref())
    }
}

impl<'py> IntoPyObject<'py> for Text<'_> {
    type Target = PyString;
    type Output = Bound<'py, PyString>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        system::text(py, self.0)
    }
}

/// A duration in seconds, as Python counts them.
#[derive(Clone, Copy)]
pub(crate) struct Seconds(pub(crate) Duration);

impl Seconds {
    /// Rounded once: clock ticks are hundredths, and dividing them gives the nearest number to what is
    /// meant, which adding seconds and a fraction does not always do.
    pub(crate) fn as_f64(self) -> f64 {
        const HUNDREDTH: u32 = 10_000_000;
        let nanos = self.0.subsec_nanos();
        if !nanos.is_multiple_of(HUNDREDTH) {
            return self.0.as_secs_f64();
        }
        let hundredths = u128::from(self.0.as_secs()) * 100 + u128::from(nanos / HUNDREDTH);
        #[expect(
            clippy::cast_precision_loss,
            reason = "no system runs for 90 million years"
        )]
        let hundredths = hundredths as f64;
        hundredths / 100.0
    }
}

impl<'py> IntoPyObject<'py> for Seconds {
    type Target = pyo3::types::PyFloat;
    type Output = Bound<'py, pyo3::types::PyFloat>;
    type Error = Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Infallible> {
        self.as_f64().into_pyobject(py)
    }
}

/// Seconds since 1970.
pub(crate) fn epoch(time: SystemTime) -> f64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => Seconds(since).as_f64(),
        Err(before) => -Seconds(before.duration()).as_f64(),
    }
}

/// Rounded to one decimal place as Python's `round(value, 1)` does it: by the exact value.
pub(crate) fn tenths(value: f64) -> f64 {
    format!("{value:.1}").parse().unwrap_or(value)
}

/// Whole milliseconds.
pub(crate) fn milliseconds(duration: Option<Duration>) -> u64 {
    let whole = duration.unwrap_or_default().as_millis();
    u64::try_from(whole).unwrap_or(u64::MAX)
}
