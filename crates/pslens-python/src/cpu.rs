//! CPUs: times, percentages, counts, statistics, frequencies.

use std::cell::RefCell;
use std::thread::LocalKey;

use pslens::cpu::{self, Frequency, Times};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::convert::{Seconds, tenths};
use crate::ntuple::named;
use crate::once::intern;
use crate::root;
use crate::system::cpu::{fields, load_average, percentages, scputimes, soft_interrupts};

/// System-wide CPU times since boot, in seconds, as far as the kernel counts them: `user`, `nice`,
/// `system`, `idle`, `iowait`, `irq`, `softirq`, `steal`, `guest`, `guest_nice` on Linux; `user`, `system`,
/// `idle`, `interrupt`, `dpc` on Windows.
///
/// With `percpu`, a list with one element per CPU. `guest` is part of `user`, `guest_nice` of `nice`,
/// `interrupt` and `dpc` of `system`.
///
/// >>> cpu_times().user
/// 17411.7
#[pyfunction]
#[pyo3(signature = (percpu = false))]
pub(crate) fn cpu_times(py: Python<'_>, percpu: bool) -> PyResult<Bound<'_, PyAny>> {
    let tuple = |times: &Times| scputimes(py, fields(times).map(|time| time.map(Seconds)));
    if percpu {
        let times = root::ask(py, cpu::times_per_cpu_in)?;
        let tuples: Vec<_> = times
            .iter()
            .map(|cpu| tuple(&cpu.value))
            .collect::<PyResult<_>>()?;
        return Ok(PyList::new(py, tuples)?.into_any());
    }
    tuple(&root::ask(py, cpu::times_in)?)
}

/// Of each CPU by number, or of all of them together.
type Snapshot = Vec<(u32, Times)>;

/// What a function remembers of its last call in this thread.
#[derive(Default)]
struct Memory {
    total: RefCell<Option<Snapshot>>,
    per_cpu: RefCell<Option<Snapshot>>,
}

impl Memory {
    fn of(&self, per_cpu: bool) -> &RefCell<Option<Snapshot>> {
        if per_cpu { &self.per_cpu } else { &self.total }
    }
}

/// Times before and after: an interval, or since the last call in this thread.
fn between(
    py: Python<'_>,
    memory: &'static LocalKey<Memory>,
    interval: Option<f64>,
    per_cpu: bool,
) -> PyResult<(Snapshot, Snapshot)> {
    let now = || {
        if per_cpu {
            let all = root::ask(py, cpu::times_per_cpu_in)?;
            return Ok(all.into_iter().map(|cpu| (cpu.cpu, cpu.value)).collect());
        }
        PyResult::Ok(vec![(0, root::ask(py, cpu::times_in)?)])
    };
    let before = match interval {
        Some(interval) if interval > 0.0 => {
            let before = now()?;
            sleep(py, interval)?;
            Some(before)
        }
        _ => memory.with(|memory| memory.of(per_cpu).take()),
    };
    let after = now()?;
    memory.with(|memory| memory.of(per_cpu).replace(Some(after.clone())));
    Ok((before.unwrap_or_else(|| after.clone()), after))
}

/// Through Python's own function: it can be interrupted, and programs replace it in their tests.
pub(crate) fn sleep(py: Python<'_>, seconds: f64) -> PyResult<()> {
    let time = py.import(intern!(py, "time"))?;
    time.call_method1(intern!(py, "sleep"), (seconds,))?;
    Ok(())
}

/// An interval in seconds, which may not be negative.
pub(crate) fn checked_interval(interval: Option<&Bound<'_, PyAny>>) -> PyResult<Option<f64>> {
    let Some(given) = interval else {
        return Ok(None);
    };
    let seconds: f64 = given.extract()?;
    if seconds < 0.0 {
        let given = given.repr()?;
        return Err(PyValueError::new_err(format!(
            "interval is not positive (got {given})"
        )));
    }
    Ok(Some(seconds))
}

/// CPU use of the whole system, in percent.
///
/// With an `interval` it waits that many seconds and compares before and after. Without (`None` or 0)
/// it compares with the last call of this thread and returns at once; then the first call of a thread
/// has nothing to compare with and returns 0.0, which means nothing. At least 0.1 seconds should lie
/// between two calls.
///
/// With `percpu`, a list with one element per CPU.
///
/// >>> cpu_percent(interval=1)
/// 2.9
#[pyfunction]
#[pyo3(signature = (interval = None, percpu = false))]
pub(crate) fn cpu_percent<'py>(
    py: Python<'py>,
    interval: Option<&Bound<'py, PyAny>>,
    percpu: bool,
) -> PyResult<Bound<'py, PyAny>> {
    thread_local! {
        static MEMORY: Memory = Memory::default();
    }
    let (before, after) = between(py, &MEMORY, checked_interval(interval)?, percpu)?;
    let percent = pairs(&before, &after).map(|(before, after)| tenths(after.percent_since(before)));
    one_or_all(
        py,
        percpu,
        percent
            .map(|value| value.into_pyobject(py))
            .map(|value| Ok(value?.into_any())),
    )
}

/// As `cpu_percent`, split into the kinds of time that `cpu_times` has.
///
/// >>> cpu_times_percent(interval=1).user
/// 4.8
#[pyfunction]
#[pyo3(signature = (interval = None, percpu = false))]
pub(crate) fn cpu_times_percent<'py>(
    py: Python<'py>,
    interval: Option<&Bound<'py, PyAny>>,
    percpu: bool,
) -> PyResult<Bound<'py, PyAny>> {
    thread_local! {
        static MEMORY: Memory = Memory::default();
    }
    let (before, after) = between(py, &MEMORY, checked_interval(interval)?, percpu)?;
    let tuples = pairs(&before, &after).map(|(before, after)| {
        let percent = percentages(&after.times_percent_since(before));
        scputimes(py, percent.map(|value| value.map(tenths)))
    });
    one_or_all(py, percpu, tuples)
}

/// The same CPU at two times. One that was not there before has nothing to be compared with.
fn pairs<'a>(
    before: &'a Snapshot,
    after: &'a Snapshot,
) -> impl Iterator<Item = (&'a Times, &'a Times)> {
    after.iter().map(|after| {
        let before = before.iter().find(|before| before.0 == after.0);
        (&before.unwrap_or(after).1, &after.1)
    })
}

fn one_or_all<'py>(
    py: Python<'py>,
    all: bool,
    values: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut values: Vec<_> = values.collect::<PyResult<_>>()?;
    if all {
        return Ok(PyList::new(py, values)?.into_any());
    }
    values
        .pop()
        .ok_or_else(|| pyo3::exceptions::PyRuntimeError::new_err("the kernel lists no CPU"))
}

/// The number of logical CPUs; with `logical=False` of cores. None if it cannot be found out.
///
/// >>> cpu_count()
/// 8
#[pyfunction]
#[pyo3(signature = (logical = true))]
pub(crate) fn cpu_count(py: Python<'_>, logical: bool) -> PyResult<Option<u32>> {
    let root = root::current(py)?;
    let count = py.detach(|| {
        if logical {
            cpu::count_logical_in(&root).map(Some)
        } else {
            cpu::count_cores_in(&root)
        }
    });
    Ok(count.ok().flatten().filter(|count| *count > 0))
}

/// Numbers since boot: context switches, interrupts, soft interrupts (0 on Windows), system calls (0 on Linux).
///
/// >>> cpu_stats().ctx_switches
/// 20455687
#[pyfunction]
pub(crate) fn cpu_stats(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let stats = root::ask(py, cpu::stats_in)?;
    // COMPAT(psutil): unknown is 0.
    named!(
        py,
        scpustats {
            ctx_switches: stats.ctx_switches,
            interrupts: stats.interrupts,
            soft_interrupts: soft_interrupts(&stats),
            syscalls: stats.syscalls.unwrap_or(0),
        }
    )
}

/// CPU frequencies in MHz: `current`, `min`, `max` (0.0 where the system does not tell).
///
/// The mean of all CPUs, or None if the system tells nothing; with `percpu` a list, one element per CPU.
///
/// >>> cpu_freq().current
/// 931.4
#[pyfunction]
#[pyo3(signature = (percpu = false))]
pub(crate) fn cpu_freq(py: Python<'_>, percpu: bool) -> PyResult<Bound<'_, PyAny>> {
    let tuple = |frequency: &Frequency| {
        // COMPAT(psutil): unknown limits are 0.0.
        named!(
            py,
            scpufreq {
                current: frequency.current_mhz,
                min: frequency.min_mhz.unwrap_or(0.0),
                max: frequency.max_mhz.unwrap_or(0.0),
            }
        )
    };
    if percpu {
        let all = root::ask(py, cpu::frequency_per_cpu_in)?;
        let tuples: Vec<_> = all
            .iter()
            .map(|cpu| tuple(&cpu.value))
            .collect::<PyResult<_>>()?;
        return Ok(PyList::new(py, tuples)?.into_any());
    }
    match root::ask(py, cpu::frequency_in)? {
        Some(frequency) => tuple(&frequency),
        None => Ok(py.None().into_bound(py)),
    }
}

/// Processes that run or want to, on average over the last 1, 5 and 15 minutes. On Windows threads that
/// want to, counted from the first call on.
///
/// >>> getloadavg()
/// (3.14, 3.89, 4.67)
#[pyfunction]
pub(crate) fn getloadavg(py: Python<'_>) -> PyResult<(f64, f64, f64)> {
    let load = load_average(py)?;
    Ok((load.one, load.five, load.fifteen))
}
