//! Interfaces from `NETLINK_ROUTE`, their speed from `SIOCETHTOOL`; another root's from `class/net`.
//!
//! rtnetlink and not getifaddrs(3), which asks the same question and then loses part of the answer:
//! flags and MTU come along, hardware addresses are not cut to eight bytes, and a broadcast address
//! that is not set is not mistaken for the own one. It is also all safe code.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use pslens_parse::linux::{rtnetlink_addr, rtnetlink_link};
use pslens_parse::scan::{Scan, trim};
use rustix::io::Errno;

use super::netlink::{Netlink, ROUTE, invalid};
use crate::error::{Error, Result};
use crate::net::{
    Duplex, IfAddr, IfAddrFamily, IfStats, InterfaceAddress, InterfaceFlag, InterfaceFlags,
};
use crate::sys::linux::Root;
use crate::sys::linux::ffi::ethtool;
use crate::sys::linux::root::read;

const RTM_NEWLINK: u16 = 16;
const RTM_GETLINK: u16 = 18;
const RTM_NEWADDR: u16 = 20;
const RTM_GETADDR: u16 = 22;

const IFF_BROADCAST: u32 = 0x2;
const IFF_POINTOPOINT: u32 = 0x10;

pub(crate) fn if_addrs(root: &Root) -> Result<Vec<IfAddr>> {
    const OPERATION: &str = "net if_addrs";
    if !root.proc_is_running() {
        return Err(Error::unsupported(OPERATION, "needs the running system"));
    }
    addresses().map_err(|error| Error::os(OPERATION, error))
}

/// One interface and the rows of its addresses.
struct Link {
    name: Vec<u8>,
    flags: u32,
    addresses: Vec<IfAddr>,
    hardware: Option<IfAddr>,
}

fn addresses() -> io::Result<Vec<IfAddr>> {
    let mut netlink = Netlink::open(ROUTE)?;
    let mut links = Vec::new();
    let mut by_index = HashMap::new();
    each_link(&mut netlink, |link| {
        by_index.insert(link.ifi_index, links.len());
        links.push(Link {
            name: link.ifname.to_vec(),
            flags: link.ifi_flags,
            addresses: Vec::new(),
            hardware: hardware_address(link),
        });
    })?;
    // struct ifaddrmsg: every family, every interface.
    netlink.dump(RTM_GETADDR, &[0; 8], RTM_NEWADDR, |payload| {
        let Some(row) = rtnetlink_addr::parse(payload).map_err(invalid)? else {
            return Ok(());
        };
        // An interface that came after the first table was made.
        let Some(&position) = by_index.get(&row.ifa_index) else {
            return Ok(());
        };
        let link: &mut Link = &mut links[position];
        let row = ip_address(&row, link);
        link.addresses.extend(row);
        Ok(())
    })?;
    let mut rows = Vec::new();
    for mut link in links {
        link.addresses.sort_by_key(|row| row.family);
        if link.addresses.is_empty() && link.hardware.is_none() {
            rows.push(IfAddr {
                name: OsString::from_vec(link.name),
                ..IfAddr::default()
            });
            continue;
        }
        rows.append(&mut link.addresses);
        rows.extend(link.hardware);
    }
    Ok(rows)
}

fn hardware_address(link: &rtnetlink_link::Link<'_>) -> Option<IfAddr> {
    let address =
        |bytes: &[u8]| (!bytes.is_empty()).then(|| InterfaceAddress::Link(bytes.to_vec()));
    let other = |flag| {
        let is_set = link.ifi_flags & flag != 0;
        is_set.then(|| address(link.broadcast)).flatten()
    };
    let broadcast = other(IFF_BROADCAST);
    Some(IfAddr {
        name: OsStr::from_bytes(link.ifname).to_owned(),
        family: IfAddrFamily::Link,
        address: Some(address(link.address)?),
        netmask: None,
        ptp: match broadcast {
            Some(_) => None,
            None => other(IFF_POINTOPOINT),
        },
        broadcast,
    })
}

fn ip_address(row: &rtnetlink_addr::Addr<'_>, link: &Link) -> Option<IfAddr> {
    let own = row.local.or(row.address)?;
    let address = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => InterfaceAddress::Inet(ip),
        IpAddr::V6(ip) => InterfaceAddress::Inet6 {
            ip,
            zone: ip
                .is_unicast_link_local()
                .then(|| OsStr::from_bytes(&link.name).to_owned()),
        },
    };
    let netmask = row.netmask();
    let is_alone = netmask == Some(IpAddr::V4(Ipv4Addr::BROADCAST));
    let (broadcast, ptp) = if link.flags & IFF_BROADCAST != 0 {
        (row.broadcast.filter(|_| !is_alone), None)
    } else if link.flags & IFF_POINTOPOINT != 0 {
        // The kernel gives both for IPv4 always, for IPv6 only if there is another end.
        (None, row.local.and(row.address))
    } else {
        (None, None)
    };
    Some(IfAddr {
        name: OsStr::from_bytes(row.label.unwrap_or(&link.name)).to_owned(),
        family: match own {
            IpAddr::V4(_) => IfAddrFamily::Inet,
            IpAddr::V6(_) => IfAddrFamily::Inet6,
        },
        address: Some(address(own)),
        netmask,
        broadcast: broadcast.map(address),
        ptp: ptp.map(address),
    })
}

fn each_link(
    netlink: &mut Netlink,
    mut link: impl FnMut(&rtnetlink_link::Link<'_>),
) -> io::Result<()> {
    // struct ifinfomsg, then IFLA_EXT_MASK = RTEXT_FILTER_SKIP_STATS: the counters are the larger part
    // of the answer and not wanted (ignored before Linux 4.4).
    let mut request = [0_u8; 24];
    request[16..18].copy_from_slice(&8_u16.to_ne_bytes());
    request[18..20].copy_from_slice(&29_u16.to_ne_bytes());
    request[20..].copy_from_slice(&8_u32.to_ne_bytes());
    netlink.dump(RTM_GETLINK, &request, RTM_NEWLINK, |payload| {
        link(&rtnetlink_link::parse(payload).map_err(invalid)?);
        Ok(())
    })
}

pub(crate) fn if_stats(root: &Root) -> Result<Vec<IfStats>> {
    if root.is_running_system()
        && let Ok(rows) = stats_from_netlink()
    {
        return Ok(rows);
    }
    stats_from_sysfs(root)
}

fn stats_from_netlink() -> io::Result<Vec<IfStats>> {
    let mut netlink = Netlink::open(ROUTE)?;
    let mut rows = Vec::new();
    each_link(&mut netlink, |link| {
        let flags = flags(link.ifi_flags);
        rows.push(IfStats {
            name: OsStr::from_bytes(link.ifname).to_owned(),
            isup: flags.contains(InterfaceFlag::Running),
            duplex: Duplex::Unknown,
            speed_mbps: None,
            mtu: link.mtu,
            flags,
        });
    })?;
    for row in &mut rows {
        // Wireless, virtual, busy, gone meanwhile: not known.
        if let Ok(settings) = ethtool::settings(netlink.as_fd(), row.name.as_bytes()) {
            row.speed_mbps = speed(settings.speed);
            row.duplex = match settings.duplex {
                0 => Duplex::Half,
                1 => Duplex::Full,
                _ => Duplex::Unknown,
            };
        }
    }
    Ok(rows)
}

/// All ones is "unknown"; some drivers say 0 without a link.
fn speed(mbps: u32) -> Option<u32> {
    (mbps != 0 && i32::try_from(mbps).is_ok()).then_some(mbps)
}

/// The bits of `include/uapi/linux/if.h`, in their order.
const FLAGS: [InterfaceFlag; 16] = [
    InterfaceFlag::Up,
    InterfaceFlag::Broadcast,
    InterfaceFlag::Debug,
    InterfaceFlag::Loopback,
    InterfaceFlag::PointToPoint,
    InterfaceFlag::NoTrailers,
    InterfaceFlag::Running,
    InterfaceFlag::NoArp,
    InterfaceFlag::Promisc,
    InterfaceFlag::AllMulti,
    InterfaceFlag::Master,
    InterfaceFlag::Slave,
    InterfaceFlag::Multicast,
    InterfaceFlag::PortSel,
    InterfaceFlag::AutoMedia,
    InterfaceFlag::Dynamic,
];

fn flags(bits: u32) -> InterfaceFlags {
    let flags = FLAGS.into_iter().enumerate();
    flags
        .filter_map(|(bit, flag)| (bits & (1 << bit) != 0).then_some(flag))
        .collect()
}

/// Another root, or a sandbox that refuses netlink.
fn stats_from_sysfs(root: &Root) -> Result<Vec<IfStats>> {
    const OPERATION: &str = "net if_stats";
    let class = root.sys("class/net");
    let of_class = |error| Error::os_path(OPERATION, &class, error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&class).map_err(of_class)? {
        names.push(entry.map_err(of_class)?.file_name());
    }
    names.sort_unstable();
    let mut rows = Vec::new();
    for name in names {
        let directory = class.join(&name);
        if let Some(row) = stats_of(name, &directory)
            .map_err(|error| Error::os_path(OPERATION, directory, error))?
        {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// `None` if it is no interface (the file `bonding_masters`), or gone.
fn stats_of(name: OsString, directory: &Path) -> io::Result<Option<IfStats>> {
    let text = |file: &str| read(&directory.join(file));
    let (bits, mtu) = match (text("flags"), text("mtu")) {
        (Ok(flags), Ok(mtu)) => (hex(&flags)?, decimal(&mtu)?),
        (Err(error), _) | (_, Err(error)) => {
            let gone = [Errno::NOENT, Errno::NOTDIR, Errno::NODEV];
            let is_gone = gone
                .iter()
                .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()));
            return if is_gone { Ok(None) } else { Err(error) };
        }
    };
    // The kernel adds this one for those who ask through netlink: up, and the link is not known to be
    // down.
    let operstate = text("operstate").unwrap_or_default();
    let is_running = bits & 1 != 0 && matches!(trim(&operstate), b"up" | b"unknown");
    let running = is_running.then_some(InterfaceFlag::Running);
    let flags: InterfaceFlags = flags(bits).iter().chain(running).collect();
    // Both fail with EINVAL if the link is down. -1 is "unknown".
    let speed = text("speed").ok().and_then(|text| decimal(&text).ok());
    Ok(Some(IfStats {
        name,
        isup: flags.contains(InterfaceFlag::Running),
        duplex: match trim(&text("duplex").unwrap_or_default()) {
            b"half" => Duplex::Half,
            b"full" => Duplex::Full,
            _ => Duplex::Unknown,
        },
        speed_mbps: speed.and_then(self::speed),
        mtu,
        flags,
    }))
}

fn decimal(text: &[u8]) -> io::Result<u32> {
    Scan::new("/sys/class/net", text)
        .number("number")
        .map_err(invalid)
}

fn hex(text: &[u8]) -> io::Result<u32> {
    let mut scan = Scan::new("/sys/class/net", text);
    if scan.rest().starts_with(b"0x") {
        scan.skip(2);
    }
    scan.hex("flags").map_err(invalid)
}
