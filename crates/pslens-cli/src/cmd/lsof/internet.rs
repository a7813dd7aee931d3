//! `-i` and `-s`: which network sockets are wanted.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use pslens::net::{Address, AddressFamily, Connection, ConnectionStatus, SocketType};

use crate::spelling;

/// What `-i` was given; every part that is missing fits all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Internet {
    family: Option<AddressFamily>,
    protocol: Option<SocketType>,
    host: Option<IpAddr>,
    ports: Vec<RangeInclusive<u16>>,
}

const ACCEPTED: &str = "accepted: [4|6][tcp|udp][@ADDRESS][:PORT,...] in numbers, such as tcp:443, \
    :8000-8100, 4udp@127.0.0.1:53, @[::1]:80";

pub(super) fn parse(typed: &str) -> Result<Internet, String> {
    let refused = |wrong: &str| Err(format!("{wrong}; {ACCEPTED}"));
    let (family, rest) = match typed.split_at_checked(1) {
        Some(("4", rest)) => (Some(AddressFamily::Inet), rest),
        Some(("6", rest)) => (Some(AddressFamily::Inet6), rest),
        _ => (None, typed),
    };
    let (protocol, rest) = rest.split_at(rest.find(['@', ':']).unwrap_or(rest.len()));
    let protocol = match protocol.to_ascii_lowercase().as_str() {
        "" => None,
        "tcp" => Some(SocketType::Stream),
        "udp" => Some(SocketType::Dgram),
        _ => return refused("no such protocol"),
    };
    let (host, rest) = match rest.strip_prefix('@') {
        None => (None, rest),
        Some(rest) => {
            let (host, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some(bracketed) => bracketed,
                None => rest.split_at(rest.find(':').unwrap_or(rest.len())),
            };
            match host.parse::<IpAddr>() {
                Ok(host) => (Some(host), rest),
                Err(_) => return refused("the address is not a number"),
            }
        }
    };
    let mut ports = Vec::new();
    match rest.strip_prefix(':') {
        None if rest.is_empty() => {}
        None => return refused("this follows nothing"),
        Some(list) => {
            for range in list.split(',') {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                match (first.parse(), last.parse()) {
                    (Ok(first), Ok(last)) if first <= last => ports.push(first..=last),
                    _ => return refused("the port is not a number"),
                }
            }
        }
    }
    Ok(Internet {
        family,
        protocol,
        host,
        ports,
    })
}

impl Internet {
    pub(super) fn accepts(&self, socket: &Connection) -> bool {
        let family = self.family.is_none_or(|family| family == socket.family);
        let protocol = self
            .protocol
            .is_none_or(|protocol| protocol == socket.socket_type);
        let mut ends = [&socket.local, &socket.remote].into_iter().flatten();
        let anywhere = self.host.is_none() && self.ports.is_empty();
        socket.family != AddressFamily::Unix
            && family
            && protocol
            && (anywhere || ends.any(|end| self.accepts_end(end)))
    }

    fn accepts_end(&self, end: &Address) -> bool {
        let Address::Inet(end) = end else {
            return false;
        };
        // An IPv6 socket may talk IPv4.
        let host = |host: IpAddr| host.to_canonical() == end.ip().to_canonical();
        let port = |ports: &RangeInclusive<u16>| ports.contains(&end.port());
        self.host.is_none_or(host) && (self.ports.is_empty() || self.ports.iter().any(port))
    }
}

/// What `-s` was given: states of TCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State(Vec<ConnectionStatus>);

const STATES: &[ConnectionStatus] = &[
    ConnectionStatus::Established,
    ConnectionStatus::SynSent,
    ConnectionStatus::SynRecv,
    ConnectionStatus::FinWait1,
    ConnectionStatus::FinWait2,
    ConnectionStatus::TimeWait,
    ConnectionStatus::Close,
    ConnectionStatus::CloseWait,
    ConnectionStatus::LastAck,
    ConnectionStatus::Listen,
    ConnectionStatus::Closing,
];

pub(super) fn state(typed: &str) -> Result<State, String> {
    let names = || STATES.iter().map(|state| state.as_str());
    let list = match typed.split_once(':') {
        Some((protocol, list)) if protocol.eq_ignore_ascii_case("tcp") => list,
        _ => {
            return Err("only TCP has states; accepted: tcp:STATE,..., such as tcp:LISTEN".into());
        }
    };
    let find = |word: &str| {
        let word = word.to_ascii_uppercase();
        let found = STATES.iter().find(|state| state.as_str() == word);
        found.copied().ok_or_else(|| {
            let meant = spelling::suggestion(&word, names());
            let names: Vec<&str> = names().collect();
            format!("no such state{meant} Accepted: {}", names.join(", "))
        })
    };
    list.split(',')
        .map(find)
        .collect::<Result<_, _>>()
        .map(State)
}

impl State {
    /// What is no TCP socket has no state to be wrong.
    pub(super) fn accepts(&self, socket: &Connection) -> bool {
        let is_tcp =
            socket.family != AddressFamily::Unix && socket.socket_type == SocketType::Stream;
        !is_tcp || self.0.contains(&socket.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(local: &str, remote: Option<&str>) -> Connection {
        let end = |text: &str| Address::Inet(text.parse().unwrap());
        let mut socket = Connection::default();
        socket.local = Some(end(local));
        socket.remote = remote.map(end);
        if local.starts_with('[') {
            socket.family = AddressFamily::Inet6;
        }
        socket
    }

    #[test]
    fn every_part_narrows_the_choice() {
        let web = socket("127.0.0.1:80", Some("192.0.2.7:5000"));
        let mapped = socket("[::ffff:127.0.0.1]:80", None);
        let check = |typed: &str, expect: [bool; 2]| {
            let which = parse(typed).unwrap();
            assert_eq!([&web, &mapped].map(|s| which.accepts(s)), expect, "{typed}");
        };
        check("", [true, true]);
        check("4", [true, false]);
        check("6", [false, true]);
        check("tcp", [true, true]);
        check("TCP", [true, true]);
        check("udp", [false, false]);
        check(":80", [true, true]);
        check("tcp:5000", [true, false]);
        check(":79,81", [false, false]);
        check(":70-80,90", [true, true]);
        check("@127.0.0.1", [true, true]);
        check("@192.0.2.7:5000", [true, false]);
        // Of the same end.
        check("@192.0.2.7:80", [false, false]);
        check("6@[::ffff:127.0.0.1]:80", [false, true]);
        let mut local = Connection::default();
        local.family = AddressFamily::Unix;
        assert!(!parse("").unwrap().accepts(&local));
    }

    #[test]
    fn what_is_no_choice_is_told_what_is() {
        for typed in [
            "sctp",
            ":http",
            ":80-70",
            ":",
            "@localhost",
            "@1.2.3.4x",
            "tcp:80,",
        ] {
            let wrong = parse(typed).unwrap_err();
            assert!(wrong.ends_with(ACCEPTED), "{typed}: {wrong}");
        }
        assert!(state("LISTEN").is_err());
        assert!(state("tcp:LISTN").unwrap_err().contains("'LISTEN'?"));
    }

    #[test]
    fn states_are_those_of_tcp() {
        let listening = state("tcp:listen,CLOSE").unwrap();
        let mut socket = socket("127.0.0.1:80", None);
        assert!(!listening.accepts(&socket));
        socket.status = ConnectionStatus::Listen;
        assert!(listening.accepts(&socket));
        socket.socket_type = SocketType::Dgram;
        socket.status = ConnectionStatus::None;
        assert!(listening.accepts(&socket));
    }
}
