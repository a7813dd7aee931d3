//! Numbers for the names of signals. Windows has none: they are those of Linux and so of psutil, and mean
//! what [`send_signal`](super::send_signal) makes of them.

pub(crate) use crate::sys::unsupported::process::signals::*;

/// None: the last one is before the first.
pub(crate) fn real_time() -> (i32, i32) {
    (SYS + 1, SYS)
}
