//! `pslens netstat`: sockets and who holds them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};

use pslens::net::SocketType;
use pslens::net::{self, Address, AddressFamily, Connection, ConnectionKind, ConnectionStatus};
use pslens::{Pid, Process};
use serde::Serialize;

use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output::{self, Align, Layout, Table, json, text};
use crate::spelling;

/// Sockets: local and remote address, state and, with -p, who holds them.
///
/// Without options, TCP and UDP in every state; unlike in netstat(8) listening sockets need no -a. An
/// address that is * is not bound or not connected. RECV-Q and SEND-Q are bytes that wait; of a
/// listening socket RECV-Q is connections that wait to be accepted. Addresses and ports are always
/// numbers. A socket that several processes share is one line with all of them.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Which sockets, in psutil's words: all, inet, inet4, inet6, tcp, tcp4, tcp6, udp, udp4, udp6, unix.
    #[arg(long, value_name = "KIND", value_parser = kind, allow_hyphen_values = true, conflicts_with_all = ["tcp", "udp", "unix", "ipv4", "ipv6"])]
    kind: Option<ConnectionKind>,
    /// TCP.
    #[arg(short, long)]
    tcp: bool,
    /// UDP.
    #[arg(short, long)]
    udp: bool,
    /// Local sockets.
    #[arg(short = 'x', long)]
    unix: bool,
    /// IPv4 only.
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// IPv6 only.
    #[arg(short = '6', long)]
    ipv6: bool,
    /// Only what waits for others: listening TCP sockets, and UDP sockets that are not connected.
    #[arg(short, long, conflicts_with = "all")]
    listening: bool,
    /// In every state, as without it.
    #[arg(short, long)]
    all: bool,
    /// Numbers instead of names, as without it.
    #[arg(short, long)]
    numeric: bool,
    /// Show the processes that hold each socket (others' need root). JSON always has them.
    #[arg(short, long)]
    programs: bool,
}

const EXAMPLES: &str = "\
Examples:
  pslens netstat -tulpn          who listens
  pslens netstat -t -4 -p        TCP over IPv4, with processes
  pslens netstat --kind unix     local sockets
  pslens netstat --json          psutil's net_connections(), with all owners of each socket

In tables - is unknown, or nobody who may be seen.
Exit status: 0 done, 2 wrong usage, 3 denied, 5 other failures.";

fn kind(text: &str) -> std::result::Result<ConnectionKind, String> {
    let words = ConnectionKind::ALL.map(ConnectionKind::as_str);
    text.parse().map_err(|_| {
        let meant = spelling::suggestion(text, words);
        format!("no such kind{meant} Accepted: {}", words.join(", "))
    })
}

impl Args {
    /// The kinds that cover what was asked for, without overlap; each is one query.
    fn kinds(&self) -> Vec<ConnectionKind> {
        use ConnectionKind::{All, Inet, Inet4, Inet6, Tcp, Tcp4, Tcp6, Udp, Udp4, Udp6, Unix};
        if let Some(kind) = self.kind {
            return vec![kind];
        }
        // Neither or both mean both; -x alone means only local sockets.
        let inet = self.tcp || self.udp || self.ipv4 || self.ipv6 || !self.unix;
        let internet = match (self.tcp == self.udp, self.tcp, self.ipv4, self.ipv6) {
            (true, _, false, false) => Inet,
            (true, _, true, _) => Inet4,
            (true, _, _, true) => Inet6,
            (_, true, false, false) => Tcp,
            (_, true, true, _) => Tcp4,
            (_, true, _, true) => Tcp6,
            (_, false, false, false) => Udp,
            (_, false, true, _) => Udp4,
            (_, false, _, true) => Udp6,
        };
        match (inet, self.unix) {
            (true, true) if internet == Inet => vec![All],
            (true, true) => vec![internet, Unix],
            (true, false) => vec![internet],
            (false, _) => vec![Unix],
        }
    }
}

/// What the library said.
#[derive(Debug, Default)]
pub(crate) struct Data {
    connections: Vec<Connection>,
    /// Names of the processes that hold sockets; `None` if owners were not asked for.
    programs: Option<BTreeMap<Pid, OsString>>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let mut data = Data::default();
    for kind in args.kinds() {
        data.connections.extend(if args.programs || context.json {
            net::connections(kind)?
        } else {
            net::connections_without_owners(kind)?
        });
    }
    if args.listening {
        data.connections.retain(is_listening);
    }
    let mut out = output::stdout();
    if context.json {
        json::write(data.connections.iter().map(Object::of), &mut out)?;
    } else {
        if args.programs {
            data.programs = Some(names(&data.connections));
        }
        render(&data, context.layout, &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// Of local sockets nobody tells the state, so they are all listed.
fn is_listening(connection: &Connection) -> bool {
    match (connection.family, connection.socket_type) {
        (AddressFamily::Unix, _) => true,
        (_, SocketType::Stream) => connection.status == ConnectionStatus::Listen,
        _ => connection.remote.is_none(),
    }
}

/// The name of each process that holds one of `connections`; those that are gone have none.
fn names(connections: &[Connection]) -> BTreeMap<Pid, OsString> {
    let mut names = BTreeMap::new();
    for owner in connections.iter().flat_map(|socket| &socket.owners) {
        if !names.contains_key(&owner.pid)
            && let Ok(name) = Process::new(owner.pid).and_then(|process| process.name())
        {
            names.insert(owner.pid, name);
        }
    }
    names
}

/// One object of the JSON answer: psutil's `sconn`, with what else the library knows.
#[derive(Debug, Serialize)]
struct Object<'a> {
    /// Of the first owner.
    fd: Option<u32>,
    pid: Option<Pid>,
    #[serde(flatten)]
    connection: &'a Connection,
}

impl<'a> Object<'a> {
    fn of(connection: &'a Connection) -> Self {
        let first = connection.owners.first();
        Self {
            fd: first.map(|owner| owner.fd),
            pid: first.map(|owner| owner.pid),
            connection,
        }
    }
}

fn render(data: &Data, layout: Layout, out: &mut impl Write) -> io::Result<()> {
    let mut columns = vec![
        ("PROTO", Align::Left),
        ("RECV-Q", Align::Right),
        ("SEND-Q", Align::Right),
        ("LOCAL", Align::Left),
        ("REMOTE", Align::Left),
        ("STATUS", Align::Left),
    ];
    if data.programs.is_some() {
        columns.push(("PID/PROGRAM", Align::Left));
    }
    let mut table = Table::new(columns);
    for connection in &data.connections {
        table.cell(|cell| cell.push_str(protocol(connection)));
        for queue in [connection.receive_queue, connection.send_queue] {
            table.cell(|cell| match queue {
                Some(length) => text::append(cell, format_args!("{length}")),
                None => cell.push('-'),
            });
        }
        table.cell(|cell| push_address(cell, connection.local.as_ref(), "*"));
        // A local socket may well be connected, but to whom is not known.
        let nobody = match connection.family {
            AddressFamily::Unix => "-",
            _ => "*",
        };
        table.cell(|cell| push_address(cell, connection.remote.as_ref(), nobody));
        table.cell(|cell| match connection.status {
            ConnectionStatus::None => cell.push('-'),
            status => cell.push_str(status.as_str()),
        });
        if let Some(programs) = &data.programs {
            table.cell(|cell| push_owners(cell, connection, programs));
        }
    }
    table.write(layout, out)
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

fn push_address(cell: &mut String, address: Option<&Address>, otherwise: &str) {
    match address {
        Some(Address::Inet(address)) => text::append(cell, format_args!("{address}")),
        Some(Address::Unix(name)) => text::push(cell, name),
        // An address of a kind that this program does not know, or none.
        Some(_) => cell.push('-'),
        None => cell.push_str(otherwise),
    }
}

/// `812/nginx 813/nginx`; each process once, however many descriptors it has.
fn push_owners(cell: &mut String, connection: &Connection, programs: &BTreeMap<Pid, OsString>) {
    let mut before = None;
    for owner in &connection.owners {
        match before.replace(owner.pid) {
            Some(pid) if pid == owner.pid => continue,
            Some(_) => cell.push(' '),
            None => {}
        }
        text::append(cell, format_args!("{}/", owner.pid));
        match programs.get(&owner.pid) {
            Some(name) => text::push(cell, name),
            None => cell.push('-'),
        }
    }
    if before.is_none() {
        cell.push('-');
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn options_choose_kinds() {
        use ConnectionKind::{All, Inet, Inet4, Inet6, Tcp, Tcp4, Tcp6, Udp, Udp6, Unix};
        let check = |options: &[&str], expect: &[ConnectionKind]| {
            let line = std::iter::once(&"netstat").chain(options);
            let kinds = Line::try_parse_from(line).unwrap().args.kinds();
            assert_eq!(kinds, expect, "{options:?}");
        };
        check(&[], &[Inet]);
        check(&["-tulpn"], &[Inet]);
        check(&["-an"], &[Inet]);
        check(&["-t"], &[Tcp]);
        check(&["-u"], &[Udp]);
        check(&["-4"], &[Inet4]);
        check(&["-6"], &[Inet6]);
        check(&["-t", "-4"], &[Tcp4]);
        check(&["-t6"], &[Tcp6]);
        check(&["-u6"], &[Udp6]);
        check(&["-x"], &[Unix]);
        check(&["-tux"], &[All]);
        check(&["-tx"], &[Tcp, Unix]);
        check(&["-x4"], &[Inet4, Unix]);
        check(&["--kind", "all"], &[All]);
        check(&["--kind=tcp6"], &[Tcp6]);
    }
}
