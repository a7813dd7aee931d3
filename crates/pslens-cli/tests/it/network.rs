//! `netstat`, `ifconfig`, `nettop`, `who` and `uptime`: what captured machines say, and what can only be seen
//! on a running one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use insta::assert_snapshot;
use pslens_fixtures::{Machine, materialise};
use serde_json::Value;

use crate::program::{answer, objects, pslens, skip, stderr, stdout, told};

/// How the laptop's interfaces are set up: the cable is in, and the radio is off.
fn give_settings(machine: &Machine) {
    for (interface, file, value) in [
        ("lo", "flags", "0x9"),
        ("lo", "mtu", "65536"),
        ("lo", "operstate", "unknown"),
        ("enp0s31f6", "flags", "0x1003"),
        ("enp0s31f6", "mtu", "1500"),
        ("enp0s31f6", "operstate", "up"),
        ("enp0s31f6", "speed", "1000"),
        ("enp0s31f6", "duplex", "full"),
        ("wlp2s0", "flags", "0x1002"),
        ("wlp2s0", "mtu", "1500"),
        ("wlp2s0", "operstate", "down"),
    ] {
        machine.write(&format!("sys/class/net/{interface}/{file}"), value);
    }
}

#[test]
fn tables() {
    for name in ["kernel-2.6.32", "kernel-6.18", "laptop"] {
        let machine = materialise(name);
        if name == "laptop" {
            give_settings(&machine);
        }
        let mut told_all = String::new();
        for args in [
            &["netstat", "-plantu"][..],
            &["netstat", "-tulpne"],
            &[
                "netstat",
                "--state",
                "LISTEN,close-wait",
                "--port",
                "22,49154",
            ],
            &[
                "netstat",
                "-x",
                "--columns",
                "type,inode,pid,fd,laddr",
                "--filter",
                "pid>0",
            ],
            &[
                "netstat",
                "--sort",
                "-laddr.port,proto",
                "--top",
                "3",
                "--csv",
            ],
            &["netstat", "-i"],
            &["netstat", "-i", "-a"],
            &["ifconfig"],
            &["ifconfig", "-a"],
            &["ifconfig", "lo", "--bytes"],
            &[
                "ifconfig",
                "-a",
                "--columns",
                "name,isup,speed,duplex,address,bytes_recv",
            ],
            &["nettop", "0.01", "1"],
            &[
                "nettop",
                "0.01",
                "2",
                "--columns",
                "name,bytes_recv,packets_sent,errin",
            ],
            &["who"],
            &["who", "-b"],
            &["uptime"],
            &["uptime", "-p"],
            &["uptime", "-s"],
        ] {
            told_all.push_str(&told(&machine, args));
            told_all.push('\n');
        }
        assert_snapshot!(format!("tables_{name}"), told_all);
    }
}

#[test]
fn what_one_source_does_not_tell_is_unknown_and_without_any_it_fails() {
    let machine = materialise("laptop");
    machine.remove("proc/net/dev");
    let nothing = told(&machine, &["ifconfig"]);
    assert_eq!(nothing.lines().count(), 3, "{nothing}");
    assert!(nothing.ends_with("exit status 1\n"), "{nothing}");
    give_settings(&machine);
    assert_snapshot!(told(&machine, &["ifconfig", "-a", "-s"]), @"
    $ pslens ifconfig -a -s
    IFACE       MTU RX-OK RX-ERR RX-DRP TX-OK TX-ERR TX-DRP FLAGS
    enp0s31f6  1500     -      -      -     -      -      - up,broadcast,running,multicast
    lo        65536     -      -      -     -      -      - up,loopback,running
    wlp2s0     1500     -      -      -     -      -      - broadcast,multicast
    exit status 0
    ");
    assert_snapshot!(told(&machine, &["ifconfig", "lo"]), @"
    $ pslens ifconfig lo
    lo: flags=<UP,LOOPBACK,RUNNING>  mtu 65536
            inet -  inet6 -  ether -
            RX -
            TX -
    exit status 0
    ");
}

#[test]
fn json() {
    let machine = materialise("laptop");
    give_settings(&machine);
    let mut told_all = String::new();
    for args in [
        &["netstat", "--json", "--port", "22"][..],
        &["netstat", "-i", "--json"],
        &["ifconfig", "--json", "enp0s31f6"],
        &["nettop", "--json", "0.01", "1"],
        &["who", "--json", "-b"],
        &["uptime", "--json"],
    ] {
        told_all.push_str(&told(&machine, args));
        told_all.push('\n');
    }
    assert_snapshot!(told_all);
}

#[test]
fn wrong_usage_is_one_line() {
    let check = |line: &str, exit: i32, expect: &[&str]| {
        let output = pslens(line.split(' ')).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(exit), "{line}: {said}");
        assert_eq!(stdout(&output), "", "{line}");
        assert_eq!(said.lines().count(), 1, "{line}: {said}");
        for part in expect {
            assert!(said.contains(part), "{line}: {said} lacks {part}");
        }
    };
    check(
        "netstat --state LISTN",
        2,
        &["'LISTN'", "did you mean 'LISTEN'?", "Accepted: ESTABLISHED"],
    );
    check("netstat --state LISTEN,", 2, &["--state", "no such state"]);
    for port in ["65536", "-1", "http", "80,", ""] {
        let line = format!("netstat --port {port}");
        check(&line, 2, &["--port", "accepted: numbers of ports"]);
    }
    check(
        "netstat --columns laddr.prt",
        2,
        &["no such column", "'laddr.port'", "inode"],
    );
    check("netstat -i -t", 2, &["--interfaces", "--tcp"]);
    check("netstat -c --watch 2", 2, &["--continuous", "--watch"]);
    check("netstat -rn", 2, &["routes are not here", "'ip route'"]);
    check("netstat -s", 2, &["statistics", "'nstat -a'"]);
    check(
        "ifconfig l0",
        1,
        &["no interface 'l0'", "did you mean 'lo'?", "There are: "],
    );
    check(
        "ifconfig eth0 192.0.2.1 netmask 255.255.255.0 up",
        2,
        &["changes none", "'eth0'", "ip(8)"],
    );
    check("nettop 0", 2, &["SECONDS", "more than 0"]);
    check("nettop -5", 2, &["SECONDS", "more than 0"]);
    check("nettop 1 0", 2, &["COUNT", "'0'"]);
    check("nettop 1 -1", 2, &["COUNT", "'-1'"]);
    check("nettop 1 --watch 1", 2, &["SECONDS", "--watch"]);
    check("who am", 2, &["am i"]);
    check("who -b -q", 2, &["--boot", "--count"]);
    check("uptime -p -s", 2, &["--pretty", "--since"]);
    check("uptime now", 2, &["'now'"]);
}

#[test]
fn help_has_examples_and_exit_statuses() {
    for tool in ["netstat", "ifconfig", "nettop", "who", "uptime"] {
        let help = answer([tool, "--help"]);
        for part in ["Examples:", "Exit status: 0 done", "In tables"] {
            assert!(help.contains(part), "{tool}: {help} lacks {part}");
        }
    }
}

#[test]
fn sockets_are_chosen_by_state_and_port() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let _client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let of = |state: &str| {
        let port = port.to_string();
        let rows = objects([
            "netstat", "-t4", "--json", "--port", &port, "--state", state,
        ]);
        assert!(rows.iter().all(|row| row["status"] == state), "{rows:?}");
        rows
    };
    assert_eq!(of("LISTEN").len(), 1);
    // One end each, whether or not the listener has accepted.
    let ends = of("ESTABLISHED");
    let ports = |key: &str| -> Vec<u64> {
        let ports = ends.iter().filter_map(|row| row[key]["port"].as_u64());
        ports.filter(|found| *found == u64::from(port)).collect()
    };
    assert_eq!(
        (ends.len(), ports("laddr").len(), ports("raddr").len()),
        (2, 1, 1)
    );
    // By who holds them, without asking for a column that shows it.
    let pid = std::process::id();
    let filter = format!("pid={pid}");
    let mine = answer([
        "netstat",
        "--csv",
        "--no-header",
        "--filter",
        &filter,
        "--columns",
        "laddr.port",
    ]);
    assert!(mine.lines().any(|line| line == port.to_string()), "{mine}");
}

/// Until it is interrupted, so the second answer is there when its heading is.
#[test]
fn continuous_is_again_and_again() {
    let mut child = pslens(["netstat", "-c", "--columns", "proto,uid"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let headings = lines
        .map_while(Result::ok)
        .filter(|line| line.starts_with("PROTO"));
    assert_eq!(headings.take(2).count(), 2);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn traffic_is_seen_while_it_flows() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut buffer = [0; 4096];
            while !done.load(Ordering::Relaxed) {
                client.write_all(&buffer).unwrap();
                server.read_exact(&mut buffer).unwrap();
            }
        });
        let rows = objects(["nettop", "--json", "0.1", "1"]);
        done.store(true, Ordering::Relaxed);
        let lo = rows.iter().find(|row| row["name"] == "lo").unwrap();
        for key in ["bytes_recv", "bytes_sent", "packets_recv", "packets_sent"] {
            assert!(lo[key].as_u64().unwrap() > 0, "{lo}");
            assert!(
                lo[format!("{key}_per_second")].as_f64().unwrap() > 0.0,
                "{lo}"
            );
        }
        assert_eq!(lo["errin_per_second"], 0.0);
    });
}

#[test]
fn every_sample_is_an_array() {
    let answers = answer(["nettop", "--json", "0.05", "3"]);
    let arrays = serde_json::Deserializer::from_str(&answers).into_iter::<Vec<Value>>();
    let lengths: Vec<usize> = arrays.map(|array| array.unwrap().len()).collect();
    assert_eq!(lengths.len(), 3);
    assert!(lengths[0] > 0, "{answers}");
}

/// A login record of glibc on 64 bits: 384 bytes.
fn login(user: &[u8], line: &[u8], host: &[u8], pid: u32) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[0] = 7;
    record[4..8].copy_from_slice(&pid.to_le_bytes());
    record[8..8 + line.len()].copy_from_slice(line);
    record[44..44 + user.len()].copy_from_slice(user);
    record[76..76 + host.len()].copy_from_slice(host);
    record[340..344].copy_from_slice(&1_700_000_000_u32.to_le_bytes());
    record
}

/// What a shell script says where these are logged in: alice and bob, the second with a hostile name. `None`
/// where no mounts can be made to pretend it, and the test is skipped.
pub(crate) fn where_somebody_is_logged_in(test: &str, script: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("utmp");
    // Originals leave out those whose process has gone.
    let pid = std::process::id();
    let logins = [
        login(b"alice", b"pts/0", b"192.0.2.7", pid),
        login(b"b\x1b[2Jb", b"tty1", b"", pid),
    ];
    std::fs::write(&records, logins.concat()).unwrap();
    let pretend = format!(
        "set -e; exec 9<{}; mount -t tmpfs tmpfs /run; cat <&9 >/run/utmp; echo pretended; {script}",
        records.display()
    );
    let ask = |namespaces: &[&str]| {
        Command::new("unshare")
            .args(namespaces)
            .args(["sh", "-c", &pretend])
            .arg(env!("CARGO_BIN_EXE_pslens"))
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .output()
    };
    // Ordinary users may mount where they are root, if they may become that.
    let output = match ask(&["--mount"]) {
        Ok(output) if output.stdout.is_empty() => ask(&["--mount", "--map-root-user"]),
        output => output,
    };
    let told = output.as_ref().map(stdout).unwrap_or_default();
    let Some(told) = told.strip_prefix("pretended\n") else {
        skip(test, &format!("no mounts of its own: {output:?}"));
        return None;
    };
    assert!(
        output.as_ref().is_ok_and(|output| output.status.success()),
        "{output:?}"
    );
    Some(told.to_owned())
}

#[cfg(target_pointer_width = "64")]
#[test]
fn logins_are_told() {
    const TEST: &str = "network::logins_are_told";
    let script = "\"$0\" who --columns name,terminal,started,host; \"$0\" who -q; \"$0\" who am i; \
        \"$0\" who --sort -name --top 1 --json; \"$0\" who -q --json; \"$0\" uptime --json";
    let Some(told) = where_somebody_is_logged_in(TEST, script) else {
        return;
    };
    let told = told.replace(&format!("\"pid\":{}", std::process::id()), "\"pid\":PID");
    let uptime = told.find("[\n{\"boot_time\"").unwrap();
    assert!(told[uptime..].contains("\"users\":2,"), "{told}");
    assert_snapshot!(told[..uptime], @r#"
    NAME      TTY   TIME                HOST
    alice     pts/0 2023-11-14 22:13:20 192.0.2.7
    b\x1b[2Jb tty1  2023-11-14 22:13:20 -
    alice b\x1b[2Jb
    # users=2
    NAME TTY TIME HOST PID
    [
    {"name":"b\u001b[2Jb","terminal":"tty1","host":null,"started":1700000000.0,"pid":PID}
    ]
    [
    {"names":["alice","b\u001b[2Jb"],"users":2}
    ]
    "#);
}
