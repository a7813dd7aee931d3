//! `NETLINK_ROUTE`, interfaces: the payload of `RTM_NEWLINK`.
//!
//! Format (rtnetlink(7), `include/uapi/linux/if_link.h`): `struct ifinfomsg`, 16 bytes, then attributes.

use crate::error::{ParseError, Problem};
use crate::linux::netlink::{Fields, attributes};

const SOURCE: &str = "NETLINK_ROUTE RTM_NEWLINK";
const IFLA_ADDRESS: u16 = 1;
const IFLA_BROADCAST: u16 = 2;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;

/// One interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    /// Its number in its network namespace.
    pub ifi_index: u32,
    /// `IFF_UP` and so on, as in `include/uapi/linux/if.h`.
    pub ifi_flags: u32,
    /// Its name, without the NUL.
    pub ifname: &'a [u8],
    /// Its hardware address, as long as the kind of hardware wants; empty if it has none.
    pub address: &'a [u8],
    /// Its hardware broadcast address, or the other end's address if it is point-to-point.
    pub broadcast: &'a [u8],
    /// Largest packet, in bytes.
    pub mtu: u32,
}

/// Decodes the payload of one message.
///
/// # Errors
/// When it is too short, or the name or MTU is missing.
pub fn parse(input: &[u8]) -> Result<Link<'_>, ParseError> {
    let mut fields = Fields::new(SOURCE, input);
    fields.skip(4, "ifi_family")?;
    let ifi_index = fields.u32("ifi_index")?;
    let ifi_flags = fields.u32("ifi_flags")?;
    fields.skip(4, "ifi_change")?;
    let (mut ifname, mut mtu) = (None, None);
    let (mut address, mut broadcast): (&[u8], &[u8]) = (&[], &[]);
    for attribute in attributes(fields.rest) {
        let attribute = attribute?;
        match attribute.nla_type {
            IFLA_ADDRESS => address = attribute.payload,
            IFLA_BROADCAST => broadcast = attribute.payload,
            IFLA_IFNAME => ifname = Some(until_nul(attribute.payload)),
            IFLA_MTU => mtu = attribute.payload.first_chunk().copied(),
            _ => {}
        }
    }
    let missing = |field| fields.error(field, Problem::Missing);
    Ok(Link {
        ifi_index,
        ifi_flags,
        ifname: ifname
            .filter(|name| !name.is_empty())
            .ok_or_else(|| missing("IFLA_IFNAME"))?,
        address,
        broadcast,
        mtu: mtu
            .map(u32::from_ne_bytes)
            .ok_or_else(|| missing("IFLA_MTU"))?,
    })
}

pub(crate) fn until_nul(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::linux::netlink::tests::render_attribute;

    fn render(link: &Link<'_>) -> Vec<u8> {
        let mut bytes = vec![0, 0, 1, 0];
        bytes.extend(link.ifi_index.to_ne_bytes());
        bytes.extend(link.ifi_flags.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(render_attribute(
            IFLA_IFNAME,
            &[link.ifname, b"\0"].concat(),
        ));
        bytes.extend(render_attribute(IFLA_MTU, &link.mtu.to_ne_bytes()));
        bytes.extend(render_attribute(999, b"something new"));
        if !link.address.is_empty() {
            bytes.extend(render_attribute(IFLA_ADDRESS, link.address));
            bytes.extend(render_attribute(IFLA_BROADCAST, link.broadcast));
        }
        bytes
    }

    #[test]
    fn a_link_without_name_or_mtu_is_an_error() {
        let header = [0; 16];
        let name = render_attribute(IFLA_IFNAME, b"eth0\0");
        let mtu = render_attribute(IFLA_MTU, &1500_u32.to_ne_bytes());
        let field = |parts: &[&[u8]]| parse(&parts.concat()).map_err(|error| error.field()).err();
        assert_eq!(field(&[&header, &name, &mtu]), None);
        assert_eq!(field(&[&header, &mtu]), Some("IFLA_IFNAME"));
        assert_eq!(field(&[&header, &name]), Some("IFLA_MTU"));
        assert_eq!(field(&[&header[..15]]), Some("ifi_change"));
    }

    proptest! {
        #[test]
        fn links_round_trip(ifi_index in any::<u32>(), ifi_flags in any::<u32>(), ifname in "[^\\s/\u{0}]{1,15}", address in proptest::collection::vec(any::<u8>(), 0..21), mtu in any::<u32>()) {
            let link = Link { ifi_index, ifi_flags, ifname: ifname.as_bytes(), address: &address, broadcast: &address, mtu };
            let bytes = render(&link);
            prop_assert_eq!(parse(&bytes), Ok(link));
        }

        #[test]
        fn links_never_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&input);
        }
    }
}
