//! What numbers stand for, looked up once per scan: users, terminals; and the time of boot.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pslens_parse::linux::tty_drivers;
use rustix::time::{ClockId, clock_gettime};

use crate::error::{Error, ErrorKind, Result};
use crate::process::Attribute;
use crate::sys::linux::{Root, host};

/// Answers that stay the same while one scan lasts.
#[derive(Debug, Default)]
pub(super) struct Names {
    users: HashMap<u32, OsString>,
    terminals: HashMap<u32, Option<PathBuf>>,
    /// `tty/drivers`, read at the first terminal.
    drivers: Option<Vec<u8>>,
    memory_total: Option<u64>,
    /// Mounts by the kernel's number: whether they are of a kind that can stop answering.
    pub(super) mounts: HashMap<u64, bool>,
    directory_sizes_count: Option<bool>,
}

impl Names {
    /// The name of a user; the number where nobody knows one.
    pub(super) fn user(&mut self, root: &Root, uid: u32) -> OsString {
        self.users
            .entry(uid)
            .or_insert_with(|| {
                let name = host::user_name(root, uid).ok().flatten();
                name.unwrap_or_else(|| uid.to_string().into())
            })
            .clone()
    }

    /// The device of a terminal; `None` for none, and where no device is found.
    pub(super) fn terminal(&mut self, root: &Root, device: u32) -> Result<Option<PathBuf>> {
        if let Some(known) = self.terminals.get(&device) {
            return Ok(known.clone());
        }
        if self.drivers.is_none() {
            const OPERATION: &str = Attribute::Terminal.operation();
            let drivers = root.read_proc(OPERATION, "tty/drivers");
            // Sandboxes (gVisor) have terminals, and no list of their drivers.
            let drivers = drivers.map_err(|error| match error.kind() {
                ErrorKind::NotFound => Error::unsupported(OPERATION, "needs /proc/tty/drivers"),
                _ => error,
            })?;
            self.drivers = Some(drivers);
        }
        let found = find_terminal(self.drivers.as_deref().unwrap_or_default(), root, device);
        self.terminals.insert(device, found.clone());
        Ok(found)
    }

    /// Whether the size of a directory `fd` is the number of its entries (since Linux 6.2).
    ///
    /// A process without descriptors has size 0 either way, so this one, which has some, is looked at.
    pub(super) fn directory_sizes_count(&mut self) -> bool {
        *self.directory_sizes_count.get_or_insert_with(|| {
            rustix::fs::stat("/proc/self/fd").is_ok_and(|stat| stat.st_size > 0)
        })
    }

    /// Physical memory, bytes.
    pub(super) fn memory_total(&mut self, root: &Root) -> Result<u64> {
        if let Some(total) = self.memory_total {
            return Ok(total);
        }
        let total = crate::sys::linux::memory::virtual_memory(root)?.total;
        self.memory_total = Some(total);
        Ok(total)
    }
}

/// When the system was booted, to the second, as the kernel rounds it.
pub(super) fn boot_time(root: &Root) -> Result<SystemTime> {
    if root.proc_is_running() {
        Ok(boot_time_of_clocks())
    } else {
        host::boot_time(root)
    }
}

/// What `/proc/stat` prints as `btime`, without making the kernel add up every CPU's counters: it is the
/// difference of the two clocks, without the fraction.
fn boot_time_of_clocks() -> SystemTime {
    let read = |clock| {
        let time = clock_gettime(clock);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
    };
    loop {
        // Between two readings of the wall clock the difference is known to lie in a small interval;
        // unless a second starts within it, both ends say the same.
        let before = read(ClockId::Realtime);
        let since_boot = read(ClockId::Boottime);
        let after = read(ClockId::Realtime);
        let earliest = before.saturating_sub(since_boot).as_secs();
        let latest = after.saturating_sub(since_boot).as_secs();
        if earliest == latest {
            return SystemTime::UNIX_EPOCH + Duration::from_secs(earliest);
        }
    }
}

/// Finds the device with this number: `tty/drivers` says which names its driver gives.
fn find_terminal(drivers: &[u8], root: &Root, device: u32) -> Option<PathBuf> {
    // The kernel packs it as new_encode_dev does: minor bits 0-7 and 20-31, major bits 8-19.
    let major = (device >> 8) & 0xfff;
    let minor = (device & 0xff) | ((device >> 12) & 0xfff00);
    for driver in tty_drivers::rows(drivers).flatten() {
        if driver.major != major || !(driver.minor_first..=driver.minor_last).contains(&minor) {
            continue;
        }
        let number = minor - driver.minor_first;
        for path in candidates(driver.node, number, driver.minor_first == driver.minor_last) {
            // Of another root only the kernel's name is known; here the device itself decides.
            if !root.proc_is_running() || is_device(&path, major, minor) {
                return Some(path);
            }
        }
    }
    None
}

/// `/dev/pts` numbers files in a directory, `/dev/tty` appends a number, `/dev/console` stands alone.
fn candidates(prefix: &[u8], number: u32, alone: bool) -> Vec<PathBuf> {
    let joined = |separator: &str| {
        let mut path = prefix.to_vec();
        path.extend_from_slice(separator.as_bytes());
        path.extend_from_slice(number.to_string().as_bytes());
        PathBuf::from(OsString::from_vec(path))
    };
    let plain = PathBuf::from(OsString::from_vec(prefix.to_vec()));
    if prefix.ends_with(b"/pts") {
        vec![joined("/")]
    } else if alone {
        vec![plain, joined("")]
    } else {
        vec![joined(""), joined("/")]
    }
}

fn is_device(path: &Path, major: u32, minor: u32) -> bool {
    rustix::fs::stat(path.as_os_str().as_bytes()).is_ok_and(|stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode).is_char_device()
            && rustix::fs::major(stat.st_rdev) == major
            && rustix::fs::minor(stat.st_rdev) == minor
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_list_of_drivers_no_terminal_has_a_name() {
        let proc = tempfile::tempdir().unwrap();
        let root = Root::at(proc.path(), proc.path()).unwrap();
        let error = Names::default().terminal(&root, 0x8801).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}
