//! Sensors that only Linux tells of, temperatures and fans, and what it says of external power.

use pslens::sensors::{self, Battery, Chip};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::ntuple::named;
use crate::sensors::ask;

/// Whether there is external power.
pub(crate) const fn plugged(battery: &Battery) -> Option<bool> {
    battery.power_plugged
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
