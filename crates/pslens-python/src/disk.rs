//! Disks: partitions, usage, I/O counters.

use std::collections::BTreeMap;

use pslens::disk::{self, IoCounters};
use pyo3::exceptions::{PyFileNotFoundError, PyNotImplementedError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::convert::{Text, tenths};
use crate::nowrap::Previous;
use crate::ntuple::named;
use crate::system::disk::{file_path, sdiskio};
use crate::{errors, root};

/// Mounted partitions: `device`, `mountpoint`, `fstype`, `opts` (comma-separated).
///
/// Physical devices, unless `all`.
///
/// >>> disk_partitions()[0].mountpoint
/// '/'
#[pyfunction]
#[pyo3(signature = (all = false))]
pub(crate) fn disk_partitions(py: Python<'_>, all: bool) -> PyResult<Bound<'_, PyAny>> {
    let partitions = root::ask(py, |root| {
        if all {
            disk::partitions_all_in(root)
        } else {
            disk::partitions_in(root)
        }
    })?;
    let mut tuples = Vec::with_capacity(partitions.len());
    for partition in &partitions {
        // COMPAT(psutil): no device is an empty name.
        let device = partition.device.clone().unwrap_or_default();
        tuples.push(named!(
            py,
            sdiskpart {
                device: Text::of(&device),
                mountpoint: Text::of(&partition.mountpoint),
                fstype: Text::of(&partition.fstype),
                opts: Text::of(&partition.opts),
            }
        )?);
    }
    Ok(PyList::new(py, tuples)?.into_any())
}

/// Use of the file system that `path` is on, in bytes: `total`, `used`, `free` (for ordinary users), and
/// `percent` (of what ordinary users can use).
///
/// >>> disk_usage('/').percent
/// 15.3
#[pyfunction]
pub(crate) fn disk_usage<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let path = file_path(path)?;
    let usage = py
        .detach(|| disk::usage(&path))
        .map_err(|error| errors::of_system(py, &error))?;
    named!(
        py,
        sdiskusage {
            total: usage.total,
            used: usage.used,
            free: usage.free,
            // COMPAT(psutil): 0 per cent of nothing is used.
            percent: tenths(usage.percent.unwrap_or(0.0)),
        }
    )
}

static PREVIOUS: Previous<String, IoCounters> = Previous::new();

/// Counters of disks as `sdiskio`, or of each disk and partition as a dictionary.
#[pyfunction]
#[pyo3(signature = (perdisk, nowrap))]
pub(crate) fn disk_io_counters(
    py: Python<'_>,
    perdisk: bool,
    nowrap: bool,
) -> PyResult<Bound<'_, PyAny>> {
    let disks = root::ask(py, disk::io_counters_per_disk_in);
    let mut disks: BTreeMap<String, IoCounters> = disks.map_err(|error| {
        // COMPAT(psutil): neither procfs nor sysfs has a list of disks.
        if error.value(py).is_instance_of::<PyFileNotFoundError>() {
            PyNotImplementedError::new_err(error.value(py).to_string())
        } else {
            error
        }
    })?;
    if !perdisk {
        // Their partitions are counted with them.
        disks.retain(|_, counters| !counters.is_partition);
    }
    if disks.is_empty() {
        return Ok(if perdisk {
            PyDict::new(py).into_any()
        } else {
            py.None().into_bound(py)
        });
    }
    if nowrap {
        PREVIOUS.adjust(py, disks.iter_mut());
    }
    if perdisk {
        let dict = PyDict::new(py);
        for (name, counters) in &disks {
            dict.set_item(name, sdiskio(py, counters)?)?;
        }
        return Ok(dict.into_any());
    }
    let sum = IoCounters::sum(disks.values()).unwrap_or_default();
    sdiskio(py, &sum)
}

/// Forgets the counters that `nowrap` compares with.
#[pyfunction]
pub(crate) fn disk_io_counters_cache_clear(py: Python<'_>) {
    PREVIOUS.clear(py);
}
