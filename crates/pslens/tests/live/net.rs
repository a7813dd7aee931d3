//! Sockets that we open ourselves must be in the tables as we opened them, and nobody's name may
//! disturb another one's row.

use std::ffi::OsStr;
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use pslens::Root;
use pslens::net::{
    self, Address, AddressFamily, Connection, ConnectionKind, ConnectionStatus, IfAddrFamily,
    InterfaceAddress, SocketType,
};
use rustix::io::FdFlags;
use rustix::net::{SocketAddrUnix, SocketFlags};

use crate::skip;

/// The running system under a name that is not taken for it: only its files are read.
fn files_only() -> Root {
    Root::at("/proc/../proc", "/sys/../sys").unwrap()
}

fn both_sources() -> [Root; 2] {
    [Root::running(), files_only()]
}

/// The one socket that our descriptor refers to.
fn of_ours<'a>(sockets: &'a [Connection], fd: &impl AsRawFd) -> &'a Connection {
    let (pid, fd) = (std::process::id(), fd.as_raw_fd().cast_unsigned());
    let mut found = sockets.iter().filter(|socket| {
        let mut owners = socket.owners.iter();
        owners.any(|owner| owner.pid.as_u32() == pid && owner.fd == Some(fd))
    });
    let socket = found.next().expect("a socket of ours is listed");
    assert!(found.next().is_none(), "and only once");
    socket
}

fn inet(address: std::io::Result<SocketAddr>) -> Option<Address> {
    Some(Address::Inet(address.unwrap()))
}

fn named(name: &[u8]) -> Option<Address> {
    Some(Address::Unix(OsStr::from_bytes(name).to_owned()))
}

fn until<T>(mut condition: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match condition() {
            Some(value) => return Some(value),
            None if Instant::now() > deadline => return None,
            None => std::thread::yield_now(),
        }
    }
}

#[test]
fn internet_sockets_are_listed_as_they_were_opened() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let connected = UdpSocket::bind("127.0.0.1:0").unwrap();
    connected.connect(udp.local_addr().unwrap()).unwrap();
    connected.send(b"123").unwrap();
    let uid = rustix::process::getuid().as_raw();
    for root in both_sources() {
        let sockets = net::connections_in(&root, ConnectionKind::Inet).unwrap();
        let socket = of_ours(&sockets, &listener);
        assert_eq!(socket.family, AddressFamily::Inet);
        assert_eq!(socket.socket_type, SocketType::Stream);
        assert_eq!(socket.local, inet(listener.local_addr()));
        assert_eq!(socket.remote, None);
        assert_eq!(socket.status, ConnectionStatus::Listen);
        assert_eq!(socket.uid, Some(uid));
        assert_eq!((socket.receive_queue, socket.send_queue), (Some(0), None));
        for (end, other) in [(&client, &server), (&server, &client)] {
            let socket = of_ours(&sockets, end);
            assert_eq!(socket.local, inet(end.local_addr()));
            assert_eq!(socket.remote, inet(other.local_addr()));
            assert_eq!(socket.status, ConnectionStatus::Established);
        }
        let socket = of_ours(&sockets, &udp);
        assert_eq!(socket.socket_type, SocketType::Dgram);
        assert_eq!(socket.local, inet(udp.local_addr()));
        assert_eq!(socket.remote, None);
        assert_eq!(socket.status, ConnectionStatus::None);
        assert!(socket.receive_queue > Some(0));
        let socket = of_ours(&sockets, &connected);
        assert_eq!(socket.remote, inet(udp.local_addr()));
        assert_eq!(socket.status, ConnectionStatus::None);

        let without = net::connections_without_owners_in(&root, ConnectionKind::Tcp4).unwrap();
        let inode = of_ours(&sockets, &server).inode;
        let socket = without.iter().find(|row| row.inode == inode).unwrap();
        assert!(socket.owners.is_empty());
    }
}

#[test]
fn ipv6_sockets_are_of_their_own_family_also_when_they_talk_ipv4() {
    let Ok(listener) = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)) else {
        return skip("ipv6", "no IPv6 here");
    };
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (server, _) = listener.accept().unwrap();
    for root in both_sources() {
        let sockets = net::connections_in(&root, ConnectionKind::Tcp).unwrap();
        let socket = of_ours(&sockets, &server);
        assert_eq!(socket.family, AddressFamily::Inet6);
        assert_eq!(socket.local, inet(server.local_addr()));
        assert_eq!(socket.remote, inet(server.peer_addr()));
        assert_eq!(of_ours(&sockets, &client).family, AddressFamily::Inet);
        let only4 = net::connections_in(&root, ConnectionKind::Tcp4).unwrap();
        assert!(only4.iter().all(|row| row.family == AddressFamily::Inet));
        let only6 = net::connections_in(&root, ConnectionKind::Tcp6).unwrap();
        assert!(only6.iter().all(|row| row.family == AddressFamily::Inet6));
        of_ours(&only6, &listener);
    }
}

#[test]
fn a_closed_connection_has_no_owner_and_no_user() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    let (local, remote) = (inet(client.local_addr()), inet(client.peer_addr()));
    drop(client);
    drop(server);
    for root in both_sources() {
        let ends = [(&local, &remote), (&remote, &local)];
        let find = || {
            let mut rows = net::connections_in(&root, ConnectionKind::Tcp4).unwrap();
            rows.retain(|row| ends.contains(&(&row.local, &row.remote)));
            rows.retain(|row| row.status == ConnectionStatus::TimeWait);
            assert!(rows.len() <= 1);
            rows.pop()
        };
        // A child that another test starts may hold our descriptors for a moment, and so decide which
        // end is closed last.
        let socket = until(find);
        let socket = socket.expect("the connection waits");
        assert_eq!((socket.inode, socket.uid), (None, None));
        assert!(socket.owners.is_empty());
    }
}

struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_listener_shared_by_two_processes_shows_both() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // Inherited by every child of this test program that starts meanwhile; ours is among them.
    rustix::io::fcntl_setfd(&listener, FdFlags::empty()).unwrap();
    let child = KillOnDrop(Command::new("sleep").arg("60").spawn().unwrap());
    rustix::io::fcntl_setfd(&listener, FdFlags::CLOEXEC).unwrap();
    let fd = listener.as_raw_fd().cast_unsigned();
    for root in both_sources() {
        let sockets = net::connections_in(&root, ConnectionKind::Tcp4).unwrap();
        let socket = of_ours(&sockets, &listener);
        let mut owners: Vec<_> = socket
            .owners
            .iter()
            .map(|o| (o.pid.as_u32(), o.fd))
            .collect();
        assert!(owners.is_sorted());
        owners.retain(|&(pid, _)| pid == child.0.id() || pid == std::process::id());
        let mut expect = [std::process::id(), child.0.id()].map(|pid| (pid, Some(fd)));
        expect.sort_unstable();
        assert_eq!(owners, expect);
    }
}

fn abstract_socket(kind: rustix::net::SocketType, name: &[u8]) -> OwnedFd {
    let unix = rustix::net::AddressFamily::UNIX;
    let fd = rustix::net::socket_with(unix, kind, SocketFlags::CLOEXEC, None).unwrap();
    let address = SocketAddrUnix::new_abstract_name(name).unwrap();
    rustix::net::bind(&fd, &address).unwrap();
    fd
}

#[test]
fn local_sockets_are_listed_with_type_and_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a socket");
    let listener = UnixListener::bind(&path).unwrap();
    let pid = std::process::id();
    let dgram_name = format!("pslens {pid}\0dgram\0");
    let dgram = abstract_socket(rustix::net::SocketType::DGRAM, dgram_name.as_bytes());
    let packets_name = format!("pslens {pid} packets");
    let packets = abstract_socket(rustix::net::SocketType::SEQPACKET, packets_name.as_bytes());
    let (unnamed, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    for root in both_sources() {
        let sockets = net::connections_in(&root, ConnectionKind::Unix).unwrap();
        let check = |fd: &OwnedFd, socket_type, name: Option<Address>| {
            let socket = of_ours(&sockets, fd);
            assert_eq!(socket.family, AddressFamily::Unix);
            assert_eq!(socket.socket_type, socket_type);
            assert_eq!(socket.local, name);
            assert_eq!(socket.remote, None);
            assert_eq!(socket.status, ConnectionStatus::None);
        };
        check(
            &dgram,
            SocketType::Dgram,
            named(format!("@pslens {pid}@dgram@").as_bytes()),
        );
        check(
            &packets,
            SocketType::SeqPacket,
            named(format!("@pslens {pid} packets").as_bytes()),
        );
        let socket = of_ours(&sockets, &listener);
        assert_eq!(socket.socket_type, SocketType::Stream);
        assert_eq!(socket.local, named(path.as_os_str().as_bytes()));
        assert_eq!(of_ours(&sockets, &unnamed).local, None);
    }
}

#[test]
fn hostile_names_change_nothing_but_their_own_row() {
    let pid = std::process::id();
    let victim = abstract_socket(
        rustix::net::SocketType::DGRAM,
        format!("pslens victim {pid}").as_bytes(),
    );
    let inode = {
        let sockets = net::connections(ConnectionKind::Unix).unwrap();
        of_ours(&sockets, &victim).inode.unwrap()
    };
    let names: Vec<Vec<u8>> = vec![
        b"  two blanks  ".into(),
        b"@@".into(),
        b"\nnewline first, two last\n\n".into(),
        b"f6d2c1c0: 00000002".into(),
        b"\nf6d2c1c0: 00000002 00000000 00010000 0001 01 x".into(),
        b"\xff\xfe not UTF-8 \x80".into(),
        b"\x1b[31mterminal\r\x07\t".into(),
        b"\0\0\0".into(),
    ];
    let sockets: Vec<OwnedFd> = names
        .iter()
        .map(|name| {
            let name = [name.as_slice(), format!(" {pid}").as_bytes()].concat();
            abstract_socket(rustix::net::SocketType::DGRAM, &name)
        })
        .collect();
    // A whole row that says to be the victim's.
    let forged = format!("{pid}\nf6d2c1c0: 00000002 00000000 00000000 0001 01 {inode} forged");
    let forger = abstract_socket(rustix::net::SocketType::DGRAM, forged.as_bytes());
    for root in both_sources() {
        let rows = net::connections_in(&root, ConnectionKind::All).unwrap();
        for (socket, name) in sockets.iter().zip(&names) {
            let printed = [b"@", name.as_slice(), format!(" {pid}").as_bytes()].concat();
            let printed: Vec<u8> = printed
                .iter()
                .map(|&byte| if byte == 0 { b'@' } else { byte })
                .collect();
            assert_eq!(of_ours(&rows, socket).local, named(&printed));
        }
        let of_victim: Vec<_> = rows.iter().filter(|row| row.inode == Some(inode)).collect();
        let real = of_victim
            .iter()
            .find(|row| row.local == named(format!("@pslens victim {pid}").as_bytes()))
            .expect("the victim is still there");
        assert_eq!(real.socket_type, SocketType::Dgram);
        assert_eq!(real.owners.len(), 1);
        let own = rows.iter().filter(|row| {
            row.local
                .as_ref()
                .is_some_and(|name| name.to_string().contains("forged"))
        });
        if root.is_running_system() {
            assert_eq!(of_victim.len(), 1, "netlink cannot be deceived");
            assert_eq!(own.count(), 1);
            assert_eq!(
                of_ours(&rows, &forger).local,
                named(format!("@{forged}").as_bytes())
            );
        }
    }
}

#[test]
fn netlink_and_text_agree_on_every_socket() {
    let _listeners: Vec<_> = (0..50)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pending");
    let _local = UnixListener::bind(&path).unwrap();
    // Not accepted: a socket without inode.
    let _waiting = std::os::unix::net::UnixStream::connect(&path).unwrap();
    let read = |root: &Root| {
        let rows = net::connections_without_owners_in(root, ConnectionKind::All).unwrap();
        let mut rows: Vec<String> = rows
            .into_iter()
            .map(|mut row| {
                // These move while we look.
                row.receive_queue = row.receive_queue.map(|_| 0);
                row.send_queue = row.send_queue.map(|_| 0);
                format!("{row:?}")
            })
            .collect();
        rows.sort_unstable();
        rows
    };
    // Other programs open and close sockets between the two.
    let agreed = until(|| {
        let [netlink, text] = both_sources().map(|root| read(&root));
        (netlink == text).then_some(netlink)
    });
    let agreed = agreed.expect("twice the same");
    let pending = format!("{path:?}");
    let of_path = |row: &&String| row.contains(&pending);
    assert_eq!(
        agreed.iter().filter(of_path).count(),
        2,
        "listener, waiting"
    );
}

#[test]
#[expect(
    deprecated,
    reason = "safe here: a thread's network namespace is nobody else's"
)]
fn a_thread_in_another_network_namespace_sees_that_one() {
    let outside = TcpListener::bind("127.0.0.1:0").unwrap();
    let thread = std::thread::spawn(move || {
        use rustix::thread::UnshareFlags;
        if rustix::thread::unshare(UnshareFlags::NEWNET).is_err() {
            skip("net namespace", "needs CAP_SYS_ADMIN");
            return;
        }
        let inside = TcpListener::bind("0.0.0.0:0").unwrap();
        let sockets = net::connections(ConnectionKind::Inet).unwrap();
        assert_eq!(sockets.len(), 1);
        assert_eq!(of_ours(&sockets, &inside).local, inet(inside.local_addr()));
        let everywhere: Vec<_> = net::io_counters_per_nic().unwrap();
        let names: Vec<_> = net::if_stats()
            .unwrap()
            .into_iter()
            .map(|row| row.name)
            .collect();
        assert!(everywhere.iter().map(|(name, _)| name).eq(&names));
        // The other namespace's are not ours to see, though we hold one of its sockets.
        drop(outside);
    });
    thread.join().unwrap();
}

#[test]
fn loopback_has_its_address_and_is_running() {
    let stats = net::if_stats().unwrap();
    let Some(lo) = stats.iter().find(|row| row.name == "lo" && row.isup) else {
        return skip("loopback", "no loopback interface that is up");
    };
    assert!(lo.flags.to_string().starts_with("up,loopback,running"));
    assert_eq!((lo.speed_mbps, lo.duplex), (None, net::Duplex::Unknown));
    let rows = net::if_addrs().unwrap();
    let lo: Vec<_> = rows.iter().filter(|row| row.name == "lo").collect();
    let localhost = InterfaceAddress::Inet(std::net::Ipv4Addr::LOCALHOST);
    let v4 = lo
        .iter()
        .find(|row| row.address == Some(localhost.clone()))
        .unwrap();
    assert_eq!(v4.family, IfAddrFamily::Inet);
    assert_eq!(v4.netmask.unwrap().to_string(), "255.0.0.0");
    assert_eq!((&v4.broadcast, &v4.ptp), (&None, &None));
    let hardware = lo.last().unwrap();
    assert_eq!(hardware.family, IfAddrFamily::Link);
    assert_eq!(
        hardware.address.as_ref().unwrap().to_string(),
        "00:00:00:00:00:00"
    );
    // Every interface has a row at least.
    for row in &stats {
        assert!(rows.iter().any(|address| address.name == row.name));
    }
}

#[test]
fn sysfs_and_netlink_agree_on_interfaces() {
    let agreed = until(|| {
        let [mut netlink, sysfs] = both_sources().map(|root| net::if_stats_in(&root).unwrap());
        netlink.sort_by(|one, other| one.name.cmp(&other.name));
        (netlink == sysfs).then_some(())
    });
    if agreed.is_none() {
        let [netlink, sysfs] = both_sources().map(|root| net::if_stats_in(&root).unwrap());
        panic!("netlink {netlink:#?}, sysfs {sysfs:#?}");
    }
}

#[test]
fn counters_are_the_same_in_sum_and_apart() {
    let total = net::io_counters().unwrap();
    let rows = net::io_counters_per_nic().unwrap();
    let sum: net::IoCounters = rows.into_iter().map(|(_, row)| row).sum();
    let later = net::io_counters().unwrap();
    assert!(total.bytes_recv <= sum.bytes_recv && sum.bytes_recv <= later.bytes_recv);
    assert!(total.packets_sent <= sum.packets_sent && sum.packets_sent <= later.packets_sent);
}

#[test]
fn interface_addresses_of_another_root_cannot_be_known() {
    assert!(
        net::if_addrs_in(&files_only())
            .unwrap_err()
            .is_unsupported()
    );
}
