//! `iphlpapi`: adapters and their addresses, interfaces and their counters, tables of sockets.
//!
//! Adapters are what has IPv4 or IPv6 bound to it; filters and other layers of the network stack are left
//! out. An interface has the name of its adapter, which people see and can change.

use std::ffi::OsString;
use std::io;

use pslens_parse::windows::ip_adapter_addresses::{self, Adapter};
use windows_sys::Win32::NetworkManagement::IpHelper::MIB_IF_ROW2;

use super::ffi::network;
use super::{Root, wide};
use crate::error::{Error, Result};
use crate::net::IoCounters;

mod connections;
mod interfaces;

pub(super) use connections::Tables;
pub(crate) use connections::{connections, connections_without_owners};
pub(crate) use interfaces::{if_addrs, if_stats};

pub(crate) fn io_counters(_root: &Root) -> Result<Vec<(OsString, IoCounters)>> {
    const OPERATION: &str = "net io_counters";
    each_interface(OPERATION, |adapter, row| (name(adapter), counters(row)))
}

/// 64-bit numbers, unlike those of `GetIfTable`.
fn counters(row: &MIB_IF_ROW2) -> IoCounters {
    IoCounters {
        bytes_sent: row.OutOctets,
        bytes_recv: row.InOctets,
        packets_sent: row.OutUcastPkts.saturating_add(row.OutNUcastPkts),
        packets_recv: row.InUcastPkts.saturating_add(row.InNUcastPkts),
        errin: row.InErrors,
        errout: row.OutErrors,
        dropin: row.InDiscards,
        dropout: row.OutDiscards,
    }
}

/// What `make` makes of each adapter and its interface. One that cannot be read has gone or is just coming;
/// if none can be, the first one's error is the answer.
fn each_interface<T>(
    operation: &'static str,
    mut make: impl FnMut(&Adapter<'_>, &MIB_IF_ROW2) -> T,
) -> Result<Vec<T>> {
    let mut rows = Vec::new();
    let mut failed = None;
    each_adapter(operation, |adapter| {
        match network::interface(adapter.index()) {
            Ok(row) => rows.push(make(&adapter, &row)),
            Err(error) => failed = failed.take().or(Some(error)),
        }
    })?;
    match failed.filter(|_| rows.is_empty()) {
        Some(error) => Err(Error::os(operation, error)),
        None => Ok(rows),
    }
}

fn each_adapter(operation: &'static str, mut adapter: impl FnMut(Adapter<'_>)) -> Result<()> {
    let answer = network::adapters().map_err(|error: io::Error| Error::os(operation, error))?;
    for row in ip_adapter_addresses::rows(answer.memory()) {
        adapter(row.map_err(|error| Error::invalid_data(operation, error))?);
    }
    Ok(())
}

fn name(adapter: &Adapter<'_>) -> OsString {
    wide::text(adapter.friendly_name)
}
