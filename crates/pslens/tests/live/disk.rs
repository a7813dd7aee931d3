//! Disks of this machine, against what other sources say about them.

use std::path::Path;

use pslens::disk;

#[test]
fn whole_disks_are_those_that_sysfs_lists() {
    let sysfs = Path::new("/sys/block");
    if !sysfs.is_dir() {
        return crate::skip(
            "disk::whole_disks_are_those_that_sysfs_lists",
            "no /sys/block",
        );
    }
    for (name, counters) in disk::io_counters_per_disk().unwrap() {
        let listed = sysfs.join(name.replace('/', "!")).exists();
        // Disks come and go; one that is there under neither name has gone.
        let there = listed
            || Path::new("/sys/class/block")
                .join(name.replace('/', "!"))
                .exists();
        assert!(!there || listed != counters.is_partition, "{name}");
    }
}

#[test]
fn counters_grow_and_totals_are_sums() {
    let before = disk::io_counters().unwrap();
    let rows = disk::io_counters_per_disk().unwrap();
    let after = disk::io_counters().unwrap();
    let sum = disk::IoCounters::sum(rows.values());
    let reads = |counters: &Option<disk::IoCounters>| counters.as_ref().map(|c| c.read_count);
    assert!(reads(&before) <= reads(&sum) && reads(&sum) <= reads(&after));
}

#[test]
fn every_partition_is_among_all_mounts_and_can_be_asked() {
    let all = disk::partitions_all().unwrap();
    assert!(
        all.iter()
            .any(|mount| mount.mountpoint == Path::new("/proc"))
    );
    for partition in disk::partitions().unwrap() {
        assert!(all.contains(&partition));
        let usage = disk::usage(&partition.mountpoint).unwrap();
        assert!(usage.used <= usage.total);
        assert!(
            usage
                .percent
                .is_none_or(|percent| (0.0..=100.0).contains(&percent))
        );
    }
}

#[test]
fn usage_names_the_path_that_is_not_there() {
    for error in [
        disk::usage("/no/such/path").unwrap_err(),
        disk::usage_within("/no/such/path", std::time::Duration::from_secs(20)).unwrap_err(),
    ] {
        assert_eq!(error.kind(), pslens::ErrorKind::NotFound);
        assert_eq!(error.path(), Some(Path::new("/no/such/path")));
    }
}
