//! `WTS_CLIENT_ADDRESS`: where the client of a remote session says that it is.
//!
//! Format (`wtsapi32.h`): the address family, a number of 32 bits, and 20 bytes: an IPv4 address stands from
//! the third one on (behind where a port would be), an IPv6 address from the first one on. The same since
//! Windows 2000, with IPv6 since Vista.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::{ParseError, Problem};
use crate::windows::memory::Memory;

const SOURCE: &str = "WTS_CLIENT_ADDRESS";
const AF_INET: u32 = 2;
const AF_INET6: u32 = 23;

/// Decodes the address; `None` if there is none, as at the machine itself, or it is of no IP family.
///
/// # Errors
/// When it is cut short.
pub fn parse(memory: Memory<'_>) -> Result<Option<IpAddr>, ParseError> {
    let missing = |field, at| ParseError::new(SOURCE, field, at, Problem::Missing);
    let family = memory.u32(0).ok_or_else(|| missing("AddressFamily", 0))?;
    let bytes = memory.slice(4, 20).ok_or_else(|| missing("Address", 4))?;
    let address = match family {
        AF_INET => bytes
            .get(2..)
            .and_then(|bytes| bytes.first_chunk::<4>())
            .map(|&bytes| IpAddr::V4(Ipv4Addr::from(bytes))),
        AF_INET6 => bytes
            .first_chunk::<16>()
            .map(|&bytes| IpAddr::V6(Ipv6Addr::from(bytes))),
        _ => None,
    };
    // A client that does not know its address reports zeros.
    Ok(address.filter(|address| !address.is_unspecified()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn render(family: u32, address: &[u8]) -> Vec<u8> {
        let mut bytes = family.to_le_bytes().to_vec();
        bytes.extend(address);
        bytes.resize(24, 0);
        bytes
    }

    #[test]
    fn addresses_stand_where_their_family_puts_them() {
        let parse = |family, address: &[u8]| {
            let bytes = render(family, address);
            parse(Memory::new(&bytes, 0))
                .unwrap()
                .map(|a| a.to_string())
        };
        let v4 = parse(2, &[0, 0, 192, 168, 0, 1]);
        assert_eq!(v4.as_deref(), Some("192.168.0.1"));
        let mut v6 = [0; 16];
        (v6[0], v6[1], v6[15]) = (0xff, 0xff, 1);
        assert_eq!(parse(23, &v6).as_deref(), Some("ffff::1"));
        // None, NetBIOS, unknown to the client.
        assert_eq!(parse(0, &[1; 20]), None);
        assert_eq!(parse(17, &[1; 20]), None);
        assert_eq!(parse(2, &[]), None);
        assert_eq!(parse(23, &[]), None);
    }

    #[test]
    fn client_address_cut_short_is_an_error() {
        let bytes = render(2, &[0, 0, 10, 0, 0, 1]);
        for length in 0..24 {
            assert!(parse(Memory::new(&bytes[..length], 0)).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn client_address_never_panics(input in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse(Memory::new(&input, 0));
        }
    }
}
