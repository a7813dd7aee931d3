//! `NETLINK_SOCK_DIAG`, local sockets: what `/proc/net/unix` prints, with exact names.
//!
//! Format (sock_diag(7), `include/uapi/linux/unix_diag.h`): `struct unix_diag_msg`, 16 bytes, in a
//! message of type `SOCK_DIAG_BY_FAMILY`, then attributes. Since Linux 3.3.

use crate::error::ParseError;
use crate::linux::netlink::{Fields, attributes};

const SOURCE: &str = "NETLINK_SOCK_DIAG unix_diag_msg";
const UNIX_DIAG_NAME: u16 = 0;
const UNIX_DIAG_ICONS: u16 = 3;

/// One socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnixDiag<'a> {
    /// 1 stream, 2 datagram, 5 sequential packets.
    pub udiag_type: u8,
    /// The state, numbered as TCP's: 1 connected, 7 not, 10 listening.
    pub udiag_state: u8,
    /// The inode, never 0: what has none is not listed.
    pub udiag_ino: u32,
    /// The bytes of `sun_path`: a path with its NUL at the end, or an abstract name with its NUL at
    /// the start. `None` if the socket has no name.
    pub name: Option<&'a [u8]>,
    /// How many connections wait to be accepted, each a socket without inode that has this one's
    /// name. 0 if that was not asked for, or the socket does not listen.
    pub pending: usize,
}

/// Decodes the payload of one message.
///
/// # Errors
/// When it is too short, or an attribute is longer than the message.
pub fn parse(input: &[u8]) -> Result<UnixDiag<'_>, ParseError> {
    let mut fields = Fields::new(SOURCE, input);
    fields.skip(1, "udiag_family")?;
    let mut row = UnixDiag {
        udiag_type: fields.u8("udiag_type")?,
        udiag_state: fields.u8("udiag_state")?,
        udiag_ino: {
            fields.skip(1, "pad")?;
            fields.u32("udiag_ino")?
        },
        name: None,
        pending: 0,
    };
    fields.skip(8, "udiag_cookie")?;
    for attribute in attributes(fields.rest) {
        let attribute = attribute?;
        match attribute.nla_type {
            UNIX_DIAG_NAME if !attribute.payload.is_empty() => row.name = Some(attribute.payload),
            // An array of the inodes of those who wait.
            UNIX_DIAG_ICONS => row.pending = attribute.payload.len().div_euclid(4),
            _ => {}
        }
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::linux::netlink::tests::render_attribute;

    fn render(row: &UnixDiag<'_>) -> Vec<u8> {
        let mut bytes = vec![1, row.udiag_type, row.udiag_state, 0];
        bytes.extend(row.udiag_ino.to_ne_bytes());
        bytes.extend([9; 8]);
        if let Some(name) = row.name {
            bytes.extend(render_attribute(UNIX_DIAG_NAME, name));
        }
        if row.pending > 0 {
            let waiting = vec![1; row.pending * 4];
            bytes.extend(render_attribute(UNIX_DIAG_ICONS, &waiting));
        }
        // UNIX_DIAG_SHUTDOWN, which nobody asked for.
        bytes.extend(render_attribute(6, &[3]));
        bytes
    }

    #[test]
    fn unix_diag_too_short_is_an_error() {
        let bare = [1, 2, 7, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(parse(&bare).unwrap().name, None);
        for length in 0..bare.len() {
            assert!(parse(&bare[..length]).is_err(), "{length}");
        }
        let cut = [&bare[..], &200_u16.to_ne_bytes(), &[0, 0, b'x']].concat();
        assert!(parse(&cut).is_err());
    }

    proptest! {
        #[test]
        fn unix_diag_round_trips(udiag_type in any::<u8>(), udiag_state in any::<u8>(), udiag_ino in any::<u32>(), name in proptest::option::of(proptest::collection::vec(any::<u8>(), 1..110)), pending in 0_usize..5) {
            let row = UnixDiag { udiag_type, udiag_state, udiag_ino, name: name.as_deref(), pending };
            let bytes = render(&row);
            prop_assert_eq!(parse(&bytes), Ok(row));
        }

        #[test]
        fn unix_diag_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&input);
        }
    }
}
