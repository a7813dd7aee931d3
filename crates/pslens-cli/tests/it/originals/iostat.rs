//! `iostat` beside iostat(1): the report since boot, between two of the original's.
//!
//! Tolerance: one per cent (the time since boot is known to a second, here and there in another way) and
//! half of the last digit that is printed.

use serde_json::Value;

use super::{Comparison, number, original};
use crate::program::objects;

const TEST: &str = "originals::iostat";

/// The original's report.
fn report(options: &[&str]) -> Option<Value> {
    let told = original(TEST, "iostat", &[&["-o", "JSON"], options].concat())?;
    let told: Value = serde_json::from_str(&told).unwrap();
    Some(told["sysstat"]["hosts"][0]["statistics"][0].clone())
}

fn close(
    comparison: &mut Comparison,
    what: (&str, &str),
    ours: f64,
    [before, after]: [&Value; 2],
    digit: f64,
) {
    let theirs = [number(before), number(after)];
    let tolerance = theirs[1].abs() / 100.0 + digit / 2.0;
    comparison.between(what, ours, theirs, tolerance);
}

#[test]
fn iostat_agrees_about_disks() {
    let read = || Some([report(&["-dk", "ALL"])?, report(&["-dxk", "ALL"])?]);
    let Some(before) = read() else { return };
    let ours = objects(["iostat", "-d", "--json", "ALL"]);
    let Some(after) = read() else { return };
    let mut comparison = Comparison::of("iostat");
    let named = |report: &Value| -> Vec<Value> { report["disk"].as_array().unwrap().clone() };
    let names = |report: &Value| -> Vec<String> {
        let disks = named(report).into_iter();
        let mut names: Vec<String> = disks
            .map(|disk| disk["disk_device"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let mut ours_names: Vec<&str> = ours
        .iter()
        .filter_map(|disk| disk["name"].as_str())
        .collect();
    ours_names.sort_unstable();
    comparison.equal("names", ours_names, names(&before[0]));
    for disk in &ours {
        let name = disk["name"].as_str().unwrap();
        let of = |report: &Value| {
            named(report)
                .into_iter()
                .find(|row| row["disk_device"] == name)
        };
        let (Some(short_before), Some(short_after)) = (of(&before[0]), of(&after[0])) else {
            continue;
        };
        let (Some(long_before), Some(long_after)) = (of(&before[1]), of(&after[1])) else {
            continue;
        };
        // Our key, theirs, and what one of theirs is in our units.
        for (key, theirs, unit) in [
            ("tps", "tps", 1.0),
            ("read_bytes_per_second", "kB_read/s", 1024.0),
            ("write_bytes_per_second", "kB_wrtn/s", 1024.0),
            ("discard_bytes_per_second", "kB_dscd/s", 1024.0),
        ] {
            let theirs = [&short_before[theirs], &short_after[theirs]];
            close(
                &mut comparison,
                (name, key),
                number(&disk[key]) / unit,
                theirs,
                0.01,
            );
        }
        for (key, theirs) in [
            ("read_bytes", "kB_read"),
            ("write_bytes", "kB_wrtn"),
            ("discard_bytes", "kB_dscd"),
        ] {
            let theirs = [&short_before[theirs], &short_after[theirs]];
            // Whole ones.
            close(
                &mut comparison,
                (name, key),
                number(&disk[key]) / 1024.0,
                theirs,
                2.0,
            );
        }
        for (key, theirs, unit) in [
            ("read_count_per_second", "r/s", 1.0),
            ("write_count_per_second", "w/s", 1.0),
            ("discard_count_per_second", "d/s", 1.0),
            ("flush_count_per_second", "f/s", 1.0),
            ("read_merged_count_per_second", "rrqm/s", 1.0),
            ("write_merged_count_per_second", "wrqm/s", 1.0),
            ("read_merged_percent", "rrqm", 1.0),
            ("write_merged_percent", "wrqm", 1.0),
            ("read_await", "r_await", 0.001),
            ("write_await", "w_await", 0.001),
            ("discard_await", "d_await", 0.001),
            ("flush_await", "f_await", 0.001),
            ("read_size", "rareq-sz", 1024.0),
            ("write_size", "wareq-sz", 1024.0),
            ("discard_size", "dareq-sz", 1024.0),
            ("queue_length", "aqu-sz", 1.0),
            ("busy_percent", "util", 1.0),
        ] {
            let theirs = [&long_before[theirs], &long_after[theirs]];
            // The average of nothing is 0 there and unknown here.
            let ours = disk[key].as_f64().unwrap_or_default();
            close(&mut comparison, (name, key), ours / unit, theirs, 0.01);
        }
    }
    comparison.finish();
}

#[test]
fn iostat_agrees_about_cpus() {
    let Some(before) = report(&["-c"]) else {
        return;
    };
    let ours = objects(["iostat", "-c", "--json"]);
    let Some(after) = report(&["-c"]) else { return };
    let (before, after) = (&before["avg-cpu"], &after["avg-cpu"]);
    let cpu = &ours[0];
    assert_eq!(ours.len(), 1);
    assert_eq!(cpu["name"], "cpu");
    let mut comparison = Comparison::of("iostat");
    let system = ["system", "irq", "softirq"].map(|key| number(&cpu[key]));
    let ours = |key: &str| match key {
        "system" => system.iter().sum(),
        key => number(&cpu[key]),
    };
    for key in ["user", "nice", "system", "iowait", "steal", "idle"] {
        close(
            &mut comparison,
            ("cpu", key),
            ours(key),
            [&before[key], &after[key]],
            0.02,
        );
    }
    comparison.finish();
}

/// Which disks are shown, with the options that say so.
#[test]
fn iostat_shows_the_same_disks() {
    let mut comparison = Comparison::of("iostat");
    for options in [&["-d"][..], &["-d", "ALL"], &["-d", "-p", "ALL"]] {
        let Some(theirs) = report(options) else {
            return;
        };
        let mut theirs: Vec<String> = theirs["disk"]
            .as_array()
            .unwrap()
            .iter()
            .map(|disk| disk["disk_device"].as_str().unwrap().to_owned())
            .collect();
        theirs.sort();
        let ours = objects([&["iostat", "--json"], options].concat());
        let mut ours: Vec<&str> = ours
            .iter()
            .filter_map(|disk| disk["name"].as_str())
            .collect();
        ours.sort_unstable();
        comparison.equal(options, ours, theirs);
    }
    comparison.finish();
}
