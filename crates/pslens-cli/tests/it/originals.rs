//! The tools beside those whose names they have, on this machine at the same moment.

use std::collections::HashMap;
use std::fmt::Debug;
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use serde_json::Value;

use crate::program::{answer, objects, objects_despite_notes, pslens, skip};

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
fn is_close(ours: f64, theirs: [f64; 2], tolerance: f64) -> bool {
    let low = theirs[0].min(theirs[1]) - tolerance;
    let high = theirs[0].max(theirs[1]) + tolerance;
    (low..=high).contains(&ours)
}

fn close(what: impl Debug, ours: f64, theirs: f64, tolerance: f64) {
    let close = is_close(ours, [theirs; 2], tolerance);
    assert!(close, "{what:?}: {ours} is not {theirs} within {tolerance}");
}

/// A line of `ps -eo pid,ppid,rss,nlwp,lstart,comm`.
#[derive(Debug)]
struct PsRow {
    ppid: f64,
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

/// The processes about which we and `ps` disagree, and how, if `ps` says the same before and after.
fn disagreements(
    before: &HashMap<u64, PsRow>,
    ours: &[Value],
    after: &HashMap<u64, PsRow>,
) -> HashMap<u64, String> {
    let mut wrong = HashMap::new();
    let mut compared = 0;
    for object in ours {
        let pid = object["pid"].as_u64().unwrap();
        let (Some(first), Some(second)) = (before.get(&pid), after.get(&pid)) else {
            continue;
        };
        // Another process by now, or a name or parent that changed in between.
        if first.comm != second.comm || first.ppid != second.ppid {
            continue;
        }
        compared += 1;
        // ps takes less trouble to be exact: the kernel keeps some pages back for each CPU.
        let some_pages = first.rss.max(second.rss) * 0.05 + 1048576.0;
        let values = [
            ("ppid", &object["ppid"], [first.ppid, second.ppid], 0.0),
            (
                "rss",
                &object["memory_info"]["rss"],
                [first.rss, second.rss],
                some_pages,
            ),
            (
                "nlwp",
                &object["num_threads"],
                [first.nlwp, second.nlwp],
                0.0,
            ),
            // The moment of boot is known to the second.
            (
                "lstart",
                &object["create_time"],
                [first.start, second.start],
                1.5,
            ),
        ];
        for (what, ours, theirs, tolerance) in values {
            if !is_close(number(ours), theirs, tolerance) {
                wrong.insert(pid, format!("{what} of {object} is not {theirs:?}"));
            }
        }
        let comm = first.comm.trim_end_matches(" <defunct>");
        if let Some(name) = object["name"].as_str()
            // What ps does not print it replaces.
            && name.bytes().all(|byte| byte.is_ascii_graphic())
        {
            // A worker's name goes on with what it is working on just then.
            let comm = match comm.split_once('-') {
                Some((worker, _)) if worker.starts_with("kworker/") => worker,
                _ => comm,
            };
            if !name.starts_with(comm) {
                wrong.insert(pid, format!("comm of {object} is not {comm:?}"));
            }
        }
    }
    println!("{compared} processes compared");
    assert!(compared > 0);
    wrong
}

#[test]
fn ps_agrees_for_every_process_that_lives_through_both() {
    const TEST: &str = "originals::ps_agrees_for_every_process_that_lives_through_both";
    // A process may change just between the readings and back again, but not every time.
    let mut wrong: Option<HashMap<u64, String>> = None;
    for _ in 0..5 {
        let Some(before) = ps_rows(TEST) else { return };
        let ours = objects(["ps", "--json"]);
        let Some(after) = ps_rows(TEST) else { return };
        let mut now = disagreements(&before, &ours, &after);
        if let Some(earlier) = &wrong {
            now.retain(|pid, _| earlier.contains_key(pid));
        }
        if now.is_empty() {
            return;
        }
        wrong = Some(now);
    }
    panic!("{wrong:#?}");
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
fn a_thread_is_no_process() {
    let (number, told) = std::sync::mpsc::channel();
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        let link = std::fs::read_link("/proc/thread-self").unwrap();
        let number_of_thread = link.file_name().unwrap().to_owned();
        number.send(number_of_thread).unwrap();
        let _ = wait.recv();
    });
    let tid = told.recv().unwrap();
    let output = pslens(["ps", "-p", tid.to_str().unwrap()])
        .output()
        .unwrap();
    drop(done);
    thread.join().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
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
    close("total", total, mem[0], 0.0);
    close("swap", number(&ours[1]["total"]), swap[0], 0.0);
    for (key, theirs) in [("free", mem[2]), ("shared", mem[3]), ("available", mem[5])] {
        close(key, number(&ours[0][key]), theirs, total / 20.0);
    }
    let cache = number(&ours[0]["buffers"]) + number(&ours[0]["cached"]);
    close("buff/cache", cache, mem[4], total / 20.0);
}

#[test]
fn df_agrees() {
    const TEST: &str = "originals::df_agrees";
    let columns = "--output=size,used,avail,fstype,target";
    let Some(theirs) = original(TEST, "df", &["-a", "-B1", columns]) else {
        return;
    };
    let ours = objects_despite_notes(["df", "-a", "--json"]);
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
        if object["total"].is_null() {
            // Not for this user's eyes.
            continue;
        }
        compared += 1;
        assert_eq!(object["fstype"], fstype, "{line}");
        // tmpfs in use by others may be resized, never by much.
        close(line, number(&object["total"]), size, size / 100.0);
        for (key, theirs) in [("used", used), ("free", avail)] {
            let theirs: f64 = theirs.parse().unwrap();
            close(line, number(&object[key]), theirs, size / 20.0);
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
fn another_sysfs_leaves_the_rest_as_it_is() {
    let empty = tempfile::tempdir().unwrap();
    let sysfs = empty.path().to_str().unwrap();
    let found = objects(["df", "--json", "/", "--sysfs", sysfs]);
    assert!(number(&found[0]["total"]) > 0.0);
    let percent = answer([
        "ps",
        "--sysfs",
        sysfs,
        "-o",
        "etime",
        "--no-header",
        "-p",
        "1",
    ]);
    assert!(percent.contains(':'), "{percent}");
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
