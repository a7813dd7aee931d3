//! `netstat` beside ss(8).

use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use super::{Comparison, original};
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
