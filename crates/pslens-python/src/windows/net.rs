//! Interfaces and their addresses as psutil has them on Windows.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr};

use pslens::net::{ConnectionKind, Duplex, IfAddr, IfAddrFamily, IfStats, InterfaceAddress};

use crate::constants::{self, Constant};

/// Windows has no address family for hardware.
pub(crate) static LINK: Constant = constants::enums("AF_LINK");

/// Whether there are sockets of a kind. Python has no local sockets there.
pub(crate) const fn is_known(kind: ConnectionKind) -> bool {
    !matches!(kind, ConnectionKind::Unix)
}

/// In which order the addresses of an interface are listed: by the numbers of their families, of which that of
/// hardware is -1.
pub(crate) fn rank(family: IfAddrFamily) -> (bool, IfAddrFamily) {
    (family != IfAddrFamily::Link, family)
}

/// COMPAT(psutil): whatever it is.
pub(crate) const fn duplex(_stats: &IfStats) -> Duplex {
    Duplex::Full
}

/// COMPAT(psutil): none, although the library knows some.
pub(crate) const fn flags(_stats: &IfStats) -> &'static str {
    ""
}

/// What the system does not tell follows from the mask. psutil computes it as well, and then drops it.
pub(crate) fn broadcast(address: &IfAddr) -> Option<String> {
    match (&address.broadcast, &address.address, address.netmask) {
        (Some(known), ..) => written(Some(known)),
        (None, Some(InterfaceAddress::Inet(ip)), Some(IpAddr::V4(mask)))
            if mask != Ipv4Addr::BROADCAST =>
        {
            Some(Ipv4Addr::from(u32::from(*ip) | !u32::from(mask)).to_string())
        }
        _ => None,
    }
}

/// COMPAT(psutil): without the interface that an address is valid on, hardware in capitals.
pub(crate) fn written(address: Option<&InterfaceAddress>) -> Option<String> {
    Some(match address? {
        InterfaceAddress::Inet6 { ip, .. } => ip.to_string(),
        InterfaceAddress::Link(bytes) => hardware(bytes),
        other => other.to_string(),
    })
}

/// `02-FC-00-00-00-01`; shorter ones are filled up.
fn hardware(bytes: &[u8]) -> String {
    let mut text = String::new();
    for at in 0..bytes.len().max(6) {
        let separator = if at == 0 { "" } else { "-" };
        let byte = bytes.get(at).copied().unwrap_or(0);
        // Writing to a text never fails.
        let _ = write!(text, "{separator}{byte:02X}");
    }
    text
}
