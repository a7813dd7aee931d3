//! Network: sockets and their owners, interfaces, I/O counters.

use std::collections::HashSet;
use std::ffi::OsString;
use std::hash::Hash;

use pslens::net::{
    self, Address, AddressFamily, Connection, ConnectionKind, Duplex, IfAddrFamily, IoCounters,
    SocketType,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::constants::{self, Constant};
use crate::convert::Text;
use crate::nowrap::Previous;
use crate::ntuple::named;
use crate::once::intern;
use crate::{root, system};

/// `kind` as it was given, or psutil's complaint.
pub(crate) fn checked_kind(kind: &Bound<'_, PyAny>) -> PyResult<ConnectionKind> {
    let known = kind
        .extract::<String>()
        .ok()
        .and_then(|kind| kind.parse().ok())
        .filter(|kind| system::net::is_known(*kind));
    known.map_or_else(
        || {
            let known = ConnectionKind::ALL.into_iter();
            let known = known.filter(|kind| system::net::is_known(*kind));
            let valid: Vec<_> = known.map(ConnectionKind::as_str).collect();
            let valid = PyTuple::new(kind.py(), valid)?;
            let (kind, valid) = (kind.repr()?, valid.repr()?);
            let message = format!("invalid kind argument {kind}; valid ones are: {valid}");
            Err(PyValueError::new_err(message))
        },
        Ok,
    )
}

fn family(py: Python<'_>, family: AddressFamily) -> PyResult<Bound<'_, PyAny>> {
    static INET: Constant = constants::socket("AF_INET");
    static INET6: Constant = constants::socket("AF_INET6");
    static UNIX: Constant = constants::socket("AF_UNIX");
    match family {
        AddressFamily::Inet => INET.get(py),
        AddressFamily::Inet6 => INET6.get(py),
        _ => UNIX.get(py),
    }
}

fn socket_type(py: Python<'_>, socket_type: SocketType) -> PyResult<Bound<'_, PyAny>> {
    static STREAM: Constant = constants::socket("SOCK_STREAM");
    static DGRAM: Constant = constants::socket("SOCK_DGRAM");
    static RAW: Constant = constants::socket("SOCK_RAW");
    static RDM: Constant = constants::socket("SOCK_RDM");
    static SEQPACKET: Constant = constants::socket("SOCK_SEQPACKET");
    match socket_type {
        SocketType::Dgram => DGRAM.get(py),
        SocketType::Raw => RAW.get(py),
        SocketType::Rdm => RDM.get(py),
        SocketType::SeqPacket => SEQPACKET.get(py),
        _ => STREAM.get(py),
    }
}

/// `addr(ip, port)`, the name of a local socket, or what psutil has for none.
fn address<'py>(
    py: Python<'py>,
    family: AddressFamily,
    address: Option<&Address>,
) -> PyResult<Bound<'py, PyAny>> {
    match address {
        Some(Address::Inet(address)) => named!(
            py,
            addr {
                ip: address.ip().to_string(),
                port: address.port(),
            }
        ),
        Some(Address::Unix(name)) => Ok(Text::of(name).into_pyobject(py)?.into_any()),
        _ if family == AddressFamily::Unix => Ok(intern!(py, "").clone().into_any()),
        _ => Ok(PyTuple::empty(py).into_any()),
    }
}

/// Who holds a socket, as psutil has it: one row per descriptor of a local socket, and of others the first.
fn holders(socket: &Connection) -> Vec<(Option<u32>, i64)> {
    let mut owners: Vec<(Option<u32>, i64)> = socket
        .owners
        .iter()
        .map(|owner| (Some(owner.pid.as_u32()), owner.fd.map_or(-1, i64::from)))
        .collect();
    if socket.family != AddressFamily::Unix {
        owners.truncate(1);
    }
    if owners.is_empty() {
        owners.push((None, -1));
    }
    owners
}

/// What psutil tells sockets apart by, beside who holds them.
fn look(socket: &Connection) -> impl Eq + Hash {
    (
        socket.family,
        socket.socket_type,
        &socket.local,
        &socket.remote,
        socket.status,
    )
}

fn sconns<'py>(py: Python<'py>, sockets: &[Connection]) -> PyResult<Bound<'py, PyList>> {
    let mut rows = Vec::with_capacity(sockets.len());
    let mut seen = HashSet::new();
    for socket in sockets {
        let local = address(py, socket.family, socket.local.as_ref())?;
        let remote = address(py, socket.family, socket.remote.as_ref())?;
        for (pid, fd) in holders(socket) {
            // COMPAT(psutil): what looks the same is listed once. A descriptor tells sockets apart.
            if fd == -1 && !seen.insert((look(socket), pid)) {
                continue;
            }
            rows.push(named!(
                py,
                sconn {
                    fd: fd,
                    family: family(py, socket.family)?,
                    r#type: socket_type(py, socket.socket_type)?,
                    laddr: &local,
                    raddr: &remote,
                    status: socket.status.as_str(),
                    pid: pid,
                }
            )?);
        }
    }
    PyList::new(py, rows)
}

/// The sockets of one process.
pub(crate) fn pconns<'py>(py: Python<'py>, sockets: &[Connection]) -> PyResult<Bound<'py, PyAny>> {
    let mut rows = Vec::with_capacity(sockets.len());
    let mut seen = HashSet::new();
    for socket in sockets {
        let local = address(py, socket.family, socket.local.as_ref())?;
        let remote = address(py, socket.family, socket.remote.as_ref())?;
        for (_, fd) in holders(socket) {
            // COMPAT(psutil): as above.
            if fd == -1 && !seen.insert(look(socket)) {
                continue;
            }
            rows.push(named!(
                py,
                pconn {
                    fd: fd,
                    family: family(py, socket.family)?,
                    r#type: socket_type(py, socket.socket_type)?,
                    laddr: &local,
                    raddr: &remote,
                    status: socket.status.as_str(),
                }
            )?);
        }
    }
    Ok(PyList::new(py, rows)?.into_any())
}

/// Sockets of the whole system: `fd`, `family`, `type`, `laddr`, `raddr`, `status`, `pid`.
///
/// `kind` is one of `inet` (IPv4 and IPv6), `inet4`, `inet6`, `tcp`, `tcp4`, `tcp6`, `udp`, `udp4`, `udp6`,
/// `unix` (not on Windows), `all`. Of sockets whose owner may not be seen `fd` is -1 and `pid` None.
///
/// >>> net_connections('tcp')[0].laddr
/// addr(ip='127.0.0.1', port=22)
#[pyfunction]
#[pyo3(signature = (kind = None), text_signature = "(kind='inet')")]
pub(crate) fn net_connections<'py>(
    py: Python<'py>,
    kind: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let kind = kind.map_or(Ok(ConnectionKind::Inet), checked_kind)?;
    let sockets = root::ask(py, |root| net::connections_in(root, kind))?;
    sconns(py, &sockets)
}

/// As `net_connections`, without looking for the owners, which takes most of the time: `fd` is -1 and
/// `pid` None in every row. Not in psutil.
#[pyfunction]
#[pyo3(signature = (kind = None), text_signature = "(kind='inet')")]
pub(crate) fn net_connections_without_owners<'py>(
    py: Python<'py>,
    kind: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let kind = kind.map_or(Ok(ConnectionKind::Inet), checked_kind)?;
    let sockets = root::ask(py, |root| net::connections_without_owners_in(root, kind))?;
    sconns(py, &sockets)
}

/// Addresses of each interface: a dictionary of lists of `family`, `address`, `netmask`, `broadcast`,
/// `ptp` (the other end of a point-to-point interface).
///
/// >>> net_if_addrs()['lo'][0].address
/// '127.0.0.1'
#[pyfunction]
pub(crate) fn net_if_addrs(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    // COMPAT(psutil): always of the running system; procfs does not have them.
    let mut addresses = root::ask(py, |_| net::if_addrs())?;
    addresses.sort_by_key(|address| system::net::rank(address.family));
    let interfaces = PyDict::new(py);
    for row in &addresses {
        let family = match row.family {
            IfAddrFamily::Inet => family(py, AddressFamily::Inet)?,
            IfAddrFamily::Inet6 => family(py, AddressFamily::Inet6)?,
            IfAddrFamily::Link => system::net::LINK.get(py)?,
            _ => continue,
        };
        let tuple = named!(
            py,
            snicaddr {
                family: family,
                address: system::net::written(row.address.as_ref()),
                netmask: row.netmask.map(|mask| mask.to_string()),
                broadcast: system::net::broadcast(row),
                ptp: system::net::written(row.ptp.as_ref()),
            }
        )?;
        let name = Text::of(&row.name).into_pyobject(py)?;
        match interfaces.get_item(&name)? {
            Some(list) => list.cast_into::<PyList>()?.append(tuple)?,
            None => interfaces.set_item(name, PyList::new(py, [tuple])?)?,
        }
    }
    Ok(interfaces)
}

fn duplex(py: Python<'_>, duplex: Duplex) -> PyResult<Bound<'_, PyAny>> {
    static FULL: Constant = constants::enums("NIC_DUPLEX_FULL");
    static HALF: Constant = constants::enums("NIC_DUPLEX_HALF");
    static UNKNOWN: Constant = constants::enums("NIC_DUPLEX_UNKNOWN");
    match duplex {
        Duplex::Full => FULL.get(py),
        Duplex::Half => HALF.get(py),
        _ => UNKNOWN.get(py),
    }
}

/// What each interface is and does: a dictionary of `isup`, `duplex`, `speed` (Mbit/s, 0 if unknown),
/// `mtu` (bytes), `flags` (comma-separated; none on Windows).
///
/// >>> net_if_stats()['lo'].mtu
/// 65536
#[pyfunction]
pub(crate) fn net_if_stats(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let interfaces = PyDict::new(py);
    let known = root::ask(py, |root| {
        let mut known = net::if_stats_in(root)?;
        if !root.is_running_system() {
            // COMPAT(psutil): those that procfs has, whatever sysfs this is.
            let counters = net::io_counters_per_nic_in(root)?;
            known.retain(|stats| counters.iter().any(|(name, _)| *name == stats.name));
        }
        Ok(known)
    })?;
    for stats in known {
        let tuple = named!(
            py,
            snicstats {
                isup: stats.isup,
                duplex: duplex(py, system::net::duplex(&stats))?,
                // COMPAT(psutil): unknown is 0.
                speed: stats.speed_mbps.unwrap_or(0),
                mtu: stats.mtu,
                flags: system::net::flags(&stats),
            }
        )?;
        interfaces.set_item(Text::of(&stats.name), tuple)?;
    }
    Ok(interfaces)
}

static PREVIOUS: Previous<OsString, IoCounters> = Previous::new();

/// Counters of all interfaces as `snetio`, or of each as a dictionary.
#[pyfunction]
#[pyo3(signature = (pernic, nowrap))]
pub(crate) fn net_io_counters(
    py: Python<'_>,
    pernic: bool,
    nowrap: bool,
) -> PyResult<Bound<'_, PyAny>> {
    let mut interfaces = root::ask(py, net::io_counters_per_nic_in)?;
    if interfaces.is_empty() {
        return Ok(if pernic {
            PyDict::new(py).into_any()
        } else {
            py.None().into_bound(py)
        });
    }
    if nowrap {
        PREVIOUS.adjust(py, interfaces.iter_mut().map(|(name, row)| (&*name, row)));
    }
    if pernic {
        let dict = PyDict::new(py);
        for (name, counters) in &interfaces {
            dict.set_item(Text::of(name), snetio(py, counters)?)?;
        }
        return Ok(dict.into_any());
    }
    let sum = interfaces.iter().map(|(_, counters)| *counters).sum();
    snetio(py, &sum)
}

fn snetio<'py>(py: Python<'py>, counters: &IoCounters) -> PyResult<Bound<'py, PyAny>> {
    named!(
        py,
        snetio {
            bytes_sent: counters.bytes_sent,
            bytes_recv: counters.bytes_recv,
            packets_sent: counters.packets_sent,
            packets_recv: counters.packets_recv,
            errin: counters.errin,
            errout: counters.errout,
            dropin: counters.dropin,
            dropout: counters.dropout,
        }
    )
}

/// Forgets the counters that `nowrap` compares with.
#[pyfunction]
pub(crate) fn net_io_counters_cache_clear(py: Python<'_>) {
    PREVIOUS.clear(py);
}
