//! A row of the answer: something that a process has open.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use pslens::Pid;
use pslens::net::SocketType;
use pslens::net::{Address, AddressFamily, Connection, ConnectionStatus};
use pslens::process::{DescriptorKind, Info, OpenMode};
use serde::{Serialize, Serializer};

use crate::listing::{Listed, Named};
use crate::output::{Cell, json};

/// How a process holds a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Use {
    /// As its directory.
    Cwd,
    /// As its program.
    Txt,
    /// Mapped into its memory.
    Mem,
    /// By a descriptor.
    Fd,
}

impl Use {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Cwd => "cwd",
            Self::Txt => "txt",
            Self::Mem => "mem",
            Self::Fd => "fd",
        }
    }
}

/// Something that a process has open.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) pid: Pid,
    pub(super) ppid: Option<Pid>,
    #[serde(serialize_with = "json::some_text")]
    pub(super) name: Option<OsString>,
    #[serde(serialize_with = "json::some_text")]
    pub(super) username: Option<OsString>,
    #[serde(rename = "use")]
    pub(super) way: Use,
    pub(super) fd: Option<u32>,
    pub(super) kind: Option<DescriptorKind>,
    pub(super) mode: Option<OpenMode>,
    pub(super) flags: Option<u32>,
    pub(super) position: Option<u64>,
    pub(super) size: Option<u64>,
    pub(super) inode: Option<u64>,
    /// Of files, and what else the system has a name for.
    #[serde(serialize_with = "json::some_text")]
    pub(super) path: Option<OsString>,
    pub(super) deleted: Option<bool>,
    #[serde(serialize_with = "socket")]
    pub(super) connection: Option<Connection>,
}

/// psutil's `pconn` without what the row has already.
fn socket<S: Serializer>(value: &Option<Connection>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Socket<'a> {
        family: AddressFamily,
        r#type: SocketType,
        laddr: Option<&'a Address>,
        raddr: Option<&'a Address>,
        status: ConnectionStatus,
    }
    let socket = value.as_ref().map(|socket| Socket {
        family: socket.family,
        r#type: socket.socket_type,
        laddr: socket.local.as_ref(),
        raddr: socket.remote.as_ref(),
        status: socket.status,
    });
    socket.serialize(serializer)
}

impl Row {
    /// What all rows of a process have in common.
    pub(super) fn of(info: &Info, uid: bool) -> Self {
        let number = || {
            let uids = info.uids.value();
            uids.map(|uids| uids.real.to_string().into())
        };
        Self {
            pid: info.pid(),
            ppid: info.ppid.value().copied(),
            name: info.name.value().cloned(),
            username: if uid {
                number()
            } else {
                info.username.value().cloned()
            },
            way: Use::Fd,
            fd: None,
            kind: None,
            mode: None,
            flags: None,
            position: None,
            size: None,
            inode: None,
            path: None,
            deleted: None,
            connection: None,
        }
    }

    pub(super) fn is_local_socket(&self) -> bool {
        let socket = self.connection.as_ref();
        socket.is_some_and(|socket| socket.family == AddressFamily::Unix)
    }

    /// Where it is; a local socket with a name has a place too.
    pub(super) fn place(&self) -> Option<&Path> {
        let socket = || match self.connection.as_ref()?.local.as_ref()? {
            Address::Unix(name) => Some(name),
            _ => None,
        };
        self.path.as_ref().or_else(socket).map(Path::new)
    }

    /// As in lsof(8): `3r`, `4w`, `5u`.
    fn fd(&self) -> Cell<'static> {
        let Some(fd) = self.fd else {
            return Cell::word(self.way.as_str());
        };
        let mode = match self.mode {
            Some(OpenMode::Read) => "r",
            Some(OpenMode::Write | OpenMode::Append) => "w",
            Some(OpenMode::ReadWrite | OpenMode::ReadAppend) => "u",
            _ => "",
        };
        Cell::owned(format!("{fd}{mode}"))
    }

    /// The words of lsof(8).
    fn kind(&self) -> Cell<'static> {
        let Some(kind) = self.kind else {
            return Cell::Unknown;
        };
        Cell::word(match (kind, &self.connection) {
            (DescriptorKind::File, _) => "REG",
            (DescriptorKind::Directory, _) => "DIR",
            (DescriptorKind::CharacterDevice, _) => "CHR",
            (DescriptorKind::BlockDevice, _) => "BLK",
            (DescriptorKind::Pipe, _) => "FIFO",
            (DescriptorKind::Socket, None) => "sock",
            (DescriptorKind::Socket, Some(socket)) => match socket.family {
                AddressFamily::Inet => "IPv4",
                AddressFamily::Inet6 => "IPv6",
                AddressFamily::Unix => "unix",
                _ => "sock",
            },
            _ => "a_inode",
        })
    }

    fn protocol(&self) -> Option<&'static str> {
        let socket = self.connection.as_ref()?;
        Some(match (socket.family, socket.socket_type) {
            (AddressFamily::Unix, _) => "unix",
            (_, SocketType::Stream) => "TCP",
            (_, SocketType::Dgram) => "UDP",
            _ => return None,
        })
    }

    /// What is shown as its name: a path, or what a socket is connected to.
    fn shown(&self) -> Cell<'_> {
        let Some(socket) = &self.connection else {
            return match (&self.path, self.deleted) {
                (Some(path), Some(true)) => {
                    let mut path = path.clone();
                    path.push(" (deleted)");
                    Cell::owned(path)
                }
                (path, _) => Cell::some_text(path.as_ref()),
            };
        };
        let mut name = OsString::new();
        if socket.family == AddressFamily::Unix {
            if let Some(Address::Unix(path)) = &socket.local {
                name.push(path);
                name.push(" ");
            }
            name.push(match socket.socket_type {
                SocketType::Stream => "type=STREAM",
                SocketType::Dgram => "type=DGRAM",
                SocketType::SeqPacket => "type=SEQPACKET",
                _ => "type=-",
            });
        } else {
            name.push(self.protocol().unwrap_or("-"));
            name.push(" ");
            name.push(end(socket.local.as_ref()).unwrap_or_else(|| "*".into()));
            if let Some(remote) = end(socket.remote.as_ref()) {
                name.push("->");
                name.push(remote);
            }
            if socket.status != ConnectionStatus::None {
                name.push(format!(" ({})", socket.status));
            }
        }
        Cell::owned(name)
    }
}

fn end(address: Option<&Address>) -> Option<OsString> {
    match address? {
        Address::Inet(address) => Some(address.to_string().into()),
        Address::Unix(name) => Some(name.clone()),
        _ => None,
    }
}

fn address(of: Option<&Address>) -> Cell<'static> {
    end(of).map_or(Cell::Unknown, Cell::owned)
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("name", "COMMAND", |row, _| {
            Cell::some_text(row.name.as_deref().map(OsStr::new))
        }),
        Named::number("pid", "PID", |row, _| Cell::count(Some(row.pid.as_u32()))),
        Named::number("ppid", "PPID", |row: &Self, _| {
            Cell::count(row.ppid.map(Pid::as_u32))
        })
        .on_demand(),
        Named::text("username", "USER", |row, _| {
            Cell::some_text(row.username.as_ref())
        }),
        Named::text("fd", "FD", |row, _| row.fd()),
        Named::text("type", "TYPE", |row, _| row.kind()),
        Named::text("mode", "MODE", |row: &Self, _| {
            row.mode
                .map_or(Cell::Unknown, |mode| Cell::word(mode.as_str()))
        })
        .on_demand(),
        Named::number("position", "OFFSET", |row: &Self, _| {
            Cell::bytes(row.position)
        })
        .on_demand(),
        Named::number("size", "SIZE", |row, _| Cell::bytes(row.size)),
        Named::number("inode", "NODE", |row, _| Cell::count(row.inode)),
        Named::text("deleted", "DELETED", |row: &Self, _| match row.deleted {
            Some(true) => Cell::word("yes"),
            Some(false) => Cell::word("no"),
            None => Cell::Unknown,
        })
        .on_demand(),
        Named::text("protocol", "PROTO", |row: &Self, _| {
            row.protocol().map_or(Cell::Unknown, Cell::word)
        })
        .on_demand(),
        Named::text("laddr", "LOCAL", |row: &Self, _| {
            address(
                row.connection
                    .as_ref()
                    .and_then(|socket| socket.local.as_ref()),
            )
        })
        .on_demand(),
        Named::text("raddr", "REMOTE", |row: &Self, _| {
            address(
                row.connection
                    .as_ref()
                    .and_then(|socket| socket.remote.as_ref()),
            )
        })
        .on_demand(),
        Named::text("status", "STATUS", |row: &Self, _| {
            let socket = row.connection.as_ref();
            socket.map_or(Cell::Unknown, |socket| Cell::word(socket.status.as_str()))
        })
        .on_demand(),
        Named::text("path", "NAME", |row, _| row.shown()),
    ];
}
