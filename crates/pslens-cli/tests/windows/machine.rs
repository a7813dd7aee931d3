//! The machine: memory, disks, network, services; and that JSON has the keys that are documented.

use std::collections::BTreeSet;
use std::net::{TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{answer, fails, objects, pslens, stderr, stdout};

#[test]
fn memory_has_a_size() {
    // Of page files wine knows nothing: memory is shown all the same.
    let output = pslens(["free", "--json"]).output().unwrap();
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows[0]["name"], "virtual");
    let number = |key: &str| rows[0][key].as_u64().unwrap();
    assert!(number("total") > 16 << 20);
    assert!(number("available") <= number("total"));
    let expect = if rows.len() == 2 { 0 } else { 4 };
    assert_eq!(output.status.code(), Some(expect), "{}", stderr(&output));
}

#[test]
fn the_machine_is_up_and_keeps_no_load_averages() {
    let up = &objects(["uptime", "--json"])[0];
    assert!(up["boot_time"].as_f64().unwrap() > 1e9);
    assert_eq!(up["load_average"], Value::Null);
    assert!(answer(["uptime"]).ends_with("load average: -\n"));
}

#[test]
fn sockets_of_this_program_are_listed_with_it() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp6 = TcpListener::bind("[::1]:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (address, status) in [
        (tcp.local_addr().unwrap(), "LISTEN"),
        (tcp6.local_addr().unwrap(), "LISTEN"),
        (udp.local_addr().unwrap(), "NONE"),
    ] {
        // wine reads its table in pieces, and misses some while others come and go.
        let deadline = Instant::now() + Duration::from_secs(30);
        let row = loop {
            let rows = objects(["netstat", "-tua", "--json"]);
            let mine = |row: &&Value| row["laddr"]["port"] == address.port();
            if let Some(row) = rows.iter().find(mine) {
                break row.clone();
            }
            assert!(Instant::now() < deadline, "{address}: {rows:?}");
        };
        assert_eq!(row["laddr"]["ip"], address.ip().to_string());
        assert_eq!(row["status"], status);
        // wine knows the owner of few sockets, and says nobody otherwise.
        let owner = &row["pid"];
        assert!(owner.is_null() || *owner == std::process::id(), "{row}");
    }
}

#[test]
fn services_are_chosen_like_rows_of_any_table() {
    let all = objects(["services", "--json"]);
    assert!(all.len() > 3);
    let found = objects(["services", "rpcss", "--json"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["name"], "rpcss");
    assert!(found[0]["binpath"].as_str().unwrap().contains(".exe"));
    let line = answer([
        "services",
        "PlugPlay",
        "--columns",
        "name,start_type,description",
        "--no-header",
    ]);
    assert!(line.starts_with("PlugPlay "), "{line}");
    fails(&["services", "--sort", "nosuch"], 2, "no such column");

    let output = pslens(["services", "no such service", "PlugPlay", "--json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "pslens: services: there is no service 'no such service'\n"
    );
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.len(), 1);
}

#[test]
fn top_writes_its_screen_into_a_file() {
    let screen = answer(["top", "--batch", "-n", "1"]);
    assert!(screen.starts_with("pslens top "), "{screen}");
    assert!(screen.contains(" tasks"), "{screen}");
    assert!(
        screen
            .lines()
            .any(|line| line.trim_start().starts_with("PID")),
        "{screen}"
    );
}

#[test]
fn drives_have_sizes() {
    let directory = tempfile::tempdir().unwrap();
    let rows = objects(["df", "--json", directory.path().to_str().unwrap()]);
    assert_eq!(rows.len(), 1);
    let drive = rows[0]["mountpoint"].as_str().unwrap();
    assert!(drive.ends_with(":\\"), "{drive}");
    let number = |key: &str| rows[0][key].as_u64().unwrap();
    assert!(number("total") > 0 && number("free") <= number("total"));
    let all = answer(["df"]);
    assert!(all.contains(drive), "{all}");
    fails(&["df", r"C:\no\such\file"], 1, "does not exist");
}

#[test]
fn there_is_no_terminal_to_name() {
    let output = pslens(["tty"]).output().unwrap();
    assert_eq!(stdout(&output), "not a tty\n");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn every_key_is_documented() {
    let own = std::process::id().to_string();
    for tool in [
        &["ps"][..],
        &[
            "ps",
            "-o",
            "num_handles,memory_info,memory_info_ex,io_counters,num_ctx_switches,threads",
        ],
        &["pgrep", "."],
        &["pstree"],
        &["top"],
        &["free"],
        &["df"],
        &["netstat"],
        &["ifconfig"],
        &["uptime"],
        &["lsof", "-p", &own],
        &["procinfo", &own],
        &["nice", "-p", &own],
        &["services"],
    ] {
        let output = pslens(tool.iter().chain(&["--json"])).output().unwrap();
        let said = stderr(&output);
        let rows: Vec<Value> = serde_json::from_str(&stdout(&output))
            .unwrap_or_else(|error| panic!("{tool:?}: {error}: {said}"));
        assert!(!rows.is_empty(), "{tool:?}");
        let mut found = BTreeSet::new();
        rows.iter().for_each(|row| keys(row, &mut found));
        let documented = include_str!("../../../../docs/JSON.md");
        for key in found {
            assert!(documented.contains(&format!("`{key}`")), "{tool:?}: {key}");
        }
    }
}

/// Every key, at every depth; the names of environment variables are not keys.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                if key != "environ" {
                    keys(value, found);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}
