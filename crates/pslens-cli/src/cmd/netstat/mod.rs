//! `pslens netstat`: sockets and who holds them.

mod row;

use std::time::Duration;

use pslens::net::{self, AddressFamily, Connection, ConnectionKind, ConnectionStatus, SocketType};

use self::row::{Row, port_of, tell_programs};
use super::ifconfig;
use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::listing::{self, Column, Listed, Named, View};
use crate::spelling;

/// Sockets: local and remote address, state and, with -p, who holds them.
///
/// Without options, TCP and UDP in every state; unlike in netstat(8) listening sockets need no -a. An
/// address that is * is not bound or not connected. RECV-Q and SEND-Q are bytes that wait; of a
/// listening socket RECV-Q is connections that wait to be accepted. Addresses, ports and users are
/// always numbers. A socket that several processes share is one line with all of them. Routes (-r),
/// multicast groups (-g), statistics of protocols (-s) and timers (-o) are not here.
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
    #[arg(short = '4', long, visible_alias = "inet", conflicts_with = "ipv6")]
    ipv4: bool,
    /// IPv6 only.
    #[arg(short = '6', long, visible_alias = "inet6")]
    ipv6: bool,
    /// Only what waits for others: listening TCP sockets, and UDP sockets that are not connected.
    #[arg(short, long)]
    listening: bool,
    /// In every state, as without it; also with -l. With -i: also interfaces that are down.
    #[arg(short, long)]
    all: bool,
    /// Only sockets in these states: LISTEN, ESTABLISHED, TIME_WAIT and so on.
    #[arg(
        long,
        value_name = "STATE,...",
        value_delimiter = ',',
        value_parser = state,
        allow_hyphen_values = true
    )]
    state: Vec<ConnectionStatus>,
    /// Only sockets with one of these port numbers at either end.
    #[arg(
        long,
        value_name = "N,...",
        value_delimiter = ',',
        value_parser = port,
        allow_hyphen_values = true
    )]
    port: Vec<u16>,
    /// Show the processes that hold each socket (others' need root). JSON always has them.
    #[arg(short, long)]
    programs: bool,
    /// Show the number of the user who made each socket, and of the socket.
    #[arg(short, long)]
    extend: bool,
    /// Show network interfaces instead, as ifconfig -s.
    #[arg(short, long, conflicts_with_all = ["kind", "tcp", "udp", "unix", "ipv4", "ipv6", "listening", "state", "port", "programs", "extend"])]
    interfaces: bool,
    /// Numbers instead of names, as without it.
    #[arg(short, long)]
    numeric: bool,
    /// Addresses at full length, as without it.
    #[arg(short = 'W', long)]
    wide: bool,
    /// Again every second, as --watch 1, but one answer below the other.
    #[arg(short, long, conflicts_with = "watch")]
    continuous: bool,
    #[command(flatten)]
    elsewhere: Elsewhere,
    #[command(flatten)]
    table: listing::Options,
}

/// What netstat(8) shows besides, and this does not.
#[derive(Debug, Clone, Copy, clap::Args)]
struct Elsewhere {
    #[arg(short, long, hide = true)]
    route: bool,
    #[arg(short, long, hide = true)]
    groups: bool,
    #[arg(short, long, hide = true)]
    statistics: bool,
    #[arg(short = 'o', long, hide = true)]
    timers: bool,
}

impl Elsewhere {
    fn refused(self) -> Result<()> {
        let refused = [
            (self.route, "routes", "ip route"),
            (self.groups, "multicast groups", "ip maddress"),
            (self.statistics, "statistics of protocols", "nstat -a"),
            (self.timers, "timers", "ss -o"),
        ];
        match refused.into_iter().find(|(is_wanted, ..)| *is_wanted) {
            None => Ok(()),
            Some((_, what, program)) => {
                let message = format!("netstat: {what} are not here; '{program}' shows them");
                Err(Failure::message(Exit::Usage, message))
            }
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  pslens netstat -tulpn          who listens
  pslens netstat -t -4 -p        TCP over IPv4, with processes
  pslens netstat --port 443 --state ESTABLISHED,CLOSE_WAIT
  pslens netstat --sort -receive_queue --top 10
  pslens netstat --filter 'program~nginx' --columns laddr,raddr,pid
  pslens netstat --kind unix     local sockets
  pslens netstat -i              network interfaces and their counters
  pslens netstat --json          psutil's net_connections(), with all owners of each socket

Columns: proto, receive_queue, send_queue, laddr, raddr, status; uid and inode
with -e; program with -p; on demand family, type, laddr.port, raddr.port, and
pid and fd of the first process that holds the socket.
In tables - is unknown, or nobody who may be seen.
Exit status: 0 done, 2 wrong usage, 3 denied, 5 other failures.";

fn kind(text: &str) -> std::result::Result<ConnectionKind, String> {
    let words = ConnectionKind::ALL.map(ConnectionKind::as_str);
    text.parse().map_err(|_| {
        let meant = spelling::suggestion(text, words);
        format!("no such kind{meant} Accepted: {}", words.join(", "))
    })
}

/// psutil's words, in capitals or not.
fn state(text: &str) -> std::result::Result<ConnectionStatus, String> {
    let typed = text.to_ascii_uppercase().replace('-', "_");
    let all = ConnectionStatus::ALL;
    let found = all.into_iter().find(|state| state.as_str() == typed);
    found.ok_or_else(|| {
        let words = all.map(ConnectionStatus::as_str);
        let meant = spelling::suggestion(&typed, words);
        format!("no such state{meant} Accepted: {}", words.join(", "))
    })
}

fn port(text: &str) -> std::result::Result<u16, String> {
    let accepted = "accepted: numbers of ports, 0 to 65535, separated by commas";
    text.parse().map_err(|_| accepted.to_owned())
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

    fn wants(&self, connection: &Connection) -> bool {
        let ports = || [&connection.local, &connection.remote].map(|end| port_of(end.as_ref()));
        let is_of_state = self.state.is_empty() || self.state.contains(&connection.status);
        let is_of_port =
            || self.port.is_empty() || ports().iter().flatten().any(|n| self.port.contains(n));
        let waits = || self.all || !self.listening || is_listening(connection);
        is_of_state && is_of_port() && waits()
    }

    /// The columns that are shown if none are named.
    fn columns(&self) -> Vec<&'static Named<Row>> {
        let is_wanted = |name: &str| match name {
            "uid" | "inode" => self.extend,
            "program" => self.programs,
            _ => false,
        };
        let usual = listing::usual::<Row>();
        let further = Row::COLUMNS
            .iter()
            .filter(|column| is_wanted(column.name()));
        usual.into_iter().chain(further).collect()
    }
}

/// Columns that tell who holds a socket, which is expensive to find out.
const OF_OWNERS: [&str; 3] = ["pid", "fd", "program"];

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    args.elsewhere.refused()?;
    let second = args.continuous.then_some(Duration::from_secs(1));
    let table = args.table.repeated(second, None);
    if args.interfaces {
        return ifconfig::short(&table, args.all, context);
    }
    let view: View<&Named<Row>> = table.view(context)?;
    let view = match view.named() {
        [] => view.showing(args.columns()),
        _ => view,
    };
    // JSON has no columns.
    let shown = if context.json { &[] } else { view.named() };
    let is_needed = |names: &[&str]| {
        let mut columns = shown.iter().chain(view.keys());
        columns.any(|column| names.contains(&column.name()))
    };
    let with_owners = context.json || is_needed(&OF_OWNERS);
    let with_names = is_needed(&["program"]);
    table.repeat(context, |context, out| {
        let mut rows = Vec::new();
        for kind in args.kinds() {
            let connections = if with_owners {
                net::connections(kind)?
            } else {
                net::connections_without_owners(kind)?
            };
            let wanted = connections.into_iter().filter(|found| args.wants(found));
            rows.extend(wanted.map(Row::of));
        }
        if with_names {
            tell_programs(&mut rows);
        }
        view.show(rows, context, out)?;
        Ok(Exit::Success)
    })
}

/// Of local sockets nobody tells the state, so they are all listed.
fn is_listening(connection: &Connection) -> bool {
    match (connection.family, connection.socket_type) {
        (AddressFamily::Unix, _) => true,
        (_, SocketType::Stream) => connection.status == ConnectionStatus::Listen,
        _ => connection.remote.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use pslens::net::Address;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(options: &[&str]) -> Args {
        let line = std::iter::once(&"netstat").chain(options);
        Line::try_parse_from(line).unwrap().args
    }

    #[test]
    fn options_choose_kinds() {
        use ConnectionKind::{All, Inet, Inet4, Inet6, Tcp, Tcp4, Tcp6, Udp, Udp6, Unix};
        let check = |options: &[&str], expect: &[ConnectionKind]| {
            assert_eq!(args(options).kinds(), expect, "{options:?}");
        };
        check(&[], &[Inet]);
        check(&["-tulpn"], &[Inet]);
        check(&["-plantWec"], &[Tcp]);
        check(&["-an"], &[Inet]);
        check(&["-t"], &[Tcp]);
        check(&["-u"], &[Udp]);
        check(&["-4"], &[Inet4]);
        check(&["--inet"], &[Inet4]);
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

    #[test]
    fn states_and_ports_choose_sockets() {
        let mut socket = Connection::default();
        socket.status = ConnectionStatus::FinWait1;
        socket.local = Some(Address::Inet(([127, 0, 0, 1], 80).into()));
        socket.remote = Some(Address::Inet(([127, 0, 0, 1], 40_000).into()));
        for holds in [
            &[][..],
            &["--state", "LISTEN,fin-wait1"],
            &["--port", "80"],
            &["--port", "7,40000", "--state", "FIN_WAIT1"],
            &["-la"],
        ] {
            assert!(args(holds).wants(&socket), "{holds:?}");
        }
        for fails in [
            &["-l"][..],
            &["--state", "LISTEN"],
            &["--port", "8080"],
            &["--port", "80", "--state", "CLOSE_WAIT"],
        ] {
            assert!(!args(fails).wants(&socket), "{fails:?}");
        }
    }

    #[test]
    fn a_misspelt_state_is_told_what_was_meant() {
        let told = state("LISTN").unwrap_err();
        assert!(told.contains("did you mean 'LISTEN'?"), "{told}");
        assert!(told.contains("Accepted: ESTABLISHED, SYN_SENT"), "{told}");
    }
}
