//! `pslens ifconfig`: network interfaces, their addresses and counters.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv6Addr};

use pslens::ErrorKind;
use pslens::net::{self, Duplex, IfAddr, IfStats, InterfaceAddress, InterfaceFlag, IoCounters};
use serde::Serialize;

use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::listing::{self, Listed, Named, View};
use crate::output::units::{self, Sizes};
use crate::output::{Cell, Layout, json, text};
use crate::spelling;

/// Network interfaces: what they are set to, their addresses, and what went through them.
///
/// Without NIC, those that are switched on, or of which that is not known. RX is what was received, TX
/// what was sent. An IPv4 address that was added under an alias is in its interface's block, with the
/// alias as its label. Settings are shown, never changed: ip(8) changes them.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only this interface, also if it is switched off.
    #[arg(value_name = "NIC")]
    nic: Option<OsString>,
    /// What ifconfig(8) would set.
    #[arg(hide = true)]
    settings: Vec<OsString>,
    /// Also interfaces that are switched off.
    #[arg(short, long)]
    all: bool,
    /// A line for each interface. So do --columns and --csv.
    #[arg(short, long)]
    short: bool,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens ifconfig              interfaces that are switched on
  pslens ifconfig eth0
  pslens ifconfig -a -s        all, in a table
  pslens ifconfig -s --sort -bytes_recv --columns name,bytes_recv,bytes_sent
  pslens ifconfig --json       psutil's net_if_stats(), net_if_addrs() and
                               net_io_counters() in one

Columns: name, mtu, packets_recv, errin, dropin, packets_sent, errout, dropout,
flags; on demand bytes_recv, bytes_sent, isup, speed (megabits per second),
duplex, address.
With --procfs of another system addresses are unknown: only the running system
can be asked for them.
In tables - is unknown, ? is denied (ask as root).
Exit status: 0 done, 1 there is no such NIC, 2 wrong usage, 3 denied, 5 other
failures.";

/// What is known of one interface.
#[derive(Debug)]
struct Interface {
    name: OsString,
    /// `None` if addresses are not known here.
    addresses: Option<Vec<IfAddr>>,
    stats: Option<IfStats>,
    counters: Option<IoCounters>,
}

type Columns = &'static Named<Interface>;

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    if let (Some(nic), [_, ..]) = (&args.nic, args.settings.as_slice()) {
        let nic = nic.display();
        let message = format!(
            "ifconfig: this shows interfaces and changes none; to set up '{nic}' use ip(8)"
        );
        return Err(Failure::message(Exit::Usage, message));
    }
    let view: View<Columns> = args.table.view(context)?;
    let in_blocks = !(args.short || context.json || view.is_tabular());
    args.table.repeat(context, |context, out| {
        let interfaces = wanted(args.nic.as_ref(), args.all)?;
        if in_blocks {
            let mut blocks = String::new();
            for interface in view.arrange(interfaces, &context.clock) {
                push_block(&mut blocks, &interface, context.layout);
            }
            out.write_all(blocks.as_bytes())?;
        } else {
            view.show(interfaces, context, out)?;
        }
        Ok(Exit::Success)
    })
}

/// The short table, for `netstat -i` too.
pub(super) fn short(table: &listing::Options, all: bool, context: &Context) -> Result<Exit> {
    let view: View<Columns> = table.view(context)?;
    table.repeat(context, |context, out| {
        view.show(wanted(None, all)?, context, out)?;
        Ok(Exit::Success)
    })
}

/// The interface that was named, or all, or those that may carry traffic.
fn wanted(nic: Option<&OsString>, all: bool) -> Result<Vec<Interface>> {
    let mut interfaces = interfaces()?;
    match nic {
        Some(nic) if interfaces.iter().all(|interface| interface.name != *nic) => {
            let names: Vec<_> = interfaces
                .iter()
                .map(|each| each.name.to_string_lossy())
                .collect();
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            let meant = spelling::suggestion(&nic.to_string_lossy(), names.iter().copied());
            let (nic, names) = (nic.display(), names.join(", "));
            let message =
                format!("ifconfig: there is no interface '{nic}'{meant} There are: {names}");
            return Err(Failure::message(Exit::NotFound, message));
        }
        Some(nic) => interfaces.retain(|interface| interface.name == *nic),
        None if all => {}
        None => interfaces.retain(|interface| interface.is_up() != Some(false)),
    }
    Ok(interfaces)
}

/// Every interface, in the system's order.
fn interfaces() -> Result<Vec<Interface>> {
    let stats = if_known(net::if_stats())?;
    let addresses = if_known(net::if_addrs())?;
    let counters = if_known(net::io_counters_per_nic())?;
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
fn if_known<T>(answer: pslens::Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::NotFound) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
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
    fn is_up(&self) -> Option<bool> {
        let stats = self.stats.as_ref()?;
        Some(stats.flags.contains(InterfaceFlag::Up))
    }

    fn duplex(&self) -> Option<Duplex> {
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

const fn word(duplex: Duplex) -> &'static str {
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

fn ip(address: Option<&InterfaceAddress>) -> Option<IpAddr> {
    match address? {
        InterfaceAddress::Inet(ip) => Some((*ip).into()),
        InterfaceAddress::Inet6 { ip, .. } => Some((*ip).into()),
        _ => None,
    }
}

fn prefix_length(netmask: IpAddr) -> u32 {
    match netmask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    }
}

/// One interface in the lines that ifconfig(8) has for it.
fn push_block(out: &mut String, interface: &Interface, layout: Layout) {
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
        push_block(&mut out, interface, layout);
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

    #[test]
    fn an_address_belongs_to_the_interface_under_whose_alias_it_is() {
        let interfaces = [interface()];
        let check = |label: &str, expect: &str| {
            let row = address(label, InterfaceAddress::Link(vec![]), None);
            assert_eq!(interface_of(&row, &interfaces), expect, "{label}");
        };
        check("eth0", "eth0");
        check("eth0:1", "eth0");
        check("eth1:1", "eth1:1");
    }
}
