//! The procfs and sysfs that are read, and the one way in which their files are read.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::buffer::spare_capacity;
use rustix::fs::{CWD, Mode, OFlags};

use crate::error::{Error, Result};

/// No kernel file of a healthy system comes near this; a runaway one must not eat the memory.
const LIMIT: usize = 1 << 30;

/// Where the first `read` of a file starts; most files of `/proc` fit.
const FIRST_READ: usize = 4096;

/// Two directories: one laid out as `/proc`, one as `/sys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Root(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    proc: PathBuf,
    sys: PathBuf,
    /// The directory is the running kernel's own, so system calls may answer in its place.
    proc_is_running: bool,
    sys_is_running: bool,
}

impl Root {
    pub(crate) fn running() -> Self {
        Self::new(Path::new("/proc"), Path::new("/sys"))
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the contract: systems without procfs refuse"
    )]
    pub(crate) fn at(proc: &Path, sys: &Path) -> Result<Self> {
        Ok(Self::new(proc, sys))
    }

    fn new(proc: &Path, sys: &Path) -> Self {
        // Components, not bytes: "/proc/" and "//proc" are the same directory.
        let is = |path: &Path, name: &str| path.components().eq(Path::new(name).components());
        Self(Arc::new(Inner {
            proc: proc.to_owned(),
            sys: sys.to_owned(),
            proc_is_running: is(proc, "/proc"),
            sys_is_running: is(sys, "/sys"),
        }))
    }

    /// True if both directories are the running kernel's.
    pub(crate) fn is_running_system(&self) -> bool {
        self.proc_is_running() && self.sys_is_running()
    }

    /// True if `/proc` is the running kernel's, so netlink, pidfds and system calls see the same.
    pub(crate) fn proc_is_running(&self) -> bool {
        self.0.proc_is_running
    }

    /// True if `/sys` is the running kernel's.
    pub(crate) fn sys_is_running(&self) -> bool {
        self.0.sys_is_running
    }

    /// The path of procfs itself.
    pub(crate) fn proc_path(&self) -> &Path {
        &self.0.proc
    }

    /// The path of a file of procfs.
    pub(crate) fn proc(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.0.proc.join(relative)
    }

    /// The path of a file of sysfs.
    pub(crate) fn sys(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.0.sys.join(relative)
    }

    /// Reads a file of procfs; an error names `operation` and the path.
    pub(crate) fn read_proc(&self, operation: &'static str, relative: &str) -> Result<Vec<u8>> {
        let path = self.proc(relative);
        read(&path).map_err(|error| Error::os_path(operation, path, error))
    }

    /// As [`Root::read_proc`], for files that the kernel renders in one piece ([`read_record_at`]).
    pub(crate) fn read_proc_record(
        &self,
        operation: &'static str,
        relative: &str,
    ) -> Result<Vec<u8>> {
        let path = self.proc(relative);
        let mut buffer = Vec::new();
        match read_record_at(CWD, &path, &mut buffer) {
            Ok(()) => Ok(buffer),
            Err(error) => Err(Error::os_path(operation, path, error)),
        }
    }

    /// Reads the beginning of a file of procfs that the kernel renders in one piece: what fits into
    /// `buffer`, by one `read`.
    pub(crate) fn read_proc_start<'a>(
        &self,
        operation: &'static str,
        relative: &str,
        buffer: &'a mut [u8],
    ) -> Result<&'a [u8]> {
        let path = self.proc(relative);
        let length = open_at(CWD, &path).and_then(|file| {
            let length = rustix::io::retry_on_intr(|| rustix::io::read(&file, &mut *buffer))?;
            Ok(length)
        });
        match length {
            Ok(length) => Ok(buffer.get(..length).unwrap_or_default()),
            Err(error) => Err(Error::os_path(operation, path, error)),
        }
    }
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut buffer = Vec::new();
    read_at(CWD, path, &mut buffer)?;
    Ok(buffer)
}

/// Replaces `buffer` by the whole file `path`, relative to `dir`.
///
/// No `stat` first: files of procfs and sysfs lie about their size. Reads until the end, because
/// long tables come a page at a time.
pub(crate) fn read_at(
    dir: impl AsFd,
    path: impl rustix::path::Arg,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    let file = open_at(dir.as_fd(), path)?;
    buffer.clear();
    while read_more(&file, buffer)? > 0 {}
    Ok(())
}

/// As [`read_at`], for files that the kernel renders in one piece (`stat`, `statm`, `status`): a read
/// that leaves room in the buffer was the last one, and asking for the end again costs a system call.
pub(crate) fn read_record_at(
    dir: impl AsFd,
    path: impl rustix::path::Arg,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    read_record(&open_at(dir.as_fd(), path)?, buffer)
}

/// As [`read_record_at`], of a file that is open and at its start.
pub(crate) fn read_record(file: &OwnedFd, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    while read_more(file, buffer)? > 0 && buffer.len() == buffer.capacity() {}
    Ok(())
}

/// Opens a file to read it.
pub(crate) fn open_at(dir: BorrowedFd<'_>, path: impl rustix::path::Arg) -> io::Result<OwnedFd> {
    // O_NONBLOCK: a captured tree may hold a FIFO where a file is expected; it must not hang us.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    Ok(rustix::fs::openat(dir, path, flags, Mode::empty())?)
}

/// One `read` into the free part of `buffer`, which grows if there is none.
fn read_more(file: &OwnedFd, buffer: &mut Vec<u8>) -> io::Result<usize> {
    if buffer.len() == buffer.capacity() {
        if buffer.len() >= LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        buffer.reserve(buffer.len().max(FIRST_READ));
    }
    rustix::io::retry_on_intr(|| rustix::io::read(file, spare_capacity(buffer)))
        .map_err(io::Error::from)
}
