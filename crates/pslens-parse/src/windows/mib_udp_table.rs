//! `MIB_UDPTABLE_OWNER_PID`, `MIB_UDP6TABLE_OWNER_PID`: UDP sockets, as `GetExtendedUdpTable` fills them in for
//! `UDP_TABLE_OWNER_PID`.
//!
//! The number of rows, then rows of 12 (IPv4) and 28 (IPv6) bytes; the same since Windows XP.

use core::net::SocketAddr;

use super::mib_table::{self, Fields};
use crate::error::ParseError;

/// One socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The own address.
    pub local: SocketAddr,
    /// The process that opened it; 0 if it has none any more.
    pub owning_pid: u32,
}

/// Decodes a table of IPv4.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row, ParseError>> {
    mib_table::rows("MIB_UDPTABLE_OWNER_PID", input, |row: &[u8; 12]| {
        let mut fields = Fields(row);
        Row {
            local: fields.v4(),
            owning_pid: fields.u32(),
        }
    })
}

/// Decodes a table of IPv6.
pub fn rows6(input: &[u8]) -> impl Iterator<Item = Result<Row, ParseError>> {
    mib_table::rows("MIB_UDP6TABLE_OWNER_PID", input, |row: &[u8; 28]| {
        let mut fields = Fields(row);
        Row {
            local: fields.v6(),
            owning_pid: fields.u32(),
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sockets_of_both_families() {
        let mut table = vec![2, 0, 0, 0];
        table.extend([192, 0, 2, 2, 0x14, 0xe9, 0xbe, 0xef, 4, 0, 0, 0]);
        table.extend([0, 0, 0, 0, 0, 53, 0, 0, 0xb8, 0x0b, 0, 0]);
        let got: Vec<_> = rows(&table).map(Result::unwrap).collect();
        assert_eq!(got.len(), 2);
        assert_eq!(got[0].local, "192.0.2.2:5353".parse().unwrap());
        assert_eq!((got[0].owning_pid, got[1].owning_pid), (4, 3000));
        assert_eq!(got[1].local, "0.0.0.0:53".parse().unwrap());

        let mut table = vec![1, 0, 0, 0, 0xfe, 0x80];
        table.extend([0; 13]);
        table.extend([1, 12, 0, 0, 0, 0x02, 0x22, 0, 0, 0x08, 0, 0, 0]);
        let got: Vec<_> = rows6(&table).map(Result::unwrap).collect();
        assert_eq!(got[0].local, "[fe80::1%12]:546".parse().unwrap());
        assert_eq!((got.len(), got[0].owning_pid), (1, 8));
        table.pop();
        assert!(rows6(&table).next().unwrap().is_err());
        assert!(rows(&[]).next().unwrap().is_err());
    }

    proptest! {
        #[test]
        fn tables_never_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(rows(&input).count() <= input.len() + 1);
            prop_assert!(rows6(&input).count() <= input.len() + 1);
        }
    }
}
