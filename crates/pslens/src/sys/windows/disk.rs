//! Partitions, usage, I/O counters.

pub(crate) use crate::sys::unsupported::disk::*;
