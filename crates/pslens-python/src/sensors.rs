//! Sensors: the battery, which every system has.

use pslens::sensors::{self, TimeLeft};
use pslens::{ErrorKind, Root};
use pyo3::prelude::*;

use crate::constants::{self, Constant};
use crate::ntuple::named;
use crate::{errors, root, system};

/// Asks for sensors. A machine without `/sys` has none, as psutil has it.
pub(crate) fn ask<T: Send>(
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

/// The battery, or None without one: `percent`, `secsleft` (or `POWER_TIME_UNKNOWN`,
/// `POWER_TIME_UNLIMITED`), `power_plugged` (None if unknown, on
/// Windows False).
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
            power_plugged: system::sensors::plugged(battery),
        }
    )
}
