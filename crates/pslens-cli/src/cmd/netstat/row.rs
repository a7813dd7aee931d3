//! A socket, its columns, and who holds it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use pslens::net::{Address, AddressFamily, Connection, ConnectionStatus, SocketType};
use pslens::{Pid, Process};
use serde::Serialize;

use crate::listing::{Listed, Named};
use crate::output::{Cell, text};

/// A socket: psutil's `sconn`, with what else the library knows.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// Of the first owner.
    fd: Option<u32>,
    pid: Option<Pid>,
    #[serde(flatten)]
    connection: Connection,
    /// `812/nginx 813/nginx`, if it was asked for and somebody is known to hold it.
    #[serde(skip)]
    program: Option<OsString>,
}

impl Row {
    pub(super) fn of(connection: Connection) -> Self {
        let first = connection.owners.first();
        Self {
            fd: first.and_then(|owner| owner.fd),
            pid: first.map(|owner| owner.pid),
            connection,
            program: None,
        }
    }
}

/// Writes to each row who holds the socket: each process once, however many descriptors it has. The name
/// of each is asked once; those that are gone meanwhile have none.
pub(super) fn tell_programs(rows: &mut [Row]) {
    let mut known: BTreeMap<Pid, OsString> = BTreeMap::new();
    for row in rows {
        let owners = row.connection.owners.chunk_by(|a, b| a.pid == b.pid);
        for owner in owners.filter_map(|same| same.first()) {
            let program = known.entry(owner.pid).or_insert_with(|| program(owner.pid));
            match &mut row.program {
                None => row.program = Some(program.clone()),
                Some(others) => {
                    others.push(" ");
                    others.push(program);
                }
            }
        }
    }
}

fn program(pid: Pid) -> OsString {
    let name = Process::new(pid).and_then(|process| process.name());
    let mut program = OsString::from(format!("{pid}/"));
    program.push(name.as_deref().unwrap_or(OsStr::new("-")));
    program
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("proto", "PROTO", |row: &Self, _| {
            Cell::word(protocol(&row.connection))
        }),
        Named::number("receive_queue", "RECV-Q", |row: &Self, _| {
            Cell::count(row.connection.receive_queue)
        }),
        Named::number("send_queue", "SEND-Q", |row: &Self, _| {
            Cell::count(row.connection.send_queue)
        }),
        Named::text("laddr", "LOCAL", |row: &Self, _| {
            address(row.connection.local.as_ref(), "*")
        }),
        Named::text("raddr", "REMOTE", |row: &Self, _| {
            // A local socket may well be connected, but to whom is not known.
            let nobody = match row.connection.family {
                AddressFamily::Unix => "-",
                _ => "*",
            };
            address(row.connection.remote.as_ref(), nobody)
        }),
        Named::text("status", "STATUS", |row: &Self, _| {
            match row.connection.status {
                ConnectionStatus::None => Cell::Unknown,
                status => Cell::word(status.as_str()),
            }
        }),
        Named::number("uid", "UID", |row: &Self, _| {
            Cell::count(row.connection.uid)
        })
        .on_demand(),
        Named::number("inode", "INODE", |row: &Self, _| {
            Cell::count(row.connection.inode)
        })
        .on_demand(),
        Named::text("program", "PID/PROGRAM", |row: &Self, _| {
            Cell::some_text(row.program.as_deref())
        })
        .on_demand(),
        Named::text("family", "FAMILY", |row: &Self, _| {
            Cell::word(family(&row.connection))
        })
        .on_demand(),
        Named::text("type", "TYPE", |row: &Self, _| {
            Cell::word(socket_type(&row.connection))
        })
        .on_demand(),
        Named::number("laddr.port", "LPORT", |row: &Self, _| {
            Cell::count(port_of(row.connection.local.as_ref()))
        })
        .on_demand(),
        Named::number("raddr.port", "RPORT", |row: &Self, _| {
            Cell::count(port_of(row.connection.remote.as_ref()))
        })
        .on_demand(),
        Named::number("pid", "PID", |row: &Self, _| {
            Cell::count(row.pid.map(Pid::as_u32))
        })
        .on_demand(),
        Named::number("fd", "FD", |row: &Self, _| Cell::count(row.fd)).on_demand(),
    ];
}

fn protocol(connection: &Connection) -> &'static str {
    match (connection.family, connection.socket_type) {
        (AddressFamily::Inet, SocketType::Stream) => "tcp",
        (AddressFamily::Inet6, SocketType::Stream) => "tcp6",
        (AddressFamily::Inet, SocketType::Dgram) => "udp",
        (AddressFamily::Inet6, SocketType::Dgram) => "udp6",
        (AddressFamily::Unix, SocketType::Stream) => "unix",
        (AddressFamily::Unix, SocketType::Dgram) => "unix-dgram",
        (AddressFamily::Unix, SocketType::SeqPacket) => "unix-seqpacket",
        _ => "-",
    }
}

/// psutil's words, as in JSON.
fn family(connection: &Connection) -> &'static str {
    match connection.family {
        AddressFamily::Inet => "AF_INET",
        AddressFamily::Inet6 => "AF_INET6",
        AddressFamily::Unix => "AF_UNIX",
        _ => "-",
    }
}

/// psutil's words, as in JSON.
fn socket_type(connection: &Connection) -> &'static str {
    match connection.socket_type {
        SocketType::Stream => "SOCK_STREAM",
        SocketType::Dgram => "SOCK_DGRAM",
        SocketType::Raw => "SOCK_RAW",
        SocketType::Rdm => "SOCK_RDM",
        SocketType::SeqPacket => "SOCK_SEQPACKET",
        _ => "-",
    }
}

fn address<'a>(address: Option<&'a Address>, otherwise: &'static str) -> Cell<'a> {
    match address {
        Some(Address::Inet(address)) => {
            let mut written = String::new();
            text::append(&mut written, format_args!("{address}"));
            Cell::owned(written)
        }
        Some(Address::Unix(name)) => Cell::text(name),
        // An address of a kind that this program does not know.
        Some(_) => Cell::Unknown,
        None => Cell::word(otherwise),
    }
}

pub(super) fn port_of(address: Option<&Address>) -> Option<u16> {
    match address {
        Some(Address::Inet(address)) => Some(address.port()),
        _ => None,
    }
}
