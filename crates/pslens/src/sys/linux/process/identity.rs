//! Who a process is: its start time, and the number of its pidfd where that is unique.

use std::os::fd::OwnedFd;
use std::process::Child;

use super::reader::Reader;
use super::tie;
use crate::error::Result;
use crate::process::{Identity, Pid};
use crate::sys::linux::Root;
use crate::sys::linux::ticks::Ticks;

/// `PIDFS_MAGIC` of the kernel's `include/uapi/linux/magic.h`: pidfds have inodes of their own.
const PIDFS_MAGIC: u64 = 0x5049_4446;

/// Of a child of the caller that nobody has reaped: it keeps its number, also if it has ended.
pub(crate) fn child_identity(child: &Child, operation: &'static str) -> Result<Identity> {
    identity(&Root::running(), Pid::from(child.id()), operation)
}

/// Who has `pid` now, as precisely as can be told.
pub(crate) fn identity(root: &Root, pid: Pid, operation: &'static str) -> Result<Identity> {
    // Directory and start time, pidfd, proof: the process of the directory is still there after the pidfd
    // was opened, so its number meant the same process throughout.
    let mut reader = Reader::open(root, pid, Identity::default(), None, operation)?;
    let start = reader.start();
    let mut identity = Identity {
        start,
        ..Identity::default()
    };
    if root.proc_is_running() {
        reader.going_by_number();
        identity.unique = unique(pid);
        identity.young = start.is_some_and(|start| start >= Ticks::since_boot());
    }
    reader.finish(operation)?;
    Ok(identity)
}

/// Who has `pid` now, by the cheapest proof that can be compared with `expected`.
pub(crate) fn comparable(
    root: &Root,
    pid: Pid,
    expected: &Identity,
    operation: &'static str,
) -> Result<Identity> {
    if let Some(found) = by_number(root, pid, expected) {
        return Ok(found);
    }
    // Gone, or no descriptor left for a pidfd: the start time tells which.
    let reader = Reader::open(root, pid, Identity::default(), None, operation)?;
    Ok(Identity {
        start: reader.start(),
        ..Identity::default()
    })
}

/// Who has `pid` now, by the number of its pidfd, if that can be compared with `expected`.
pub(super) fn by_number(root: &Root, pid: Pid, expected: &Identity) -> Option<Identity> {
    if expected.unique.is_none() || !root.proc_is_running() {
        return None;
    }
    // That the number is unique was found out when `expected` was made.
    let unique = tie::pidfd(pid).ok().as_ref().and_then(inode)?;
    Some(Identity {
        unique: Some(unique),
        ..Identity::default()
    })
}

/// The number of a pidfd, where it is unique: since Linux 6.9, and where inode numbers have 64 bits.
pub(super) fn unique(pid: Pid) -> Option<u64> {
    if cfg!(not(target_pointer_width = "64")) {
        return None;
    }
    let pidfd = tie::pidfd(pid).ok()?;
    let file_system = rustix::fs::fstatfs(&pidfd).ok()?;
    if u64::try_from(file_system.f_type) != Ok(PIDFS_MAGIC) {
        return None;
    }
    inode(&pidfd)
}

pub(super) fn inode(pidfd: &OwnedFd) -> Option<u64> {
    rustix::fs::fstat(pidfd).ok().map(|stat| stat.st_ino)
}
