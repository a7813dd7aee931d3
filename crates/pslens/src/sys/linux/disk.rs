//! `self/mounts`, `filesystems`, `statvfs`, `diskstats`.
//!
//! Manuals: proc(5), statvfs(3), the kernel's `Documentation/admin-guide/iostats.rst`.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::time::Duration;

use pslens_parse::linux::sys_block_stat::{SECTOR_BYTES, Stat};
use pslens_parse::linux::{
    diskstats, filesystems, mountinfo, mounts, partitions as proc_partitions, sys_block_stat,
    sys_uevent,
};

use crate::disk::{IoCounters, Partition};
use crate::error::{Error, ErrorKind, Result};
use crate::sys::linux::Root;
use crate::sys::linux::root::read;
pub(crate) use crate::sys::unix::ffi::signal_mask::block_all as keep_signals_out;
pub(crate) use crate::sys::unix::statvfs::usage;

pub(crate) fn partitions(root: &Root) -> Result<Vec<Partition>> {
    const OPERATION: &str = "disk partitions";
    let table = Table::read(root, OPERATION)?;
    let kernel = root.read_proc(OPERATION, "filesystems");
    let mountinfo;
    let on_disk: Vec<Cow<'_, [u8]>> = match &kernel {
        Ok(text) => filesystems::rows(text)
            .flatten()
            .filter(|row| !row.nodev || row.name == b"zfs")
            .map(|row| Cow::Borrowed(row.name))
            .collect(),
        // Android denies the list. The types that are mounted from a device, and those that
        // manage devices themselves, are what it would have said.
        Err(_) => {
            mountinfo = table.mountinfo(root, OPERATION)?;
            mountinfo::rows(&mountinfo)
                .flatten()
                .filter(|row| row.major != 0 || matches!(&*row.fs_type, b"zfs" | b"btrfs"))
                .map(|row| row.fs_type)
                .collect()
        }
    };
    table.partitions(root, OPERATION, |partition| {
        // "fuseblk.ntfs": the list has no FUSE subtypes.
        let fstype = partition.fstype.as_bytes();
        let fstype = fstype.split(|&byte| byte == b'.').next().unwrap_or(fstype);
        partition.device.is_some() && on_disk.iter().any(|name| &**name == fstype)
    })
}

pub(crate) fn partitions_all(root: &Root) -> Result<Vec<Partition>> {
    const OPERATION: &str = "disk partitions_all";
    Table::read(root, OPERATION)?.partitions(root, OPERATION, |_| true)
}

/// The table of mounts, and the directory of procfs in which it was found.
struct Table {
    text: Vec<u8>,
    directory: &'static str,
}

impl Table {
    fn read(root: &Root, operation: &'static str) -> Result<Self> {
        let found = |directory: &'static str| -> Result<Self> {
            let text = root.read_proc(operation, &format!("{directory}mounts"))?;
            Ok(Self { text, directory })
        };
        let own = found("self/");
        match &own {
            // A captured root need not have `self`, and in the procfs of another pid namespace we
            // do not exist: there the mounts of its first process are the machine's.
            Err(error) if error.kind() == ErrorKind::NotFound && !root.proc_is_running() => {
                found("").or_else(|_| found("1/")).or(own)
            }
            _ => own,
        }
    }

    fn mountinfo(&self, root: &Root, operation: &'static str) -> Result<Vec<u8>> {
        root.read_proc(operation, &format!("{}mountinfo", self.directory))
    }

    fn partitions(
        &self,
        root: &Root,
        operation: &'static str,
        wanted: impl Fn(&Partition) -> bool,
    ) -> Result<Vec<Partition>> {
        let mut partitions = Vec::new();
        let mut root_device = None;
        // Bad rows are skipped: some file systems print options as they were given, line ends included.
        for row in mounts::rows(&self.text).flatten() {
            let mut partition = Partition {
                device: (!matches!(&*row.fsname, b"" | b"none")).then(|| os(row.fsname)),
                mountpoint: PathBuf::from(os(row.dir)),
                fstype: os(row.fstype),
                opts: os(row.opts),
            };
            if let Some(device) = &mut partition.device
                && (device == "/dev/root" || device == "rootfs")
            {
                let real =
                    root_device.get_or_insert_with(|| self.find_root_device(root, operation));
                if let Some(real) = real {
                    device.clone_from(real);
                }
            }
            if wanted(&partition) {
                partitions.push(partition);
            }
        }
        Ok(partitions)
    }

    /// The device that is mounted on `/`, which the kernel calls `/dev/root` if it mounted it itself.
    fn find_root_device(&self, root: &Root, operation: &'static str) -> Option<OsString> {
        let mountinfo = self.mountinfo(root, operation).ok()?;
        // The last one covers those before.
        let (major, minor) = mountinfo::rows(&mountinfo)
            .flatten()
            .filter(|row| &*row.mount_point == b"/")
            .map(|row| (row.major, row.minor))
            .last()?;
        let uevent = read(&root.sys(format!("dev/block/{major}:{minor}/uevent"))).ok();
        let from_sysfs = uevent.as_deref().and_then(|text| {
            sys_uevent::rows(text)
                .flatten()
                .find(|row| row.key == b"DEVNAME")
                .map(|row| row.value)
        });
        let list;
        let name = match from_sysfs {
            Some(name) => name,
            None => {
                list = root.read_proc(operation, "partitions").ok()?;
                proc_partitions::rows(&list)
                    .flatten()
                    .find(|row| (row.major, row.minor) == (major, minor))?
                    .name
            }
        };
        let device = os(Cow::Owned([b"/dev/", name].concat()));
        // Without udev the node may not be there; another machine's nodes cannot be asked for.
        (!root.is_running_system() || rustix::fs::stat(&device).is_ok()).then_some(device)
    }
}

fn os(bytes: Cow<'_, [u8]>) -> OsString {
    OsString::from_vec(bytes.into_owned())
}

pub(crate) fn io_counters(root: &Root, row: &mut dyn FnMut(&str, IoCounters)) -> Result<()> {
    const OPERATION: &str = "disk io_counters";
    let text = match root.read_proc(OPERATION, "diskstats") {
        Ok(text) => text,
        Err(error) => {
            // Hardened systems hide procfs files that sysfs still shows.
            let found = from_sysfs(root, row).map_err(|_| error)?;
            return found.map_err(|error| Error::invalid_data(OPERATION, error));
        }
    };
    // That a row is a partition can be seen in it and in its disk's row; asking sysfs would cost a
    // system call for each.
    let mut disk: Option<diskstats::Row<'_>> = None;
    for device in diskstats::rows(&text) {
        let device = device.map_err(|error| Error::invalid_data(OPERATION, error))?;
        let is_partition = disk.is_some_and(|disk| device.is_partition_of(&disk));
        if !is_partition {
            disk = Some(device);
        }
        row(
            &String::from_utf8_lossy(device.name),
            counters(&device.stat, is_partition),
        );
    }
    Ok(())
}

/// `/sys/block/DISK/stat` and `/sys/block/DISK/PARTITION/stat`. Fails if there is no such directory.
fn from_sysfs(
    root: &Root,
    row: &mut dyn FnMut(&str, IoCounters),
) -> io::Result<std::result::Result<(), pslens_parse::ParseError>> {
    let mut device = |path: PathBuf, is_partition: bool| {
        // Not a device, or one that has just gone.
        let (Ok(text), Some(name)) = (read(&path.join("stat")), path.file_name()) else {
            return Ok(());
        };
        let stat = sys_block_stat::parse(&text)?;
        // A directory cannot be called "cciss/c0d0".
        let name = name.to_string_lossy().replace('!', "/");
        row(&name, counters(&stat, is_partition));
        Ok(())
    };
    for disk in std::fs::read_dir(root.sys("block"))?.flatten() {
        if let Err(error) = device(disk.path(), false) {
            return Ok(Err(error));
        }
        let Ok(inside) = std::fs::read_dir(disk.path()) else {
            continue;
        };
        for part in inside.flatten() {
            let name = part.file_name();
            if name.as_bytes().starts_with(disk.file_name().as_bytes())
                && let Err(error) = device(part.path(), true)
            {
                return Ok(Err(error));
            }
        }
    }
    Ok(Ok(()))
}

fn counters(stat: &Stat, is_partition: bool) -> IoCounters {
    let time = |ticks: Option<u64>| ticks.map(Duration::from_millis);
    let bytes = |sectors: u64| sectors.saturating_mul(SECTOR_BYTES);
    IoCounters {
        read_count: stat.read_ios,
        write_count: stat.write_ios,
        read_bytes: bytes(stat.read_sectors),
        write_bytes: bytes(stat.write_sectors),
        read_time: time(stat.read_ticks),
        write_time: time(stat.write_ticks),
        read_merged_count: stat.read_merges,
        write_merged_count: stat.write_merges,
        busy_time: time(stat.io_ticks),
        discard_count: stat.discard_ios,
        discard_bytes: stat.discard_sectors.map(bytes),
        discard_time: time(stat.discard_ticks),
        flush_count: stat.flush_ios,
        flush_time: time(stat.flush_ticks),
        is_partition,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A root with these files; `proc/...` and `sys/...`.
    fn machine(files: &[(&str, &[u8])]) -> (TempDir, Root) {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let root = Root::at(
            &directory.path().join("proc"),
            &directory.path().join("sys"),
        );
        (directory, root.unwrap())
    }

    fn devices(partitions: Result<Vec<Partition>>) -> Vec<String> {
        let text = |os: &OsString| os.to_string_lossy().into_owned();
        partitions
            .unwrap()
            .iter()
            .map(|p| p.device.as_ref().map_or("-".to_owned(), text))
            .collect()
    }

    const FILESYSTEMS: &[u8] = b"nodev\tsysfs\nnodev\ttmpfs\nnodev\tfuse\n\tfuseblk\n\text4\n\tiso9660\nnodev\tzfs\nnodev\toverlay\n";

    #[test]
    fn physical_partitions_have_a_device_and_a_type_that_lives_on_disks() {
        let (_files, root) = machine(&[
            (
                "proc/self/mounts",
                b"sysfs /sys sysfs rw 0 0\n/dev/sda1 / ext4 rw 0 0\nnone /x ext4 rw 0 0\n /y ext4 rw 0 0\n\
                  tank/home /home zfs rw 0 0\n/dev/sdb1 /usb fuseblk.ntfs rw 0 0\nhost: /h fuse.sshfs rw 0 0\n\
                  overlay / overlay rw 0 0\n/dev/sda1 /bind\\040mount ext4 ro 0 0\n",
            ),
            ("proc/filesystems", FILESYSTEMS),
        ]);
        assert_eq!(
            devices(partitions(&root)),
            ["/dev/sda1", "tank/home", "/dev/sdb1", "/dev/sda1"]
        );
        assert_eq!(
            devices(partitions_all(&root)),
            [
                "sysfs",
                "/dev/sda1",
                "-",
                "-",
                "tank/home",
                "/dev/sdb1",
                "host:",
                "overlay",
                "/dev/sda1"
            ]
        );
        let bind = partitions(&root).unwrap().pop().unwrap();
        assert_eq!(bind.mountpoint, PathBuf::from("/bind mount"));
        assert_eq!(bind.opts, "ro");
    }

    #[test]
    fn hostile_mounts_change_only_their_own_row() {
        let (_files, root) = machine(&[
            (
                "proc/self/mounts",
                b"evil\\040/\\040ext4 /m\\012/dev/sda1\\040/\\040ext4 fuse.\xff rw,user_id=1 0 0\n\
                  evil /n fuse rw,a=\nb 0 0\n/dev/sda1 / ext4 rw 0 0\n",
            ),
            ("proc/filesystems", FILESYSTEMS),
        ]);
        assert_eq!(devices(partitions(&root)), ["/dev/sda1"]);
        let all = partitions_all(&root).unwrap();
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].device.as_deref(), Some("evil / ext4".as_ref()));
        assert_eq!(all[0].mountpoint, PathBuf::from("/m\n/dev/sda1 / ext4"));
        assert_eq!(all[0].fstype.as_bytes(), b"fuse.\xff");
    }

    #[test]
    fn the_list_of_types_may_be_denied() {
        let (_files, root) = machine(&[
            (
                "proc/self/mounts",
                b"/dev/block/dm-0 / erofs ro 0 0\ntmpfs /dev tmpfs rw 0 0\n/dev/x /b btrfs rw 0 0\n",
            ),
            (
                "proc/self/mountinfo",
                b"1 0 253:0 / / ro - erofs /dev/block/dm-0 ro\n2 1 0:5 / /dev rw - tmpfs tmpfs rw\n\
                  3 1 0:6 / /b rw - btrfs /dev/x rw\n",
            ),
        ]);
        assert_eq!(devices(partitions(&root)), ["/dev/block/dm-0", "/dev/x"]);
    }

    #[test]
    fn the_root_device_gets_its_name() {
        const MOUNTS: (&str, &[u8]) = (
            "proc/self/mounts",
            b"rootfs / rootfs rw 0 0\n/dev/root / ext4 rw 0 0\n",
        );
        const INFO: (&str, &[u8]) = (
            "proc/self/mountinfo",
            b"1 1 0:1 / / rw - rootfs rootfs rw\n2 1 179:2 / / rw - ext4 /dev/root rw\n",
        );
        const TYPES: (&str, &[u8]) = ("proc/filesystems", FILESYSTEMS);
        let (_files, root) = machine(&[
            MOUNTS,
            INFO,
            TYPES,
            (
                "sys/dev/block/179:2/uevent",
                b"MAJOR=179\nMINOR=2\nDEVNAME=mmcblk0p2\n",
            ),
        ]);
        assert_eq!(devices(partitions(&root)), ["/dev/mmcblk0p2"]);

        let (_files, root) = machine(&[
            MOUNTS,
            INFO,
            TYPES,
            (
                "proc/partitions",
                b"major minor  #blocks  name\n\n 179 0 9 mmcblk0\n 179 2 5 mmcblk0p2\n",
            ),
        ]);
        assert_eq!(devices(partitions(&root)), ["/dev/mmcblk0p2"]);

        let (_files, root) = machine(&[MOUNTS, TYPES]);
        assert_eq!(devices(partitions_all(&root)), ["rootfs", "/dev/root"]);
    }

    #[test]
    fn mounts_are_found_where_the_root_has_them() {
        for place in ["proc/mounts", "proc/1/mounts"] {
            let (_files, root) = machine(&[(place, b"/dev/sda1 / ext4 rw 0 0\n")]);
            assert_eq!(devices(partitions_all(&root)), ["/dev/sda1"], "{place}");
        }
        let (_files, root) = machine(&[]);
        let error = partitions_all(&root).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.path().unwrap().ends_with("proc/self/mounts"));
    }

    fn counters_of(root: &Root) -> Result<BTreeMap<String, IoCounters>> {
        let mut rows = BTreeMap::new();
        io_counters(root, &mut |name, row| {
            assert!(rows.insert(name.to_owned(), row).is_none());
        })?;
        Ok(rows)
    }

    /// Name, bytes read, partition or not.
    fn check(files: &[(&str, &[u8])], expect: &[(&str, u64, bool)]) {
        let (_files, root) = machine(files);
        let rows = counters_of(&root).unwrap();
        let got: Vec<_> = rows
            .iter()
            .map(|(name, row)| (&**name, row.read_bytes, row.is_partition))
            .collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn io_counters_of_every_kernel() {
        // 2.6.18
        check(
            &[(
                "proc/diskstats",
                b"   1    0 ram0 0 0 0 0 0 0 0 0 0 0 0\n   8    0 sda 100 2 3 4 5 6 70 8 0 10 11\n   8    1 sda1 90 3 4 60\n",
            )],
            &[
                ("ram0", 0, false),
                ("sda", 3 * 512, false),
                ("sda1", 3 * 512, true),
            ],
        );
        // 5.10
        check(
            &[(
                "proc/diskstats",
                b" 259 0 nvme0n1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n\
                 \x20259 1 nvme0n1p1 1 2 2 4 5 6 7 8 9 10 11 12 13 14 15 0 0\n\
                 \x20259 2 nvme0n1p2 1 2 1 4 5 6 7 8 9 10 11 12 13 14 15 0 0\n\
                 \x20  9 127 md_a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 0 0\n\
                 \x20  9 126 md_a1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 0 0\n",
            )],
            &[
                ("md_a", 3 * 512, false),
                ("md_a1", 3 * 512, false),
                ("nvme0n1", 3 * 512, false),
                ("nvme0n1p1", 2 * 512, true),
                ("nvme0n1p2", 512, true),
            ],
        );
    }

    #[test]
    fn sysfs_answers_where_procfs_does_not() {
        check(
            &[
                ("sys/block/sda/stat", b" 1 2 3 4 5 6 7 8 9 10 11\n"),
                ("sys/block/sda/sda1/stat", b" 1 2 2 4 5 6 7 8 9 10 11\n"),
                ("sys/block/sda/queue/stat", b"no device"),
                ("sys/block/cciss!c0d0/stat", b" 1 2 1 4 5 6 7 8 9 10 11\n"),
                (
                    "sys/block/cciss!c0d0/cciss!c0d0p1/stat",
                    b" 1 2 0 4 5 6 7 8 9 10 11\n",
                ),
            ],
            &[
                ("cciss/c0d0", 512, false),
                ("cciss/c0d0p1", 0, true),
                ("sda", 3 * 512, false),
                ("sda1", 2 * 512, true),
            ],
        );
    }

    #[test]
    fn units_are_bytes_and_times_and_missing_columns_are_not_zero() {
        let (_files, root) = machine(&[(
            "proc/diskstats",
            b" 8 0 sda 1 2 3 4000 5 6 7 8 9 10000 11 12 13 14 15\n 8 1 sda1 1 2 3 4\n",
        )]);
        let rows = counters_of(&root).unwrap();
        let disk = &rows["sda"];
        assert_eq!(disk.write_bytes, 7 * 512);
        assert_eq!(disk.read_time, Some(Duration::from_secs(4)));
        assert_eq!(disk.busy_time, Some(Duration::from_secs(10)));
        assert_eq!(disk.read_merged_count, Some(2));
        assert_eq!(disk.discard_bytes, Some(14 * 512));
        assert_eq!(disk.flush_count, None);
        let partition = &rows["sda1"];
        assert_eq!(partition.write_bytes, 4 * 512);
        assert_eq!((partition.read_time, partition.busy_time), (None, None));
    }

    #[test]
    fn no_counters_is_an_error_and_so_is_a_format_that_is_not_understood() {
        let (_files, root) = machine(&[]);
        let error = counters_of(&root).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.path().unwrap().ends_with("proc/diskstats"));
        let (_files, root) = machine(&[("proc/diskstats", b" 8 0 sda 1 2 3 4 5 6\n")]);
        assert_eq!(
            counters_of(&root).unwrap_err().kind(),
            ErrorKind::InvalidData
        );
        let (_files, root) = machine(&[("proc/diskstats", b"")]);
        assert!(counters_of(&root).unwrap().is_empty());
    }

    #[test]
    fn every_machine_has_disks_that_its_mounts_are_on() {
        for name in pslens_fixtures::MACHINES {
            let machine = pslens_fixtures::materialise(name);
            let root = Root::at(&machine.proc(), &machine.sys()).unwrap();
            let disks = counters_of(&root).unwrap();
            assert!(disks.values().any(|disk| !disk.is_partition), "{name}");
            for partition in partitions(&root).unwrap() {
                assert!(partition.mountpoint.is_absolute(), "{name}");
                assert!(partition.device.is_some(), "{name}");
            }
        }
    }
}
