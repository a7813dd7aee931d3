//! The network: interfaces with their counters, addresses and settings, and the sockets of the system.
//!
//! What is seen is one network namespace, the caller's: inside a container, the container's. Not here:
//! the sockets of one process, which are a method of [`Process`](crate::Process).

use std::ffi::OsString;
use std::iter::Sum;

use crate::counters::Counters;
use crate::error::Result;
use crate::root::Root;
use crate::sys;

mod connections;
mod interfaces;

pub use connections::{
    Address, AddressFamily, Connection, ConnectionKind, ConnectionStatus, SocketOwner, SocketType,
    connections, connections_in, connections_without_owners, connections_without_owners_in,
};
pub use interfaces::{
    Duplex, IfAddr, IfAddrFamily, IfStats, InterfaceAddress, InterfaceFlag, InterfaceFlags,
    if_addrs, if_addrs_in, if_stats, if_stats_in,
};

/// What went through one network interface, or through all of them, since it appeared.
///
/// The counters are the kernel's: some drivers count in 32 bits and wrap (Windows counts in 64), and all start again at 0 if
/// the driver is loaded again. [`NoWrap`](crate::counters::NoWrap) makes up for that. Adding records up
/// (`rows.sum()`) stops at the largest number instead of wrapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IoCounters {
    /// Bytes sent, link-layer headers included.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_recv: u64,
    /// Packets sent.
    pub packets_sent: u64,
    /// Packets received.
    pub packets_recv: u64,
    /// Errors while receiving.
    pub errin: u64,
    /// Errors while sending.
    pub errout: u64,
    /// Incoming packets that were dropped.
    pub dropin: u64,
    /// Outgoing packets that were dropped.
    pub dropout: u64,
}

impl Counters for IoCounters {
    type Fields = [u64; 8];

    fn fields(&self) -> [u64; 8] {
        [
            self.bytes_sent,
            self.bytes_recv,
            self.packets_sent,
            self.packets_recv,
            self.errin,
            self.errout,
            self.dropin,
            self.dropout,
        ]
    }

    fn set_fields(&mut self, fields: [u64; 8]) {
        [
            self.bytes_sent,
            self.bytes_recv,
            self.packets_sent,
            self.packets_recv,
            self.errin,
            self.errout,
            self.dropin,
            self.dropout,
        ] = fields;
    }
}

impl Sum for IoCounters {
    fn sum<I: Iterator<Item = Self>>(rows: I) -> Self {
        let mut sum = [0_u64; 8];
        for row in rows {
            for (sum, counter) in sum.iter_mut().zip(row.fields()) {
                *sum = sum.saturating_add(counter);
            }
        }
        let mut total = Self::default();
        total.set_fields(sum);
        total
    }
}

/// Returns what went through all network interfaces together.
///
/// The loopback interface counts too, and so does every layer of a stack: traffic through a bridge or
/// a tunnel appears once per interface that it passes.
///
/// # Units
/// Volumes are bytes; the rest is packets.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system hides it (Android).
/// # Sources
/// Linux `/proc/net/dev`; Windows `GetAdaptersAddresses`, then `GetIfEntry2` for each adapter.
/// # Examples
/// ```
/// let total = pslens::net::io_counters()?;
/// let later = pslens::net::io_counters()?;
/// assert!(later.bytes_recv >= total.bytes_recv);
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "net_io_counters")]
#[doc(alias = "nettop")]
pub fn io_counters() -> Result<IoCounters> {
    io_counters_in(Root::current())
}

/// As [`io_counters`], read from `root`.
///
/// # Errors
/// As [`io_counters`].
pub fn io_counters_in(root: &Root) -> Result<IoCounters> {
    let rows = sys::net::io_counters(&root.0)?;
    Ok(rows.into_iter().map(|(_, counters)| counters).sum())
}

/// Returns what went through each network interface, in the kernel's order.
///
/// On Windows interfaces have the names that people see and can change (`Ethernet 2`), and are those that have
/// IPv4 or IPv6; of the loopback interface it counts nothing.
///
/// # Units
/// Volumes are bytes; the rest is packets.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`io_counters`].
/// # Sources
/// As [`io_counters`].
/// # Examples
/// ```
/// use pslens::counters::NoWrap;
///
/// let mut nowrap = NoWrap::new();
/// let mut rows = pslens::net::io_counters_per_nic()?;
/// nowrap.adjust(rows.iter_mut().map(|(name, counters)| (&*name, counters)));
/// for (name, counters) in &rows {
///     println!("{}: {} bytes received", name.display(), counters.bytes_recv);
/// }
/// # assert!(rows.iter().all(|(name, _)| !name.is_empty()));
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "net_io_counters")]
pub fn io_counters_per_nic() -> Result<Vec<(OsString, IoCounters)>> {
    io_counters_per_nic_in(Root::current())
}

/// As [`io_counters_per_nic`], read from `root`.
///
/// # Errors
/// As [`io_counters_per_nic`].
pub fn io_counters_per_nic_in(root: &Root) -> Result<Vec<(OsString, IoCounters)>> {
    sys::net::io_counters(&root.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_stop_at_the_largest_number() {
        let row = |bytes_sent| IoCounters {
            bytes_sent,
            dropout: 1,
            ..IoCounters::default()
        };
        let sum: IoCounters = [row(u64::MAX), row(7)].into_iter().sum();
        assert_eq!((sum.bytes_sent, sum.dropout), (u64::MAX, 2));
    }

    #[test]
    fn fields_go_in_where_they_come_out() {
        let mut counters = IoCounters::default();
        counters.set_fields([1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(counters.fields(), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!((counters.bytes_sent, counters.dropout), (1, 8));
    }
}
