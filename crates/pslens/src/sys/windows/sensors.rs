//! The battery.

pub(crate) use crate::sys::unsupported::sensors::*;
