//! `NETLINK_SOCK_DIAG`, internet sockets: what `/proc/net/tcp` and `udp` print, in binary.
//!
//! Format (sock_diag(7), `include/uapi/linux/inet_diag.h`): `struct inet_diag_msg`, 72 bytes, in a
//! message of type `SOCK_DIAG_BY_FAMILY`; attributes follow. Addresses and ports are in network order.

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::error::{ParseError, Problem};
use crate::linux::netlink::Fields;

const SOURCE: &str = "NETLINK_SOCK_DIAG inet_diag_msg";
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

/// One socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InetDiag {
    /// The state, numbered as in the kernel's `include/net/tcp_states.h`.
    pub idiag_state: u8,
    /// The own address; port 0 if not bound.
    pub source: SocketAddr,
    /// The other side's; port 0 if not connected.
    pub destination: SocketAddr,
    /// Bytes not yet read; of a listening socket, connections not yet accepted.
    pub idiag_rqueue: u32,
    /// Bytes not yet acknowledged or sent; of a listening socket, the limit of `rqueue`.
    pub idiag_wqueue: u32,
    /// The owner; 0 also where nobody owns it any more (`TIME_WAIT`).
    pub idiag_uid: u32,
    /// The inode; 0 where no descriptor refers to the socket (`TIME_WAIT`, not yet accepted).
    pub idiag_inode: u32,
}

/// Decodes the payload of one message.
///
/// # Errors
/// When it is too short, or of another address family.
pub fn parse(input: &[u8]) -> Result<InetDiag, ParseError> {
    let mut fields = Fields::new(SOURCE, input);
    let family = fields.clone();
    let idiag_family = fields.u8("idiag_family")?;
    let idiag_state = fields.u8("idiag_state")?;
    fields.skip(2, "idiag_timer")?;
    let source_port = u16::from_be_bytes(fields.array("idiag_sport")?);
    let destination_port = u16::from_be_bytes(fields.array("idiag_dport")?);
    let source: [u8; 16] = fields.array("idiag_src")?;
    let destination: [u8; 16] = fields.array("idiag_dst")?;
    let address = |octets: [u8; 16], port| match idiag_family {
        AF_INET => {
            let [a, b, c, d, ..] = octets;
            Ok(SocketAddrV4::new(Ipv4Addr::new(a, b, c, d), port).into())
        }
        AF_INET6 => Ok(SocketAddrV6::new(Ipv6Addr::from(octets), port, 0, 0).into()),
        _ => Err(family.error("idiag_family", Problem::Malformed)),
    };
    // idiag_if, idiag_cookie, idiag_expires
    fields.skip(16, "idiag_if")?;
    Ok(InetDiag {
        idiag_state,
        source: address(source, source_port)?,
        destination: address(destination, destination_port)?,
        idiag_rqueue: fields.u32("idiag_rqueue")?,
        idiag_wqueue: fields.u32("idiag_wqueue")?,
        idiag_uid: fields.u32("idiag_uid")?,
        idiag_inode: fields.u32("idiag_inode")?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn render(row: &InetDiag) -> Vec<u8> {
        let octets = |address: SocketAddr| match address {
            SocketAddr::V4(address) => [&address.ip().octets()[..], &[0; 12]].concat(),
            SocketAddr::V6(address) => address.ip().octets().to_vec(),
        };
        let family = if row.source.is_ipv4() {
            AF_INET
        } else {
            AF_INET6
        };
        let mut bytes = vec![family, row.idiag_state, 1, 2];
        bytes.extend(row.source.port().to_be_bytes());
        bytes.extend(row.destination.port().to_be_bytes());
        bytes.extend(octets(row.source));
        bytes.extend(octets(row.destination));
        bytes.extend([7; 16]);
        for number in [
            row.idiag_rqueue,
            row.idiag_wqueue,
            row.idiag_uid,
            row.idiag_inode,
        ] {
            bytes.extend(number.to_ne_bytes());
        }
        assert_eq!(bytes.len(), 72, "the size of struct inet_diag_msg");
        bytes
    }

    #[test]
    fn inet_diag_of_other_shapes_is_an_error() {
        let row = InetDiag {
            idiag_state: 1,
            source: "127.0.0.1:80".parse().unwrap(),
            destination: "127.0.0.1:81".parse().unwrap(),
            idiag_rqueue: 0,
            idiag_wqueue: 0,
            idiag_uid: 0,
            idiag_inode: 0,
        };
        let good = render(&row);
        assert_eq!(parse(&good), Ok(row));
        for length in 0..good.len() {
            assert!(parse(&good[..length]).is_err(), "{length}");
        }
        let mut other = good;
        other[0] = 1;
        assert_eq!(parse(&other).unwrap_err().field(), "idiag_family");
    }

    proptest! {
        #[test]
        fn inet_diag_round_trips(
            ips in prop_oneof![
                any::<[[u8; 4]; 2]>().prop_map(|ips| ips.map(core::net::IpAddr::from)),
                any::<[[u8; 16]; 2]>().prop_map(|ips| ips.map(core::net::IpAddr::from)),
            ],
            ports in any::<[u16; 2]>(), idiag_state in any::<u8>(), numbers in any::<[u32; 4]>(), attributes in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let [idiag_rqueue, idiag_wqueue, idiag_uid, idiag_inode] = numbers;
            let row = InetDiag {
                idiag_state,
                source: SocketAddr::new(ips[0], ports[0]),
                destination: SocketAddr::new(ips[1], ports[1]),
                idiag_rqueue, idiag_wqueue, idiag_uid, idiag_inode,
            };
            let bytes = [render(&row), attributes].concat();
            prop_assert_eq!(parse(&bytes), Ok(row));
        }

        #[test]
        fn inet_diag_never_panics(input in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse(&input);
        }
    }
}
