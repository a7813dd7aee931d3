//! What ties reads to one process: something open that dies with it, while its number lives on.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Access, AtFlags};
use rustix::io::Errno;
use rustix::process::PidfdFlags;

use crate::process::Pid;
use crate::sys::linux::ffi;
use crate::sys::linux::ffi::process::PidfdInfo;

/// What is held open of the current process.
#[derive(Debug, Default)]
pub(super) enum Tie {
    /// Nothing: the identity is compared after the read.
    #[default]
    None,
    /// `/proc/PID`. Files below it can no longer be opened once the process is gone, so everything that
    /// is read there proves itself. Two calls per process; the paths below are shorter.
    Directory(OwnedFd),
    /// `PID/stat`, of a scan that needs no other file: it costs nothing, and is asked again only for the few
    /// processes whose name needs the command line.
    Stat(OwnedFd),
    /// A pidfd that was opened before the first read. Asking it for the ids after the last one proves that
    /// the process was still there, so its number meant nobody else in between: where ids are wanted
    /// and few files, the proof is free.
    Pidfd(OwnedFd),
}

impl Tie {
    /// Succeeds if the process is still there; the errno if it is not.
    pub(super) fn prove(&self) -> Result<(), i32> {
        let proved = match self {
            Self::None => Ok(()),
            Self::Directory(directory) => {
                match rustix::fs::accessat(directory, c"stat", Access::EXISTS, AtFlags::empty()) {
                    // A refusal (`hidepid=1`) is one of a process that is there.
                    Err(Errno::ACCESS | Errno::PERM) => Ok(()),
                    proved => proved,
                }
            }
            Self::Stat(file) => rustix::io::pread(file, &mut [0; 1], 0).map(drop),
            Self::Pidfd(pidfd) => return info(pidfd).map(drop),
        };
        proved.map_err(Errno::raw_os_error)
    }
}

/// Opens a pidfd.
pub(super) fn pidfd(pid: Pid) -> Result<OwnedFd, i32> {
    let raw = i32::try_from(pid.as_u32()).unwrap_or_default();
    let pid = rustix::process::Pid::from_raw(raw).ok_or(libc::ESRCH)?;
    rustix::process::pidfd_open(pid, PidfdFlags::empty()).map_err(Errno::raw_os_error)
}

/// What a pidfd knows; `ESRCH` if the process is gone, anything else if this kernel is older than 6.13.
pub(super) fn info(pidfd: &OwnedFd) -> Result<PidfdInfo, i32> {
    ffi::process::pidfd_info(pidfd.as_fd())
        .map_err(|error: io::Error| error.raw_os_error().unwrap_or(libc::EIO))
}

/// Whether pidfds of this kernel know ids: found out on this very process.
pub(super) fn pidfds_know_ids() -> bool {
    pidfd(Pid::from(std::process::id())).is_ok_and(|pidfd| info(&pidfd).is_ok())
}
