//! An interface in several lines.

use std::net::Ipv6Addr;

use pslens::net::{IfAddr, InterfaceAddress, InterfaceFlag};

use super::interface::{Interface, ip, prefix_length, word};
use crate::output::units::{self, Sizes};
use crate::output::{Layout, text};

/// One interface in the lines that ifconfig(8) has for it.
pub(super) fn push(out: &mut String, interface: &Interface, layout: Layout) {
    if !out.is_empty() {
        out.push('\n');
    }
    text::push(out, &interface.name);
    match &interface.stats {
        Some(stats) => {
            let flags = stats.flags.to_string().to_uppercase();
            text::append(out, format_args!(": flags=<{flags}>  mtu {}\n", stats.mtu));
        }
        None => out.push_str(": flags=-  mtu -\n"),
    }
    match &interface.addresses {
        Some(addresses) => {
            for address in addresses {
                push_address(out, address, interface);
            }
        }
        None => out.push_str("        inet -  inet6 -  ether -\n"),
    }
    let speed = interface.stats.as_ref().and_then(|stats| stats.speed_mbps);
    if speed.is_some() || interface.duplex().is_some() {
        out.push_str("        speed ");
        match speed {
            Some(speed) => text::append(out, format_args!("{speed}Mb/s")),
            None => out.push('-'),
        }
        let duplex = interface.duplex().map_or("-", word);
        text::append(out, format_args!("  duplex {duplex}\n"));
    }
    let Some(counters) = &interface.counters else {
        return out.push_str("        RX -\n        TX -\n");
    };
    let [received, sent] = [
        (
            "RX",
            counters.packets_recv,
            counters.bytes_recv,
            counters.errin,
            counters.dropin,
        ),
        (
            "TX",
            counters.packets_sent,
            counters.bytes_sent,
            counters.errout,
            counters.dropout,
        ),
    ];
    for (direction, packets, bytes, errors, dropped) in [received, sent] {
        text::append(
            out,
            format_args!("        {direction} packets {packets}  bytes {bytes}"),
        );
        if matches!(layout.sizes, Sizes::Human | Sizes::Si) {
            out.push_str(" (");
            units::push_bytes(out, bytes, layout.sizes);
            out.push(')');
        }
        text::append(out, format_args!("  errors {errors}  dropped {dropped}\n"));
    }
}

fn push_address(out: &mut String, row: &IfAddr, interface: &Interface) {
    let Some(address) = &row.address else {
        return;
    };
    out.push_str("        ");
    match address {
        InterfaceAddress::Inet(ip) => {
            text::append(out, format_args!("inet {ip}"));
            if let Some(netmask) = row.netmask {
                text::append(out, format_args!("  netmask {netmask}"));
            }
        }
        InterfaceAddress::Inet6 { ip, .. } => {
            text::append(out, format_args!("inet6 {ip}"));
            if let Some(netmask) = row.netmask {
                text::append(out, format_args!("  prefixlen {}", prefix_length(netmask)));
            }
            text::append(out, format_args!("  scope {}", scope(*ip)));
        }
        InterfaceAddress::Link(bytes) => {
            // Only Ethernet, and what behaves like it, has addresses of six bytes.
            let is_loopback = interface
                .stats
                .as_ref()
                .is_some_and(|stats| stats.flags.contains(InterfaceFlag::Loopback));
            let is_ethernet = bytes.len() == 6 && !is_loopback;
            let kind = if is_ethernet { "ether" } else { "link" };
            text::append(out, format_args!("{kind} {address}"));
        }
        _ => out.push('-'),
    }
    for (word, other) in [("broadcast", &row.broadcast), ("destination", &row.ptp)] {
        // Everybody's hardware address is the same everywhere.
        if let Some(ip) = ip(other.as_ref()) {
            text::append(out, format_args!("  {word} {ip}"));
        }
    }
    if row.name != interface.name {
        out.push_str("  label ");
        text::push(out, &row.name);
    }
    out.push('\n');
}

/// How far an address is valid, which the address itself says.
fn scope(ip: Ipv6Addr) -> &'static str {
    if ip.is_loopback() {
        "host"
    } else if ip.is_unicast_link_local() {
        "link"
    } else {
        "global"
    }
}

#[cfg(test)]
mod tests {
    use pslens::net::{Duplex, IfStats, IoCounters};

    use super::*;

    fn address(name: &str, address: InterfaceAddress, netmask: Option<&str>) -> IfAddr {
        let mut row = IfAddr::default();
        row.name = name.into();
        row.address = Some(address);
        row.netmask = netmask.map(|mask| mask.parse().unwrap());
        row
    }

    fn interface() -> Interface {
        let inet = |text: &str| InterfaceAddress::Inet(text.parse().unwrap());
        let inet6 = |text: &str| InterfaceAddress::Inet6 {
            ip: text.parse().unwrap(),
            zone: None,
        };
        let mut first = address("eth0", inet("192.0.2.1"), Some("255.255.255.0"));
        first.broadcast = Some(inet("192.0.2.255"));
        let mut tunnel = address("eth0", inet("192.0.2.9"), Some("255.255.255.255"));
        tunnel.ptp = Some(inet("192.0.2.10"));
        let mut stats = IfStats::default();
        stats.name = "eth0".into();
        stats.flags = [InterfaceFlag::Up, InterfaceFlag::Running]
            .into_iter()
            .collect();
        stats.mtu = 1500;
        stats.duplex = Duplex::Full;
        stats.speed_mbps = Some(1000);
        let mut counters = IoCounters::default();
        counters.bytes_recv = 3 << 20;
        counters.packets_recv = 7;
        counters.dropout = 2;
        Interface {
            name: "eth0".into(),
            addresses: Some(vec![
                first,
                address("eth0:1", inet("198.51.100.1"), Some("255.255.0.0")),
                tunnel,
                address("eth0", inet6("fe80::1"), Some("ffff:ffff:ffff:ffff::")),
                address("eth0", inet6("2001:db8::1"), Some("ffff:ffff:ffff::")),
                address("eth0", InterfaceAddress::Link(vec![2, 0, 0, 0, 0, 1]), None),
            ]),
            stats: Some(stats),
            counters: Some(counters),
        }
    }

    fn block(interface: &Interface, sizes: Sizes) -> String {
        let layout = Layout {
            sizes,
            ..Layout::RAW
        };
        let mut out = String::new();
        push(&mut out, interface, layout);
        out
    }

    #[test]
    fn a_block_has_what_is_known() {
        let expect = "\
eth0: flags=<UP,RUNNING>  mtu 1500
        inet 192.0.2.1  netmask 255.255.255.0  broadcast 192.0.2.255
        inet 198.51.100.1  netmask 255.255.0.0  label eth0:1
        inet 192.0.2.9  netmask 255.255.255.255  destination 192.0.2.10
        inet6 fe80::1  prefixlen 64  scope link
        inet6 2001:db8::1  prefixlen 48  scope global
        ether 02:00:00:00:00:01
        speed 1000Mb/s  duplex full
        RX packets 7  bytes 3145728 (3.0M)  errors 0  dropped 0
        TX packets 0  bytes 0 (0B)  errors 0  dropped 2
";
        assert_eq!(block(&interface(), Sizes::Human), expect);
        assert!(block(&interface(), Layout::RAW.sizes).contains("bytes 3145728  errors"));
    }

    #[test]
    fn what_is_unknown_is_said_to_be_and_a_hostile_name_stays_in_its_line() {
        let interface = Interface {
            name: "a\nb".into(),
            addresses: None,
            stats: None,
            counters: None,
        };
        assert_eq!(
            block(&interface, Sizes::Human),
            "a\\nb: flags=-  mtu -\n        inet -  inet6 -  ether -\n        RX -\n        TX -\n"
        );
    }
}
