//! Interfaces and their addresses as psutil has them on Linux.

use pslens::net::{ConnectionKind, Duplex, IfAddr, IfAddrFamily, IfStats, InterfaceAddress};

use crate::constants::{self, Constant};

/// The same number as `AF_LINK`, under the name that psutil shows.
pub(crate) static LINK: Constant = constants::socket("AF_PACKET");

/// Whether there are sockets of a kind.
pub(crate) const fn is_known(_kind: ConnectionKind) -> bool {
    true
}

/// In which order the addresses of an interface are listed: by the numbers of their families.
pub(crate) const fn rank(family: IfAddrFamily) -> IfAddrFamily {
    family
}

pub(crate) const fn duplex(stats: &IfStats) -> Duplex {
    stats.duplex
}

pub(crate) fn flags(stats: &IfStats) -> String {
    stats.flags.to_string()
}

pub(crate) fn broadcast(address: &IfAddr) -> Option<String> {
    written(address.broadcast.as_ref())
}

pub(crate) fn written(address: Option<&InterfaceAddress>) -> Option<String> {
    let mut text = address?.to_string();
    if let Some(InterfaceAddress::Link(bytes)) = address {
        // COMPAT(psutil): shorter hardware addresses are filled up.
        for missing in bytes.len()..6 {
            text.push_str(if missing == 0 { "00" } else { ":00" });
        }
    }
    Some(text)
}
