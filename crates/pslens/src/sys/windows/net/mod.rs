//! Interfaces, counters, connections.

pub(crate) use crate::sys::unsupported::net::*;
