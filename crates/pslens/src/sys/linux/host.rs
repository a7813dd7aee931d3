//! `loadavg`, `stat` (boot time) and the login records.

use pslens_parse::linux::loadavg;

use crate::error::{Error, Result};
use crate::host::LoadAverage;
use crate::sys::linux::Root;

pub(crate) fn load_average(root: &Root) -> Result<LoadAverage> {
    const OPERATION: &str = "host load_average";
    let text = root.read_proc(OPERATION, "loadavg")?;
    let load = loadavg::parse(&text).map_err(|error| Error::invalid_data(OPERATION, error))?;
    let tasks = |hundredths: u64| hundredths as f64 / 100.0;
    Ok(LoadAverage {
        one: tasks(load.one),
        five: tasks(load.five),
        fifteen: tasks(load.fifteen),
    })
}
