//! Interfaces: their addresses, and how they are set up.

use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::Result;
use crate::root::Root;
use crate::sys;

/// One address of one network interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IfAddr {
    /// The interface, or the alias (`eth0:1`) under which an IPv4 address was added. Windows: the name that
    /// people see (`Ethernet 2`).
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::text"))]
    pub name: OsString,
    /// What kind of address.
    pub family: IfAddrFamily,
    /// The interface's own address. `None` only with [`IfAddrFamily::Unspec`].
    pub address: Option<InterfaceAddress>,
    /// Which bits of the address name the network. `None` for link-layer addresses.
    pub netmask: Option<IpAddr>,
    /// Where to send what is for everybody on the network. `None` if no such address is set, and
    /// for networks of a single address (`/32`). Windows: the last address of the network (IPv4), which nobody
    /// can set to another.
    pub broadcast: Option<InterfaceAddress>,
    /// The address of the other end of a point-to-point interface; the own address again if no other
    /// was set (IPv4). `None` for other interfaces, and on Windows: never both `broadcast` and `ptp`.
    pub ptp: Option<InterfaceAddress>,
}

/// What kind of address an interface has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum IfAddrFamily {
    /// The interface has no address at all.
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "AF_UNSPEC"))]
    Unspec,
    /// IPv4.
    #[cfg_attr(feature = "serde", serde(rename = "AF_INET"))]
    Inet,
    /// IPv6.
    #[cfg_attr(feature = "serde", serde(rename = "AF_INET6"))]
    Inet6,
    /// The hardware address: Linux calls it `AF_PACKET`, others `AF_LINK`, as psutil does.
    #[cfg_attr(feature = "serde", serde(rename = "AF_LINK"))]
    Link,
}

/// An address of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum InterfaceAddress {
    /// IPv4.
    Inet(Ipv4Addr),
    /// IPv6.
    Inet6 {
        /// The address.
        ip: Ipv6Addr,
        /// The interface that it is valid on: its name; on Windows its number, with which addresses are
        /// written there (`fe80::1%12`). `None` if it is valid everywhere.
        zone: Option<OsString>,
    },
    /// A hardware address, as long as the kind of hardware has it: 6 bytes for Ethernet, 4 for IPv4
    /// tunnels, 20 for InfiniBand.
    Link(Vec<u8>),
}

impl fmt::Display for InterfaceAddress {
    /// `192.0.2.1`, `fe80::1%eth0`, `02:fc:00:00:00:01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(ip) => ip.fmt(f),
            Self::Inet6 { ip, zone: None } => ip.fmt(f),
            Self::Inet6 {
                ip,
                zone: Some(zone),
            } => write!(f, "{ip}%{}", zone.display()),
            Self::Link(bytes) => {
                for (i, byte) in bytes.iter().enumerate() {
                    let separator = if i == 0 { "" } else { ":" };
                    write!(f, "{separator}{byte:02x}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for InterfaceAddress {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// How one network interface is set up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IfStats {
    /// The interface.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::text"))]
    pub name: OsString,
    /// True if it can carry traffic now: switched on, and the cable is in ([`InterfaceFlag::Running`]).
    pub isup: bool,
    /// Whether it can send and receive at the same time. Windows does not say.
    pub duplex: Duplex,
    /// Speed of the link in megabits (10^6) per second. `None` if unknown: no link, virtual, wireless.
    #[cfg_attr(feature = "serde", serde(rename = "speed"))]
    pub speed_mbps: Option<u32>,
    /// Largest packet, in bytes. 4294967295 for what has no limit, such as the loopback interface of Windows.
    pub mtu: u32,
    /// What it is and what it is set to.
    pub flags: InterfaceFlags,
}

/// Whether an interface can send and receive at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Duplex {
    /// The driver does not say.
    #[default]
    Unknown,
    /// One at a time.
    Half,
    /// Both.
    Full,
}

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What an interface is, or is set to. Not every system has every flag.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum InterfaceFlag {
            $($(#[$doc])* $name,)*
        }

        impl InterfaceFlag {
            /// Every flag, in the order in which they are written.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// psutil's word, which is the C name without `IFF_`, in lower case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

flags! {
    /// Switched on.
    Up = "up",
    /// `broadcast` addresses are valid.
    Broadcast = "broadcast",
    /// Debugging is on.
    Debug = "debug",
    /// Only for the machine itself.
    Loopback = "loopback",
    /// A link with two ends.
    PointToPoint = "pointopoint",
    /// Trailers are avoided.
    NoTrailers = "notrailers",
    /// Can carry traffic now.
    Running = "running",
    /// No address resolution.
    NoArp = "noarp",
    /// Receives what is not for it.
    Promisc = "promisc",
    /// Receives all multicast packets.
    AllMulti = "allmulti",
    /// Leads a bundle of interfaces.
    Master = "master",
    /// Is part of such a bundle.
    Slave = "slave",
    /// Can do multicast.
    Multicast = "multicast",
    /// Can choose its kind of cable.
    PortSel = "portsel",
    /// Chooses its kind of cable by itself.
    AutoMedia = "automedia",
    /// Loses its addresses when it goes down.
    Dynamic = "dynamic",
    /// Transmission is under way (BSD).
    Oactive = "oactive",
    /// Does not hear what it sends (BSD).
    Simplex = "simplex",
    /// For the driver to define (BSD).
    Link0 = "link0",
    /// For the driver to define (BSD).
    Link1 = "link1",
    /// For the driver to define (BSD).
    Link2 = "link2",
}

impl fmt::Display for InterfaceFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A set of [`InterfaceFlag`]s.
///
/// # Examples
/// ```
/// use pslens::net::{InterfaceFlag, InterfaceFlags};
///
/// let flags: InterfaceFlags = [InterfaceFlag::Running, InterfaceFlag::Up].into_iter().collect();
/// assert!(flags.contains(InterfaceFlag::Up));
/// assert_eq!(flags.to_string(), "up,running");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct InterfaceFlags(u32);

impl InterfaceFlags {
    /// True if `flag` is in the set.
    #[must_use]
    pub const fn contains(self, flag: InterfaceFlag) -> bool {
        self.0 & Self::bit(flag) != 0
    }

    /// The flags of the set, in psutil's order.
    pub fn iter(self) -> impl Iterator<Item = InterfaceFlag> {
        let all = InterfaceFlag::ALL.iter().copied();
        all.filter(move |&flag| self.contains(flag))
    }

    const fn bit(flag: InterfaceFlag) -> u32 {
        1 << flag as u32
    }
}

impl FromIterator<InterfaceFlag> for InterfaceFlags {
    fn from_iter<I: IntoIterator<Item = InterfaceFlag>>(flags: I) -> Self {
        let bits = flags.into_iter().map(Self::bit);
        Self(bits.fold(0, std::ops::BitOr::bitor))
    }
}

impl fmt::Display for InterfaceFlags {
    /// `up,broadcast,running`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, flag) in self.iter().enumerate() {
            let separator = if i == 0 { "" } else { "," };
            write!(f, "{separator}{flag}")?;
        }
        Ok(())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for InterfaceFlags {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// Returns the addresses of every network interface.
///
/// In the order of the interfaces; within one, IPv4 first, then IPv6, then the hardware address. An
/// interface without any address has one row of the family [`IfAddrFamily::Unspec`].
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS. Only on the running system: files do not
/// tell which interface has which IPv4 address.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system refuses (sandboxes);
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) under another root.
/// # Sources
/// Linux `NETLINK_ROUTE`, messages `RTM_GETLINK` and `RTM_GETADDR`; Windows `GetAdaptersAddresses`, and
/// `GetIfEntry2` for whole hardware addresses and to say which interfaces have broadcasts.
/// # Examples
/// ```
/// # #[cfg(any(target_os = "linux", windows))]
/// for row in pslens::net::if_addrs()? {
///     assert!(row.broadcast.is_none() || row.ptp.is_none());
///     if let Some(address) = row.address {
///         println!("{}: {address}", row.name.display());
///     }
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "net_if_addrs")]
#[doc(alias = "getifaddrs")]
#[doc(alias = "ifconfig")]
pub fn if_addrs() -> Result<Vec<IfAddr>> {
    if_addrs_in(Root::current())
}

/// As [`if_addrs`], read from `root`.
///
/// # Errors
/// As [`if_addrs`].
pub fn if_addrs_in(root: &Root) -> Result<Vec<IfAddr>> {
    sys::net::if_addrs(&root.0)
}

/// Returns how every network interface is set up.
///
/// # Units
/// `speed_mbps` is megabits (10^6) per second; `mtu` is bytes.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system refuses (sandboxes).
/// # Sources
/// Linux `NETLINK_ROUTE`, message `RTM_GETLINK`, and ioctl `SIOCETHTOOL` for speed and duplex; where
/// netlink is refused, and under another root, `/sys/class/net`. Windows `GetAdaptersAddresses`, then
/// `GetIfEntry2` for each adapter, which tells of the flags `up`, `running`, `broadcast`, `loopback`,
/// `pointopoint` and `multicast`.
/// # Examples
/// ```
/// # #[cfg(any(target_os = "linux", windows))]
/// for row in pslens::net::if_stats()? {
///     assert_eq!(row.isup, row.flags.contains(pslens::net::InterfaceFlag::Running));
///     assert_ne!(row.speed_mbps, Some(0));
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "net_if_stats")]
#[doc(alias = "ethtool")]
pub fn if_stats() -> Result<Vec<IfStats>> {
    if_stats_in(Root::current())
}

/// As [`if_stats`], read from `root`.
///
/// # Errors
/// As [`if_stats`].
pub fn if_stats_in(root: &Root) -> Result<Vec<IfStats>> {
    sys::net::if_stats(&root.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_written_in_psutils_order() {
        let all: InterfaceFlags = InterfaceFlag::ALL.iter().rev().copied().collect();
        assert_eq!(
            all.to_string(),
            "up,broadcast,debug,loopback,pointopoint,notrailers,running,noarp,promisc,allmulti,master,slave,multicast,portsel,automedia,dynamic,oactive,simplex,link0,link1,link2"
        );
        assert_eq!(InterfaceFlags::default().to_string(), "");
    }

    #[test]
    fn addresses_are_written_as_tools_write_them() {
        let check = |address: InterfaceAddress, text: &str| assert_eq!(address.to_string(), text);
        check(
            InterfaceAddress::Inet(Ipv4Addr::new(192, 0, 2, 1)),
            "192.0.2.1",
        );
        check(
            InterfaceAddress::Inet6 {
                ip: "fe80::1".parse().unwrap(),
                zone: Some("eth0".into()),
            },
            "fe80::1%eth0",
        );
        check(
            InterfaceAddress::Link(vec![2, 0xfc, 0, 0, 0, 1]),
            "02:fc:00:00:00:01",
        );
        check(InterfaceAddress::Link(vec![]), "");
    }
}
