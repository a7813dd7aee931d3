//! Interfaces, counters, connections: none.

use std::ffi::OsString;

use super::Root;
use crate::error::{Error, Result};
use crate::net::{Connection, ConnectionKind, IfAddr, IfStats, IoCounters};

pub(crate) fn io_counters(_root: &Root) -> Result<Vec<(OsString, IoCounters)>> {
    Err(Error::unsupported("net io_counters", ""))
}

pub(crate) fn if_addrs(_root: &Root) -> Result<Vec<IfAddr>> {
    Err(Error::unsupported("net if_addrs", ""))
}

pub(crate) fn if_stats(_root: &Root) -> Result<Vec<IfStats>> {
    Err(Error::unsupported("net if_stats", ""))
}

pub(crate) fn connections(_root: &Root, _kind: ConnectionKind) -> Result<Vec<Connection>> {
    Err(Error::unsupported("net connections", ""))
}

pub(crate) fn connections_without_owners(
    _root: &Root,
    _kind: ConnectionKind,
) -> Result<Vec<Connection>> {
    Err(Error::unsupported("net connections", ""))
}
