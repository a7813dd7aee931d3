//! The socket tables of one network namespace: netlink where the kernel answers for it, text otherwise.
//!
//! Both give the same rows. Netlink costs about half, and gives local sockets' names exactly.

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStringExt;

use pslens_parse::linux::net_tcp::{self, ByteOrder};
use pslens_parse::linux::{net_unix, sock_diag_inet, sock_diag_unix};

use super::netlink::{Netlink, SOCK_DIAG, invalid};
use super::sockets::Sockets;
use super::{good_rows, read_table};
use crate::error::{ErrorKind, Result};
use crate::net::{
    Address, AddressFamily, Connection, ConnectionKind, ConnectionStatus, SocketType,
};
use crate::sys::linux::Root;

/// One table of the kernel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    family: AddressFamily,
    /// What the sockets are; each local socket says so itself.
    socket_type: SocketType,
    file: &'static str,
    /// `AF_*` and `IPPROTO_*`.
    diag: [u8; 2],
}

/// In the order in which they are read: local sockets last, because their text can be forged and what
/// is known by then cannot be touched any more.
pub(super) const TABLES: [Table; 5] = {
    use AddressFamily::{Inet, Inet6, Unix};
    use SocketType::{Dgram, Stream};
    const fn table(
        family: AddressFamily,
        socket_type: SocketType,
        file: &'static str,
        diag: [u8; 2],
    ) -> Table {
        Table {
            family,
            socket_type,
            file,
            diag,
        }
    }
    [
        table(Inet, Stream, "tcp", [2, 6]),
        table(Inet6, Stream, "tcp6", [10, 6]),
        table(Inet, Dgram, "udp", [2, 17]),
        table(Inet6, Dgram, "udp6", [10, 17]),
        table(Unix, Stream, "unix", [1, 0]),
    ]
};

impl Table {
    /// Whether sockets of this kind can be in it.
    pub(super) const fn has(self, kind: ConnectionKind) -> bool {
        kind.includes(self.family, self.socket_type)
    }
}

/// Where the tables of one namespace are read.
pub(super) struct Source<'a> {
    root: &'a Root,
    operation: &'static str,
    /// Directories of procfs, the first that has the table.
    directories: Vec<String>,
    netlink: Option<Netlink>,
}

impl<'a> Source<'a> {
    /// The tables of the calling thread, or of another root's machine.
    pub(super) fn of_system(root: &'a Root, operation: &'static str) -> Self {
        // Refused by a sandbox, or not built into the kernel: the text says the same.
        let netlink = root
            .proc_is_running()
            .then(|| Netlink::open(Some(SOCK_DIAG)).ok())
            .flatten();
        Self {
            root,
            operation,
            directories: super::directories(root)
                .iter()
                .map(|&d| d.to_owned())
                .collect(),
            netlink,
        }
    }

    /// The tables in a directory of procfs.
    pub(super) fn of_directory(root: &'a Root, operation: &'static str, directory: String) -> Self {
        Self {
            root,
            operation,
            directories: vec![directory],
            netlink: None,
        }
    }

    /// Reads the tables that can have sockets of this kind, until all that is wanted was found.
    pub(super) fn read(&mut self, kind: ConnectionKind, sockets: &mut Sockets) -> Result<()> {
        for table in TABLES {
            if sockets.is_complete() {
                break;
            }
            if table.has(kind) {
                self.read_table(table, sockets)?;
            }
        }
        Ok(())
    }

    pub(super) fn read_table(&mut self, table: Table, sockets: &mut Sockets) -> Result<()> {
        if let Some(netlink) = &mut self.netlink {
            let before = sockets.mark();
            if from_netlink(netlink, table, sockets).is_ok() {
                return Ok(());
            }
            sockets.roll_back(before);
        }
        self.read_text(table, sockets)
    }

    fn read_text(&self, table: Table, sockets: &mut Sockets) -> Result<()> {
        let directories: Vec<&str> = self.directories.iter().map(String::as_str).collect();
        let text = match read_table(self.root, self.operation, &directories, table.file) {
            // IPv6 is switched off.
            Err(error)
                if error.kind() == ErrorKind::NotFound && table.family == AddressFamily::Inet6 =>
            {
                return Ok(());
            }
            text => text?,
        };
        if table.family == AddressFamily::Unix {
            for row in good_rows(self.operation, net_unix::rows(&text)) {
                let row = row?;
                let name = row.path.map(<[u8]>::to_vec);
                sockets.add(local_socket(row.r#type, row.inode, name));
            }
            return Ok(());
        }
        for row in good_rows(self.operation, net_tcp::rows(&text, ByteOrder::NATIVE)) {
            let row = row?;
            sockets.add(internet_socket(
                table,
                row.st,
                [row.local_address, row.rem_address],
                row.inode,
                row.uid,
                [row.rx_queue, row.tx_queue],
            ));
        }
        Ok(())
    }
}

const SOCK_DIAG_BY_FAMILY: u16 = 20;

/// States 1 to 12. Not 13, bound sockets that neither listen nor are connected: those of Linux 6.8 and
/// later would list them, the text does not.
const INET_STATES: u32 = 0x1ffe;

fn from_netlink(netlink: &mut Netlink, table: Table, sockets: &mut Sockets) -> io::Result<()> {
    if table.family == AddressFamily::Unix {
        return local_from_netlink(netlink, table, sockets);
    }
    // struct inet_diag_req_v2: family, protocol, ext, pad, states, and an id of 48 bytes that is not
    // looked at.
    let [family, protocol] = table.diag;
    let mut request = [0_u8; 56];
    request[..4].copy_from_slice(&[family, protocol, 0, 0]);
    request[4..8].copy_from_slice(&INET_STATES.to_ne_bytes());
    netlink.dump(
        SOCK_DIAG_BY_FAMILY,
        &request,
        SOCK_DIAG_BY_FAMILY,
        |payload| {
            let row = sock_diag_inet::parse(payload).map_err(invalid)?;
            sockets.add(internet_socket(
                table,
                row.idiag_state,
                [row.source, row.destination],
                row.idiag_inode.into(),
                row.idiag_uid,
                [row.idiag_rqueue, row.idiag_wqueue],
            ));
            Ok(())
        },
    )
}

fn local_from_netlink(
    netlink: &mut Netlink,
    table: Table,
    sockets: &mut Sockets,
) -> io::Result<()> {
    const UDIAG_SHOW_NAME: u32 = 1;
    const UDIAG_SHOW_ICONS: u32 = 8;
    // struct unix_diag_req: family, protocol, pad, states, inode, show, cookie.
    let [family, protocol] = table.diag;
    let mut request = [0_u8; 24];
    request[..2].copy_from_slice(&[family, protocol]);
    request[4..8].copy_from_slice(&u32::MAX.to_ne_bytes());
    request[12..16].copy_from_slice(&(UDIAG_SHOW_NAME | UDIAG_SHOW_ICONS).to_ne_bytes());
    request[16..].fill(0xff);
    netlink.dump(
        SOCK_DIAG_BY_FAMILY,
        &request,
        SOCK_DIAG_BY_FAMILY,
        |payload| {
            let row = sock_diag_unix::parse(payload).map_err(invalid)?;
            let kind = row.udiag_type.into();
            let name = row.name.map(printed_name);
            // Connections not yet accepted are sockets of the same name. The text lists them.
            if row.pending > 0 {
                sockets.add(local_socket(kind, 0, name.clone()));
            }
            sockets.add(local_socket(kind, row.udiag_ino.into(), name));
            Ok(())
        },
    )
}

/// The bytes of `sun_path` as the kernel prints them: `@` for each NUL, but the one that ends a path is
/// not part of it.
fn printed_name(sun_path: &[u8]) -> Vec<u8> {
    let name = match sun_path {
        [0, ..] => sun_path,
        [path @ .., _end] => path,
        [] => sun_path,
    };
    let printed = |&byte: &u8| if byte == 0 { b'@' } else { byte };
    name.iter().map(printed).collect()
}

fn local_socket(kind: u16, inode: u64, name: Option<Vec<u8>>) -> Connection {
    Connection {
        family: AddressFamily::Unix,
        socket_type: match kind {
            2 => SocketType::Dgram,
            3 => SocketType::Raw,
            4 => SocketType::Rdm,
            5 => SocketType::SeqPacket,
            _ => SocketType::Stream,
        },
        local: name.map(|name| Address::Unix(OsString::from_vec(name))),
        inode: (inode != 0).then_some(inode),
        ..Connection::default()
    }
}

/// `queues`: to be read, to be sent.
fn internet_socket(
    table: Table,
    state: u8,
    [local, remote]: [SocketAddr; 2],
    inode: u64,
    uid: u32,
    [receive, send]: [u32; 2],
) -> Connection {
    let status = match table.socket_type {
        SocketType::Stream => status(state),
        _ => ConnectionStatus::None,
    };
    let address = |address: SocketAddr| (address.port() != 0).then_some(Address::Inet(address));
    Connection {
        family: table.family,
        socket_type: table.socket_type,
        local: address(local),
        remote: address(remote),
        status,
        inode: (inode != 0).then_some(inode),
        // Without a descriptor there is no owner, and the 0 of the kernel does not mean root.
        uid: (inode != 0).then_some(uid),
        receive_queue: Some(receive),
        // Of a listening socket netlink gives the limit of the other queue here, the text nothing.
        send_queue: (status != ConnectionStatus::Listen).then_some(send),
        owners: Vec::new(),
    }
}

/// The numbers of the kernel's `include/net/tcp_states.h`.
const fn status(state: u8) -> ConnectionStatus {
    match state {
        1 => ConnectionStatus::Established,
        2 => ConnectionStatus::SynSent,
        // 12 is NEW_SYN_RECV, since Linux 4.1: the same to the other side.
        3 | 12 => ConnectionStatus::SynRecv,
        4 => ConnectionStatus::FinWait1,
        5 => ConnectionStatus::FinWait2,
        6 => ConnectionStatus::TimeWait,
        7 => ConnectionStatus::Close,
        8 => ConnectionStatus::CloseWait,
        9 => ConnectionStatus::LastAck,
        10 => ConnectionStatus::Listen,
        11 => ConnectionStatus::Closing,
        _ => ConnectionStatus::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_local_sockets_are_as_the_kernel_prints_them() {
        let check = |bytes: &[u8], text: &str| assert_eq!(printed_name(bytes), text.as_bytes());
        check(b"/run/x\0", "/run/x");
        check(b"\0abs\0tract\0", "@abs@tract@");
        check(b"\0", "@");
        check(b"", "");
    }
}
