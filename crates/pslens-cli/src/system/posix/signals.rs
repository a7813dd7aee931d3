//! Which signals there are to send.

use pslens::process::Signal;

/// All that have a number.
pub(crate) const fn exists(_signal: Signal) -> bool {
    true
}
