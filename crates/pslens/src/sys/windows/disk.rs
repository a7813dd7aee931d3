//! `GetDiskFreeSpaceExW`, drives with letters, volumes mounted in directories, `IOCTL_DISK_PERFORMANCE`.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsHandle;
use std::path::{Component, Path, PathBuf, Prefix};

use pslens_parse::windows::disk_performance::{self, DiskPerformance};
use windows_sys::Win32::Foundation::{
    ERROR_DEVICE_NOT_CONNECTED, ERROR_DEVICE_REMOVED, ERROR_DIRECTORY, ERROR_FILE_NOT_FOUND,
    ERROR_INVALID_FUNCTION, ERROR_NO_MEDIA_IN_DRIVE, ERROR_NO_MORE_FILES, ERROR_NO_SUCH_DEVICE,
    ERROR_NOT_READY, ERROR_NOT_SUPPORTED, ERROR_PATH_NOT_FOUND,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_SHARE_READ, FILE_SHARE_WRITE};
use windows_sys::Win32::System::SystemServices::{
    FILE_READ_ONLY_VOLUME, FILE_VOLUME_IS_COMPRESSED,
};
use windows_sys::Win32::System::WindowsProgramming::{
    DRIVE_CDROM, DRIVE_FIXED, DRIVE_NO_ROOT_DIR, DRIVE_RAMDISK, DRIVE_REMOTE, DRIVE_REMOVABLE,
    DRIVE_UNKNOWN,
};

use super::errors::{code, errno_kind};
use super::ffi::volume::{self, Quiet, Space, Volumes};
use super::time::duration;
use super::{Root, wide};
use crate::disk::{IoCounters, Partition, Usage};
use crate::error::{Error, ErrorKind, Result};

pub(crate) fn partitions(_root: &Root) -> Result<Vec<Partition>> {
    mounted("disk partitions", |root, drive_type| {
        let is_here = matches!(drive_type, DRIVE_FIXED | DRIVE_CDROM | DRIVE_REMOVABLE);
        // Looking for a floppy disk takes seconds.
        is_here && !(drive_type == DRIVE_REMOVABLE && root.eq_ignore_ascii_case("A:\\"))
    })
}

pub(crate) fn partitions_all(_root: &Root) -> Result<Vec<Partition>> {
    mounted("disk partitions_all", |_, _| true)
}

/// Drives in the order of their letters, then what is mounted in directories.
fn mounted(
    operation: &'static str,
    is_wanted: impl Fn(&OsStr, u32) -> bool,
) -> Result<Vec<Partition>> {
    let _quiet = Quiet::new();
    let failed = |error| Error::os(operation, error);
    let mut rows = Vec::new();
    let mut add = |device: &OsStr, mountpoint: OsString| -> Result<()> {
        let drive_type = volume::drive_type(&mountpoint).map_err(failed)?;
        if is_wanted(&mountpoint, drive_type) {
            rows.push(partition(device, mountpoint, drive_type));
        }
        Ok(())
    };
    for drive in wide::list(&volume::drives().map_err(failed)?) {
        let drive = OsString::from_wide(drive);
        add(&drive.clone(), drive)?;
    }
    let volumes = match Volumes::all() {
        Err(error) if has_no_volumes(&error) => None,
        volumes => Some(volumes.map_err(failed)?),
    };
    for volume in volumes.into_iter().flatten() {
        let volume = volume.map_err(failed)?;
        let Ok(points) = volume::mount_points(&volume) else {
            // Taken away meanwhile.
            continue;
        };
        let (letters, directories): (Vec<_>, Vec<_>) =
            wide::list(&points).partition(|point| is_drive(point));
        let device = letters.first();
        let device = device.map_or(volume, |letter| OsString::from_wide(letter));
        for directory in directories {
            add(&device, OsString::from_wide(directory))?;
        }
    }
    Ok(rows)
}

/// There are none, or nobody who knows them: without a manager of mounts, as in containers, there are drives only.
fn has_no_volumes(error: &io::Error) -> bool {
    code(error) == Some(ERROR_NO_MORE_FILES)
        || matches!(
            errno_kind(error),
            ErrorKind::NotFound | ErrorKind::Unsupported
        )
}

/// `C:\`.
fn is_drive(root: &[u16]) -> bool {
    matches!(root, &[_, colon, backslash] if colon == u16::from(b':') && backslash == u16::from(b'\\'))
}

/// A drive in which there is nothing has a type, and no file system.
fn partition(device: &OsStr, mountpoint: OsString, drive_type: u32) -> Partition {
    let file_system = volume::file_system(&mountpoint).ok();
    let opts = options(file_system.as_ref().map(|&(_, flags)| flags), drive_type);
    Partition {
        device: Some(device.to_owned()),
        mountpoint: mountpoint.into(),
        fstype: file_system.map(|(fstype, _)| fstype).unwrap_or_default(),
        opts: opts.into(),
    }
}

/// What can be done with the file system, and what kind of drive it is on: `rw,fixed`.
fn options(flags: Option<u32>, drive_type: u32) -> String {
    let is_set = |flag| flags.is_some_and(|flags| flags & flag != 0);
    let words = [
        (is_set(FILE_READ_ONLY_VOLUME), "ro"),
        (flags.is_some() && !is_set(FILE_READ_ONLY_VOLUME), "rw"),
        (is_set(FILE_VOLUME_IS_COMPRESSED), "compressed"),
        // psutil's second word for it.
        (is_set(FILE_READ_ONLY_VOLUME), "readonly"),
        (drive_type == DRIVE_FIXED, "fixed"),
        (drive_type == DRIVE_CDROM, "cdrom"),
        (drive_type == DRIVE_REMOVABLE, "removable"),
        (drive_type == DRIVE_REMOTE, "remote"),
        (drive_type == DRIVE_RAMDISK, "ramdisk"),
        (drive_type == DRIVE_NO_ROOT_DIR, "unmounted"),
        (drive_type == DRIVE_UNKNOWN, "unknown"),
    ];
    let words = words
        .into_iter()
        .filter_map(|(is, word)| is.then_some(word));
    words.collect::<Vec<_>>().join(",")
}

pub(crate) fn usage(path: &Path) -> Result<Usage> {
    let _quiet = Quiet::new();
    let space = match volume::space(&reachable(path)) {
        // It is a file, and only directories are answered for.
        Err(error) if code(&error) == Some(ERROR_DIRECTORY) => {
            volume::space(&reachable(&directory_of(path)))
        }
        answer => answer,
    };
    let space = space.map_err(|error| Error::os_path("disk usage", path, error))?;
    Ok(usage_of(space))
}

fn usage_of(space: Space) -> Usage {
    let Space {
        total,
        free,
        available,
    } = space;
    // For who has a quota the total is the quota, but what is free is everybody's.
    let free = if free > total { available } else { free };
    Usage::new(total, free, available, None)
}

/// The directory that a file is in: not the one that a link to it is in.
fn directory_of(file: &Path) -> PathBuf {
    let file = std::fs::canonicalize(file)
        .or_else(|_| std::path::absolute(file))
        .unwrap_or_else(|_| file.to_owned());
    file.parent().map(Path::to_owned).unwrap_or(file)
}

/// The same path as the API takes it: a share needs a backslash at the end, and what is longer than the API's
/// limit the form that has none.
fn reachable(path: &Path) -> OsString {
    /// `MAX_PATH`, less a file name of the oldest kind, which every directory must have room for.
    const LIMIT: usize = 260 - 12;
    let absolute = std::path::absolute(path).ok();
    let long = absolute.filter(|path| path.as_os_str().encode_wide().count() >= LIMIT);
    let path = long.map_or_else(|| path.to_owned(), |path| verbatim(&path));
    let is_share = matches!(
        prefix(&path),
        Some(Prefix::UNC(..) | Prefix::VerbatimUNC(..))
    );
    let is_bare = path.parent().is_none() && path.as_os_str().encode_wide().last() != Some(0x5c);
    let mut path = path.into_os_string();
    if is_share && is_bare {
        path.push("\\");
    }
    path
}

/// An absolute path in the form that reaches the file system as it is.
fn verbatim(path: &Path) -> PathBuf {
    let Some(prefix) = prefix(path) else {
        return path.to_owned();
    };
    let units: Vec<u16> = path.as_os_str().encode_wide().collect();
    let (start, rest) = match prefix {
        Prefix::Disk(_) => (r"\\?\", &units[..]),
        Prefix::UNC(..) => (r"\\?\UNC\", units.get(2..).unwrap_or_default()),
        _ => return path.to_owned(),
    };
    let mut verbatim = OsString::from(start);
    verbatim.push(OsString::from_wide(rest));
    verbatim.into()
}

fn prefix(path: &Path) -> Option<Prefix<'_>> {
    match path.components().next()? {
        Component::Prefix(prefix) => Some(prefix.kind()),
        _ => None,
    }
}

/// There are no signals to be kept out.
pub(crate) fn keep_signals_out() {}

pub(crate) fn io_counters(_root: &Root, row: &mut dyn FnMut(&str, IoCounters)) -> Result<()> {
    const OPERATION: &str = "disk io_counters";
    let _quiet = Quiet::new();
    let devices = volume::devices().map_err(|error| Error::os(OPERATION, error))?;
    // A disk that refuses does not spoil the others.
    let mut refused = None;
    let mut counted = false;
    for number in physical_drives(&devices) {
        let name = format!("PhysicalDrive{number}");
        let path = format!(r"\\.\{name}");
        match performance(&path) {
            Ok(bytes) => {
                let disk = disk_performance::parse(&bytes)
                    .map_err(|error| Error::invalid_data(OPERATION, error).of_path(&path))?;
                row(&name, counters(&disk));
                counted = true;
            }
            Err(error) if is_not_counted(&error) => {}
            Err(error) => {
                refused.get_or_insert_with(|| Error::os_path(OPERATION, path, error));
            }
        }
    }
    refused.filter(|_| !counted).map_or(Ok(()), Err)
}

/// The numbers of disks among the names of devices. There may be gaps, and any number of them.
fn physical_drives(devices: &[u16]) -> Vec<u32> {
    let mut numbers: Vec<u32> = wide::list(devices)
        .filter_map(|name| {
            let name = String::from_utf16(name).ok()?.to_ascii_lowercase();
            let number = name.strip_prefix("physicaldrive")?;
            // `parse` takes a sign as well.
            let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse().ok().filter(|_| is_number)
        })
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Without any access a disk can be opened by everybody, and asked this.
fn performance(path: &str) -> io::Result<Vec<u8>> {
    let disk = OpenOptions::new()
        .access_mode(0)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE)
        .open(path)?;
    volume::disk_performance(disk.as_handle())
}

/// The driver does not count (RAID controllers, virtual disks), or the disk has gone meanwhile or is a drive
/// with nothing in it.
fn is_not_counted(error: &io::Error) -> bool {
    matches!(
        code(error),
        Some(
            ERROR_INVALID_FUNCTION
                | ERROR_NOT_SUPPORTED
                | ERROR_FILE_NOT_FOUND
                | ERROR_PATH_NOT_FOUND
                | ERROR_DEVICE_NOT_CONNECTED
                | ERROR_DEVICE_REMOVED
                | ERROR_NO_MEDIA_IN_DRIVE
                | ERROR_NO_SUCH_DEVICE
                | ERROR_NOT_READY
        )
    )
}

fn counters(disk: &DiskPerformance) -> IoCounters {
    IoCounters {
        read_count: disk.read_count.into(),
        write_count: disk.write_count.into(),
        read_bytes: disk.bytes_read,
        write_bytes: disk.bytes_written,
        read_time: Some(duration(disk.read_time)),
        write_time: Some(duration(disk.write_time)),
        ..IoCounters::default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn every_disk_is_found_whatever_its_number() {
        let check = |names: &[&str], expect: &[u32]| {
            let names: String = names.iter().map(|name| format!("{name}\0")).collect();
            assert_eq!(
                physical_drives(&wide(&(names + "\0PhysicalDrive9\0"))),
                expect
            );
        };
        check(&["C:", "PhysicalDrive0", "NUL"], &[0]);
        // psutil asks for 0 to 32 only.
        check(
            &["PhysicalDrive100", "physicaldrive33", "PhysicalDrive2"],
            &[2, 33, 100],
        );
        check(&["PhysicalDrive1", "PHYSICALDRIVE1"], &[1]);
        let others = [
            "PhysicalDrive",
            "PhysicalDrive+1",
            "PhysicalDrive1x",
            "XPhysicalDrive1",
        ];
        check(&others, &[]);
        check(&["PhysicalDrive4294967296"], &[]);
        assert_eq!(physical_drives(&[]), [0; 0]);
        assert_eq!(physical_drives(&[0xd800, 0, 0]), [0; 0]);
    }

    #[test]
    fn times_are_exact() {
        // psutil #3002: seconds under the name of milliseconds.
        let disk = DiskPerformance {
            bytes_read: 512,
            bytes_written: 1024,
            read_time: 12_345_678,
            write_time: 1,
            read_count: 1,
            write_count: u32::MAX,
        };
        let expect = IoCounters {
            read_count: 1,
            write_count: u64::from(u32::MAX),
            read_bytes: 512,
            write_bytes: 1024,
            read_time: Some(Duration::from_nanos(1_234_567_800)),
            write_time: Some(Duration::from_nanos(100)),
            ..IoCounters::default()
        };
        assert_eq!(counters(&disk), expect);
    }

    #[test]
    fn who_has_a_quota_uses_what_is_left_of_it() {
        let used = |total, free, available| {
            let usage = usage_of(Space {
                total,
                free,
                available,
            });
            assert_eq!((usage.total, usage.free), (total, available));
            usage.used
        };
        assert_eq!(used(1000, 300, 300), 700);
        assert_eq!(used(1000, 300, 100), 700);
        assert_eq!(used(1000, 50_000, 400), 600);
    }

    #[test]
    fn options_say_what_can_be_done_and_what_kind_of_drive_it_is() {
        let (ro, small) = (FILE_READ_ONLY_VOLUME, FILE_VOLUME_IS_COMPRESSED);
        for (flags, drive_type, expect) in [
            (Some(0), DRIVE_FIXED, "rw,fixed"),
            (Some(ro), DRIVE_CDROM, "ro,readonly,cdrom"),
            (Some(small), DRIVE_REMOVABLE, "rw,compressed,removable"),
            (
                Some(ro | small),
                DRIVE_RAMDISK,
                "ro,compressed,readonly,ramdisk",
            ),
            // Nothing in it, not connected, no such drive.
            (None, DRIVE_CDROM, "cdrom"),
            (None, DRIVE_REMOTE, "remote"),
            (None, DRIVE_NO_ROOT_DIR, "unmounted"),
            (None, DRIVE_UNKNOWN, "unknown"),
            (None, 99, ""),
        ] {
            assert_eq!(options(flags, drive_type), expect);
        }
    }

    #[test]
    fn paths_become_what_the_api_takes() {
        let check = |path: &str, expect: &str| assert_eq!(reachable(Path::new(path)), expect);
        for same in [
            "C:\\",
            "C:",
            ".",
            "",
            r"C:\a\b",
            r"\\?\C:\",
            r"\\server\share\a",
            "a/b",
        ] {
            check(same, same);
        }
        check(r"\\server\share", r"\\server\share\");
        check(r"\\server\share\", r"\\server\share\");
        check(r"\\?\UNC\server\share", r"\\?\UNC\server\share\");
        let long = "x".repeat(300);
        check(&format!("C:\\{long}"), &format!(r"\\?\C:\{long}"));
        // Short once it is resolved.
        check(&format!("C:/{long}/../y"), &format!("C:/{long}/../y"));
        check(&format!(r"\\?\C:\{long}"), &format!(r"\\?\C:\{long}"));
        let share = format!(r"\\server\share\{long}");
        check(&share, &format!(r"\\?\UNC\server\share\{long}"));
    }

    #[test]
    fn drives_are_told_from_directories() {
        for (root, expect) in [
            ("C:\\", true),
            ("C:\\mnt\\", false),
            (r"\\?\Volume{00000000-0000-0000-0000-000000000043}\", false),
            ("", false),
        ] {
            assert_eq!(is_drive(&wide(root)), expect, "{root}");
        }
    }
}
