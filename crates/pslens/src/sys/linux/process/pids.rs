//! Which processes there are.

use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;

use pslens_parse::linux::pid_status;
use rustix::fs::{Mode, OFlags, RawDir};
use rustix::io::Errno;

use crate::error::{Error, ErrorKind, Result};
use crate::process::Pid;
use crate::sys::linux::{Root, ffi};

/// Entries of `/proc` are 24 to 32 bytes long: this holds a thousand of them.
const DIRECTORY_BUFFER: usize = 32 * 1024;

pub(crate) fn pids(root: &Root) -> Result<Vec<Pid>> {
    const OPERATION: &str = "process pids";
    let fail = |error| Error::os_path(OPERATION, root.proc(""), error);
    let directory = open_directory(&root.proc("")).map_err(fail)?;
    numbers(&directory)
        .map(|numbers| numbers.into_iter().map(Pid::from).collect())
        .map_err(fail)
}

pub(crate) fn open_directory(path: &PathBuf) -> io::Result<rustix::fd::OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// The entries of a directory that are numbers, in ascending order: pids, threads, file descriptors.
pub(crate) fn numbers(directory: impl AsFd) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    let mut buffer = Vec::with_capacity(DIRECTORY_BUFFER);
    let mut entries = RawDir::new(directory, buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) => numbers.extend(number(entry.file_name().to_bytes())),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // procfs lists in this order already; another file system (a captured tree) does not.
    if !numbers.is_sorted() {
        numbers.sort_unstable();
    }
    Ok(numbers)
}

fn number(name: &[u8]) -> Option<u32> {
    let digits = |value: u32, byte: &u8| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        value.checked_mul(10)?.checked_add(u32::from(digit))
    };
    if name.is_empty() {
        return None;
    }
    name.iter().try_fold(0, digits)
}

pub(crate) fn pid_exists(root: &Root, pid: Pid) -> Result<bool> {
    if root.proc_is_running() {
        return Ok(match ffi::process::probe(pid.as_u32()) {
            Ok(()) => true,
            // There, and not ours to signal.
            Err(error) => error.raw_os_error() == Some(libc::EPERM),
        });
    }
    // Threads can be looked up as well (though they are not listed): the file says which it is.
    const OPERATION: &str = "process pid_exists";
    match root.read_proc(OPERATION, &format!("{pid}/status")) {
        Ok(text) => match pid_status::parse(&text) {
            Ok(status) => Ok(status.tgid == pid.as_u32()),
            // A file that does not say: what is listed is no thread.
            Err(_) => Ok(pids(root)?.contains(&pid)),
        },
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::NoSuchProcess => Ok(false),
            _ => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_decimal_names_are_numbers() {
        for (name, expect) in [
            (&b"1"[..], Some(1)),
            (b"4294967295", Some(u32::MAX)),
            (b"4294967296", None),
            (b"12x", None),
            (b"self", None),
            (b"", None),
            (b"-1", None),
        ] {
            assert_eq!(number(name), expect, "{name:?}");
        }
    }

    #[test]
    fn a_status_that_says_nothing_denies_nobody() {
        let proc = tempfile::tempdir().unwrap();
        std::fs::create_dir(proc.path().join("7")).unwrap();
        std::fs::write(proc.path().join("7/status"), "").unwrap();
        let root = Root::at(proc.path(), proc.path()).unwrap();
        assert!(pid_exists(&root, Pid::from(7)).unwrap());
        assert!(!pid_exists(&root, Pid::from(8)).unwrap());
    }

    #[test]
    fn a_thread_is_not_a_process() {
        let root = Root::running();
        let exists = |pid| pid_exists(&root, Pid::from(pid)).unwrap();
        assert!(exists(std::process::id()));
        assert!(exists(1));
        assert!(!exists(u32::MAX));
        std::thread::spawn(move || {
            let me = u32::try_from(rustix::thread::gettid().as_raw_nonzero().get()).unwrap();
            assert!(!pid_exists(&Root::running(), Pid::from(me)).unwrap());
        })
        .join()
        .unwrap();
    }
}
