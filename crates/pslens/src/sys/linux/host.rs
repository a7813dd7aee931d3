//! `loadavg`, `stat` (boot time) and the login records.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use pslens_parse::linux::{loadavg, stat};
use pslens_parse::{ParseError, Problem};

use crate::error::{Error, Result};
use crate::host::{LoadAverage, User};
use crate::sys::linux::{Root, root};
use crate::sys::unix::{accounts, users};

/// Where the login records are: where the C library says, and where that is a link to.
const UTMP: [&str; 2] = ["/var/run/utmp", "/run/utmp"];

pub(crate) fn load_average(root: &Root) -> Result<LoadAverage> {
    const OPERATION: &str = "host load_average";
    let text = root.read_proc_record(OPERATION, "loadavg")?;
    let load = loadavg::parse(&text).map_err(|error| Error::invalid_data(OPERATION, error))?;
    let tasks = |hundredths: u64| hundredths as f64 / 100.0;
    Ok(LoadAverage {
        one: tasks(load.one),
        five: tasks(load.five),
        fifteen: tasks(load.fifteen),
    })
}

pub(crate) fn boot_time(root: &Root) -> Result<SystemTime> {
    const OPERATION: &str = "host boot_time";
    let text = root.read_proc_record(OPERATION, "stat")?;
    let stat = stat::parse(&text).map_err(|error| Error::invalid_data(OPERATION, error))?;
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_secs(stat.btime))
        .ok_or_else(|| {
            let error = ParseError::new("/proc/stat", "btime", 0, Problem::OutOfRange);
            Error::invalid_data(OPERATION, error)
        })
}

// The file and not getutxent(3): its cursor is the whole process's, so that a lock of ours would not
// keep other libraries out; glibc locks the file for each record, and musl's never finds any.
pub(crate) fn users(root: &Root) -> Result<Vec<User>> {
    const OPERATION: &str = "host users";
    if !root.proc_is_running() {
        return Err(Error::unsupported(OPERATION, "needs the running system"));
    }
    for path in UTMP {
        match root::read(Path::new(path)) {
            Ok(records) => return Ok(users::decode(&records)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::os_path(OPERATION, path, error)),
        }
    }
    Ok(Vec::new())
}

pub(crate) fn user_name(root: &Root, uid: u32) -> Result<Option<OsString>> {
    // Another root's users are not in this system's data base.
    let name = root.proc_is_running().then(|| accounts::name(uid));
    Ok(name.flatten())
}

pub(crate) fn user_id(root: &Root, name: &OsStr) -> Result<Option<u32>> {
    let id = root.proc_is_running().then(|| accounts::id(name));
    Ok(id.flatten())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::error::ErrorKind;

    fn boot_time_of(stat: &str) -> Result<SystemTime> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("stat"), stat).unwrap();
        boot_time(&Root::at(dir.path(), dir.path()).unwrap())
    }

    #[test]
    fn boot_time_is_the_kernels_second() {
        let booted = boot_time_of("cpu 1 2 3 4\nintr 1\nctxt 1\nbtime 1700000000\n").unwrap();
        assert_eq!(
            booted,
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
        );
        let missing = boot_time_of("cpu 1 2 3 4\nintr 1\nctxt 1\n").unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::InvalidData);
        let beyond = boot_time_of("intr 1\nctxt 1\nbtime 18446744073709551615\n").unwrap_err();
        assert_eq!(beyond.kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn users_of_another_root_are_not_ours() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::at(dir.path(), dir.path()).unwrap();
        assert_eq!(user_name(&root, 0).unwrap(), None);
        assert_eq!(users(&root).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
