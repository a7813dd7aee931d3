//! `top` beside top(1).

use serde_json::Value;

use super::{Comparison, agree, number, original};
use crate::program::objects;

/// A number of KiB as top(1) prints it, in bytes, and how far it is rounded.
fn size(word: &str) -> (f64, f64) {
    let (digits, unit) = match word.strip_suffix(['g', 't', 'm']) {
        Some(digits) if word.ends_with('t') => (digits, 1024.0 * 1024.0 * 1024.0),
        Some(digits) if word.ends_with('g') => (digits, 1024.0 * 1024.0),
        Some(digits) => (digits, 1024.0),
        None => (word, 1.0),
    };
    let unit = unit * 1024.0;
    let rounded = if digits == word { 0.0 } else { unit / 10.0 };
    (digits.parse::<f64>().unwrap() * unit, rounded)
}

fn of_pid(sample: &[Value], pid: u32) -> Option<&Value> {
    sample.iter().find(|object| object["pid"] == pid)
}

#[test]
fn top_agrees() {
    agree("top", compare);
}

fn compare(comparison: &mut Comparison) -> Option<()> {
    const TEST: &str = "originals::top::top_agrees";
    let before = objects(["top", "--json"]);
    let theirs = original(TEST, "top", &["-b", "-n", "1", "-w", "512"])?;
    let after = objects(["top", "--json"]);
    let total = theirs
        .lines()
        .find(|line| line.starts_with("MiB Mem"))
        .unwrap();
    let total: f64 = total.split_whitespace().nth(3).unwrap().parse().unwrap();
    let mebibyte = 1024.0 * 1024.0;
    let ours = number(&before[0]["virtual_memory"]["total"]) / mebibyte;
    comparison.close("MiB Mem", ours, total, 0.1);
    let rows = theirs
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("PID"));
    let mut met = 0;
    for line in rows.skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let pid: u32 = words[0].parse().unwrap();
        // Who came or went meanwhile, or got the number of one who did, is not compared.
        let (Some(before), Some(after)) = (of_pid(&before, pid), of_pid(&after, pid)) else {
            continue;
        };
        if before["create_time"] != after["create_time"] || before["name"] != after["name"] {
            continue;
        }
        met += 1;
        let user = before["username"].as_str().unwrap();
        if before["uids"]["real"] == before["uids"]["effective"] {
            let cut = words[1].strip_suffix('+');
            let same = cut.map_or(user == words[1], |cut| user.starts_with(cut));
            comparison.equal((pid, "USER", user, words[1]), same, true);
        }
        comparison.equal((pid, "NI"), before["nice"].to_string(), words[3].to_owned());
        for (word, key) in [(4, "vms"), (5, "rss"), (6, "shared")] {
            let (theirs, rounded) = size(words[word]);
            let ours = [before, after].map(|it| number(&it["memory_info"][key]));
            // Of a process that is at work the size may be anything in between, and beyond.
            if ours[0] == ours[1] {
                comparison.close((pid, key), ours[0], theirs, rounded);
            }
        }
        let seconds =
            |it: &Value| number(&it["cpu_times"]["user"]) + number(&it["cpu_times"]["system"]);
        let (minutes, rest) = words[10].split_once(':').unwrap();
        let theirs = minutes.parse::<f64>().unwrap() * 60.0 + rest.parse::<f64>().unwrap();
        let (low, high) = (seconds(before) - 0.015, seconds(after) + 0.015);
        comparison.equal((pid, "TIME+"), (low..=high).contains(&theirs), true);
    }
    assert!(met > 2, "{theirs}");
    Some(())
}
