//! Addresses of adapters, and how their interfaces are set up.

use std::ffi::OsString;

use pslens_parse::windows::ip_adapter_addresses::{Adapter, Unicast};
use windows_sys::Win32::NetworkManagement::IpHelper::MIB_IF_ROW2;
use windows_sys::Win32::NetworkManagement::Ndis::{
    IfOperStatusUp, NET_IF_ACCESS_BROADCAST, NET_IF_ACCESS_LOOPBACK, NET_IF_ACCESS_POINT_TO_POINT,
    NET_IF_ADMIN_STATUS_UP,
};

use super::{each_adapter, each_interface, name};
use crate::error::Result;
use crate::net::{
    Duplex, IfAddr, IfAddrFamily, IfStats, InterfaceAddress, InterfaceFlag, InterfaceFlags,
};
use crate::sys::windows::Root;
use crate::sys::windows::ffi::network;

pub(crate) fn if_addrs(_root: &Root) -> Result<Vec<IfAddr>> {
    let mut rows = Vec::new();
    each_adapter("net if_addrs", |adapter| {
        // One that has gone meanwhile had these addresses.
        let row = network::interface(adapter.index()).ok();
        rows.append(&mut addresses(&adapter, row.as_ref()));
    })?;
    Ok(rows)
}

/// IPv4, IPv6, then the hardware address; or the name alone.
fn addresses(adapter: &Adapter<'_>, row: Option<&MIB_IF_ROW2>) -> Vec<IfAddr> {
    let name = name(adapter);
    let has_broadcast = row.is_some_and(|row| row.AccessType == NET_IF_ACCESS_BROADCAST);
    let ip = |unicast: &Unicast| ip_address(name.clone(), unicast, has_broadcast);
    let mut rows: Vec<IfAddr> = adapter.unicast.iter().map(ip).collect();
    rows.sort_by_key(|row| row.family);
    let hardware = row.and_then(hardware).unwrap_or(adapter.physical_address);
    if !hardware.is_empty() {
        rows.push(IfAddr {
            name: name.clone(),
            family: IfAddrFamily::Link,
            address: Some(InterfaceAddress::Link(hardware.to_vec())),
            ..IfAddr::default()
        });
    }
    if rows.is_empty() {
        rows.push(IfAddr {
            name,
            ..IfAddr::default()
        });
    }
    rows
}

/// The whole hardware address, for which an adapter has no more than eight bytes of room.
fn hardware(row: &MIB_IF_ROW2) -> Option<&[u8]> {
    let length = usize::try_from(row.PhysicalAddressLength).ok()?;
    row.PhysicalAddress.get(..length)
}

/// Windows sends to the last address of a network what is for everybody on it, and lets nobody set another.
/// What is at the other end of a point-to-point interface it does not tell here.
fn ip_address(name: OsString, unicast: &Unicast, has_broadcast: bool) -> IfAddr {
    let (family, address) = match unicast.ip {
        std::net::IpAddr::V4(ip) => (IfAddrFamily::Inet, InterfaceAddress::Inet(ip)),
        std::net::IpAddr::V6(ip) => {
            let zone = (unicast.scope_id != 0).then(|| unicast.scope_id.to_string().into());
            (IfAddrFamily::Inet6, InterfaceAddress::Inet6 { ip, zone })
        }
    };
    let broadcast = unicast.broadcast().filter(|_| has_broadcast);
    IfAddr {
        name,
        family,
        address: Some(address),
        netmask: unicast.netmask(),
        broadcast: broadcast.map(InterfaceAddress::Inet),
        ptp: None,
    }
}

pub(crate) fn if_stats(_root: &Root) -> Result<Vec<IfStats>> {
    each_interface("net if_stats", stats)
}

fn stats(adapter: &Adapter<'_>, row: &MIB_IF_ROW2) -> IfStats {
    let is_on = row.AdminStatus == NET_IF_ADMIN_STATUS_UP;
    let isup = is_on && row.OperStatus == IfOperStatusUp;
    let is_access = |access| row.AccessType == access;
    let flags = [
        (InterfaceFlag::Up, is_on),
        (InterfaceFlag::Broadcast, is_access(NET_IF_ACCESS_BROADCAST)),
        (InterfaceFlag::Loopback, is_access(NET_IF_ACCESS_LOOPBACK)),
        (
            InterfaceFlag::PointToPoint,
            is_access(NET_IF_ACCESS_POINT_TO_POINT),
        ),
        (InterfaceFlag::Running, isup),
        (InterfaceFlag::Multicast, adapter.has_multicast()),
    ];
    let flags = flags
        .into_iter()
        .filter_map(|(flag, is_set)| is_set.then_some(flag));
    IfStats {
        name: name(adapter),
        isup,
        // That NDIS knows, and this function does not tell.
        duplex: Duplex::Unknown,
        speed_mbps: speed(row.TransmitLinkSpeed),
        mtu: row.Mtu,
        flags: InterfaceFlags::from_iter(flags),
    }
}

/// From bits per second. All ones is "unknown"; 0 is said without a link, and where there is none to speak of.
fn speed(bits: u64) -> Option<u32> {
    let mbps = u32::try_from(bits / 1_000_000).ok()?;
    (mbps != 0).then_some(mbps)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use pslens_parse::windows::Wide;

    use super::*;

    #[test]
    fn speeds_do_not_wrap_and_unknown_is_none() {
        // psutil #2655: above 4.29 Gbit/s.
        assert_eq!(speed(100_000_000_000), Some(100_000));
        assert_eq!(speed(4_294_967_296), Some(4294));
        for unknown in [0, 999_999, u64::MAX] {
            assert_eq!(speed(unknown), None);
        }
    }

    fn unicast(ip: &str, scope_id: u32, prefix: u8) -> Unicast {
        Unicast {
            ip: ip.parse().unwrap(),
            scope_id,
            on_link_prefix_length: Some(prefix),
        }
    }

    const NAME: [u8; 6] = [b'n', 0, b'i', 0, b'c', 0];

    fn adapter(unicast: Vec<Unicast>, physical_address: &[u8]) -> Adapter<'_> {
        Adapter {
            if_index: 4,
            ipv6_if_index: 4,
            friendly_name: Wide(&NAME),
            physical_address,
            flags: 0,
            unicast,
        }
    }

    #[test]
    fn addresses_come_in_the_order_of_their_families() {
        let unicasts = vec![
            unicast("fe80::1", 4, 64),
            unicast("192.0.2.2", 0, 24),
            unicast("2001:db8::2", 0, 64),
        ];
        let ethernet = MIB_IF_ROW2 {
            AccessType: NET_IF_ACCESS_BROADCAST,
            PhysicalAddressLength: u32::MAX,
            ..MIB_IF_ROW2::default()
        };
        let rows = addresses(&adapter(unicasts, &[2, 0xfc, 0, 0, 0, 1]), Some(&ethernet));
        let text = |row: &IfAddr| row.address.as_ref().unwrap().to_string();
        let texts: Vec<_> = rows.iter().map(text).collect();
        let expect = ["192.0.2.2", "fe80::1%4", "2001:db8::2", "02:fc:00:00:00:01"];
        assert_eq!(texts, expect);
        let masks = rows
            .iter()
            .map(|row| row.netmask.map(|mask| mask.to_string()));
        let v6 = Some("ffff:ffff:ffff:ffff::");
        let expect = [Some("255.255.255.0"), v6, v6, None];
        assert!(masks.eq(expect.map(|mask| mask.map(str::to_owned))));
        let broadcast = rows[0].broadcast.as_ref().unwrap();
        assert_eq!(broadcast.to_string(), "192.0.2.255");
        assert!(rows[1..].iter().all(|row| row.broadcast.is_none()));
        assert!(
            rows.iter()
                .all(|row| row.ptp.is_none() && row.name == "nic")
        );
        // Where nobody listens for it.
        let rows = addresses(&adapter(vec![unicast("127.0.0.1", 0, 8)], &[]), None);
        assert_eq!((rows.len(), &rows[0].broadcast), (1, &None));
        assert_eq!(rows[0].netmask, Some(IpAddr::from([255, 0, 0, 0])));
    }

    #[test]
    fn an_adapter_without_addresses_has_a_row() {
        let rows = addresses(&adapter(Vec::new(), &[]), None);
        let expect = IfAddr {
            name: "nic".into(),
            ..IfAddr::default()
        };
        assert_eq!(rows, [expect]);
    }

    #[test]
    fn hardware_addresses_are_as_long_as_they_are() {
        let mut row = MIB_IF_ROW2 {
            PhysicalAddressLength: 20,
            ..MIB_IF_ROW2::default()
        };
        row.PhysicalAddress[19] = 0x1f;
        let rows = addresses(&adapter(Vec::new(), &[0; 8]), Some(&row));
        let [
            IfAddr {
                address: Some(InterfaceAddress::Link(bytes)),
                ..
            },
        ] = rows.as_slice()
        else {
            panic!("{rows:?}");
        };
        assert_eq!((bytes.len(), bytes[19]), (20, 0x1f));
    }

    #[test]
    fn flags_are_those_that_are_certain() {
        let check = |change: fn(&mut MIB_IF_ROW2), expect: &str, isup: bool| {
            let mut row = MIB_IF_ROW2 {
                AdminStatus: NET_IF_ADMIN_STATUS_UP,
                OperStatus: IfOperStatusUp,
                AccessType: NET_IF_ACCESS_BROADCAST,
                ..MIB_IF_ROW2::default()
            };
            change(&mut row);
            let stats = stats(&adapter(Vec::new(), &[]), &row);
            assert_eq!(
                (stats.flags.to_string().as_str(), stats.isup),
                (expect, isup)
            );
        };
        check(|_| (), "up,broadcast,running,multicast", true);
        check(|row| row.OperStatus = 2, "up,broadcast,multicast", false);
        // On, and the driver has not heard yet that it was switched off.
        check(|row| row.AdminStatus = 2, "broadcast,multicast", false);
        let loopback = |row: &mut MIB_IF_ROW2| row.AccessType = NET_IF_ACCESS_LOOPBACK;
        check(loopback, "up,loopback,running,multicast", true);
        let point = |row: &mut MIB_IF_ROW2| row.AccessType = NET_IF_ACCESS_POINT_TO_POINT;
        check(point, "up,pointopoint,running,multicast", true);
    }
}
