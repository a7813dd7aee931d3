//! Every file of every machine of `fixtures/linux/` through its parser; snapshots of what comes out.
//!
//! One snapshot per machine and parser, so that a change in one parser shows as a change of its files.
//! `INSTA_UPDATE=always cargo test -p pslens-parse --test fixtures` writes them anew: read the diff.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "everything here is a test, also what is outside of #[test] functions"
)]

use std::collections::BTreeMap;
use std::fmt::Debug;

use pslens_parse::linux;

/// What a file decodes to: the parser's name and the records as text.
struct Decoded(&'static str, String);

fn record<T: Debug, E: Debug>(parser: &'static str, record: Result<T, E>) -> Option<Decoded> {
    Some(Decoded(parser, format!("  {record:?}\n")))
}

fn rows<T: Debug>(parser: &'static str, rows: impl Iterator<Item = T>) -> Option<Decoded> {
    let text = rows.map(|row| format!("  {row:?}\n")).collect();
    Some(Decoded(parser, text))
}

/// Decodes a file as the library would; `None` if no parser is for it.
fn decode(path: &str, bytes: &[u8]) -> Option<Decoded> {
    if let Some(path) = path.strip_prefix("sys/") {
        return decode_sys(path, bytes);
    }
    let path = path.strip_prefix("proc/")?;
    match path {
        "cpuinfo" => rows("cpuinfo", linux::cpuinfo::rows(bytes)),
        "diskstats" => rows("diskstats", linux::diskstats::rows(bytes)),
        "filesystems" => rows("filesystems", linux::filesystems::rows(bytes)),
        "loadavg" => record("loadavg", linux::loadavg::parse(bytes)),
        "meminfo" => record("meminfo", linux::meminfo::parse(bytes)),
        "net/dev" => rows("net_dev", linux::net_dev::rows(bytes)),
        "net/tcp" | "net/tcp6" | "net/udp" | "net/udp6" => {
            // The machines are little-endian, wherever this test runs.
            let order = linux::net_tcp::ByteOrder::Little;
            rows("net_tcp", linux::net_tcp::rows(bytes, order))
        }
        "net/unix" => rows("net_unix", linux::net_unix::rows(bytes)),
        "partitions" => rows("partitions", linux::partitions::rows(bytes)),
        "self/mountinfo" => rows("mountinfo", linux::mountinfo::rows(bytes)),
        "self/mounts" => rows("mounts", linux::mounts::rows(bytes)),
        "stat" => {
            let Decoded(name, mut text) = record("stat", linux::stat::parse(bytes))?;
            text += &rows(name, linux::stat::rows(bytes))?.1;
            Some(Decoded(name, text))
        }
        "tty/drivers" => rows("tty_drivers", linux::tty_drivers::rows(bytes)),
        "vmstat" => record("vmstat", linux::vmstat::parse(bytes)),
        "zoneinfo" => rows("zoneinfo", linux::zoneinfo::rows(bytes)),
        _ => decode_pid(path, bytes),
    }
}

fn decode_pid(path: &str, bytes: &[u8]) -> Option<Decoded> {
    let (_, file) = path.split_once('/')?;
    // The files of a thread have the formats of those of a process.
    let file = match file.strip_prefix("task/") {
        Some(thread) => thread.split_once('/')?.1,
        None => file,
    };
    if file.starts_with("fdinfo/") {
        return record("pid_fdinfo", linux::pid_fdinfo::parse(bytes));
    }
    match file {
        "cgroup" => rows("pid_cgroup", linux::pid_cgroup::rows(bytes)),
        "cmdline" => rows("pid_cmdline", linux::pid_cmdline::arguments(bytes)),
        "environ" => rows("pid_environ", linux::pid_environ::variables(bytes)),
        "io" => record("pid_io", linux::pid_io::parse(bytes)),
        "limits" => rows("pid_limits", linux::pid_limits::rows(bytes)),
        "maps" => rows("pid_maps", linux::pid_maps::rows(bytes)),
        "smaps" => rows("pid_smaps", linux::pid_smaps::rows(bytes)),
        "smaps_rollup" => record("pid_smaps", linux::pid_smaps::rollup(bytes)),
        "stat" => record("pid_stat", linux::pid_stat::parse(bytes)),
        "statm" => record("pid_statm", linux::pid_statm::parse(bytes)),
        "status" => record("pid_status", linux::pid_status::parse(bytes)),
        _ => None,
    }
}

fn decode_sys(path: &str, bytes: &[u8]) -> Option<Decoded> {
    let (folder, file) = path.rsplit_once('/')?;
    if folder == "devices/system/cpu" || file.ends_with("_list") {
        return rows("cpu_list", linux::cpu_list::rows(bytes));
    }
    if folder.starts_with("block/") && file == "stat" {
        return record("sys_block_stat", linux::sys_block_stat::parse(bytes));
    }
    if file == "uevent" {
        return rows("sys_uevent", linux::sys_uevent::rows(bytes));
    }
    if folder.starts_with("class/hwmon/") && !file.ends_with("_label") && file != "name" {
        return record("sys_hwmon", linux::sys_hwmon::parse(bytes));
    }
    if folder.starts_with("class/thermal/") {
        return match file {
            "type" => None,
            _ if file.ends_with("_type") => {
                record("sys_thermal", linux::sys_thermal::parse_trip_type(bytes))
            }
            _ => record("sys_thermal", linux::sys_thermal::parse(bytes)),
        };
    }
    if folder.starts_with("class/power_supply/") {
        use linux::sys_power_supply::{parse, parse_scope, parse_status, parse_type};
        return match file {
            "type" => record("sys_power_supply", parse_type(bytes)),
            "status" => record("sys_power_supply", parse_status(bytes)),
            "scope" => record("sys_power_supply", parse_scope(bytes)),
            "capacity_level" => None,
            _ => record("sys_power_supply", parse(bytes)),
        };
    }
    None
}

/// Files that need no parser: one word or number, or nothing that the library reads.
fn plain(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    path.starts_with("sys/devices/system/cpu/")
        || path.ends_with("/capacity_level")
        || matches!(file, "comm" | "version" | "uptime")
        || matches!(file, "name" | "type" | "dev" | "size")
        || file.ends_with("_label")
}

fn check(machine: &str) {
    let mut parsers: BTreeMap<&str, String> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (path, bytes) in pslens_fixtures::files(machine) {
        match decode(&path, &bytes) {
            Some(Decoded(parser, text)) => {
                let all = parsers.entry(parser).or_default();
                *all += &format!("{path}\n{}", readable(&text));
            }
            None if plain(&path) => {}
            None => unknown.push(path),
        }
    }
    assert_eq!(
        unknown, [""; 0],
        "{machine}: files that go through no parser"
    );
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        for (parser, text) in parsers {
            insta::assert_snapshot!(format!("{machine}-{parser}"), text);
        }
    });
}

/// Bytes are shown as text: `[114, 111, 111, 116]` is `b"root"`.
fn readable(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        shown += before;
        let (list, tail) = after.split_once(']').unwrap_or((after, ""));
        let bytes: Option<Vec<u8>> = list.split(", ").map(|n| n.parse::<u8>().ok()).collect();
        match bytes {
            // `uid: [33, 33, 33, 33]` is numbers.
            Some(bytes) if bytes.iter().any(u8::is_ascii_graphic) && !before.ends_with("id: ") => {
                shown += &format!("b\"{}\"", bytes.escape_ascii());
            }
            _ => shown += &format!("[{list}]"),
        }
        rest = tail;
    }
    shown + rest
}

#[test]
fn kernel_2_6_32() {
    check("kernel-2.6.32");
}

#[test]
fn kernel_3_10() {
    check("kernel-3.10");
}

#[test]
fn kernel_4_4() {
    check("kernel-4.4");
}

#[test]
fn kernel_5_10() {
    check("kernel-5.10");
}

#[test]
fn kernel_6_18() {
    check("kernel-6.18");
}

#[test]
fn container_lxcfs() {
    check("container-lxcfs");
}

#[test]
fn manycore() {
    check("manycore");
}

#[test]
fn laptop() {
    check("laptop");
}
