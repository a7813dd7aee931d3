//! `df` beside df(1).

use serde_json::Value;

use super::{Comparison, number, original};
use crate::program::{objects, objects_despite_notes};

#[test]
fn df_agrees() {
    const TEST: &str = "originals::df::df_agrees";
    let columns = "--output=size,used,avail,fstype,target";
    let Some(theirs) = original(TEST, "df", &["-a", "-B1", columns]) else {
        return;
    };
    let ours = objects_despite_notes(["df", "-a", "--json"]);
    let mut comparison = Comparison::of("df");
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
        comparison.equal(line, object["fstype"].as_str(), Some(fstype));
        // tmpfs in use by others may be resized, never by much.
        comparison.close(line, number(&object["total"]), size, size / 100.0);
        for (key, theirs) in [("used", used), ("free", avail)] {
            let theirs: f64 = theirs.parse().unwrap();
            comparison.close(line, number(&object[key]), theirs, size / 20.0);
        }
    }
    comparison.finish();
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
fn another_sysfs_leaves_sizes_as_they_are() {
    let empty = tempfile::tempdir().unwrap();
    let sysfs = empty.path().to_str().unwrap();
    let found = objects(["df", "--json", "/", "--sysfs", sysfs]);
    assert!(number(&found[0]["total"]) > 0.0);
}
