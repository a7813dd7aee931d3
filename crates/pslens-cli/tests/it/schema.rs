//! `docs/JSON.md` beside what is really written.

use std::collections::BTreeSet;

use pslens_fixtures::materialise;
use serde_json::Value;

use crate::program::{objects, objects_despite_notes};

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

#[test]
fn every_key_is_documented() {
    let attributes = "pid,ppid,name,username,uids,gids,status,create_time,terminal,cmdline,nice,\
        num_threads,cpu_times,memory_info,memory_percent,exe,cwd,environ,num_fds,cpu_num,cpu_affinity,\
        cpu_percent,ionice,io_counters,num_ctx_switches,page_faults,memory_info_ex,memory_footprint,\
        memory_full_info,threads,open_files,net_connections,memory_maps";
    let machine = materialise("kernel-6.18");
    let procfs = machine.proc();
    let laptop = materialise("laptop");
    let sysfs = laptop.sys();
    let sysfs = sysfs.to_str().unwrap();
    for tool in [
        &["ps", "--tree", "-o", attributes][..],
        &["ps", "-L", "-o", attributes],
        &["free", "--total"],
        &["pgrep", "."],
        &["pidof", "sshd", "systemd", "init"],
        &["pstree", "0"],
        &["df", "-a", "--total"],
        &["iostat", "-p", "ALL"],
        &["iotop", "-d", "0.01", "-n", "1"],
        &["netstat", "--kind", "all"],
        &["netstat", "-i"],
        &["ifconfig"],
        &["nettop", "0.01", "1"],
        &["uptime"],
        &["lsof"],
        &["pmap", "12829"],
        &["procinfo", "12829"],
        &["top"],
        &["nice", "-p", "12829"],
        &["taskset", "-p", "12829"],
        &["prlimit", "--pid", "12829"],
        &["sensors", "--sysfs", sysfs],
        &["battery", "--sysfs", sysfs],
    ] {
        let root = ["--json", "--procfs", procfs.to_str().unwrap()];
        let objects = objects(root.iter().chain(tool));
        assert!(
            documented_keys(tool, &objects) >= 5,
            "{tool:?}: {objects:?}"
        );
    }
}

/// How many keys there are. Each of them is documented.
fn documented_keys(tool: &[&str], objects: &[Value]) -> usize {
    let documented = include_str!("../../../../docs/JSON.md");
    let mut found = BTreeSet::new();
    for object in objects {
        keys(object, &mut found);
    }
    for key in &found {
        assert!(
            documented.contains(&format!("`{key}`")),
            "{tool:?}: {key} is not documented"
        );
    }
    found.len()
}

#[test]
fn every_object_of_an_answer_has_the_same_keys() {
    for tool in [
        &["ps"][..],
        &["ps", "-o", "exe,cwd,memory_info_ex"],
        &["ps", "-L", "-o", "comm,time"],
        &["pgrep", "."],
        &["pstree", "0"],
        &["kill", "-0", &std::process::id().to_string(), "4294967295"],
        &["kill", "-l"],
        &["wait", "-t", "0.01", &std::process::id().to_string()],
        &["df", "-a", "--total"],
        &["iostat", "-d", "ALL"],
        &["iotop", "-d", "0.01", "-n", "1"],
        &["netstat", "-tux"],
        &["ifconfig", "-a"],
        &["nettop", "0.01", "1"],
        &["lsof"],
        &["pmap", &std::process::id().to_string()],
        &["procinfo", "1", &std::process::id().to_string()],
        &[
            "ionice",
            "-p",
            "1",
            &std::process::id().to_string(),
            "4294967295",
        ],
        &["prlimit"],
    ] {
        let objects = objects_despite_notes(tool.iter().chain(&["--json"]));
        let of = |object: &Value| -> Vec<String> {
            object.as_object().unwrap().keys().cloned().collect()
        };
        let first = objects.first().map(of);
        for object in &objects {
            assert_eq!(Some(of(object)), first, "{tool:?}");
        }
        assert!(documented_keys(tool, &objects) > 0);
    }
}
