//! The kinds of CPU time that Linux counts, and its load average.

use std::time::Duration;

use pslens::cpu::{self, Stats, Times, TimesPercent};
use pslens::host::{self, LoadAverage};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::once::{Once, intern};
use crate::{errors, ffi, root};

/// `scputimes` with as many fields as this kernel counts.
pub(crate) fn scputimes<'py, T>(
    py: Python<'py>,
    values: impl IntoIterator<Item = Option<T>>,
) -> PyResult<Bound<'py, PyAny>>
where
    T: IntoPyObject<'py>,
{
    const MOST: usize = 10;
    static CLASSES: [Once<Py<PyType>>; MOST + 1] = [const { Once::new() }; MOST + 1];
    let mut fields = Vec::with_capacity(MOST);
    for value in values.into_iter().flatten() {
        fields.push(pyo3::IntoPyObjectExt::into_bound_py_any(value, py)?);
    }
    let class = CLASSES[fields.len()].get(|| {
        let module = py.import(intern!(py, "pslens._ntuples"))?;
        let class = module.call_method1("scputimes_with", (fields.len(),))?;
        PyResult::Ok(class.cast_into::<PyType>()?.unbind())
    })?;
    ffi::instance(class.bind(py), fields)
}

/// In the order of the fields of `scputimes`.
pub(crate) fn fields(times: &Times) -> [Option<Duration>; 10] {
    [
        Some(times.user),
        times.nice,
        Some(times.system),
        Some(times.idle),
        times.iowait,
        times.irq,
        times.softirq,
        times.steal,
        times.guest,
        times.guest_nice,
    ]
}

pub(crate) fn percentages(times: &TimesPercent) -> [Option<f64>; 10] {
    [
        Some(times.user),
        times.nice,
        Some(times.system),
        Some(times.idle),
        times.iowait,
        times.irq,
        times.softirq,
        times.steal,
        times.guest,
        times.guest_nice,
    ]
}

/// How many time columns this kernel has, for the class that `pslens._ntuples` shows.
#[pyfunction]
pub(crate) fn _cpu_times_fields(py: Python<'_>) -> PyResult<usize> {
    let times = root::ask(py, cpu::times_in)?;
    Ok(fields(&times).iter().flatten().count())
}

pub(crate) fn soft_interrupts(stats: &Stats) -> u64 {
    stats.soft_interrupts.unwrap_or(0)
}

pub(crate) fn load_average(py: Python<'_>) -> PyResult<LoadAverage> {
    py.detach(host::load_average)
        .map_err(|error| errors::of_system(py, &error))
}
