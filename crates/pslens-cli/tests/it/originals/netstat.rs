//! `netstat` beside ss(8) and netstat(8).

use std::net::{TcpListener, TcpStream, UdpSocket};

use serde_json::Value;

use super::{Comparison, number, original};
use crate::program::{answer, objects};

#[test]
fn netstat_shows_the_sockets_of_this_test_and_who_holds_them() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = listener.local_addr().unwrap();
    let client = TcpStream::connect(here).unwrap();
    let there = client.local_addr().unwrap();
    let table = answer(["netstat", "-tnp", "--no-header"]);
    let row = |local: &str, remote: &str| {
        let rows = table.lines().find(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words[3] == local && words[4] == remote
        });
        rows.unwrap_or_else(|| panic!("no {local} {remote} in {table}"))
    };
    let owner = format!(" {}/", std::process::id());
    let listening = row(&here.to_string(), "*");
    assert!(
        listening.contains(" LISTEN") && listening.contains(&owner),
        "{listening}"
    );
    let connected = row(&there.to_string(), &here.to_string());
    assert!(
        connected.contains(" ESTABLISHED") && connected.contains(&owner),
        "{connected}"
    );

    let objects = objects(["netstat", "-tl", "--json"]);
    let mine = objects
        .iter()
        .find(|object| object["laddr"]["port"] == here.port())
        .unwrap();
    assert_eq!(mine["pid"], std::process::id());
    assert_eq!(mine["owners"][0]["pid"], std::process::id());
    assert_eq!(mine["fd"], mine["owners"][0]["fd"]);
    assert_eq!(mine["family"], "AF_INET");
    assert_eq!(mine["type"], "SOCK_STREAM");
    assert_eq!(mine["raddr"], Value::Null);
    assert_eq!(mine["status"], "LISTEN");
}

#[test]
fn netstat_has_every_connection_that_ss_has() {
    const TEST: &str = "originals::netstat::netstat_has_every_connection_that_ss_has";
    // One socket at least.
    let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ask = || original(TEST, "ss", &["-H", "-4", "-t", "-a", "-n"]);
    let Some(before) = ask() else { return };
    let table = answer(["netstat", "-t4", "--no-header"]);
    let Some(after) = ask() else { return };
    let ends = |line: &str| {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        (words[3].clone(), words[4].replace("0.0.0.0:*", "*"))
    };
    let ours: Vec<_> = table.lines().map(ends).collect();
    let after: Vec<_> = after.lines().map(ends).collect();
    let mut comparison = Comparison::of("netstat");
    for theirs in before
        .lines()
        .map(ends)
        .filter(|theirs| after.contains(theirs))
    {
        comparison.equal(&theirs, ours.contains(&theirs), true);
    }
    comparison.finish();
}

/// What netstat(8) and ours say of a socket: protocol, both ends, state, user and number.
type Socket = [String; 6];

/// A line of `netstat -tuaneW`: the state is missing where there is none.
fn socket_of_original(line: &str) -> Option<Socket> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (proto, local, remote, state, uid, inode) = match words[..] {
        [proto, _, _, local, remote, state, uid, inode] => {
            (proto, local, remote, state, uid, inode)
        }
        [proto, _, _, local, remote, uid, inode] => (proto, local, remote, "-", uid, inode),
        _ => return None,
    };
    // A UDP socket that is connected is no TCP connection, and what no descriptor refers to is nobody's.
    let state = if proto.starts_with("udp") { "-" } else { state };
    let (uid, inode) = if inode == "0" {
        ("-", "-")
    } else {
        (uid, inode)
    };
    Some([proto, &end(local), &end(remote), state, uid, inode].map(str::to_owned))
}

/// `::1:22` is `[::1]:22`, and an end without a port is `*`.
fn end(address: &str) -> String {
    let (ip, port) = address.rsplit_once(':').unwrap();
    match (ip.contains(':'), port) {
        (_, "*" | "0") => "*".to_owned(),
        (true, _) => format!("[{ip}]:{port}"),
        (false, _) => address.to_owned(),
    }
}

/// Of an IPv6 socket that speaks IPv4 (`[::ffff:127.0.0.1]:22`) netstat(8) shows the address as IPv4 has it.
fn unmapped(end: &str) -> String {
    let inside = end
        .strip_prefix("[::ffff:")
        .and_then(|rest| rest.split_once(']'));
    match inside {
        Some((ip, port)) if ip.contains('.') => format!("{ip}{port}"),
        _ => end.to_owned(),
    }
}

#[test]
fn netstat_has_the_sockets_of_its_namesake() {
    const TEST: &str = "originals::netstat::netstat_has_the_sockets_of_its_namesake";
    // A socket for both families whose other end speaks IPv4.
    let both = TcpListener::bind("[::]:0").unwrap();
    let port = both.local_addr().unwrap().port();
    let _mapped = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let _accepted = both.accept().unwrap();
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let _datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let ask = || original(TEST, "netstat", &["-tuaneW"]);
    let Some(before) = ask() else { return };
    let ours = answer(["netstat", "-tuaneW", "--no-header"]);
    let Some(after) = ask() else { return };
    let ours: Vec<Socket> = ours
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let ends = [words[3], words[4]].map(unmapped);
            let [local, remote] = &ends;
            [words[0], local, remote, words[5], words[6], words[7]].map(str::to_owned)
        })
        .collect();
    let after: Vec<Socket> = after.lines().filter_map(socket_of_original).collect();
    let mut comparison = Comparison::of("netstat");
    for theirs in before
        .lines()
        .filter_map(socket_of_original)
        .filter(|theirs| after.contains(theirs))
    {
        comparison.equal(&theirs, ours.contains(&theirs), true);
    }
    comparison.finish();
}

#[test]
fn every_listening_socket_is_listed_and_nothing_else() {
    const TEST: &str = "originals::netstat::every_listening_socket_is_listed_and_nothing_else";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ask = || original(TEST, "ss", &["-Htln4"]);
    let Some(before) = ask() else { return };
    let ours = answer(["netstat", "-tln4", "--no-header"]);
    let Some(after) = ask() else { return };
    assert!(ours.lines().all(|line| line.ends_with(" LISTEN")), "{ours}");
    let locals = |table: &str| -> Vec<String> {
        let lines = table
            .lines()
            .map(|line| line.split_whitespace().nth(3).unwrap().to_owned());
        lines.collect()
    };
    let (before, ours, after) = (locals(&before), locals(&ours), locals(&after));
    assert!(ours.contains(&listener.local_addr().unwrap().to_string()));
    let mut comparison = Comparison::of("netstat");
    for theirs in before.iter().filter(|theirs| after.contains(theirs)) {
        comparison.equal(theirs, ours.contains(theirs), true);
    }
    comparison.finish();
}

#[test]
fn interfaces_are_the_same() {
    const TEST: &str = "originals::netstat::interfaces_are_the_same";
    let ask = || original(TEST, "netstat", &["-ia", "--wide"]);
    let Some(before) = ask() else { return };
    let ours = objects(["netstat", "-ia", "--json"]);
    let Some(after) = ask() else { return };
    let mut comparison = Comparison::of("netstat");
    for line in before.lines().skip(2) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let row = ours.iter().find(|row| row["name"] == words[0]);
        let again = after
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let (Some(row), Some(again)) = (row, again.into_iter().find(|again| again[0] == words[0]))
        else {
            continue;
        };
        comparison.equal((words[0], "mtu"), row["mtu"].to_string(), words[1]);
        for (key, at) in [
            ("packets_recv", 2),
            ("errin", 3),
            ("dropin", 4),
            ("packets_sent", 6),
            ("errout", 7),
            ("dropout", 8),
        ] {
            let theirs = [words[at], again[at]].map(|count| count.parse().unwrap());
            comparison.between((words[0], key), number(&row[key]), theirs, 0.0);
        }
    }
    comparison.finish();
}
