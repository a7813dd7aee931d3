//! External power as psutil has it on Windows.

use pslens::sensors::Battery;

/// COMPAT(psutil): whether there is external power for certain.
pub(crate) fn plugged(battery: &Battery) -> bool {
    battery.power_plugged == Some(true)
}
