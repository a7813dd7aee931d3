//! `ps` beside ps(1).

use std::collections::HashMap;

use serde_json::Value;

use super::{Comparison, is_close, number, original};
use crate::program::{answer, objects, pslens};

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
) -> (usize, HashMap<u64, String>) {
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
        compared += 5;
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
    (compared, wrong)
}

#[test]
fn ps_agrees_for_every_process_that_lives_through_both() {
    const TEST: &str = "originals::ps::ps_agrees_for_every_process_that_lives_through_both";
    // A process may change just between the readings and back again, but not every time.
    let mut wrong: Option<HashMap<u64, String>> = None;
    for _ in 0..5 {
        let Some(before) = ps_rows(TEST) else { return };
        let ours = objects(["ps", "--json"]);
        let Some(after) = ps_rows(TEST) else { return };
        let (compared, mut now) = disagreements(&before, &ours, &after);
        if let Some(earlier) = &wrong {
            now.retain(|pid, _| earlier.contains_key(pid));
        }
        if now.is_empty() {
            let mut comparison = Comparison::of("ps");
            comparison.add(compared);
            return comparison.finish();
        }
        wrong = Some(now);
    }
    panic!("{wrong:#?}");
}

#[test]
fn ps_has_every_process_that_ps_has() {
    const TEST: &str = "originals::ps::ps_has_every_process_that_ps_has";
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
fn another_sysfs_leaves_the_present_as_it_is() {
    let empty = tempfile::tempdir().unwrap();
    let sysfs = empty.path().to_str().unwrap();
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
