//! `df` beside df(1).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Comparison, number, original};
use crate::program::{objects, objects_despite_notes, pslens, stdout};

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

/// The lines of a table by where they are mounted: type and numbers. Where several file systems are on one
/// directory, ours lists each and theirs some: those are left out.
fn lines(table: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut several = BTreeSet::new();
    for line in table.lines().skip(1) {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        if let Some(target) = words.pop()
            && found.insert(target, words).is_some()
        {
            several.insert(target);
        }
    }
    found.retain(|target, _| !several.contains(target));
    found
}

/// The same options, the same lines and sizes: exact for those that nobody changes, within a twentieth of
/// the file system for what others write and delete meanwhile.
#[test]
fn df_agrees_with_the_same_options() {
    const TEST: &str = "originals::df::df_agrees_with_the_same_options";
    let mut comparison = Comparison::of("df");
    for options in [
        "-a -k",
        "-a -m",
        "-a -B1",
        "-a -B512",
        "-a -BKB",
        "-a -B 4K",
        "-k -t tmpfs -t devtmpfs",
        "-a -k -x tmpfs -x proc",
        "-a -l -m",
        "-k --total /",
        "-k / /proc",
    ] {
        let options: Vec<&str> = options.split(' ').collect();
        let form = "--output=source,fstype,size,used,avail,target";
        let Some(theirs) = original(TEST, "df", &[&[form], &*options].concat()) else {
            return;
        };
        let form = [
            "df",
            "--columns",
            "device,fstype,total,used,free,mountpoint",
        ];
        let ours = pslens([&form, &*options].concat()).output().unwrap();
        let told = stdout(&ours);
        let (ours, theirs) = (lines(&told), lines(&theirs));
        let both = ours.keys().filter(|target| theirs.contains_key(*target));
        for target in both {
            let ([_, fstype, sizes @ ..], [_, fstype_theirs, theirs @ ..]) =
                (&*ours[target], &*theirs[target])
            else {
                continue;
            };
            if sizes.contains(&"?") {
                // Not for this user's eyes.
                continue;
            }
            comparison.equal((&options, target), fstype, fstype_theirs);
            let read = |sizes: &[&str]| -> Vec<f64> {
                sizes.iter().filter_map(|size| size.parse().ok()).collect()
            };
            let (sizes, theirs) = (read(sizes), read(theirs));
            let total = theirs.first().copied().unwrap_or_default();
            for (at, (&ours, &theirs)) in sizes.iter().zip(&theirs).enumerate() {
                let tolerance = if at == 0 { total / 100.0 } else { total / 20.0 };
                comparison.close((&options, target, at), ours, theirs, tolerance);
            }
        }
        // Ours lists more: what is hidden by another mount, and what is mounted in two places. A mount that
        // comes between the two is one of theirs.
        let more = theirs
            .keys()
            .filter(|target| !told.contains(&format!(" {target}\n")));
        let more: Vec<_> = more.collect();
        assert!(more.len() <= 2, "{options:?}: {more:?}");
    }
    comparison.finish();
}

#[test]
fn df_agrees_about_inodes() {
    const TEST: &str = "originals::df::df_agrees_about_inodes";
    let form = "--output=fstype,itotal,iused,iavail,target";
    let Some(theirs) = original(TEST, "df", &["-a", form]) else {
        return;
    };
    let ours = objects_despite_notes(["df", "-a", "--json"]);
    let mut comparison = Comparison::of("df");
    for (target, words) in lines(&theirs) {
        let mut same = ours.iter().filter(|object| object["mountpoint"] == target);
        let (Some(object), None) = (same.next(), same.next()) else {
            continue;
        };
        let [_, total, used, free] = words[..] else {
            continue;
        };
        if object["total"].is_null() {
            continue;
        }
        let inodes = &object["inodes"];
        if inodes.is_null() {
            comparison.equal(target, "0", if total == "-" { "0" } else { total });
            continue;
        }
        let total: f64 = total.parse().unwrap();
        comparison.close(target, number(&inodes["total"]), total, 0.0);
        for (key, theirs) in [("used", used), ("free", free)] {
            let theirs: f64 = theirs.parse().unwrap();
            comparison.close((target, key), number(&inodes[key]), theirs, total / 20.0);
        }
    }
    comparison.finish();
}
