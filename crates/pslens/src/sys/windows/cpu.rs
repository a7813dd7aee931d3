//! CPU times, counts, frequencies.

pub(crate) use crate::sys::unsupported::cpu::*;
