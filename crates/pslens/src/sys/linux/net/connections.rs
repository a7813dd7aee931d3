//! The socket tables: netlink where the kernel answers for this root, text otherwise.
//!
//! Both give the same rows. Netlink costs about half, and gives local sockets' names exactly.

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStringExt;

use pslens_parse::linux::net_tcp::{self, ByteOrder};
use pslens_parse::linux::{net_unix, sock_diag_inet, sock_diag_unix};
use rustix::fs::CWD;

use super::netlink::{Netlink, SOCK_DIAG, invalid};
use super::owners::Walk;
use super::sockets::Sockets;
use super::{directories, good_rows, read_table};
use crate::error::{Error, ErrorKind, Result};
use crate::net::{
    Address, AddressFamily, Connection, ConnectionKind, ConnectionStatus, SocketOwner, SocketType,
};
use crate::process::Pid;
use crate::sys::linux::Root;

const OPERATION: &str = "net connections";

pub(crate) fn connections(root: &Root, kind: ConnectionKind) -> Result<Vec<Connection>> {
    let mut sockets = Sockets::all();
    Source::of_system(root, OPERATION).read(kind, &mut sockets)?;
    // After the tables: a socket made meanwhile is missing, rather than there without its owner.
    let of_proc = |error| Error::os_path(OPERATION, root.proc(""), error);
    Walk::new(root)
        .and_then(|mut walk| walk.every_process(|inode, owner| sockets.add_owner(inode, owner)))
        .map_err(of_proc)?;
    Ok(sockets.finish())
}

pub(crate) fn connections_without_owners(
    root: &Root,
    kind: ConnectionKind,
) -> Result<Vec<Connection>> {
    let mut sockets = Sockets::all();
    Source::of_system(root, OPERATION).read(kind, &mut sockets)?;
    Ok(sockets.finish())
}

/// The sockets that one process holds, from the tables of the network namespace that it is in. Those
/// that it holds from elsewhere (received, or made before it changed the namespace) are not there.
///
/// `held` are the inodes of its sockets and the descriptors that lead to them. A process without
/// sockets costs no look at any table.
pub(crate) fn connections_of(
    root: &Root,
    operation: &'static str,
    pid: Pid,
    kind: ConnectionKind,
    held: impl Iterator<Item = (u64, u32)>,
) -> Result<Vec<Connection>> {
    let mut sockets = Sockets::held();
    for (inode, fd) in held {
        sockets.hold(inode, SocketOwner::new(pid, fd));
    }
    if sockets.is_complete() {
        return Ok(Vec::new());
    }
    Source::of_process(root, operation, pid).read(kind, &mut sockets)?;
    Ok(sockets.finish())
}

/// One table of the kernel.
#[derive(Debug, Clone, Copy)]
struct Table {
    family: AddressFamily,
    /// What the sockets are; each local socket says so itself.
    socket_type: SocketType,
    file: &'static str,
    /// `AF_*` and `IPPROTO_*`.
    diag: [u8; 2],
}

/// In the order in which they are read: local sockets last, because their text can be forged and what
/// is known by then cannot be touched any more.
const TABLES: [Table; 5] = {
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

/// Where the tables are read.
struct Source<'a> {
    root: &'a Root,
    operation: &'static str,
    /// Directories of procfs, the first that has the table.
    directories: Vec<String>,
    netlink: Option<Netlink>,
}

impl<'a> Source<'a> {
    /// The tables of the calling thread, or of another root's machine.
    fn of_system(root: &'a Root, operation: &'static str) -> Self {
        // Refused by a sandbox, or not built into the kernel: the text says the same.
        let netlink = root
            .proc_is_running()
            .then(|| Netlink::open(Some(SOCK_DIAG)).ok())
            .flatten();
        Self {
            root,
            operation,
            directories: directories(root).iter().map(|&d| d.to_owned()).collect(),
            netlink,
        }
    }

    /// The tables of the namespace that a process is in.
    fn of_process(root: &'a Root, operation: &'static str, pid: Pid) -> Self {
        if root.proc_is_running() && is_in_our_namespace(root, pid) {
            return Self::of_system(root, operation);
        }
        let mut tables = vec![format!("{pid}/net")];
        if !root.proc_is_running() {
            // A copy may lack the process's own tables; then there was one namespace.
            tables.extend(directories(root).iter().map(|&d| d.to_owned()));
        }
        Self {
            root,
            operation,
            directories: tables,
            netlink: None,
        }
    }

    fn read(&mut self, kind: ConnectionKind, sockets: &mut Sockets) -> Result<()> {
        for table in TABLES {
            if !kind.includes(table.family, table.socket_type) {
                continue;
            }
            if sockets.is_complete() {
                break;
            }
            self.read_table(table, sockets)?;
        }
        Ok(())
    }

    fn read_table(&mut self, table: Table, sockets: &mut Sockets) -> Result<()> {
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

/// True also if that cannot be found out: kernels before 3.0.
fn is_in_our_namespace(root: &Root, pid: Pid) -> bool {
    let namespace = |process: &str| {
        let path = root.proc(format!("{process}/ns/net"));
        rustix::fs::readlinkat(CWD, path, Vec::new()).ok()
    };
    match (namespace(&pid.to_string()), namespace("thread-self")) {
        (Some(its), Some(ours)) => its == ours,
        _ => true,
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
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 00000000:0050 00000000:0000 0A 00000000:00000002 00:00000000 00000000  1000        0 101 1 0\n   1: 0100007F:0050 0100007F:9C40 0C 00000000:00000000 00:00000000 00000000     0        0 0 1 0\n   2: 0100007F:0050 0100007F:9C41 01 00000007:00000009 00:00000000 00000000  1000        0 102 1 0\n";
    const UDP: &str = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  55: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 103 2 0 0\n";
    const UNIX: &str = "Num       RefCount Protocol Flags    Type St Inode Path\nf6d2c1c0: 00000002 00000000 00010000 0005 01 104 /run/a b\nf6d2c1c1: 00000003 00000000 00000000 0001 03 105\n";

    /// Processes 10 and 11 share the listener; 12 has no sockets; 13 may not be looked at.
    fn machine() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        let proc = dir.path().join("proc");
        let file = |path: &str, text: &str| {
            let path = proc.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        file("net/tcp", TCP);
        file("net/udp", UDP);
        file("net/unix", UNIX);
        let links = [
            ("10/fd/3", "socket:[101]"),
            ("10/fd/4", "socket:[102]"),
            ("10/fd/5", "pipe:[101]"),
            ("11/fd/9", "socket:[101]"),
            ("11/fd/8", "socket:[101]"),
            ("11/fd/7", "socket:[104]"),
            ("12/fd/0", "/dev/null"),
            ("self/fd/3", "socket:[101]"),
        ];
        for (link, target) in links {
            let link: PathBuf = proc.join(link);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(target, link).unwrap();
        }
        fs::create_dir(proc.join("13")).unwrap();
        let root = Root::at(&proc, &dir.path().join("sys")).unwrap();
        (dir, root)
    }

    fn owner(pid: u32, fd: u32) -> SocketOwner {
        SocketOwner::new(Pid::from(pid), fd)
    }

    /// As a process is asked, which reads the links itself.
    fn of_process(root: &Root, pid: u32, kind: ConnectionKind) -> Result<Vec<Connection>> {
        const OPERATION: &str = "process connections";
        let pid = Pid::from(pid);
        let mut held = Vec::new();
        Walk::new(root)
            .unwrap()
            .process(pid, |inode, owner| held.push((inode, owner.fd)))
            .map_err(|error| Error::os_pid(OPERATION, pid, error))?;
        connections_of(root, OPERATION, pid, kind, held.into_iter())
    }

    #[test]
    fn tables_and_owners_are_joined() {
        let (_dir, root) = machine();
        let rows = connections(&root, ConnectionKind::All).unwrap();
        let by_inode = |inode| rows.iter().find(|row| row.inode == inode).unwrap();
        assert_eq!(rows.len(), 6);
        let listener = by_inode(Some(101));
        assert_eq!(listener.status, ConnectionStatus::Listen);
        assert_eq!(listener.remote, None);
        assert_eq!(listener.uid, Some(1000));
        assert_eq!(
            (listener.receive_queue, listener.send_queue),
            (Some(2), None)
        );
        assert_eq!(listener.owners, [owner(10, 3), owner(11, 8), owner(11, 9)]);
        let arriving = by_inode(None);
        assert_eq!(arriving.status, ConnectionStatus::SynRecv);
        assert_eq!((arriving.uid, &arriving.owners), (None, &Vec::new()));
        let connected = by_inode(Some(102));
        assert_eq!(
            connected.remote.as_ref().map(Address::to_string),
            Some("127.0.0.1:40001".to_owned())
        );
        assert_eq!(
            (connected.receive_queue, connected.send_queue),
            (Some(9), Some(7))
        );
        let udp = by_inode(Some(103));
        assert_eq!(udp.status, ConnectionStatus::None);
        assert_eq!(udp.socket_type, SocketType::Dgram);
        let local = by_inode(Some(104));
        assert_eq!(local.socket_type, SocketType::SeqPacket);
        assert_eq!(local.local, Some(Address::Unix("/run/a b".into())));
        assert_eq!(local.owners, [owner(11, 7)]);
        assert_eq!(by_inode(Some(105)).local, None);
    }

    #[test]
    fn only_the_tables_of_the_kind_are_read() {
        let (dir, root) = machine();
        let count = |kind| connections_without_owners(&root, kind).map(|rows| rows.len());
        assert_eq!(count(ConnectionKind::Unix).unwrap(), 2);
        assert_eq!(count(ConnectionKind::Inet).unwrap(), 4);
        assert_eq!(count(ConnectionKind::Tcp4).unwrap(), 3);
        // Without IPv6 there are no such tables.
        assert_eq!(count(ConnectionKind::Inet6).unwrap(), 0);
        fs::remove_file(dir.path().join("proc/net/tcp")).unwrap();
        assert_eq!(count(ConnectionKind::Udp).unwrap(), 1);
        let missing = count(ConnectionKind::Tcp).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn one_process_has_its_own_sockets_only() {
        let (dir, root) = machine();
        let of = |pid, kind| of_process(&root, pid, kind);
        let rows = of(10, ConnectionKind::All).unwrap();
        let inodes: Vec<_> = rows.iter().filter_map(|row| row.inode).collect();
        assert_eq!(inodes, [101, 102]);
        assert_eq!(rows[0].owners, [owner(10, 3)]);
        assert_eq!(of(11, ConnectionKind::Unix).unwrap().len(), 1);
        let gone = of(14, ConnectionKind::All).unwrap_err();
        assert_eq!(gone.raw_os_error(), Some(libc::ENOENT));
        assert_eq!(gone.pid(), Some(Pid::from(14)));
        // Its own network namespace.
        fs::create_dir(dir.path().join("proc/10/net")).unwrap();
        fs::write(dir.path().join("proc/10/net/tcp"), "headings\n").unwrap();
        assert_eq!(of(10, ConnectionKind::Tcp).unwrap(), []);
    }

    #[test]
    fn a_process_without_sockets_costs_no_look_at_a_table() {
        let (dir, root) = machine();
        fs::remove_dir_all(dir.path().join("proc/net")).unwrap();
        let of = |pid| of_process(&root, pid, ConnectionKind::All);
        assert_eq!(of(12).unwrap(), []);
        assert_eq!(of(10).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn every_captured_machine_can_be_read() {
        for name in pslens_fixtures::MACHINES {
            let machine = pslens_fixtures::materialise(name);
            let root = Root::at(&machine.proc(), &machine.sys()).unwrap();
            let rows = connections(&root, ConnectionKind::All).unwrap();
            for row in &rows {
                assert_eq!(row.status != ConnectionStatus::None, {
                    row.family != AddressFamily::Unix && row.socket_type == SocketType::Stream
                });
            }
            assert!(
                !super::super::io_counters(&root).unwrap().is_empty(),
                "{name}"
            );
        }
    }

    #[test]
    fn names_of_local_sockets_are_as_the_kernel_prints_them() {
        let check = |bytes: &[u8], text: &str| assert_eq!(printed_name(bytes), text.as_bytes());
        check(b"/run/x\0", "/run/x");
        check(b"\0abs\0tract\0", "@abs@tract@");
        check(b"\0", "@");
        check(b"", "");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may start a program")]
    fn a_process_in_another_network_namespace_is_read_there() {
        use std::io::BufRead;
        use std::process::{Command, Stdio};
        const PROGRAM: &str = "import socket, sys\ns = socket.socket()\ns.bind(('0.0.0.0', 4711))\ns.listen()\nprint(s.fileno(), flush=True)\nsys.stdin.read()";
        let mut child = Command::new("unshare")
            .args(["-n", "python3", "-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut fd = String::new();
        let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut fd).unwrap();
        let Ok(fd) = fd.trim().parse() else {
            child.wait().unwrap();
            eprintln!("skipped: needs CAP_SYS_ADMIN and python3");
            return;
        };
        let (root, pid) = (Root::running(), child.id());
        let rows = of_process(&root, pid, ConnectionKind::All);
        let here = connections(&root, ConnectionKind::Tcp4);
        drop(child.stdin.take());
        child.wait().unwrap();
        let rows = rows.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(
            rows[0].local,
            Some(Address::Inet(([0, 0, 0, 0], 4711).into()))
        );
        assert_eq!(rows[0].owners, [owner(pid, fd)]);
        let mut owners = here.unwrap().into_iter().flat_map(|row| row.owners);
        assert!(owners.all(|owner| owner.pid != Pid::from(pid)));
    }
}
