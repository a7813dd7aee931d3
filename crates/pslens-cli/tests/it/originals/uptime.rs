//! `uptime` beside uptime(1).

use super::{Comparison, number, original};
use crate::network::where_somebody_is_logged_in;
use crate::program::{answer, objects};

/// Seconds since the epoch of `2026-11-22 04:10:32`.
fn moment(text: &str) -> f64 {
    let moment: jiff::civil::DateTime = text.trim().parse().unwrap();
    let moment = moment.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    moment.timestamp().as_second() as f64
}

/// Minutes of `up 1 week, 6 hours, 5 minutes`.
fn minutes(text: &str) -> f64 {
    let parts = text.trim().strip_prefix("up ").unwrap().split(", ");
    let minutes = parts.map(|part| {
        let (number, unit) = part.split_once(' ').unwrap();
        let of_unit = match unit.trim_end_matches('s') {
            "minute" => 1.0,
            "hour" => 60.0,
            "day" => 24.0 * 60.0,
            "week" => 7.0 * 24.0 * 60.0,
            "year" => 365.0 * 24.0 * 60.0,
            "decade" => 3650.0 * 24.0 * 60.0,
            other => panic!("{other}"),
        };
        number.parse::<f64>().unwrap() * of_unit
    });
    minutes.sum()
}

/// The numbers after `load average:`.
fn loads(line: &str) -> Vec<f64> {
    let (_, loads) = line.split_once("load average: ").unwrap();
    loads
        .trim()
        .split(", ")
        .map(|load| load.parse().unwrap())
        .collect()
}

#[test]
fn uptime_agrees() {
    const TEST: &str = "originals::uptime::uptime_agrees";
    let ask = |args: &[&str]| original(TEST, "uptime", args);
    let mut comparison = Comparison::of("uptime");
    let (Some(before), Some(since)) = (ask(&[]), ask(&["-s"])) else {
        return;
    };
    let line = answer(["uptime"]);
    let ours = objects(["uptime", "--json"]);
    let (Some(after), Some(pretty)) = (ask(&[]), ask(&["-p"])) else {
        return;
    };
    let (before, after) = (loads(&before), loads(&after));
    for (at, (key, ours_of_line)) in ["one", "five", "fifteen"]
        .into_iter()
        .zip(loads(&line))
        .enumerate()
    {
        let theirs = [before[at], after[at]];
        comparison.between(key, ours_of_line, theirs, 0.0);
        comparison.between(key, number(&ours[0]["load_average"][key]), theirs, 0.0);
    }
    // The kernel tells the moment of boot and the time since then, each to the second or better.
    comparison.close(
        "boot_time",
        number(&ours[0]["boot_time"]),
        moment(&since),
        1.5,
    );
    comparison.close(
        "since",
        moment(&answer(["uptime", "-s"])),
        moment(&since),
        1.5,
    );
    // A minute may end in between.
    comparison.close(
        "pretty",
        minutes(&answer(["uptime", "-p"])),
        minutes(&pretty),
        1.0,
    );
    comparison.close(
        "uptime",
        number(&ours[0]["uptime"]) / 60.0,
        minutes(&pretty),
        1.5,
    );
    comparison.finish();
}

#[test]
fn uptime_counts_the_same_users() {
    const TEST: &str = "originals::uptime::uptime_counts_the_same_users";
    let Some(told) = where_somebody_is_logged_in(TEST, "uptime; \"$0\" uptime") else {
        return;
    };
    let users = |line: &str| -> String {
        let line: Vec<&str> = line.split(',').collect();
        let at = line.iter().position(|part| part.contains(" user")).unwrap();
        line[at].trim().to_owned()
    };
    let lines: Vec<&str> = told.lines().collect();
    let mut comparison = Comparison::of("uptime");
    comparison.equal("users", users(lines[1]), users(lines[0]));
    comparison.finish();
}
