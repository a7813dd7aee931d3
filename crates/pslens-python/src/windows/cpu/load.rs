//! The load average: nobody counts it, so this extension does from the first question on, as psutil does.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use pslens::Result;
use pslens::host::LoadAverage;
use pslens::os::windows::LoadSampler;

/// So often the number of processes that want to run is looked at, as Linux does it.
const INTERVAL: Duration = Duration::from_secs(5);

pub(crate) fn load_average() -> Result<LoadAverage> {
    todo!()
}
