//! What is known of one interface, and its columns.

use std::ffi::OsString;
use std::net::IpAddr;

use pslens::ErrorKind;
use pslens::net::{self, Duplex, IfAddr, IfStats, InterfaceAddress, InterfaceFlag, IoCounters};
use serde::Serialize;

use crate::exit::{Exit, Result, explained};
use crate::listing::{Listed, Named};
use crate::output::{self, Cell, json, text};

/// What is known of one interface.
#[derive(Debug)]
pub(super) struct Interface {
    pub(super) name: OsString,
    /// `None` if addresses are not known here.
    pub(super) addresses: Option<Vec<IfAddr>>,
    pub(super) stats: Option<IfStats>,
    pub(super) counters: Option<IoCounters>,
}

/// Every interface, in the system's order. What the system refuses to tell is noted and left unknown.
pub(super) fn all(exit: &mut Exit) -> Result<Vec<Interface>> {
    let stats = if_known(net::if_stats(), exit);
    let addresses = if_known(net::if_addrs(), exit);
    let counters = net::io_counters_per_nic();
    let counters = match (&stats, counters) {
        // Then there is nothing to show.
        (None, Err(error)) => return Err(error.into()),
        (_, counters) => if_known(counters, exit),
    };
    let mut interfaces: Vec<Interface> = Vec::new();
    for stats in stats.into_iter().flatten() {
        let interface = find(&mut interfaces, &stats.name);
        interface.stats = Some(stats);
    }
    for (name, counters) in counters.into_iter().flatten() {
        find(&mut interfaces, &name).counters = Some(counters);
    }
    if addresses.is_some() {
        for interface in &mut interfaces {
            interface.addresses = Some(Vec::new());
        }
    }
    for address in addresses.into_iter().flatten() {
        // An interface without any address has a row that says so.
        if address.address.is_some() {
            let holder = interface_of(&address, &interfaces);
            let interface = find(&mut interfaces, &holder);
            interface.addresses.get_or_insert_default().push(address);
        }
    }
    Ok(interfaces)
}

/// `None` for what files do not tell, or not those that are here.
fn if_known<T>(answer: pslens::Result<T>, exit: &mut Exit) -> Option<T> {
    let error = match answer {
        Ok(answer) => return Some(answer),
        Err(error) => error,
    };
    if !matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::NotFound) {
        output::note(&format!("ifconfig: {}", explained(&error)));
        *exit = Exit::PartlyFailed;
    }
    None
}

/// The interface of this name, which is added if it is not there.
fn find<'a>(interfaces: &'a mut Vec<Interface>, name: &OsString) -> &'a mut Interface {
    let known = interfaces
        .iter()
        .position(|interface| interface.name == *name);
    let at = known.unwrap_or(interfaces.len());
    if at == interfaces.len() {
        interfaces.push(Interface {
            name: name.clone(),
            addresses: None,
            stats: None,
            counters: None,
        });
    }
    &mut interfaces[at]
}

/// The name of the interface that has the address, also if it was added under an alias (`eth0:1`).
fn interface_of(address: &IfAddr, interfaces: &[Interface]) -> OsString {
    let is_named = |name: &str| interfaces.iter().any(|interface| interface.name == *name);
    match address.name.to_str().and_then(|name| name.split_once(':')) {
        Some((name, _)) if is_named(name) => name.into(),
        _ => address.name.clone(),
    }
}

impl Interface {
    pub(super) fn is_up(&self) -> Option<bool> {
        let stats = self.stats.as_ref()?;
        Some(stats.flags.contains(InterfaceFlag::Up))
    }

    pub(super) fn duplex(&self) -> Option<Duplex> {
        let duplex = self.stats.as_ref()?.duplex;
        (duplex != Duplex::Unknown).then_some(duplex)
    }

    fn count(&self, counter: impl FnOnce(&IoCounters) -> u64) -> Option<u64> {
        self.counters.as_ref().map(counter)
    }
}

impl Serialize for Interface {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        /// Every key, null where it is not known.
        #[derive(Serialize)]
        struct Known<'a> {
            #[serde(serialize_with = "json::text")]
            name: &'a OsString,
            isup: Option<bool>,
            duplex: Option<Duplex>,
            speed: Option<u32>,
            mtu: Option<u32>,
            flags: Option<net::InterfaceFlags>,
            addrs: Option<&'a [IfAddr]>,
            bytes_sent: Option<u64>,
            bytes_recv: Option<u64>,
            packets_sent: Option<u64>,
            packets_recv: Option<u64>,
            errin: Option<u64>,
            errout: Option<u64>,
            dropin: Option<u64>,
            dropout: Option<u64>,
        }
        let stats = self.stats.as_ref();
        Known {
            name: &self.name,
            isup: stats.map(|stats| stats.isup),
            duplex: self.duplex(),
            speed: stats.and_then(|stats| stats.speed_mbps),
            mtu: stats.map(|stats| stats.mtu),
            flags: stats.map(|stats| stats.flags),
            addrs: self.addresses.as_deref(),
            bytes_sent: self.count(|counters| counters.bytes_sent),
            bytes_recv: self.count(|counters| counters.bytes_recv),
            packets_sent: self.count(|counters| counters.packets_sent),
            packets_recv: self.count(|counters| counters.packets_recv),
            errin: self.count(|counters| counters.errin),
            errout: self.count(|counters| counters.errout),
            dropin: self.count(|counters| counters.dropin),
            dropout: self.count(|counters| counters.dropout),
        }
        .serialize(serializer)
    }
}

impl Listed for Interface {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("name", "IFACE", |row: &Self, _| Cell::text(&row.name)),
        Named::number("mtu", "MTU", |row: &Self, _| {
            Cell::count(row.stats.as_ref().map(|stats| stats.mtu))
        }),
        Named::number("bytes_recv", "RX-BYTES", |row: &Self, _| {
            Cell::bytes(row.count(|counters| counters.bytes_recv))
        })
        .on_demand(),
        Named::number("packets_recv", "RX-OK", |row: &Self, _| {
            Cell::count(row.count(|counters| counters.packets_recv))
        }),
        Named::number("errin", "RX-ERR", |row: &Self, _| {
            Cell::count(row.count(|counters| counters.errin))
        }),
        Named::number("dropin", "RX-DRP", |row: &Self, _| {
            Cell::count(row.count(|counters| counters.dropin))
        }),
        Named::number("bytes_sent", "TX-BYTES", |row: &Self, _| {
            Cell::bytes(row.count(|counters| counters.bytes_sent))
        })
        .on_demand(),
        Named::number("packets_sent", "TX-OK", |row: &Self, _| {
            Cell::count(row.count(|counters| counters.packets_sent))
        }),
        Named::number("errout", "TX-ERR", |row: &Self, _| {
            Cell::count(row.count(|counters| counters.errout))
        }),
        Named::number("dropout", "TX-DRP", |row: &Self, _| {
            Cell::count(row.count(|counters| counters.dropout))
        }),
        Named::text("isup", "UP", |row: &Self, _| match row.stats.as_ref() {
            Some(stats) => Cell::word(if stats.isup { "yes" } else { "no" }),
            None => Cell::Unknown,
        })
        .on_demand(),
        Named::number("speed", "SPEED", |row: &Self, _| {
            Cell::count(row.stats.as_ref().and_then(|stats| stats.speed_mbps))
        })
        .on_demand(),
        Named::text("duplex", "DUPLEX", |row: &Self, _| {
            row.duplex()
                .map_or(Cell::Unknown, |duplex| Cell::word(word(duplex)))
        })
        .on_demand(),
        Named::text("address", "ADDRESS", |row: &Self, _| match &row.addresses {
            Some(addresses) => Cell::owned(ip_addresses(addresses)),
            None => Cell::Unknown,
        })
        .on_demand(),
        Named::text("flags", "FLAGS", |row: &Self, _| match &row.stats {
            Some(stats) => Cell::owned(stats.flags.to_string()),
            None => Cell::Unknown,
        }),
    ];
}

pub(super) const fn word(duplex: Duplex) -> &'static str {
    match duplex {
        Duplex::Half => "half",
        Duplex::Full => "full",
        _ => "-",
    }
}

/// `192.0.2.1/24 fe80::1/64`.
fn ip_addresses(addresses: &[IfAddr]) -> String {
    let mut written = String::new();
    for address in addresses {
        let Some((ip, netmask)) = ip(address.address.as_ref()).zip(address.netmask) else {
            continue;
        };
        if !written.is_empty() {
            written.push(' ');
        }
        text::append(
            &mut written,
            format_args!("{ip}/{}", prefix_length(netmask)),
        );
    }
    written
}

pub(super) fn ip(address: Option<&InterfaceAddress>) -> Option<IpAddr> {
    match address? {
        InterfaceAddress::Inet(ip) => Some((*ip).into()),
        InterfaceAddress::Inet6 { ip, .. } => Some((*ip).into()),
        _ => None,
    }
}

pub(super) fn prefix_length(netmask: IpAddr) -> u32 {
    match netmask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_interface_under_whose_alias_it_is() {
        let mut interfaces = Vec::new();
        find(&mut interfaces, &"eth0".into());
        let check = |label: &str, expect: &str| {
            let mut row = IfAddr::default();
            row.name = label.into();
            assert_eq!(interface_of(&row, &interfaces), expect, "{label}");
        };
        check("eth0", "eth0");
        check("eth0:1", "eth0");
        check("eth1:1", "eth1:1");
    }
}
