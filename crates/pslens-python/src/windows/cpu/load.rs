//! The load average: Windows has none, so this extension keeps one from the first question on, as psutil does.

use pslens::Result;
use pslens::host::LoadAverage;

pub(crate) fn load_average() -> Result<LoadAverage> {
    pslens::host::load_average()
}
