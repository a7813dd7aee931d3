//! `MIB_TCPTABLE_OWNER_PID`, `MIB_TCP6TABLE_OWNER_PID`: TCP connections, as `GetExtendedTcpTable` fills them
//! in for `TCP_TABLE_OWNER_PID_ALL`.
//!
//! The number of rows, then rows of 24 (IPv4) and 56 (IPv6) bytes; the same since Windows XP.

use core::net::SocketAddr;

use super::mib_table::{self, Fields};
use crate::error::ParseError;

/// One connection, or one socket that waits for some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// `MIB_TCP_STATE_*`.
    pub state: u32,
    /// The own address.
    pub local: SocketAddr,
    /// The other side's address; while listening the port can be anything.
    pub remote: SocketAddr,
    /// The process that opened it; 0 if it has none any more.
    pub owning_pid: u32,
}

/// Decodes a table of IPv4.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row, ParseError>> {
    mib_table::rows("MIB_TCPTABLE_OWNER_PID", input, |row: &[u8; 24]| {
        let mut fields = Fields(row);
        let state = fields.u32();
        Row {
            state,
            local: fields.v4(),
            remote: fields.v4(),
            owning_pid: fields.u32(),
        }
    })
}

/// Decodes a table of IPv6.
pub fn rows6(input: &[u8]) -> impl Iterator<Item = Result<Row, ParseError>> {
    mib_table::rows("MIB_TCP6TABLE_OWNER_PID", input, |row: &[u8; 56]| {
        let mut fields = Fields(row);
        let local = fields.v6();
        let remote = fields.v6();
        let state = fields.u32();
        Row {
            state,
            local,
            remote,
            owning_pid: fields.u32(),
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn port(port: u16, rest: [u8; 2]) -> Vec<u8> {
        [port.to_be_bytes(), rest].concat()
    }

    fn end(address: SocketAddr, rest: [u8; 2]) -> Vec<u8> {
        match address {
            SocketAddr::V4(v4) => [v4.ip().octets().to_vec(), port(v4.port(), rest)].concat(),
            SocketAddr::V6(v6) => {
                let scope = v6.scope_id().to_le_bytes().to_vec();
                [v6.ip().octets().to_vec(), scope, port(v6.port(), rest)].concat()
            }
        }
    }

    fn render(rows: &[Row], rest: [u8; 2]) -> Vec<u8> {
        let mut bytes = u32::try_from(rows.len()).unwrap().to_le_bytes().to_vec();
        for row in rows {
            let state = row.state.to_le_bytes();
            let ends = [end(row.local, rest), end(row.remote, rest)].concat();
            if row.local.is_ipv4() {
                bytes.extend(state);
                bytes.extend(ends);
            } else {
                bytes.extend(ends);
                bytes.extend(state);
            }
            bytes.extend(row.owning_pid.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn ports_are_in_network_order_and_the_rest_of_their_field_is_noise() {
        let row = Row {
            state: 5,
            local: "192.0.2.2:443".parse().unwrap(),
            remote: "198.51.100.7:49152".parse().unwrap(),
            owning_pid: 4,
        };
        for rest in [[0, 0], [0xff, 0xa7]] {
            let table = render(&[row, row], rest);
            assert_eq!(table.len(), 4 + 2 * 24);
            let got: Vec<_> = rows(&table).collect();
            assert_eq!(got, [Ok(row), Ok(row)]);
        }
    }

    #[test]
    fn link_local_addresses_have_a_scope() {
        let row = Row {
            state: 2,
            local: "[fe80::1%4]:80".parse().unwrap(),
            remote: "[::]:0".parse().unwrap(),
            owning_pid: 1234,
        };
        let table = render(&[row], [0, 0]);
        assert_eq!(table.len(), 4 + 56);
        assert_eq!(rows6(&table).collect::<Vec<_>>(), [Ok(row)]);
    }

    #[test]
    fn rows_that_are_counted_and_not_there_are_missing() {
        let row = Row {
            state: 11,
            local: "192.0.2.2:1".parse().unwrap(),
            remote: "192.0.2.3:2".parse().unwrap(),
            owning_pid: 0,
        };
        let mut table = render(&[row, row], [0, 0]);
        table.pop();
        let got: Vec<_> = rows(&table).collect();
        assert_eq!((got.len(), got[0]), (2, Ok(row)));
        assert_eq!(got[1].unwrap_err().field(), "table");
        table[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(rows(&table).count(), 2);
        // More room than rows.
        table[..4].copy_from_slice(&0_u32.to_le_bytes());
        assert_eq!(rows(&table).count(), 0);
        for short in [&[][..], &[1], &[0, 0, 0]] {
            let got: Vec<_> = rows6(short).collect();
            assert_eq!(got.len(), 1);
            assert_eq!(got[0].unwrap_err().field(), "dwNumEntries");
        }
    }

    proptest! {
        #[test]
        fn tables_round_trip(
            ends in proptest::collection::vec(any::<(u32, [u8; 4], u16, [u8; 4], u16, u32)>(), 0..5), noise in any::<[u8; 2]>(),
        ) {
            let table: Vec<_> = ends
                .iter()
                .map(|&(state, local, port, remote, remote_port, owning_pid)| Row {
                    state,
                    local: (local, port).into(),
                    remote: (remote, remote_port).into(),
                    owning_pid,
                })
                .collect();
            let bytes = render(&table, noise);
            prop_assert_eq!(rows(&bytes).collect::<Result<Vec<_>, _>>(), Ok(table));
        }

        #[test]
        fn tables_never_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(rows(&input).count() <= input.len() + 1);
            prop_assert!(rows6(&input).count() <= input.len() + 1);
        }
    }
}
