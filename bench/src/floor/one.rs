//! The rows about one process: ten attributes, existence, waiting.

use std::os::fd::OwnedFd;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, fstat};
use rustix::process::{Pid, PidfdFlags, pidfd_open, test_kill_process};

use super::source::{Path, next_number, read_once};
use super::table::{self, Stat};

/// ppid name status cpu_times create_time num_threads cpu_num terminal page_faults memory_info.
#[derive(Debug, Clone)]
pub struct Ten {
    pub stat: Stat,
    pub create_time: f64,
    /// rss vms shared text lib data dirty: bytes.
    pub memory: [u64; 7],
    /// Terminals are looked up in /dev only where there is one; the row's process has none.
    pub terminal: Option<Box<str>>,
}

/// Two files by absolute path. What lost: `/proc` or `/proc/PID` opened first.
pub fn ten(pid: u32, buffer: &mut [u8]) -> Result<Ten> {
    let mut path = Prefixed::new();
    let stat = table::stat(read_once(CWD, path.of(pid, b"/stat"), buffer)?);
    let mut memory = [0; 7];
    let page = rustix::param::page_size() as u64;
    let mut rest = read_once(CWD, path.of(pid, b"/statm"), buffer)?;
    for index in [1, 0, 2, 3, 4, 5, 6] {
        rest = next_number(rest, &mut memory[index]);
        memory[index] *= page;
    }
    Ok(Ten {
        create_time: super::source::boot() + stat.start_ticks as f64 / 100.0,
        stat,
        memory,
        terminal: None,
    })
}

/// `/proc/NUMBER...` without allocation.
pub struct Prefixed {
    bytes: [u8; 80],
    path: Path,
}

impl Prefixed {
    pub fn new() -> Self {
        let mut bytes = [0; 80];
        bytes[..6].copy_from_slice(b"/proc/");
        Self {
            bytes,
            path: Path::new(),
        }
    }

    pub fn of(&mut self, pid: u32, rest: &[u8]) -> &std::ffi::CStr {
        let tail = self.path.of(pid, rest).to_bytes_with_nul();
        self.bytes[6..6 + tail.len()].copy_from_slice(tail);
        std::ffi::CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }
}

fn id(pid: u32) -> Result<Pid> {
    Pid::from_raw(pid as i32).context("not a process id")
}

/// Signal 0. (A thread that is not a process's first one is answered yes, as by every peer that
/// asks this way; telling them apart is not part of the floor.)
pub fn exists(pid: u32) -> Result<bool> {
    Ok(test_kill_process(id(pid)?).is_ok())
}

/// Whether the process still is the one whose pidfd had this inode number (unique since Linux 6.9).
/// What lost: the start time in `stat`, three times the price.
pub fn is_running(pid: u32, inode: u64) -> Result<bool> {
    let Ok(file) = pidfd_open(id(pid)?, PidfdFlags::empty()) else {
        return Ok(false);
    };
    Ok(fstat(&file)?.st_ino == inode)
}

/// What `is_running` compares with.
pub fn inode(pid: u32) -> Result<u64> {
    Ok(fstat(&pidfd_open(id(pid)?, PidfdFlags::empty())?)?.st_ino)
}

/// Returns when the process has exited.
pub fn wait(pid: u32) -> Result<()> {
    let file = pidfd_open(id(pid)?, PidfdFlags::empty())?;
    poll(&mut [PollFd::new(&file, PollFlags::IN)], None)?;
    Ok(())
}

/// Waits for many, and says how many exited.
pub fn wait_many(pids: &[u32], timeout: Duration) -> Result<usize> {
    let files: Vec<OwnedFd> = pids
        .iter()
        .map(|pid| Ok(pidfd_open(id(*pid)?, PidfdFlags::empty())?))
        .collect::<Result<_>>()?;
    let mut polled: Vec<PollFd<'_>> = files
        .iter()
        .map(|file| PollFd::new(file, PollFlags::IN))
        .collect();
    let timeout = Timespec {
        tv_sec: timeout.as_secs() as i64,
        tv_nsec: i64::from(timeout.subsec_nanos()),
    };
    Ok(poll(&mut polled, Some(&timeout))?)
}
