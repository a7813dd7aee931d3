//! Sockets and who holds them: of the whole system, of one process, and of one process after the other.

use super::namespaces::{Namespace, Namespaces};
use super::owners::Walk;
use super::sockets::Sockets;
use super::tables::Source;
use crate::error::{Error, Result};
use crate::net::{Connection, ConnectionKind, SocketOwner};
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

/// A process, and what is known of its sockets: the inodes, and the descriptors that lead to them.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) pid: Pid,
    pub(crate) held: Vec<(u64, u32)>,
}

impl Holder {
    fn owners(&self) -> impl Iterator<Item = (u64, SocketOwner)> {
        let owner = |&(inode, fd): &(u64, u32)| (inode, SocketOwner::new(self.pid, fd));
        self.held.iter().map(owner)
    }
}

/// The sockets that one process holds, from the tables of the network namespace that it is in. Those
/// that it holds from elsewhere (received, or made before it changed the namespace) are not there.
///
/// A process without sockets costs no look at any table.
pub(crate) fn connections_of(
    root: &Root,
    operation: &'static str,
    holder: &Holder,
    kind: ConnectionKind,
) -> Result<Vec<Connection>> {
    if holder.held.is_empty() {
        return Ok(Vec::new());
    }
    let mut sockets = Sockets::held(holder.owners());
    let namespace = Namespace::of(root, holder.pid);
    namespace
        .source(root, operation, holder.pid)
        .read(kind, &mut sockets)?;
    Ok(sockets.finish())
}

/// As [`connections_of`], where more processes or more kinds will be asked for: each table is read once,
/// the first time that it is needed, and remembered.
pub(crate) fn remembered_connections_of(
    root: &Root,
    operation: &'static str,
    holder: &Holder,
    kind: ConnectionKind,
    namespaces: &mut Namespaces,
) -> Result<Vec<Connection>> {
    if holder.held.is_empty() {
        return Ok(Vec::new());
    }
    let sockets = namespaces.sockets(root, operation, holder.pid, kind)?;
    Ok(sockets.of_holder(holder.owners(), kind))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::*;
    use crate::error::ErrorKind;
    use crate::net::{Address, AddressFamily, ConnectionStatus, SocketType};

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
            .process(pid, |inode, owner| {
                held.extend(owner.fd.map(|fd| (inode, fd)))
            })
            .map_err(|error| Error::os_pid(OPERATION, pid, error))?;
        let holder = Holder { pid, held };
        let rows = connections_of(root, OPERATION, &holder, kind);
        // Remembered tables say the same, the second time too.
        let mut namespaces = Namespaces::default();
        for _ in 0..2 {
            let again = remembered_connections_of(root, OPERATION, &holder, kind, &mut namespaces);
            match (&rows, again) {
                (Ok(rows), Ok(again)) => assert_eq!(*rows, again),
                (Err(error), Err(again)) => assert_eq!(error.kind(), again.kind()),
                (rows, again) => panic!("{rows:?} but {again:?}"),
            }
        }
        rows
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
