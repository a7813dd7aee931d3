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
