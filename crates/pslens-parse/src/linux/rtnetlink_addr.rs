//! `NETLINK_ROUTE`, addresses: the payload of `RTM_NEWADDR`.
//!
//! Format (rtnetlink(7), `include/uapi/linux/if_addr.h`): `struct ifaddrmsg`, 8 bytes, then attributes.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::{ParseError, Problem};
use crate::linux::netlink::{Fields, attributes};
use crate::linux::rtnetlink_link::until_nul;

const SOURCE: &str = "NETLINK_ROUTE RTM_NEWADDR";
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_LABEL: u16 = 3;
const IFA_BROADCAST: u16 = 4;

/// One address of one interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addr<'a> {
    /// How many leading bits name the network.
    pub ifa_prefixlen: u8,
    /// The number of the interface.
    pub ifa_index: u32,
    /// The interface's own address, if it differs from `address` or is IPv4.
    pub local: Option<IpAddr>,
    /// The interface's own address, or the other end's if `local` is there and differs.
    pub address: Option<IpAddr>,
    /// The broadcast address of the network, if one is set (IPv4 only).
    pub broadcast: Option<IpAddr>,
    /// The name under which the address was added (IPv4 only): the interface's or an alias, `eth0:1`.
    pub label: Option<&'a [u8]>,
}

/// Decodes the payload of one message; `None` if the address is of a family other than IPv4 and IPv6.
///
/// # Errors
/// When it is too short, or an address is.
pub fn parse(input: &[u8]) -> Result<Option<Addr<'_>>, ParseError> {
    let mut fields = Fields::new(SOURCE, input);
    let ifa_family = fields.u8("ifa_family")?;
    let ifa_prefixlen = fields.u8("ifa_prefixlen")?;
    fields.skip(2, "ifa_flags")?;
    let ifa_index = fields.u32("ifa_index")?;
    let ip = |payload: &[u8], field| {
        let ip = match ifa_family {
            AF_INET => payload.first_chunk().map(|o: &[u8; 4]| IpAddr::from(*o)),
            _ => payload.first_chunk().map(|o: &[u8; 16]| IpAddr::from(*o)),
        };
        ip.map(Some)
            .ok_or_else(|| fields.error(field, Problem::Malformed))
    };
    if ifa_family != AF_INET && ifa_family != AF_INET6 {
        return Ok(None);
    }
    let mut row = Addr {
        ifa_prefixlen,
        ifa_index,
        local: None,
        address: None,
        broadcast: None,
        label: None,
    };
    for attribute in attributes(fields.rest) {
        let attribute = attribute?;
        let payload = attribute.payload;
        match attribute.nla_type {
            IFA_ADDRESS => row.address = ip(payload, "IFA_ADDRESS")?,
            IFA_LOCAL => row.local = ip(payload, "IFA_LOCAL")?,
            IFA_BROADCAST => row.broadcast = ip(payload, "IFA_BROADCAST")?,
            IFA_LABEL => row.label = Some(until_nul(payload)),
            _ => {}
        }
    }
    Ok(Some(row))
}

impl Addr<'_> {
    /// The network mask that the prefix stands for. Longer than the address can be means all ones.
    #[must_use]
    pub fn netmask(&self) -> Option<IpAddr> {
        let zeros = |bits: u32| bits.saturating_sub(u32::from(self.ifa_prefixlen));
        Some(match self.local.or(self.address)? {
            IpAddr::V4(_) => {
                let mask = u32::MAX.checked_shl(zeros(32)).unwrap_or(0);
                Ipv4Addr::from_bits(mask).into()
            }
            IpAddr::V6(_) => {
                let mask = u128::MAX.checked_shl(zeros(128)).unwrap_or(0);
                Ipv6Addr::from_bits(mask).into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::linux::netlink::tests::render_attribute;

    fn render(row: &Addr<'_>) -> Vec<u8> {
        let family = match row.address.unwrap() {
            IpAddr::V4(_) => AF_INET,
            IpAddr::V6(_) => AF_INET6,
        };
        let mut bytes = vec![family, row.ifa_prefixlen, 0, 0];
        bytes.extend(row.ifa_index.to_ne_bytes());
        let ips = [
            (IFA_ADDRESS, row.address),
            (IFA_LOCAL, row.local),
            (IFA_BROADCAST, row.broadcast),
        ];
        for (nla_type, ip) in ips {
            match ip {
                Some(IpAddr::V4(ip)) => bytes.extend(render_attribute(nla_type, &ip.octets())),
                Some(IpAddr::V6(ip)) => bytes.extend(render_attribute(nla_type, &ip.octets())),
                None => {}
            }
        }
        if let Some(label) = row.label {
            bytes.extend(render_attribute(IFA_LABEL, &[label, b"\0"].concat()));
        }
        bytes.extend(render_attribute(6, &[0; 16]));
        bytes
    }

    fn check(ip: &str, prefix: u8, mask: &str) {
        let row = Addr {
            ifa_prefixlen: prefix,
            ifa_index: 1,
            local: None,
            address: Some(ip.parse().unwrap()),
            broadcast: None,
            label: None,
        };
        assert_eq!(row.netmask().unwrap().to_string(), mask);
    }

    #[test]
    fn masks_of_every_length() {
        check("192.0.2.2", 24, "255.255.255.0");
        check("192.0.2.2", 0, "0.0.0.0");
        check("192.0.2.2", 32, "255.255.255.255");
        check("192.0.2.2", 33, "255.255.255.255");
        check("fe80::1", 64, "ffff:ffff:ffff:ffff::");
        check("fe80::1", 0, "::");
        check("::1", 128, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    }

    #[test]
    fn other_families_and_short_addresses() {
        assert_eq!(parse(&[7, 0, 0, 0, 1, 0, 0, 0]), Ok(None));
        assert!(parse(&[AF_INET, 0, 0]).is_err());
        let short = [
            vec![AF_INET6, 0, 0, 0, 1, 0, 0, 0],
            render_attribute(IFA_ADDRESS, &[1, 2, 3, 4]),
        ]
        .concat();
        assert_eq!(parse(&short).unwrap_err().field(), "IFA_ADDRESS");
    }

    proptest! {
        #[test]
        fn addresses_round_trip(
            ips in prop_oneof![
                any::<[[u8; 4]; 3]>().prop_map(|ips| ips.map(IpAddr::from)),
                any::<[[u8; 16]; 3]>().prop_map(|ips| ips.map(IpAddr::from)),
            ],
            there in any::<[bool; 3]>(), ifa_prefixlen in any::<u8>(), ifa_index in any::<u32>(), label in "[^\\s/\u{0}]{0,15}",
        ) {
            let row = Addr {
                ifa_prefixlen,
                ifa_index,
                local: there[0].then_some(ips[0]),
                address: Some(ips[1]),
                broadcast: there[1].then_some(ips[2]),
                label: there[2].then_some(label.as_bytes()),
            };
            let bytes = render(&row);
            prop_assert_eq!(parse(&bytes), Ok(Some(row)));
        }

        #[test]
        fn addresses_never_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Some(row)) = parse(&input) {
                let _ = row.netmask();
            }
        }
    }
}
