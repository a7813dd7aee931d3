//! The kinds of CPU time that Windows counts, and a load average, which it does not have.

mod load;

use std::time::Duration;

use pslens::cpu::{Stats, Times, TimesPercent};
use pyo3::prelude::*;

pub(crate) use load::load_average;

use crate::ntuple::named;

/// In the order of the fields of `scputimes`.
///
/// COMPAT(psutil): interrupts and deferred calls are counted in `system` as well, and unknown is 0.
pub(crate) fn fields(times: &Times) -> [Option<Duration>; 5] {
    let interrupt = times.irq.unwrap_or_default();
    let dpc = times.softirq.unwrap_or_default();
    let system = times.system + interrupt + dpc;
    [times.user, system, times.idle, interrupt, dpc].map(Some)
}

pub(crate) fn percentages(times: &TimesPercent) -> [Option<f64>; 5] {
    let interrupt = times.irq.unwrap_or_default();
    let dpc = times.softirq.unwrap_or_default();
    let system = times.system + interrupt + dpc;
    [times.user, system, times.idle, interrupt, dpc].map(Some)
}

pub(crate) fn scputimes<'py, T>(
    py: Python<'py>,
    values: [Option<T>; 5],
) -> PyResult<Bound<'py, PyAny>>
where
    T: IntoPyObject<'py>,
{
    let [user, system, idle, interrupt, dpc] = values;
    named!(
        py,
        scputimes {
            user: user,
            system: system,
            idle: idle,
            interrupt: interrupt,
            dpc: dpc,
        }
    )
}

/// COMPAT(psutil): deferred calls, which the library counts here, are no soft interrupts.
pub(crate) const fn soft_interrupts(_stats: &Stats) -> u64 {
    0
}
