//! TCP connections by netlink, and whose they are.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd as _, FromRawFd as _, OwnedFd};

use anyhow::{Result, bail};
use rustix::fs::AtFlags;

use super::source::{self, Path, numbers};
use super::table::Fast;

/// A TCP socket.
#[derive(Debug, Clone)]
pub struct Connection {
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub state: u8,
    pub inode: u32,
    /// Process and descriptor.
    pub owner: Option<(u32, u32)>,
}

/// A reader with its buffers.
pub struct Net {
    buffer: Vec<u8>,
    pids: Vec<u32>,
    fds: Vec<u32>,
    last: usize,
}

impl Net {
    pub fn new() -> Self {
        Self {
            buffer: vec![0; 256 * 1024],
            pids: Vec::new(),
            fds: Vec::new(),
            last: 0,
        }
    }

    /// All TCP sockets of this network namespace.
    ///
    /// What lost: `/proc/net/tcp` and `tcp6` (twice the time), a second socket for the second
    /// family (3 us), buffers other than 32 KiB or more (the kernel fills 32 KiB at most).
    pub fn tcp(&mut self) -> Result<Vec<Connection>> {
        // SAFETY: no memory is passed.
        let socket = unsafe {
            libc::socket(
                libc::AF_NETLINK,
                libc::SOCK_DGRAM | libc::SOCK_CLOEXEC,
                libc::NETLINK_SOCK_DIAG,
            )
        };
        if socket < 0 {
            bail!("sock_diag: {}", std::io::Error::last_os_error());
        }
        // SAFETY: a descriptor that was just returned to us.
        let socket = unsafe { OwnedFd::from_raw_fd(socket) };
        let mut connections = Vec::with_capacity(self.last);
        for family in [libc::AF_INET, libc::AF_INET6] {
            self.dump(&socket, family as u8, &mut connections)?;
        }
        self.last = connections.len();
        Ok(connections)
    }

    fn dump(
        &mut self,
        socket: &OwnedFd,
        family: u8,
        connections: &mut Vec<Connection>,
    ) -> Result<()> {
        // nlmsghdr, then inet_diag_req_v2.
        let mut request = [0_u8; 16 + 56];
        request[..4].copy_from_slice(&72_u32.to_ne_bytes());
        request[4..6].copy_from_slice(&20_u16.to_ne_bytes()); // SOCK_DIAG_BY_FAMILY
        request[6..8].copy_from_slice(&0x301_u16.to_ne_bytes()); // REQUEST | DUMP
        request[16] = family;
        request[17] = libc::IPPROTO_TCP as u8;
        // Every state but BOUND_INACTIVE: the text does not list those, and looking for them (Linux
        // 6.8) walks another table of the kernel, a tenth more for 10,000 sockets.
        request[20..24].copy_from_slice(&0x1FFF_u32.to_ne_bytes());
        rustix::net::send(socket, &request, rustix::net::SendFlags::empty())?;
        loop {
            let (length, _) = rustix::net::recv(
                socket,
                &mut self.buffer[..],
                rustix::net::RecvFlags::empty(),
            )?;
            let mut rest = &self.buffer[..length];
            while rest.len() >= 16 {
                let length = word(rest, 0) as usize;
                match u16::from_ne_bytes([rest[4], rest[5]]) {
                    3 => return Ok(()),
                    2 => bail!(
                        "sock_diag: error {}",
                        (word(rest, 16) as i32).wrapping_neg()
                    ),
                    _ => connections.push(connection(&rest[16..length])),
                }
                rest = &rest[length.next_multiple_of(4).min(rest.len())..];
            }
        }
    }

    /// The same with owners: every descriptor of every process is looked at.
    ///
    /// Following each link (`statat`) is 6 per cent faster than reading it, but not the same work:
    /// it asks the file system of every open file, and a dead network mount then hangs the scan.
    pub fn tcp_with_owners(&mut self) -> Result<Vec<Connection>> {
        let mut connections = self.tcp()?;
        let mut by_inode: HashMap<u32, u32, Fast> =
            HashMap::with_capacity_and_hasher(connections.len(), Fast::default());
        for (index, connection) in connections.iter().enumerate() {
            if connection.inode != 0 {
                by_inode.insert(connection.inode, index as u32);
            }
        }
        let proc = source::proc()?;
        self.pids.clear();
        let pids = &mut self.pids;
        numbers(proc.as_fd(), &mut self.buffer, |pid| pids.push(pid))?;
        let mut path = Path::new();
        for &pid in &self.pids {
            let Ok(directory) = source::directory(&proc, path.of(pid, b"/fd")) else {
                continue;
            };
            self.fds.clear();
            let fds = &mut self.fds;
            if numbers(directory.as_fd(), &mut self.buffer, |fd| fds.push(fd)).is_err() {
                continue;
            }
            for &fd in &self.fds {
                if let Some(inode) = socket_by_link(&directory, path.of(fd, b""))
                    && let Some(index) = by_inode.get(&inode)
                {
                    let owner = &mut connections[*index as usize].owner;
                    owner.get_or_insert((pid, fd));
                }
            }
        }
        Ok(connections)
    }
}

/// The inode of a descriptor if it is a socket, by following its link.
pub fn socket_by_stat(directory: &OwnedFd, fd: &std::ffi::CStr) -> Option<u32> {
    let stat = rustix::fs::statat(directory, fd, AtFlags::empty()).ok()?;
    (stat.st_mode & libc::S_IFMT == libc::S_IFSOCK).then_some(stat.st_ino as u32)
}

/// The same without asking a file system for fresh values.
pub fn socket_by_statx(directory: &OwnedFd, fd: &std::ffi::CStr) -> Option<u32> {
    use rustix::fs::StatxFlags;
    let wanted = StatxFlags::INO | StatxFlags::TYPE;
    let stat = rustix::fs::statx(directory, fd, AtFlags::STATX_DONT_SYNC, wanted).ok()?;
    (u32::from(stat.stx_mode) & libc::S_IFMT == libc::S_IFSOCK).then_some(stat.stx_ino as u32)
}

/// The same by reading the link.
pub fn socket_by_link(directory: &OwnedFd, fd: &std::ffi::CStr) -> Option<u32> {
    let mut target = [std::mem::MaybeUninit::uninit(); 32];
    let (target, _) = rustix::fs::readlinkat_raw(directory, fd, &mut target).ok()?;
    Some(source::number(target.strip_prefix(b"socket:[")?).0 as u32)
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Decodes `inet_diag_msg`.
fn connection(message: &[u8]) -> Connection {
    let port = |at: usize| u16::from_be_bytes([message[at], message[at + 1]]);
    let address = |at: usize| {
        if message[0] == libc::AF_INET as u8 {
            IpAddr::V4(Ipv4Addr::new(
                message[at],
                message[at + 1],
                message[at + 2],
                message[at + 3],
            ))
        } else {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&message[at..at + 16]);
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
    };
    Connection {
        local: SocketAddr::new(address(8), port(4)),
        remote: SocketAddr::new(address(24), port(6)),
        state: message[1],
        inode: word(message, 68),
        owner: None,
    }
}

/// `/proc/net/tcp`, the alternative: only the trials use it. Returns the number of sockets.
pub fn tcp_by_text(buffer: &mut Vec<u8>) -> Result<Vec<Connection>> {
    let mut connections = Vec::new();
    for path in [c"/proc/net/tcp", c"/proc/net/tcp6"] {
        let text = source::read_all(rustix::fs::CWD, path, buffer)?;
        for line in text.split(|byte| *byte == b'\n').skip(1) {
            let mut fields = line
                .split(|byte| *byte == b' ')
                .filter(|field| !field.is_empty())
                .skip(1);
            let (Some(local), Some(remote), Some(state)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let inode = fields.nth(5).map_or(0, |field| source::number(field).0);
            connections.push(Connection {
                local: hexadecimal(local),
                remote: hexadecimal(remote),
                state: nibble(state[1]),
                inode: inode as u32,
                owner: None,
            });
        }
    }
    Ok(connections)
}

fn nibble(byte: u8) -> u8 {
    if byte.is_ascii_digit() {
        byte - b'0'
    } else {
        (byte | 0x20) - b'a' + 10
    }
}

fn hexadecimal(text: &[u8]) -> SocketAddr {
    let mut bytes = [0_u8; 18];
    let (address, port) = text.split_at(text.iter().position(|byte| *byte == b':').unwrap_or(0));
    for (byte, pair) in bytes.iter_mut().zip(address.chunks_exact(2)) {
        *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
    }
    for word in bytes[..16].chunks_exact_mut(4) {
        word.reverse();
    }
    let port = port[1..]
        .iter()
        .fold(0_u16, |port, byte| port << 4 | u16::from(nibble(*byte)));
    let mut v6 = [0; 16];
    v6.copy_from_slice(&bytes[..16]);
    let address = if address.len() == 8 {
        IpAddr::V4(Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]))
    } else {
        IpAddr::V6(Ipv6Addr::from(v6))
    };
    SocketAddr::new(address, port)
}
