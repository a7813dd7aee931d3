//! Sockets: who is connected to whom, and which processes hold the ends.

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::process::Pid;
use crate::root::Root;
use crate::sys;

/// One socket.
///
/// A socket is listed once, with all who hold it: servers that fork share their listening socket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Connection {
    /// Which kind of addresses it has. An IPv6 socket that talks IPv4 is [`AddressFamily::Inet6`]
    /// with addresses such as `::ffff:192.0.2.1`.
    pub family: AddressFamily,
    /// Whether it carries a stream or datagrams.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub socket_type: SocketType,
    /// The own address. `None` if it is not bound (IP: port 0).
    #[cfg_attr(feature = "serde", serde(rename = "laddr"))]
    pub local: Option<Address>,
    /// The other side's address. `None` if not connected, for local sockets on Linux, and for UDP on Windows.
    #[cfg_attr(feature = "serde", serde(rename = "raddr"))]
    pub remote: Option<Address>,
    /// Where a TCP connection is in its life; [`ConnectionStatus::None`] for everything else.
    pub status: ConnectionStatus,
    /// The number by which descriptors refer to it (`socket:[1234]` on Linux). `None` if no descriptor
    /// does: not yet accepted, or already closed (`TIME_WAIT`); and on Windows.
    pub inode: Option<u64>,
    /// The user who made it. `None` for local sockets on Linux, where nobody owns it any more, and on Windows.
    pub uid: Option<u32>,
    /// Bytes that arrived and were not read; of a listening socket, connections not yet accepted.
    /// `None` for local sockets, and on Windows.
    pub receive_queue: Option<u32>,
    /// Bytes not yet acknowledged by the other side (TCP) or not yet sent. `None` for local and for
    /// listening sockets, and on Windows.
    pub send_queue: Option<u32>,
    /// Every descriptor that refers to it, as far as this process may see; in order of pid and
    /// descriptor. Empty if there is none or others' are hidden, and where owners were not asked for.
    /// Windows: the process that opened it, which may have given it to others and be gone.
    pub owners: Vec<SocketOwner>,
}

/// A descriptor of a process that refers to a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SocketOwner {
    /// The process.
    pub pid: Pid,
    /// Its descriptor. `None` on Windows and SunOS, where sockets are listed by process.
    pub fd: Option<u32>,
}

impl SocketOwner {
    pub(crate) fn new(pid: Pid, fd: impl Into<Option<u32>>) -> Self {
        Self { pid, fd: fd.into() }
    }
}

/// What kind of addresses a socket has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum AddressFamily {
    /// IPv4.
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "AF_INET"))]
    Inet,
    /// IPv6.
    #[cfg_attr(feature = "serde", serde(rename = "AF_INET6"))]
    Inet6,
    /// Local to the machine.
    #[cfg_attr(feature = "serde", serde(rename = "AF_UNIX"))]
    Unix,
}

/// How a socket carries data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum SocketType {
    /// A stream of bytes: TCP.
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "SOCK_STREAM"))]
    Stream,
    /// Separate messages that may be lost: UDP.
    #[cfg_attr(feature = "serde", serde(rename = "SOCK_DGRAM"))]
    Dgram,
    /// Packets of a protocol that the program makes itself.
    #[cfg_attr(feature = "serde", serde(rename = "SOCK_RAW"))]
    Raw,
    /// Separate messages that are not lost, in any order.
    #[cfg_attr(feature = "serde", serde(rename = "SOCK_RDM"))]
    Rdm,
    /// Separate messages that are not lost, in order.
    #[cfg_attr(feature = "serde", serde(rename = "SOCK_SEQPACKET"))]
    SeqPacket,
}

/// One end of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Address {
    /// An IP address and a port. The scope of an IPv6 address is known on Windows only, and else 0.
    Inet(SocketAddr),
    /// The name of a local socket: a path, or an abstract name with `@` in front and for each NUL
    /// byte, as Linux prints it. Any byte may be in it.
    Unix(OsString),
}

impl fmt::Display for Address {
    /// `192.0.2.1:80`, `[::1]:80`, `/run/x`; bytes that are no text are replaced.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => address.fmt(f),
            Self::Unix(name) => name.display().fmt(f),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Address {
    /// As psutil: `{"ip": ..., "port": ...}`, or the name.
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        match self {
            Self::Inet(address) => {
                let mut fields = s.serialize_struct("addr", 2)?;
                fields.serialize_field("ip", &address.ip())?;
                fields.serialize_field("port", &address.port())?;
                fields.end()
            }
            Self::Unix(name) => crate::serialize::text(name, s),
        }
    }
}

/// Where a TCP connection is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum ConnectionStatus {
    /// Data flows.
    Established,
    /// Waiting for the answer to our request.
    SynSent,
    /// A request arrived and was answered (`NEW_SYN_RECV` of Linux included).
    SynRecv,
    /// We have closed.
    FinWait1,
    /// We have closed and the other side knows.
    FinWait2,
    /// Closed; late packets are waited for.
    TimeWait,
    /// Closed.
    Close,
    /// The other side has closed.
    CloseWait,
    /// Both have closed; the last confirmation is waited for.
    LastAck,
    /// Waiting for requests.
    Listen,
    /// Both have closed at the same time.
    Closing,
    /// Being deleted (Windows).
    DeleteTcb,
    /// Not bound (SunOS).
    Idle,
    /// Bound and nothing more (SunOS).
    Bound,
    /// Not TCP, or a state that this version does not know.
    #[default]
    None,
}

impl ConnectionStatus {
    /// Every state.
    pub const ALL: [Self; 15] = [
        Self::Established,
        Self::SynSent,
        Self::SynRecv,
        Self::FinWait1,
        Self::FinWait2,
        Self::TimeWait,
        Self::Close,
        Self::CloseWait,
        Self::LastAck,
        Self::Listen,
        Self::Closing,
        Self::DeleteTcb,
        Self::Idle,
        Self::Bound,
        Self::None,
    ];

    /// psutil's word: `ESTABLISHED`, `NONE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Established => "ESTABLISHED",
            Self::SynSent => "SYN_SENT",
            Self::SynRecv => "SYN_RECV",
            Self::FinWait1 => "FIN_WAIT1",
            Self::FinWait2 => "FIN_WAIT2",
            Self::TimeWait => "TIME_WAIT",
            Self::Close => "CLOSE",
            Self::CloseWait => "CLOSE_WAIT",
            Self::LastAck => "LAST_ACK",
            Self::Listen => "LISTEN",
            Self::Closing => "CLOSING",
            Self::DeleteTcb => "DELETE_TCB",
            Self::Idle => "CONN_IDLE",
            Self::Bound => "CONN_BOUND",
            Self::None => "NONE",
        }
    }
}

impl fmt::Display for ConnectionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ConnectionStatus {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

/// Which sockets to list.
///
/// # Examples
/// ```
/// use pslens::net::ConnectionKind;
///
/// assert_eq!("tcp6".parse::<ConnectionKind>()?, ConnectionKind::Tcp6);
/// let error = "tcp5".parse::<ConnectionKind>().unwrap_err();
/// assert_eq!(error.kind(), pslens::ErrorKind::InvalidArgument);
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum ConnectionKind {
    /// TCP and UDP over IPv4 and IPv6, and local sockets.
    All,
    /// TCP and UDP over IPv4 and IPv6.
    #[default]
    Inet,
    /// TCP and UDP over IPv4.
    Inet4,
    /// TCP and UDP over IPv6.
    Inet6,
    /// TCP.
    Tcp,
    /// TCP over IPv4.
    Tcp4,
    /// TCP over IPv6.
    Tcp6,
    /// UDP.
    Udp,
    /// UDP over IPv4.
    Udp4,
    /// UDP over IPv6.
    Udp6,
    /// Local sockets, of every type.
    Unix,
}

impl ConnectionKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::All,
        Self::Inet,
        Self::Inet4,
        Self::Inet6,
        Self::Tcp,
        Self::Tcp4,
        Self::Tcp6,
        Self::Udp,
        Self::Udp4,
        Self::Udp6,
        Self::Unix,
    ];

    /// psutil's word: `inet`, `tcp6`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Inet => "inet",
            Self::Inet4 => "inet4",
            Self::Inet6 => "inet6",
            Self::Tcp => "tcp",
            Self::Tcp4 => "tcp4",
            Self::Tcp6 => "tcp6",
            Self::Udp => "udp",
            Self::Udp4 => "udp4",
            Self::Udp6 => "udp6",
            Self::Unix => "unix",
        }
    }

    /// True if sockets of this family and type are of this kind.
    #[must_use]
    pub const fn includes(self, family: AddressFamily, socket_type: SocketType) -> bool {
        let stream = matches!(socket_type, SocketType::Stream);
        let dgram = matches!(socket_type, SocketType::Dgram);
        match (self, family) {
            (Self::All | Self::Unix, AddressFamily::Unix) => true,
            (_, AddressFamily::Unix) | (Self::Unix, _) => false,
            (Self::All | Self::Inet, _)
            | (Self::Inet4, AddressFamily::Inet)
            | (Self::Inet6, AddressFamily::Inet6) => stream || dgram,
            (Self::Tcp, _)
            | (Self::Tcp4, AddressFamily::Inet)
            | (Self::Tcp6, AddressFamily::Inet6) => stream,
            (Self::Udp, _)
            | (Self::Udp4, AddressFamily::Inet)
            | (Self::Udp6, AddressFamily::Inet6) => dgram,
            (Self::Inet4 | Self::Tcp4 | Self::Udp4, AddressFamily::Inet6)
            | (Self::Inet6 | Self::Tcp6 | Self::Udp6, AddressFamily::Inet) => false,
        }
    }
}

impl fmt::Display for ConnectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ConnectionKind {
    type Err = Error;

    /// Accepts psutil's eleven words.
    fn from_str(text: &str) -> Result<Self> {
        let mut kinds = Self::ALL.into_iter();
        kinds.find(|kind| kind.as_str() == text).ok_or_else(|| {
            Error::invalid_argument(
                "net connections",
                "kind",
                format_args!("'{}'", text.escape_debug()),
                Self::ALL.map(Self::as_str).join(", "),
            )
        })
    }
}

/// Returns the sockets of the system, each with the processes that hold it.
///
/// What is listed is the caller's network namespace. Descriptors of other users' processes are hidden
/// from unprivileged callers: their sockets are listed without owners. Sockets that come and go while
/// the tables are read may be missing; none is listed twice. On Windows everybody sees the owners of all
/// sockets; a socket that is bound to both IPv4 and IPv6 can be in both tables, and thus here as two.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS. Local sockets: not Windows. All owners of a
/// socket: Linux.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system hides the tables (Android).
/// # Sources
/// Linux `NETLINK_SOCK_DIAG`, where that is refused and under another root
/// `/proc/net/{tcp,tcp6,udp,udp6,unix}`; owners from the links in `/proc/[pid]/fd`. In the text tables a
/// local socket's name can pass for a further row; in the answers of netlink it cannot. Windows
/// `GetExtendedTcpTable` and `GetExtendedUdpTable`, one call per family and protocol.
/// # Examples
/// ```
/// use pslens::net::{self, Address, ConnectionKind, ConnectionStatus};
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// let here = Address::Inet(listener.local_addr().unwrap());
/// # #[cfg(any(target_os = "linux", windows))] {
/// let all = net::connections(ConnectionKind::Tcp)?;
/// let ours = all.iter().find(|socket| socket.local.as_ref() == Some(&here)).unwrap();
/// assert_eq!(ours.status, ConnectionStatus::Listen);
/// assert!(ours.owners.iter().all(|owner| owner.pid.as_u32() == std::process::id()));
/// # }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "net_connections")]
#[doc(alias = "netstat")]
#[doc(alias = "ss")]
pub fn connections(kind: ConnectionKind) -> Result<Vec<Connection>> {
    connections_in(Root::current(), kind)
}

/// As [`connections`], read from `root`.
///
/// Under another root the sockets are those of the network namespace of that root's process 1, or of
/// the directory `net` if that process is not there.
///
/// # Errors
/// As [`connections`].
pub fn connections_in(root: &Root, kind: ConnectionKind) -> Result<Vec<Connection>> {
    sys::net::connections(&root.0, kind)
}

/// Returns the sockets of the system without looking for the processes that hold them.
///
/// Several times cheaper than [`connections`], which has to look at every descriptor of every process; on
/// Windows, where the tables name the owners, it costs the same.
///
/// # Availability
/// As [`connections`].
/// # Errors
/// As [`connections`].
/// # Sources
/// As [`connections`].
/// # Examples
/// ```
/// use pslens::net::{self, AddressFamily, ConnectionKind};
///
/// # #[cfg(any(target_os = "linux", windows))]
/// for socket in net::connections_without_owners(ConnectionKind::Tcp6)? {
///     assert_eq!(socket.family, AddressFamily::Inet6);
///     assert!(socket.owners.is_empty());
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "net_connections")]
pub fn connections_without_owners(kind: ConnectionKind) -> Result<Vec<Connection>> {
    connections_without_owners_in(Root::current(), kind)
}

/// As [`connections_without_owners`], read from `root`.
///
/// # Errors
/// As [`connections`].
pub fn connections_without_owners_in(root: &Root, kind: ConnectionKind) -> Result<Vec<Connection>> {
    sys::net::connections_without_owners(&root.0, kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn kinds_are_written_as_they_are_read() {
        for kind in ConnectionKind::ALL {
            assert_eq!(kind.to_string().parse::<ConnectionKind>().unwrap(), kind);
        }
        assert_eq!(ConnectionKind::default().as_str(), "inet");
    }

    #[test]
    fn every_state_is_there_once() {
        for (number, status) in ConnectionStatus::ALL.into_iter().enumerate() {
            assert_eq!(status as usize, number);
        }
        assert_eq!(ConnectionStatus::ALL.last(), Some(&ConnectionStatus::None));
    }

    #[test]
    fn an_unknown_kind_is_told_what_is_accepted() {
        let error = "TCP\n".parse::<ConnectionKind>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(
            error.to_string(),
            "net connections: kind: got 'TCP\\n'; accepted: all, inet, inet4, inet6, tcp, tcp4, tcp6, udp, udp4, udp6, unix"
        );
    }

    #[test]
    fn kinds_include_what_psutil_documents() {
        use AddressFamily::{Inet, Inet6, Unix};
        use SocketType::{Dgram, SeqPacket, Stream};
        let sockets = [
            (Inet, Stream),
            (Inet6, Stream),
            (Inet, Dgram),
            (Inet6, Dgram),
            (Unix, SeqPacket),
        ];
        let check = |kind: ConnectionKind, expect: [bool; 5]| {
            let got = sockets.map(|(family, socket_type)| kind.includes(family, socket_type));
            assert_eq!(got, expect, "{kind}");
        };
        let (o, x) = (false, true);
        check(ConnectionKind::All, [x, x, x, x, x]);
        check(ConnectionKind::Inet, [x, x, x, x, o]);
        check(ConnectionKind::Inet4, [x, o, x, o, o]);
        check(ConnectionKind::Inet6, [o, x, o, x, o]);
        check(ConnectionKind::Tcp, [x, x, o, o, o]);
        check(ConnectionKind::Tcp4, [x, o, o, o, o]);
        check(ConnectionKind::Tcp6, [o, x, o, o, o]);
        check(ConnectionKind::Udp, [o, o, x, x, o]);
        check(ConnectionKind::Udp4, [o, o, x, o, o]);
        check(ConnectionKind::Udp6, [o, o, o, x, o]);
        check(ConnectionKind::Unix, [o, o, o, o, x]);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn connections_are_written_with_psutils_names() {
        let connection = Connection {
            local: Some(Address::Inet("192.0.2.1:80".parse().unwrap())),
            status: ConnectionStatus::Listen,
            inode: Some(7),
            owners: vec![SocketOwner::new(Pid::from(1), 3)],
            ..Connection::default()
        };
        assert_eq!(
            serde_json::to_string(&connection).unwrap(),
            r#"{"family":"AF_INET","type":"SOCK_STREAM","laddr":{"ip":"192.0.2.1","port":80},"raddr":null,"status":"LISTEN","inode":7,"uid":null,"receive_queue":null,"send_queue":null,"owners":[{"pid":1,"fd":3}]}"#
        );
    }
}
