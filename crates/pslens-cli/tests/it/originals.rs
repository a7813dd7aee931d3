//! The tools beside those whose names they have, on this machine at the same moment.

use std::collections::HashMap;
use std::fmt::Debug;
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use serde_json::Value;

use crate::program::{answer, objects, skip};

/// The answer of an original tool; `None` where it is not installed, and the test is skipped.
fn original(test: &str, program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .output();
    match output {
        // df has complaints about mounts that it may not look at, and an answer.
        Ok(output) if output.status.success() || program == "df" => {
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => {
            skip(
                test,
                &format!("{program} {args:?} does not work: {output:?}"),
            );
            None
        }
        Err(error) => {
            skip(test, &format!("no {program}: {error}"));
            None
        }
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Equal within `tolerance`, or between two readings of something that moves, widened by it.
fn close(what: impl Debug, ours: f64, theirs: [f64; 2], tolerance: f64) {
    let low = theirs[0].min(theirs[1]) - tolerance;
    let high = theirs[0].max(theirs[1]) + tolerance;
    assert!(
        (low..=high).contains(&ours),
        "{what:?}: {ours} is not in {low}..={high}"
    );
}

/// A line of `ps -eo pid,ppid,rss,nlwp,lstart,comm`.
#[derive(Debug)]
struct PsRow {
    ppid: u32,
    rss: f64,
    nlwp: f64,
    start: f64,
    comm: String,
}

fn ps_rows(test: &str) -> Option<HashMap<u64, PsRow>> {
    let text = original(
        test,
        "ps",
        &["-e", "-o", "pid=,ppid=,rss=,nlwp=,lstart=,comm="],
    )?;
    let mut rows = HashMap::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [pid, ppid, rss, nlwp, ref rest @ ..] = words[..] else {
            panic!("{line:?}");
        };
        let start = rest[..5].join(" ");
        let start = jiff::civil::DateTime::strptime("%a %b %d %H:%M:%S %Y", start).unwrap();
        let start = start.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        rows.insert(
            pid.parse().unwrap(),
            PsRow {
                ppid: ppid.parse().unwrap(),
                rss: rss.parse::<f64>().unwrap() * 1024.0,
                nlwp: nlwp.parse().unwrap(),
                start: start.timestamp().as_second() as f64,
                comm: rest[5..].join(" "),
            },
        );
    }
    Some(rows)
}

#[test]
fn ps_agrees_for_every_process_that_lives_through_both() {
    const TEST: &str = "originals::ps_agrees_for_every_process_that_lives_through_both";
    let Some(before) = ps_rows(TEST) else { return };
    let ours = objects(["ps", "--json"]);
    let Some(after) = ps_rows(TEST) else { return };
    let mut compared = 0;
    for object in &ours {
        let pid = object["pid"].as_u64().unwrap();
        let (Some(first), Some(second)) = (before.get(&pid), after.get(&pid)) else {
            continue;
        };
        // Another process by now, or a name or parent that changed in between.
        if first.comm != second.comm || first.ppid != second.ppid {
            continue;
        }
        compared += 1;
        assert_eq!(
            object["ppid"].as_u64().unwrap(),
            u64::from(first.ppid),
            "{object}"
        );
        // ps takes less trouble to be exact: the kernel keeps some pages back for each CPU.
        let tolerance = first.rss.max(second.rss) * 0.05 + 1048576.0;
        let rss = number(&object["memory_info"]["rss"]);
        close(object, rss, [first.rss, second.rss], tolerance);
        close(
            object,
            number(&object["num_threads"]),
            [first.nlwp, second.nlwp],
            0.0,
        );
        // The moment of boot is known to the second.
        close(
            object,
            number(&object["create_time"]),
            [first.start, second.start],
            1.5,
        );
        let comm = first.comm.trim_end_matches(" <defunct>");
        if let Some(name) = object["name"].as_str()
            && comm.bytes().all(|byte| matches!(byte, b'!'..=b'~'))
            // ps shows what it does not print as question marks.
            && !comm.contains('?')
        {
            assert!(name.starts_with(comm), "{name:?} is {comm:?}");
        }
    }
    println!("{compared} processes compared");
    assert!(compared > 0);
}

#[test]
fn ps_has_every_process_that_ps_has() {
    const TEST: &str = "originals::ps_has_every_process_that_ps_has";
    let Some(before) = original(TEST, "ps", &["-e", "-o", "pid="]) else {
        return;
    };
    let ours = answer(["ps", "-e", "-o", "pid", "--no-header"]);
    let ours: Vec<&str> = ours.lines().map(str::trim).collect();
    let Some(after) = original(TEST, "ps", &["-e", "-o", "pid="]) else {
        return;
    };
    let after: Vec<&str> = after.lines().map(str::trim).collect();
    for pid in before.lines().map(str::trim) {
        assert!(
            ours.contains(&pid) || !after.contains(&pid),
            "{pid} is missing"
        );
    }
}

#[test]
fn ps_sorts_with_the_unknown_last() {
    let sorted = objects(["ps", "--json", "--sort", "-rss", "-o", "rss"]);
    let sizes: Vec<_> = sorted
        .iter()
        .map(|object| object["memory_info"]["rss"].as_u64())
        .collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    let terminals = answer(["ps", "--no-header", "--sort", "tty,-pid", "-o", "tty,pid"]);
    let known = terminals.lines().take_while(|line| !line.starts_with('-'));
    let rest = terminals.lines().skip(known.count());
    assert!(
        rest.into_iter().all(|line| line.starts_with('-')),
        "{terminals}"
    );
}

#[test]
fn free_agrees() {
    const TEST: &str = "originals::free_agrees";
    let Some(theirs) = original(TEST, "free", &["-b"]) else {
        return;
    };
    let ours = objects(["free", "--json"]);
    let row = |name: &str| -> Vec<f64> {
        let line = theirs.lines().find(|line| line.starts_with(name)).unwrap();
        let words = line.split_whitespace().skip(1);
        words.map(|word| word.parse().unwrap()).collect()
    };
    let (mem, swap) = (row("Mem:"), row("Swap:"));
    assert_eq!(ours[0]["name"], "virtual");
    assert_eq!(ours[1]["name"], "swap");
    let total = number(&ours[0]["total"]);
    close("total", total, [mem[0]; 2], 0.0);
    close("swap", number(&ours[1]["total"]), [swap[0]; 2], 0.0);
    for (key, theirs) in [("free", mem[2]), ("shared", mem[3]), ("available", mem[5])] {
        close(key, number(&ours[0][key]), [theirs; 2], total / 20.0);
    }
    let cache = number(&ours[0]["buffers"]) + number(&ours[0]["cached"]);
    close("buff/cache", cache, [mem[4]; 2], total / 20.0);
}

#[test]
fn df_agrees() {
    const TEST: &str = "originals::df_agrees";
    let columns = "--output=size,used,avail,fstype,target";
    let Some(theirs) = original(TEST, "df", &["-a", "-B1", columns]) else {
        return;
    };
    let ours = objects(["df", "-a", "--json"]);
    let mut compared = 0;
    for line in theirs.lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [size, used, avail, fstype, target] = words[..] else {
            continue;
        };
        // Where several are mounted on one directory, ours lists each and theirs some.
        let same: Vec<_> = ours
            .iter()
            .filter(|object| object["mountpoint"] == target)
            .collect();
        let ([object], Ok(size)) = (&same[..], size.parse::<f64>()) else {
            continue;
        };
        compared += 1;
        assert_eq!(object["fstype"], fstype, "{line}");
        // tmpfs in use by others may be resized, never by much.
        close(line, number(&object["total"]), [size; 2], size / 100.0);
        for (key, theirs) in [("used", used), ("free", avail)] {
            let theirs: f64 = theirs.parse().unwrap();
            close(line, number(&object[key]), [theirs; 2], size / 20.0);
        }
    }
    println!("{compared} file systems compared");
    assert!(compared > 0);
}

#[test]
fn df_finds_the_file_system_of_a_path() {
    let found = objects(["df", "--json", "/proc/self/status", "/"]);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["mountpoint"], "/proc");
    assert_eq!(found[0]["percent"], Value::Null);
    assert_eq!(found[1]["mountpoint"], "/");
    assert!(number(&found[1]["total"]) > 0.0);
}

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
    const TEST: &str = "originals::netstat_has_every_connection_that_ss_has";
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
    for theirs in before.lines().map(ends) {
        assert!(
            ours.contains(&theirs) || !after.contains(&theirs),
            "{theirs:?} is missing"
        );
    }
}
