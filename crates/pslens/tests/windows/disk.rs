//! Disks: what is mounted, and how full it is.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pslens::{ErrorKind, disk};

use crate::{evidence, ffi};

/// What both functions say of a path: its size, the one thing that nothing else on the machine changes.
fn size(path: impl AsRef<Path>) -> u64 {
    let path = path.as_ref();
    let usage = disk::usage(path).unwrap();
    let within = disk::usage_within(path, Duration::from_secs(30)).unwrap();
    assert_eq!(usage.total, within.total);
    usage.total
}

/// A file of this test and the root of the drive that it is on.
fn known_file() -> (PathBuf, PathBuf) {
    let file = std::env::current_exe().unwrap();
    let root = file.ancestors().last().unwrap().to_owned();
    (file, root)
}

#[test]
fn a_drive_is_as_full_as_the_system_says() {
    let (total, _) = ffi::clusters("C:\\");
    let usage = disk::usage("C:\\").unwrap();
    assert_eq!(usage.total, total);
    assert!(usage.used <= usage.total && usage.free <= usage.total);
    assert!(usage.used + usage.free <= usage.total && usage.used > 0);
    assert!(
        usage
            .percent
            .is_some_and(|percent| (0.0..=100.0).contains(&percent))
    );
    assert_eq!(usage.inodes, None);
    // Others write meanwhile, and not for ever.
    let is_same = || {
        let (_, before) = ffi::clusters("C:\\");
        let free = disk::usage("C:\\").unwrap().free;
        before == free && ffi::clusters("C:\\").1 == free
    };
    assert!((0..1000).any(|_| is_same()));
    evidence::called("disk::usage");
}

#[test]
fn a_file_is_where_its_directory_is() {
    let (file, root) = known_file();
    let total = size(&root);
    assert_eq!(size(&file), total);
    assert_eq!(size(file.parent().unwrap()), total);
    assert_eq!(size(std::fs::canonicalize(&file).unwrap()), total);
    let here = std::env::current_dir().unwrap();
    assert_eq!(size("."), size(&here));
    let letter = root.to_str().unwrap().trim_end_matches('\\').to_owned();
    assert_eq!(size(letter), total);
}

#[test]
fn names_may_be_long_and_need_not_be_text() {
    let directory = tempfile::tempdir().unwrap();
    let total = size(directory.path());
    let long = directory.path().join("x".repeat(200)).join("y".repeat(200));
    std::fs::create_dir_all(&long).unwrap();
    assert_eq!(size(&long), total);
    std::fs::write(long.join("file"), "").unwrap();
    assert_eq!(size(long.join("file")), total);

    let clef = directory.path().join("\u{fc}\u{1d11e}");
    std::fs::create_dir(&clef).unwrap();
    assert_eq!(size(&clef), total);
    // wine cannot make this one; what is not there is told as it was asked for.
    let lone = OsString::from_wide(&[0x61, 0xd800, 0x62]);
    let lone = directory.path().join(lone);
    match std::fs::create_dir(&lone) {
        Ok(()) => assert_eq!(size(&lone), total),
        Err(_) => assert_eq!(disk::usage(&lone).unwrap_err().path(), Some(&*lone)),
    }
}

#[test]
fn what_is_not_there_is_named() {
    let (file, _) = known_file();
    let missing = [
        PathBuf::from(r"C:\no such directory"),
        PathBuf::from(r"C:\no such directory\below"),
        PathBuf::from(r"B:\"),
        file.join("below a file"),
    ];
    for path in missing {
        let error = disk::usage(&path).unwrap_err();
        assert_eq!(
            (error.kind(), error.path()),
            (ErrorKind::NotFound, Some(&*path))
        );
        let error = disk::usage_within(&path, Duration::from_secs(30)).unwrap_err();
        assert_eq!(
            (error.kind(), error.path()),
            (ErrorKind::NotFound, Some(&*path))
        );
    }
    // What stands before a NUL is another path.
    let error = disk::usage("C:\\\0x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Os);
}

#[test]
fn drives_are_mounted_and_can_be_asked() {
    let all = disk::partitions_all().unwrap();
    let here = disk::partitions().unwrap();
    assert!(here.iter().all(|partition| all.contains(partition)));
    for partition in &all {
        let mountpoint = partition.mountpoint.to_str().unwrap();
        assert!(
            mountpoint.ends_with('\\') && partition.device.is_some(),
            "{partition:?}"
        );
    }
    for partition in &here {
        // In a drive with nothing in it there is no file system.
        if !partition.fstype.is_empty() {
            assert!(disk::usage(&partition.mountpoint).unwrap().total > 0);
        }
    }
    // The drive of the system, and the one that this program is on: with wine that is another one.
    let (_, root) = known_file();
    for mountpoint in [PathBuf::from("C:\\"), root] {
        let mut found = here.iter().filter(|row| row.mountpoint == mountpoint);
        let row = found.next().unwrap();
        assert_eq!(found.next(), None);
        assert_eq!(row.device.as_deref(), Some(mountpoint.as_os_str()));
        assert_eq!(row.opts, "rw,fixed");
        assert!(!row.fstype.is_empty());
    }
    evidence::called("disk::partitions");
}

#[test]
fn every_disk_that_counts_is_listed() {
    let before = disk::io_counters().unwrap();
    let disks = disk::io_counters_per_disk().unwrap();
    let after = disk::io_counters().unwrap();
    let reads = |counters: &Option<disk::IoCounters>| counters.as_ref().map(|c| c.read_count);
    let sum = disk::IoCounters::sum(disks.values());
    assert!(reads(&before) <= reads(&sum) && reads(&sum) <= reads(&after));
    for (name, counters) in &disks {
        let number = name.strip_prefix("PhysicalDrive").unwrap();
        assert!(number.parse::<u32>().is_ok() && !counters.is_partition);
        assert!(counters.read_time.is_some() && counters.write_time.is_some());
        assert_eq!(
            (counters.busy_time, counters.read_merged_count),
            (None, None)
        );
    }
    if disks.is_empty() {
        let why = r"wine opens \\.\PhysicalDrive0 and does not know IOCTL_DISK_PERFORMANCE";
        evidence::without_data("disk::io_counters", why);
    } else {
        evidence::called("disk::io_counters");
    }
}
