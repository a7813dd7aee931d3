//! Sensors: temperatures, fans, the battery.

use pslens::sensors::{self, Chip, TimeLeft};
use pslens::{ErrorKind, Root};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::constants::{self, Constant};
use crate::ntuple::named;
use crate::{errors, root};

/// Asks for sensors. A machine without `/sys` has none, as psutil has it.
fn ask<T: Send>(
    py: Python<'_>,
    ask: impl FnOnce(&Root) -> pslens::Result<Vec<T>> + Send,
) -> PyResult<Vec<T>> {
    let root = root::current(py)?;
    match py.detach(|| ask(&root)) {
        // COMPAT(psutil)
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        result => result.map_err(|error| errors::of_system(py, &error)),
    }
}

/// A dictionary of lists by the names of the chips; two chips of one name share a list.
fn by_chip<'py, R>(
    py: Python<'py>,
    chips: &[Chip<R>],
    tuple: impl Fn(&R) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for chip in chips {
        let list = match dict.get_item(&chip.name)? {
            Some(list) => list.cast_into::<PyList>()?,
            None => {
                let list = PyList::empty(py);
                dict.set_item(&chip.name, &list)?;
                list
            }
        };
        for reading in &chip.readings {
            list.append(tuple(reading)?)?;
        }
    }
    Ok(dict)
}

/// Temperatures by chip, in degrees Celsius or Fahrenheit: `label`, `current`, `high`, `critical` (None if
/// the chip does not say).
///
/// >>> sensors_temperatures()['coretemp'][0].current
/// 47.0
#[pyfunction]
#[pyo3(signature = (fahrenheit = false))]
pub(crate) fn sensors_temperatures(
    py: Python<'_>,
    fahrenheit: bool,
) -> PyResult<Bound<'_, PyDict>> {
    let convert = |celsius: f64| {
        if fahrenheit {
            celsius * 9.0 / 5.0 + 32.0
        } else {
            celsius
        }
    };
    let chips = ask(py, sensors::temperatures_in)?;
    by_chip(py, &chips, |reading| {
        let mut high = reading.high_celsius.map(convert);
        let mut critical = reading.critical_celsius.map(convert);
        // COMPAT(psutil): where one limit is missing it takes the other's value.
        let given = |limit: Option<f64>| limit.filter(|limit| *limit != 0.0);
        match (given(high), given(critical)) {
            (Some(_), None) => critical = high,
            (None, Some(_)) => high = critical,
            _ => {}
        }
        named!(
            py,
            shwtemp {
                label: reading.label.as_deref().unwrap_or_default(),
                current: convert(reading.current_celsius),
                high: high,
                critical: critical,
            }
        )
    })
}

/// Fans by chip: `label`, `current` (revolutions per minute).
///
/// >>> sensors_fans()['asus'][0].current
/// 3200
#[pyfunction]
pub(crate) fn sensors_fans(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let chips = ask(py, sensors::fans_in)?;
    by_chip(py, &chips, |reading| {
        named!(
            py,
            sfan {
                label: reading.label.as_deref().unwrap_or_default(),
                current: reading.current_rpm,
            }
        )
    })
}

/// The battery, or None without one: `percent`, `secsleft` (or `POWER_TIME_UNKNOWN`,
/// `POWER_TIME_UNLIMITED`), `power_plugged` (None if unknown).
///
/// >>> sensors_battery().percent
/// 93
#[pyfunction]
pub(crate) fn sensors_battery(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static UNKNOWN: Constant = constants::enums("POWER_TIME_UNKNOWN");
    static UNLIMITED: Constant = constants::enums("POWER_TIME_UNLIMITED");
    let batteries = ask(py, sensors::batteries_in)?;
    let own = batteries.iter().find(|battery| !battery.is_peripheral);
    let Some((battery, percent)) = own.and_then(|own| Some((own, own.percent?))) else {
        return Ok(py.None().into_bound(py));
    };
    let left = match battery.time_left {
        TimeLeft::Remaining(left) => left.as_secs().into_pyobject(py)?.into_any(),
        TimeLeft::Unlimited => UNLIMITED.get(py)?,
        _ => UNKNOWN.get(py)?,
    };
    named!(
        py,
        sbattery {
            percent: percent,
            secsleft: left,
            power_plugged: battery.power_plugged,
        }
    )
}
