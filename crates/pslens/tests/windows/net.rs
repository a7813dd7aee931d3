//! The network: sockets and interfaces that a test knows.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use pslens::counters::NoWrap;
use pslens::net::{
    self, Address, AddressFamily, Connection, ConnectionKind, ConnectionStatus, IfAddrFamily,
    InterfaceAddress, InterfaceFlag, SocketType,
};
use pslens::process::{self, Attribute, AttributeSet};
use pslens::{ErrorKind, Process};

use crate::child::{self, Child};
use crate::evidence;

/// What a socket of this test is known to be.
#[derive(Debug)]
struct Known {
    family: AddressFamily,
    socket_type: SocketType,
    local: SocketAddr,
    remote: Option<SocketAddr>,
    status: ConnectionStatus,
    /// False for IPv6 and for the end that was accepted: there wine does not find the owner.
    owner_is_certain: bool,
}

impl Known {
    fn of(socket_type: SocketType, local: SocketAddr, remote: Option<SocketAddr>) -> Self {
        let status = match (socket_type, remote) {
            (SocketType::Stream, None) => ConnectionStatus::Listen,
            (SocketType::Stream, Some(_)) => ConnectionStatus::Established,
            _ => ConnectionStatus::None,
        };
        Self {
            family: match local {
                SocketAddr::V4(_) => AddressFamily::Inet,
                SocketAddr::V6(_) => AddressFamily::Inet6,
            },
            socket_type,
            local,
            // Of UDP Windows does not tell whom it is connected to.
            remote: remote.filter(|_| socket_type == SocketType::Stream),
            status,
            owner_is_certain: local.is_ipv4(),
        }
    }

    fn is(&self, row: &Connection) -> bool {
        row.local == Some(Address::Inet(self.local))
            && row.remote == self.remote.map(Address::Inet)
            && row.socket_type == self.socket_type
    }

    fn find<'a>(&self, rows: &'a [Connection]) -> Option<&'a Connection> {
        let mut rows = rows.iter().filter(|row| self.is(row));
        let row = rows.next();
        // The same again is wine's way of reading a table that changes.
        assert!(rows.all(|again| Some(again) == row), "two of {self:?}");
        row
    }

    /// That the row says what is known, and nothing that Windows does not.
    fn check(&self, row: &Connection, owner: Option<u32>) {
        assert_eq!(
            (row.family, row.status),
            (self.family, self.status),
            "{row:?}"
        );
        let unknown = (row.inode, row.uid, row.receive_queue, row.send_queue);
        assert_eq!(unknown, (None, None, None, None));
        if self.owner_is_certain || !row.owners.is_empty() {
            let owners = row.owners.iter();
            let owners = owners.map(|owner| (owner.pid.as_u32(), owner.fd));
            assert!(owners.eq(owner.map(|pid| (pid, None))), "{row:?}");
        }
    }
}

/// The rows, once all of `known` are among them: wine puts the table together from pieces that it reads while
/// others change it, so a row can be missing now and then.
fn with_all<'a>(
    known: impl Iterator<Item = &'a Known> + Clone,
    rows: impl Fn() -> pslens::Result<Vec<Connection>>,
) -> Vec<Connection> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let rows = rows().unwrap();
        match known.clone().find(|known| known.find(&rows).is_none()) {
            None => return rows,
            Some(missing) => assert!(Instant::now() < deadline, "no {missing:?}"),
        }
    }
}

/// A listener, both ends of a connection to it, and a datagram socket, all on `ip`.
struct Sockets {
    listener: TcpListener,
    client: TcpStream,
    server: TcpStream,
    udp: UdpSocket,
}

impl Sockets {
    fn open(ip: IpAddr) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let udp = UdpSocket::bind((ip, 0)).unwrap();
        // wine finds the owner of a socket once the process itself has used it; what it only opened is the
        // wine server's.
        client.write_all(b"x").unwrap();
        server.read_exact(&mut [0]).unwrap();
        let _ = (listener.ttl(), udp.ttl());
        Self {
            listener,
            client,
            server,
            udp,
        }
    }

    fn known(&self) -> [Known; 4] {
        let listener = self.listener.local_addr().unwrap();
        let client = self.client.local_addr().unwrap();
        assert_eq!(self.server.peer_addr().unwrap(), client);
        [
            Known::of(SocketType::Stream, listener, None),
            Known::of(SocketType::Stream, client, Some(listener)),
            Known {
                owner_is_certain: false,
                ..Known::of(SocketType::Stream, listener, Some(client))
            },
            Known::of(SocketType::Dgram, self.udp.local_addr().unwrap(), None),
        ]
    }
}

const BOTH: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];

#[test]
fn sockets_are_listed_as_they_are_while_they_are_open() {
    let here = Process::current().unwrap();
    let pid = std::process::id();
    let sockets = BOTH.map(Sockets::open);
    let known: Vec<_> = sockets.iter().flat_map(Sockets::known).collect();
    let all = with_all(known.iter(), || net::connections(ConnectionKind::All));
    let unowned = with_all(known.iter(), || {
        net::connections_without_owners(ConnectionKind::Inet)
    });
    for known in &known {
        known.check(known.find(&all).unwrap(), Some(pid));
        assert!(known.find(&unowned).unwrap().owners.is_empty());
    }
    // Those of the process are those that are listed as the process's, remembered or not.
    let certain = known.iter().filter(|known| known.owner_is_certain);
    let own = with_all(certain.clone(), || {
        here.net_connections(ConnectionKind::Inet)
    });
    let oneshot = with_all(certain, || {
        here.oneshot()?.net_connections(ConnectionKind::Inet)
    });
    for known in &known {
        for rows in [&own, &oneshot] {
            if let Some(row) = known.find(rows) {
                assert_eq!(known.find(&all), Some(row));
            }
        }
    }
    assert!(own.iter().all(|row| row.owners[0].pid.as_u32() == pid));
    assert!(unowned.iter().all(|row| row.owners.is_empty()));
    drop(sockets);
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let all = net::connections(ConnectionKind::Inet).unwrap();
        let left = known.iter().filter_map(|known| known.find(&all));
        // The end that closed first waits for late packets, which is nobody's any more.
        let mut left = left.filter(|row| row.status != ConnectionStatus::TimeWait);
        match left.next() {
            None => break,
            Some(row) => assert!(Instant::now() < deadline, "still there: {row:?}"),
        }
    }
    let own = here.net_connections(ConnectionKind::Inet).unwrap();
    assert!(known.iter().all(|known| known.find(&own).is_none()));
    evidence::called("net::connections");
    evidence::called("Process::net_connections");
}

#[test]
fn a_kind_lists_what_it_includes() {
    let sockets = BOTH.map(Sockets::open);
    let known: Vec<_> = sockets.iter().flat_map(Sockets::known).collect();
    let here = Process::current().unwrap();
    for kind in ConnectionKind::ALL {
        let included = known
            .iter()
            .filter(|known| kind.includes(known.family, known.socket_type));
        let all = with_all(included.clone(), || net::connections(kind));
        let included = included.filter(|known| known.owner_is_certain);
        let own = with_all(included, || here.net_connections(kind));
        assert!(
            all.iter()
                .chain(&own)
                .all(|row| kind.includes(row.family, row.socket_type))
        );
    }
    // Windows lists no local sockets, and what is no kind is refused everywhere.
    assert_eq!(net::connections(ConnectionKind::Unix).unwrap(), []);
    for word in ["", "TCP", "tcp5", "raw"] {
        let error = word.parse::<ConnectionKind>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}

/// Where the child tells its parent what it listens to.
const PARENT: &str = "PSLENS_TEST_PARENT";

#[test]
#[ignore = "the part of a child"]
fn as_a_child_that_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // As in `Sockets::open`.
    let _ = listener.ttl();
    let address = listener.local_addr().unwrap().to_string();
    let mut parent = TcpStream::connect(std::env::var(PARENT).unwrap()).unwrap();
    parent.write_all(address.as_bytes()).unwrap();
    drop(parent);
    child::wait_for_the_end();
}

#[test]
fn a_childs_socket_is_the_childs() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let child = Child::start_with("net::as_a_child_that_listens", |command| {
        command.env(PARENT, address);
    });
    let mut local = String::new();
    let (mut from_child, _) = listener.accept().unwrap();
    from_child.read_to_string(&mut local).unwrap();
    let local = local.parse().unwrap();
    let known = Known::of(SocketType::Stream, local, None);
    let here = Process::current().unwrap();
    let process = child.process();
    let one = std::iter::once(&known);
    let all = with_all(one.clone(), || net::connections(ConnectionKind::Tcp4));
    known.check(known.find(&all).unwrap(), Some(child.pid()));
    let its = with_all(one, || process.net_connections(ConnectionKind::Tcp4));
    known.check(known.find(&its).unwrap(), Some(child.pid()));
    let own = here.net_connections(ConnectionKind::Tcp4).unwrap();
    assert!(known.find(&own).is_none());
    // A scan reads the tables once for all processes.
    let scanned = || {
        let mut rows = Vec::new();
        for info in process::all_with(AttributeSet::of(&[Attribute::NetConnections]))? {
            let info = info?;
            let is_child = info.pid() == process.pid();
            let its = info.net_connections.into_value().unwrap();
            assert!(is_child || known.find(&its).is_none());
            rows.extend(its);
        }
        Ok(rows)
    };
    let scanned = with_all(std::iter::once(&known), scanned);
    known.check(known.find(&scanned).unwrap(), Some(child.pid()));
    drop(child);
    let gone = process.net_connections(ConnectionKind::Inet).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NoSuchProcess);
}

#[test]
fn totals_are_sums_and_counters_grow() {
    let before = net::io_counters().unwrap();
    let rows = net::io_counters_per_nic().unwrap();
    let after = net::io_counters().unwrap();
    assert!(!rows.is_empty());
    let sum: net::IoCounters = rows.iter().map(|(_, counters)| *counters).sum();
    let counts: [fn(&net::IoCounters) -> u64; 4] = [
        |counters| counters.bytes_sent,
        |counters| counters.bytes_recv,
        |counters| counters.packets_sent,
        |counters| counters.packets_recv,
    ];
    for count in counts {
        assert!(count(&before) <= count(&sum) && count(&sum) <= count(&after));
    }
    let names: HashSet<_> = rows.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), rows.len(), "two with the same name");
    // A driver that starts again at 0; afterwards that is forgotten.
    let mut nowrap = NoWrap::new();
    let read = |nowrap: &mut NoWrap<u32, net::IoCounters>, mut counters| {
        nowrap.adjust([(&0, &mut counters)]);
        counters.bytes_recv
    };
    let again = net::IoCounters::default();
    let all = read(&mut nowrap, sum);
    assert_eq!(all, sum.bytes_recv);
    assert_eq!(read(&mut nowrap, again), all);
    nowrap.clear();
    assert_eq!(read(&mut nowrap, again), 0);
    evidence::called("counters::NoWrap::clear");
    // Of the loopback interface real Windows counts nothing, so nothing can be sent that must be there.
    evidence::called("net::io_counters");
}

#[test]
fn the_addresses_of_this_machine_are_among_those_of_its_interfaces() {
    let rows = net::if_addrs().unwrap();
    for row in &rows {
        assert!(!row.name.is_empty() && row.ptp.is_none(), "{row:?}");
        let (family, has_mask) = match &row.address {
            None => (IfAddrFamily::Unspec, false),
            Some(InterfaceAddress::Inet(_)) => (IfAddrFamily::Inet, true),
            Some(InterfaceAddress::Inet6 { ip, zone }) => {
                assert_eq!(zone.is_some(), ip.is_unicast_link_local(), "{row:?}");
                (IfAddrFamily::Inet6, true)
            }
            Some(InterfaceAddress::Link(bytes)) => {
                assert!(!bytes.is_empty());
                (IfAddrFamily::Link, false)
            }
            Some(other) => panic!("{other:?}"),
        };
        assert_eq!(
            (row.family, row.netmask.is_some()),
            (family, has_mask),
            "{row:?}"
        );
        if let Some(InterfaceAddress::Inet(broadcast)) = row.broadcast {
            let (Some(InterfaceAddress::Inet(ip)), Some(IpAddr::V4(mask))) =
                (&row.address, row.netmask)
            else {
                panic!("{row:?}");
            };
            assert_eq!(broadcast, *ip | !mask);
        }
    }
    let find = |address: InterfaceAddress| {
        let mut rows = rows.iter();
        rows.find(|row| row.address.as_ref() == Some(&address))
            .unwrap()
    };
    let v4 = find(InterfaceAddress::Inet(Ipv4Addr::LOCALHOST));
    assert_eq!(v4.netmask, Some(IpAddr::from([255, 0, 0, 0])));
    let v6 = find(InterfaceAddress::Inet6 {
        ip: Ipv6Addr::LOCALHOST,
        zone: None,
    });
    assert_eq!(v6.netmask, Some(IpAddr::V6(Ipv6Addr::from_bits(u128::MAX))));
    assert_eq!(
        (&v4.broadcast, &v6.broadcast, &v4.name),
        (&None, &None, &v6.name)
    );
    // Whatever address the system would send from.
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    if socket.connect("198.51.100.1:9").is_ok()
        && let IpAddr::V4(own) = socket.local_addr().unwrap().ip()
        && !own.is_unspecified()
    {
        find(InterfaceAddress::Inet(own));
    }
    evidence::called("net::if_addrs");
}

#[test]
fn the_loopback_interface_is_up_and_every_interface_has_settings() {
    let rows = net::if_stats().unwrap();
    for row in &rows {
        assert_eq!(
            row.isup,
            row.flags.contains(InterfaceFlag::Running),
            "{row:?}"
        );
        assert!(
            !row.isup || row.flags.contains(InterfaceFlag::Up),
            "{row:?}"
        );
        assert_ne!((row.speed_mbps, row.mtu), (Some(0), 0), "{row:?}");
        assert_eq!(row.duplex, net::Duplex::Unknown);
    }
    let addresses = net::if_addrs().unwrap();
    let localhost = InterfaceAddress::Inet(Ipv4Addr::LOCALHOST);
    let is_loopback = |row: &&net::IfAddr| row.address.as_ref() == Some(&localhost);
    let loopback = &addresses.iter().find(is_loopback).unwrap().name;
    let loopback = rows.iter().find(|row| row.name == *loopback).unwrap();
    assert!(loopback.isup && loopback.flags.contains(InterfaceFlag::Loopback));
    assert!(!loopback.flags.contains(InterfaceFlag::Broadcast));
    // All three functions are about the same interfaces.
    let names: HashSet<&OsString> = rows.iter().map(|row| &row.name).collect();
    assert_eq!(names, addresses.iter().map(|row| &row.name).collect());
    let counters = net::io_counters_per_nic().unwrap();
    assert_eq!(names, counters.iter().map(|(name, _)| name).collect());
    evidence::called("net::if_stats");
}
