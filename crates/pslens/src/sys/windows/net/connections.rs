//! TCP and UDP sockets, each with the process that opened it: of the whole system, and of processes.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use pslens_parse::ParseError;
use pslens_parse::windows::{mib_tcp_table, mib_udp_table};
use windows_sys::Win32::Foundation::ERROR_NOT_SUPPORTED;
use windows_sys::Win32::NetworkManagement::IpHelper as ip_helper;

use crate::error::{Error, Result};
use crate::net::{
    Address, AddressFamily, Connection, ConnectionKind, ConnectionStatus, SocketOwner, SocketType,
};
use crate::process::Pid;
use crate::sys::windows::Root;
use crate::sys::windows::errors::code;
use crate::sys::windows::ffi::clock;
use crate::sys::windows::ffi::network::{self, Version};

const OPERATION: &str = "net connections";

pub(crate) fn connections(_root: &Root, kind: ConnectionKind) -> Result<Vec<Connection>> {
    let mut rows = Vec::new();
    for table in Table::ALL {
        if table.is_of(kind) {
            rows.append(&mut table.read(OPERATION)?);
        }
    }
    Ok(rows)
}

pub(crate) fn connections_without_owners(
    root: &Root,
    kind: ConnectionKind,
) -> Result<Vec<Connection>> {
    let mut rows = connections(root, kind)?;
    for row in &mut rows {
        row.owners.clear();
    }
    Ok(rows)
}

/// The tables of the system, each read the first time that it is needed and remembered, in order of the
/// owners.
#[derive(Debug, Default)]
pub(in crate::sys::windows) struct Tables([Option<Remembered>; 4]);

#[derive(Debug)]
struct Remembered {
    /// When it was asked for, on the clock that says when processes start.
    since: u64,
    /// When it was answered.
    until: Instant,
    rows: Vec<Connection>,
}

impl Tables {
    /// The sockets that a process opened, and until when it must be alive: `start` is when it started, so
    /// then a table made since is about no other process with its number.
    pub(in crate::sys::windows) fn connections_of(
        &mut self,
        operation: &'static str,
        pid: Pid,
        start: u64,
        kind: ConnectionKind,
    ) -> Result<(Vec<Connection>, Option<Instant>)> {
        let mut rows = Vec::new();
        let mut until = None;
        for (slot, table) in self.0.iter_mut().zip(Table::ALL) {
            if !table.is_of(kind) {
                continue;
            }
            slot.take_if(|known| known.since <= start);
            let known = match slot {
                Some(known) => known,
                None => slot.insert(table.remember(operation)?),
            };
            rows.extend_from_slice(of_owner(&known.rows, pid));
            until = until.max(Some(known.until));
        }
        Ok((rows, until))
    }
}

/// The owner of a row; those without one come first.
fn owner(row: &Connection) -> Option<Pid> {
    row.owners.first().map(|owner| owner.pid)
}

fn of_owner(rows: &[Connection], pid: Pid) -> &[Connection] {
    let start = rows.partition_point(|row| owner(row) < Some(pid));
    let rest = rows.get(start..).unwrap_or_default();
    let length = rest.partition_point(|row| owner(row) == Some(pid));
    rest.get(..length).unwrap_or_default()
}

#[derive(Debug, Clone, Copy)]
enum Table {
    Tcp(Version),
    Udp(Version),
}

impl Table {
    const ALL: [Self; 4] = [
        Self::Tcp(Version::V4),
        Self::Tcp(Version::V6),
        Self::Udp(Version::V4),
        Self::Udp(Version::V6),
    ];

    fn socket(self) -> (AddressFamily, SocketType) {
        let (version, socket_type) = match self {
            Self::Tcp(version) => (version, SocketType::Stream),
            Self::Udp(version) => (version, SocketType::Dgram),
        };
        let family = match version {
            Version::V4 => AddressFamily::Inet,
            Version::V6 => AddressFamily::Inet6,
        };
        (family, socket_type)
    }

    fn is_of(self, kind: ConnectionKind) -> bool {
        let (family, socket_type) = self.socket();
        kind.includes(family, socket_type)
    }

    fn remember(self, operation: &'static str) -> Result<Remembered> {
        let since = clock::tick();
        let mut rows = self.read(operation)?;
        let until = Instant::now();
        rows.sort_by_key(owner);
        Ok(Remembered { since, until, rows })
    }

    fn read(self, operation: &'static str) -> Result<Vec<Connection>> {
        let answer = match self {
            Self::Tcp(version) => network::tcp_table(version),
            Self::Udp(version) => network::udp_table(version),
        };
        let (family, _) = self.socket();
        match answer {
            Ok(answer) => self
                .decode(&answer)
                .map_err(|error| Error::invalid_data(operation, error)),
            Err(error) if family == AddressFamily::Inet6 && is_not_installed(&error) => {
                Ok(Vec::new())
            }
            Err(error) => Err(Error::os(operation, error)),
        }
    }

    fn decode(self, bytes: &[u8]) -> Result<Vec<Connection>, ParseError> {
        let (family, socket_type) = self.socket();
        let connection = |local, owning_pid| Connection {
            family,
            socket_type,
            local: address(local),
            owners: owners(owning_pid),
            ..Connection::default()
        };
        let udp = |row: mib_udp_table::Row| connection(row.local, row.owning_pid);
        let tcp = |row: mib_tcp_table::Row| {
            let status = status(row.state);
            // Nobody is connected; the port may be left over from something else.
            let is_listening = status == ConnectionStatus::Listen;
            Connection {
                remote: address(row.remote).filter(|_| !is_listening),
                status,
                ..connection(row.local, row.owning_pid)
            }
        };
        match self {
            Self::Tcp(Version::V4) => mib_tcp_table::rows(bytes).map(|row| row.map(tcp)).collect(),
            Self::Tcp(Version::V6) => mib_tcp_table::rows6(bytes)
                .map(|row| row.map(tcp))
                .collect(),
            Self::Udp(Version::V4) => mib_udp_table::rows(bytes).map(|row| row.map(udp)).collect(),
            Self::Udp(Version::V6) => mib_udp_table::rows6(bytes)
                .map(|row| row.map(udp))
                .collect(),
        }
    }
}

/// A machine without IPv6 has no such sockets.
fn is_not_installed(error: &io::Error) -> bool {
    code(error) == Some(ERROR_NOT_SUPPORTED)
}

fn address(mut address: SocketAddr) -> Option<Address> {
    // Only what is valid on one link has a scope, whatever is written beside other addresses.
    if let SocketAddr::V6(address) = &mut address
        && !address.ip().is_unicast_link_local()
    {
        address.set_scope_id(0);
    }
    (address.port() != 0).then_some(Address::Inet(address))
}

/// Nobody: the process has closed it (`TIME_WAIT`).
fn owners(owning_pid: u32) -> Vec<SocketOwner> {
    let owner = (owning_pid != 0).then(|| SocketOwner::new(Pid::from(owning_pid), None));
    owner.into_iter().collect()
}

fn status(state: u32) -> ConnectionStatus {
    match state.cast_signed() {
        ip_helper::MIB_TCP_STATE_CLOSED => ConnectionStatus::Close,
        ip_helper::MIB_TCP_STATE_LISTEN => ConnectionStatus::Listen,
        ip_helper::MIB_TCP_STATE_SYN_SENT => ConnectionStatus::SynSent,
        ip_helper::MIB_TCP_STATE_SYN_RCVD => ConnectionStatus::SynRecv,
        ip_helper::MIB_TCP_STATE_ESTAB => ConnectionStatus::Established,
        ip_helper::MIB_TCP_STATE_FIN_WAIT1 => ConnectionStatus::FinWait1,
        ip_helper::MIB_TCP_STATE_FIN_WAIT2 => ConnectionStatus::FinWait2,
        ip_helper::MIB_TCP_STATE_CLOSE_WAIT => ConnectionStatus::CloseWait,
        ip_helper::MIB_TCP_STATE_CLOSING => ConnectionStatus::Closing,
        ip_helper::MIB_TCP_STATE_LAST_ACK => ConnectionStatus::LastAck,
        ip_helper::MIB_TCP_STATE_TIME_WAIT => ConnectionStatus::TimeWait,
        ip_helper::MIB_TCP_STATE_DELETE_TCB => ConnectionStatus::DeleteTcb,
        _ => ConnectionStatus::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// State, local port, remote port and owner of each row of a table of IPv4, all on 127.0.0.1.
    fn tcp(rows: &[(u32, u16, u16, u32)]) -> Vec<Connection> {
        let count = u32::try_from(rows.len()).unwrap();
        let mut bytes = count.to_le_bytes().to_vec();
        for (state, local, remote, pid) in rows {
            bytes.extend(state.to_le_bytes());
            for port in [local, remote] {
                bytes.extend([127, 0, 0, 1]);
                bytes.extend(port.to_be_bytes());
                bytes.extend([0xde, 0xad]);
            }
            bytes.extend(pid.to_le_bytes());
        }
        Table::Tcp(Version::V4).decode(&bytes).unwrap()
    }

    #[test]
    fn states_have_the_words_of_psutil() {
        let rows: Vec<_> = (0..14).map(|state| (state, 1, 2, 3)).collect();
        let words = tcp(&rows).into_iter().map(|row| row.status.as_str());
        let expect = [
            "NONE",
            "CLOSE",
            "LISTEN",
            "SYN_SENT",
            "SYN_RECV",
            "ESTABLISHED",
            "FIN_WAIT1",
            "FIN_WAIT2",
            "CLOSE_WAIT",
            "CLOSING",
            "LAST_ACK",
            "TIME_WAIT",
            "DELETE_TCB",
            "NONE",
        ];
        assert!(words.eq(expect));
    }

    #[test]
    fn who_listens_has_no_other_side_and_who_has_closed_no_owner() {
        let rows = tcp(&[(2, 80, 4711, 8), (11, 80, 4711, 0), (3, 0, 0, 8)]);
        let there = |port: u16| Some(Address::Inet(([127, 0, 0, 1], port).into()));
        assert_eq!((&rows[0].local, &rows[0].remote), (&there(80), &None));
        assert_eq!(rows[0].owners, [SocketOwner::new(Pid::from(8), None)]);
        assert_eq!((&rows[1].remote, rows[1].owners.len()), (&there(4711), 0));
        assert_eq!((&rows[2].local, &rows[2].remote), (&None, &None));
        let unknown = (
            rows[0].inode,
            rows[0].uid,
            rows[0].receive_queue,
            rows[0].send_queue,
        );
        assert_eq!(unknown, (None, None, None, None));
    }

    #[test]
    fn only_addresses_of_one_link_have_a_scope() {
        for (given, expect) in [
            ("[fe80::1%4]:80", "[fe80::1%4]:80"),
            ("[::1%4096]:80", "[::1]:80"),
            ("[2001:db8::1%4]:80", "[2001:db8::1]:80"),
        ] {
            let address = address(given.parse().unwrap()).unwrap();
            assert_eq!(address, Address::Inet(expect.parse().unwrap()));
        }
    }

    #[test]
    fn rows_of_one_owner_are_found_among_those_of_others() {
        let mut rows = tcp(&[(5, 1, 9, 8), (11, 2, 9, 0), (5, 3, 9, 4), (5, 4, 9, 8)]);
        rows.sort_by_key(owner);
        let ports = |pid: u32| -> Vec<_> {
            let rows = of_owner(&rows, Pid::from(pid)).iter();
            rows.map(|row| row.local.as_ref().unwrap().to_string())
                .collect()
        };
        assert_eq!(ports(8), ["127.0.0.1:1", "127.0.0.1:4"]);
        assert_eq!(ports(4), ["127.0.0.1:3"]);
        // Number 0 is the idle process, which has opened nothing.
        for pid in [0, 5, 12] {
            assert_eq!(ports(pid), [""; 0]);
        }
    }

    #[test]
    fn a_table_is_read_once_and_again_for_a_process_that_started_since() {
        let mut tables = Tables::default();
        let nobody = Pid::from(u32::MAX);
        let mut since = |start| {
            let rows = tables.connections_of(
                "process net_connections",
                nobody,
                start,
                ConnectionKind::Udp4,
            );
            let (rows, until) = rows.unwrap();
            assert!(rows.is_empty() && until.is_some_and(|until| until <= Instant::now()));
            let [tcp4, tcp6, udp4, udp6] = &mut tables.0;
            assert!(tcp4.is_none() && tcp6.is_none() && udp6.is_none());
            // As if it were long ago.
            std::mem::replace(&mut udp4.as_mut().unwrap().since, 1000)
        };
        assert!(since(1) > 1000);
        assert_eq!(since(999), 1000);
        assert!(since(1000) > 1000);
    }
}
