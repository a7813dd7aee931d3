//! Disks: what is mounted, how full it is, and how much is read and written.
//!
//! Not here: what a single process reads and writes ([`crate::process`]), and which files it has open.

mod deadline;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::counters::Counters;
use crate::error::Result;
use crate::root::Root;
#[cfg(feature = "serde")]
use crate::serialize;
use crate::sys;

/// A mounted file system.
///
/// All fields may hold any bytes: mount points and, for FUSE, devices and types are chosen by users.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Partition {
    /// What is mounted: a device (`/dev/sda1`), a remote directory (`nas:/home`), or a word that
    /// means something to the file system (`tmpfs`). `None` if it was mounted without one. Windows: the
    /// drive (`C:\`); of what is mounted in a directory and has no letter, the volume (`\\?\Volume{...}\`).
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "serialize::text_option::<_, OsString>")
    )]
    pub device: Option<OsString>,
    /// The directory on which it is mounted. One device can be mounted in several places. Windows: with a
    /// backslash at the end.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::path"))]
    pub mountpoint: PathBuf,
    /// The file system's type: `ext4`, `nfs4`, `fuse.sshfs`, `NTFS`. Empty for a drive of Windows with nothing in
    /// it, or that does not answer.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::text"))]
    pub fstype: OsString,
    /// The mount options as the system writes them, separated by commas: `rw,relatime`. Windows: `ro` or `rw`
    /// (neither if there is no file system), `compressed`, `readonly` (with `ro`), and the kind of drive:
    /// `fixed`, `removable`, `cdrom`, `remote`, `ramdisk`, `unmounted`, `unknown`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::text"))]
    pub opts: OsString,
}

/// Returns the mounted file systems that are on a disk, a USB stick, a CD and the like.
///
/// That are those that have a device and whose type lives on block devices, and ZFS. Not here: memory,
/// network, FUSE and overlay file systems (so inside a container often nothing is), for which there
/// is [`partitions_all`].
///
/// On Windows that are drives with a letter, then volumes mounted in directories, of the kinds `fixed`,
/// `removable` and `cdrom`; of `A:`, where looking for a floppy disk takes seconds, only [`partitions_all`] tells.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) or
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the system hides the table of mounts.
/// # Sources
/// Linux `/proc/self/mounts` and `/proc/filesystems`; `/proc/self/mountinfo` and
/// `/sys/dev/block/*/uevent` to say which device `/dev/root` is. `/etc/mtab` is not read. Windows
/// `GetLogicalDriveStringsW`, `FindFirstVolumeW` and `GetVolumePathNamesForVolumeNameW`, `GetDriveTypeW`,
/// `GetVolumeInformationW`; nobody is asked to put a disk into a drive.
/// # Examples
/// ```
/// for partition in pslens::disk::partitions()? {
///     assert!(partition.device.is_some());
///     assert!(partition.mountpoint.is_absolute());
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "disk_partitions")]
#[doc(alias = "mount")]
#[doc(alias = "getmntent")]
pub fn partitions() -> Result<Vec<Partition>> {
    partitions_in(Root::current())
}

/// As [`partitions`], read from `root`.
///
/// # Errors
/// As [`partitions`].
pub fn partitions_in(root: &Root) -> Result<Vec<Partition>> {
    sys::disk::partitions(&root.0)
}

/// Returns everything that is mounted, in the order in which it was; on Windows by letter, and then what is
/// mounted in directories.
///
/// **On Windows waits** for network drives whose server does not answer; [`partitions`] leaves them out.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`partitions`].
/// # Sources
/// As [`partitions`].
/// # Examples
/// ```
/// let all = pslens::disk::partitions_all()?;
/// assert!(all.len() >= pslens::disk::partitions()?.len());
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "disk_partitions")]
pub fn partitions_all() -> Result<Vec<Partition>> {
    partitions_all_in(Root::current())
}

/// As [`partitions_all`], read from `root`.
///
/// # Errors
/// As [`partitions`].
pub fn partitions_all_in(root: &Root) -> Result<Vec<Partition>> {
    sys::disk::partitions_all(&root.0)
}

/// How full a file system is.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Usage {
    /// Size in bytes.
    pub total: u64,
    /// Bytes in use.
    pub used: u64,
    /// Bytes that an ordinary user can still write. Less than `total - used` where the file system
    /// keeps a reserve for root. Windows: that the calling user can still write, who may have a quota.
    pub free: u64,
    /// `used` in per cent of what ordinary users could use, that is of `used + free`: what `df` shows,
    /// not rounded. `None` if the file system has no size (`/proc`).
    pub percent: Option<f64>,
    /// How many files it can hold. `None` if it sets no limit but its size (btrfs, vfat), or has none
    /// (`/proc`), and on Windows.
    pub inodes: Option<Inodes>,
}

/// How many files, directories, links and the like a file system can hold.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Inodes {
    /// In use and free.
    pub total: u64,
    /// In use.
    pub used: u64,
    /// So many more can be made, as far as there is room for their contents.
    pub free: u64,
    /// `used` in per cent of `total`: what `df -i` shows, not rounded.
    pub percent: f64,
}

impl Inodes {
    /// From what `statvfs` says.
    #[allow(dead_code, reason = "Windows does not count files")]
    pub(crate) fn new(total: u64, free: u64) -> Option<Self> {
        let used = total.saturating_sub(free);
        (total > 0).then(|| Self {
            total,
            used,
            free,
            percent: used as f64 / total as f64 * 100.0,
        })
    }
}

impl Usage {
    /// From what `statvfs` or `GetDiskFreeSpaceExW` say, in bytes: size, free for root, free for users.
    ///
    /// File systems in user space say what they like, so nothing here may overflow.
    pub(crate) fn new(total: u64, free_for_root: u64, free: u64, inodes: Option<Inodes>) -> Self {
        let used = total.saturating_sub(free_for_root);
        let usable = used as f64 + free as f64;
        Self {
            total,
            used,
            free,
            percent: (usable > 0.0).then(|| used as f64 / usable * 100.0),
            inodes,
        }
    }
}

/// Returns how full the file system is on which `path` lies.
///
/// **Waits without bound** if the path is on, or leads through, a file system whose server does not
/// answer (NFS, CIFS, FUSE); [`usage_within`] does not.
///
/// # Units
/// Bytes.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) or
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied), about the path.
/// # Sources
/// `statvfs`; Windows `GetDiskFreeSpaceExW`, for a file with its directory. The path is this process's: no
/// root is involved.
/// # Examples
/// ```
/// let usage = pslens::disk::usage("/")?;
/// assert!(usage.used <= usage.total);
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "disk_usage")]
#[doc(alias = "df")]
#[doc(alias = "statvfs")]
pub fn usage(path: impl AsRef<Path>) -> Result<Usage> {
    sys::disk::usage(path.as_ref())
}

/// As [`usage`], but answers within `deadline`, whatever the file system does.
///
/// A system call that hangs in the kernel cannot be called off, so this one is made on a thread of
/// its own, the only one that this library starts (but for the one that
/// [`Process::open_files`](crate::Process::open_files) needs on Windows). It handles no signals. If the
/// answer comes too late, the thread stays behind and ends when the file system answers, is unmounted, or
/// the program exits (which it does not delay).
///
/// Threads do not pile up: while a path is unanswered, every further call for the same path waits for
/// the thread that is already there, and over all paths there are never more than 64 (further calls
/// then time out, unless one of them ends).
///
/// # Units
/// Bytes.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut) if there was no answer in time; else as [`usage`].
/// # Sources
/// As [`usage`].
/// # Examples
/// ```
/// use std::time::Duration;
///
/// let usage = pslens::disk::usage_within("/", Duration::from_secs(30))?;
/// assert!(usage.used <= usage.total);
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "disk_usage")]
pub fn usage_within(path: impl AsRef<Path>, deadline: Duration) -> Result<Usage> {
    deadline::usage(path.as_ref(), deadline)
}

/// What a disk or partition, or all disks together, have done since boot.
///
/// Kernels count some of this in 32 bits and drivers start again at zero:
/// [`NoWrap`](crate::counters::NoWrap) makes up for both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IoCounters {
    /// Reads completed.
    pub read_count: u64,
    /// Writes completed.
    pub write_count: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Time that reads took; parallel ones count each. Linux: since 2.6.25 for partitions.
    /// `None` where the system does not measure it. Resolution: Linux a millisecond, Windows 100 ns.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::seconds_option"))]
    pub read_time: Option<Duration>,
    /// Time that writes took; as `read_time`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::seconds_option"))]
    pub write_time: Option<Duration>,
    /// Adjacent reads that were done as one. Linux: since 2.6.25 for partitions; else `None`.
    pub read_merged_count: Option<u64>,
    /// Adjacent writes that were done as one; as `read_merged_count`.
    pub write_merged_count: Option<u64>,
    /// Time during which the device had something to do. Linux, FreeBSD; else `None`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::seconds_option"))]
    pub busy_time: Option<Duration>,
    /// Discards (TRIM) completed. Linux since 4.18, else `None`.
    pub discard_count: Option<u64>,
    /// Bytes discarded. Linux since 4.18, else `None`.
    pub discard_bytes: Option<u64>,
    /// Time that discards took. Linux since 4.18, else `None`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::seconds_option"))]
    pub discard_time: Option<Duration>,
    /// Flushes of the device's cache completed. Linux since 5.5, else `None`; 0 for partitions.
    pub flush_count: Option<u64>,
    /// Time that flushes took. Linux since 5.5, else `None`; 0 for partitions.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::seconds_option"))]
    pub flush_time: Option<Duration>,
    /// True for a part of another device in the same table, which counts all this too. Sums leave
    /// partitions out; false in a sum.
    pub is_partition: bool,
}

impl IoCounters {
    /// The sum over `rows`, partitions left out; `None` if nothing is left.
    ///
    /// For totals that survive wraps: adjust the table of [`io_counters_per_disk`] with
    /// [`NoWrap`](crate::counters::NoWrap), then take the sum.
    ///
    /// # Examples
    /// ```
    /// use pslens::disk::{IoCounters, io_counters_per_disk};
    ///
    /// let disks = io_counters_per_disk()?;
    /// let total = IoCounters::sum(disks.values());
    /// assert_eq!(total.is_none(), disks.is_empty());
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn sum<'a>(rows: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        rows.into_iter().fold(None, Self::plus)
    }

    /// One step of [`IoCounters::sum`].
    fn plus(sum: Option<Self>, row: &Self) -> Option<Self> {
        if row.is_partition {
            return sum;
        }
        let Some(sum) = sum else {
            return Some(row.clone());
        };
        // What only some of the disks count is the sum of those that do.
        let mut total = Self {
            read_time: sum.read_time.or(row.read_time),
            write_time: sum.write_time.or(row.write_time),
            read_merged_count: sum.read_merged_count.or(row.read_merged_count),
            write_merged_count: sum.write_merged_count.or(row.write_merged_count),
            busy_time: sum.busy_time.or(row.busy_time),
            discard_count: sum.discard_count.or(row.discard_count),
            discard_bytes: sum.discard_bytes.or(row.discard_bytes),
            discard_time: sum.discard_time.or(row.discard_time),
            flush_count: sum.flush_count.or(row.flush_count),
            flush_time: sum.flush_time.or(row.flush_time),
            ..Self::default()
        };
        let mut fields = sum.fields();
        for (field, other) in fields.iter_mut().zip(row.fields()) {
            *field = field.saturating_add(other);
        }
        total.set_fields(fields);
        Some(total)
    }
}

/// Times count in nanoseconds.
impl Counters for IoCounters {
    type Fields = [u64; 14];

    fn fields(&self) -> Self::Fields {
        let time = |time: Option<Duration>| {
            time.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
        };
        [
            self.read_count,
            self.write_count,
            self.read_bytes,
            self.write_bytes,
            time(self.read_time),
            time(self.write_time),
            self.read_merged_count.unwrap_or(0),
            self.write_merged_count.unwrap_or(0),
            time(self.busy_time),
            self.discard_count.unwrap_or(0),
            self.discard_bytes.unwrap_or(0),
            time(self.discard_time),
            self.flush_count.unwrap_or(0),
            time(self.flush_time),
        ]
    }

    fn set_fields(&mut self, fields: Self::Fields) {
        let count = |slot: &mut Option<u64>, value| *slot = slot.map(|_| value);
        let time = |slot: &mut Option<Duration>, nanoseconds| {
            *slot = slot.map(|_| Duration::from_nanos(nanoseconds));
        };
        let [
            read_count,
            write_count,
            read_bytes,
            write_bytes,
            read_time,
            write_time,
            read_merged_count,
            write_merged_count,
            busy_time,
            discard_count,
            discard_bytes,
            discard_time,
            flush_count,
            flush_time,
        ] = fields;
        self.read_count = read_count;
        self.write_count = write_count;
        self.read_bytes = read_bytes;
        self.write_bytes = write_bytes;
        time(&mut self.read_time, read_time);
        time(&mut self.write_time, write_time);
        count(&mut self.read_merged_count, read_merged_count);
        count(&mut self.write_merged_count, write_merged_count);
        time(&mut self.busy_time, busy_time);
        count(&mut self.discard_count, discard_count);
        count(&mut self.discard_bytes, discard_bytes);
        time(&mut self.discard_time, discard_time);
        count(&mut self.flush_count, flush_count);
        time(&mut self.flush_time, flush_time);
    }
}

/// Returns what all disks together have done since boot; `None` on a machine without disks.
///
/// The sum over every whole device of [`io_counters_per_disk`], partitions left out. Devices that are
/// made of others (LVM and encryption, RAID, loop) are in it *beside* the devices that they are made
/// of, so traffic through them counts once per layer; for other sums, add up the rows you want.
///
/// # Units
/// Bytes; [`Duration`]s, exactly as the system counts them.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS. `busy_time`: Linux, FreeBSD.
/// # Errors
/// As [`io_counters_per_disk`].
/// # Sources
/// As [`io_counters_per_disk`].
/// # Examples
/// ```
/// if let Some(total) = pslens::disk::io_counters()? {
///     assert!(!total.is_partition);
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "disk_io_counters")]
#[doc(alias = "iostat")]
pub fn io_counters() -> Result<Option<IoCounters>> {
    io_counters_in(Root::current())
}

/// As [`io_counters`], read from `root`.
///
/// # Errors
/// As [`io_counters`].
pub fn io_counters_in(root: &Root) -> Result<Option<IoCounters>> {
    let mut sum = None;
    sys::disk::io_counters(&root.0, &mut |_, row| {
        sum = IoCounters::plus(sum.take(), &row);
    })?;
    Ok(sum)
}

/// Returns what every disk and every partition has done since boot, by device name (`sda`, `sda1`).
///
/// A disk counts what its partitions count and more; [`IoCounters::is_partition`] tells them apart.
/// Names have a `/` where the driver has one (`cciss/c0d0`).
///
/// On Windows these are whole disks, `PhysicalDrive0` and so on. Disks whose driver does not count (some RAID
/// controllers and virtual disks) are left out, and one that refuses to tell as well, unless no disk tells
/// anything. Windows counts reads and writes with 32 bits. Where the counters were switched off (`diskperf -n`) they start with the first call.
///
/// # Units
/// Bytes; [`Duration`]s, exactly as the system counts them.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS. `busy_time`: Linux, FreeBSD.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) or
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the system hides the counters.
/// # Sources
/// Linux `/proc/diskstats`, else `/sys/block/*/stat`; Windows `IOCTL_DISK_PERFORMANCE` of every device
/// `PhysicalDriveN` that `QueryDosDeviceW` names.
/// # Examples
/// ```
/// use pslens::counters::NoWrap;
/// use pslens::disk::{IoCounters, io_counters_per_disk};
///
/// let mut nowrap = NoWrap::<String, IoCounters>::new();
/// let mut disks = io_counters_per_disk()?;
/// nowrap.adjust(disks.iter_mut());
/// for (name, disk) in &disks {
///     assert!(!name.is_empty());
///     assert!(disk.read_bytes % 512 == 0);
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "disk_io_counters")]
#[doc(alias = "diskstats")]
pub fn io_counters_per_disk() -> Result<BTreeMap<String, IoCounters>> {
    io_counters_per_disk_in(Root::current())
}

/// As [`io_counters_per_disk`], read from `root`.
///
/// # Errors
/// As [`io_counters_per_disk`].
pub fn io_counters_per_disk_in(root: &Root) -> Result<BTreeMap<String, IoCounters>> {
    let mut disks = BTreeMap::new();
    sys::disk::io_counters(&root.0, &mut |name, row| {
        disks.insert(name.to_owned(), row);
    })?;
    Ok(disks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::NoWrap;

    #[test]
    fn usage_is_what_df_shows() {
        // 1000 bytes, 300 free, 250 of them for users.
        let usage = Usage::new(1000, 300, 250, None);
        assert_eq!((usage.total, usage.used, usage.free), (1000, 700, 250));
        assert!((usage.percent.unwrap() - 700.0 / 950.0 * 100.0).abs() < 1e-9);
        assert_eq!(Usage::new(0, 0, 0, None).percent, None);
        // Nonsense from a file system in user space.
        let absurd = Usage::new(10, u64::MAX, u64::MAX, Inodes::new(10, u64::MAX));
        assert_eq!(absurd.percent, Some(0.0));
        assert_eq!(absurd.inodes.unwrap().used, 0);
    }

    #[test]
    fn a_file_system_without_a_limit_has_no_inodes() {
        assert_eq!(Inodes::new(0, 0), None);
        let inodes = Inodes::new(1000, 250).unwrap();
        assert_eq!((inodes.total, inodes.used, inodes.free), (1000, 750, 250));
        assert!((inodes.percent - 75.0).abs() < 1e-9);
    }

    fn disk(read_count: u64, busy: Option<u64>) -> IoCounters {
        IoCounters {
            read_count,
            busy_time: busy.map(Duration::from_millis),
            ..IoCounters::default()
        }
    }

    #[test]
    fn a_sum_leaves_partitions_out_and_keeps_what_some_disks_count() {
        let mut partition = disk(7, Some(7));
        partition.is_partition = true;
        let rows = [disk(1, None), disk(2, Some(5)), partition.clone()];
        let sum = IoCounters::sum(&rows).unwrap();
        assert_eq!(sum, disk(3, Some(5)));
        assert_eq!(sum.flush_count, None);
        assert_eq!(IoCounters::sum([&partition]), None);
    }

    #[test]
    fn counters_that_wrap_continue_and_missing_ones_stay_missing() {
        let mut nowrap = NoWrap::new();
        let mut read = |row: IoCounters| {
            let mut table = BTreeMap::from([("sda".to_owned(), row)]);
            nowrap.adjust(table.iter_mut());
            table.remove("sda").unwrap()
        };
        assert_eq!(read(disk(100, Some(50))), disk(100, Some(50)));
        assert_eq!(read(disk(10, Some(60))), disk(110, Some(60)));
        assert_eq!(read(disk(11, Some(1))), disk(111, Some(61)));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn records_are_written_with_psutils_names_and_base_units() {
        let partition = Partition {
            mountpoint: "/a b".into(),
            fstype: "tmpfs".into(),
            opts: "rw".into(),
            ..Partition::default()
        };
        assert_eq!(
            serde_json::to_string(&partition).unwrap(),
            r#"{"device":null,"mountpoint":"/a b","fstype":"tmpfs","opts":"rw"}"#
        );
        let json = serde_json::to_value(disk(1, Some(1500))).unwrap();
        assert_eq!(json["busy_time"], 1.5);
        assert!(json["read_time"].is_null());
        assert_eq!(
            serde_json::to_string(&Usage::new(4, 2, 2, Inodes::new(8, 6))).unwrap(),
            r#"{"total":4,"used":2,"free":2,"percent":50.0,"inodes":{"total":8,"used":2,"free":6,"percent":25.0}}"#
        );
    }
}
