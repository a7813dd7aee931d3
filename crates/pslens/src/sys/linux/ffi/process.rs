//! Process calls: pidfd information, I/O priority, CPU affinity, existence.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// `struct pidfd_info` of `include/uapi/linux/pidfd.h`, first version (64 bytes).
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PidfdInfo {
    mask: u64,
    cgroupid: u64,
    pub(crate) pid: u32,
    pub(crate) tgid: u32,
    pub(crate) ppid: u32,
    pub(crate) ruid: u32,
    pub(crate) rgid: u32,
    pub(crate) euid: u32,
    pub(crate) egid: u32,
    pub(crate) suid: u32,
    pub(crate) sgid: u32,
    fsuid: u32,
    fsgid: u32,
    exit_code: i32,
}

const _: () = assert!(size_of::<PidfdInfo>() == 64);

const PIDFD_INFO_PID: u64 = 1;
const PIDFD_INFO_CREDS: u64 = 1 << 1;

/// `_IOWR(0xFF, 11, struct pidfd_info)`: direction (3 << 30), size, type and number of the call.
const PIDFD_GET_INFO: u32 = 3 << 30 | 64 << 16 | 0xFF << 8 | 11;

/// Ids of the process behind a pidfd (`PIDFD_GET_INFO`, since Linux 6.13).
///
/// Older kernels answer `ENOTTY` or `EINVAL`; a process that was reaped, `ESRCH`.
pub(crate) fn pidfd_info(pidfd: BorrowedFd<'_>) -> io::Result<PidfdInfo> {
    let mut info = PidfdInfo {
        mask: PIDFD_INFO_PID | PIDFD_INFO_CREDS,
        ..PidfdInfo::default()
    };
    // SAFETY: the request number carries the size of `info` (asserted above), so the kernel writes at
    // most that many bytes, into a live, aligned struct of plain integers; the fd is open while borrowed.
    let result = unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO as _, &raw mut info) };
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    if info.mask & PIDFD_INFO_CREDS == 0 {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    Ok(info)
}

/// `IOPRIO_WHO_PROCESS` of `linux/ioprio.h`.
const WHO_PROCESS: libc::c_int = 1;

/// The I/O priority of a process as the kernel packs it: class << 13 | level.
pub(crate) fn ioprio_get(pid: u32) -> io::Result<u32> {
    // SAFETY: the call takes integers only and touches no memory of ours.
    let value = unsafe { libc::syscall(libc::SYS_ioprio_get, WHO_PROCESS, pid) };
    u32::try_from(value).map_err(|_| io::Error::last_os_error())
}

/// Sets what [`ioprio_get`] returns.
pub(crate) fn ioprio_set(pid: u32, value: u32) -> io::Result<()> {
    // SAFETY: the call takes integers only and touches no memory of ours.
    let result = unsafe { libc::syscall(libc::SYS_ioprio_set, WHO_PROCESS, pid, value) };
    zero_or_errno(result)
}

type Word = libc::c_ulong;

/// The CPUs that a process may run on, in ascending order. pid 0 is the caller.
///
/// The mask grows until the kernel accepts it: `EINVAL` means that it has more CPUs than fit.
pub(crate) fn sched_getaffinity(pid: u32) -> io::Result<Vec<u32>> {
    let mut mask: Vec<Word> = vec![0; 16];
    loop {
        let bytes = size_of_val(mask.as_slice());
        // SAFETY: `mask` is a live, aligned buffer of `bytes` bytes, and the kernel writes no more than told.
        let written =
            unsafe { libc::syscall(libc::SYS_sched_getaffinity, pid, bytes, mask.as_mut_ptr()) };
        if written >= 0 {
            // What the kernel did not write is still zero.
            return Ok(cpus(&mask));
        }
        let error = io::Error::last_os_error();
        // A million CPUs: beyond any kernel's configuration, so EINVAL must mean something else.
        if error.raw_os_error() != Some(libc::EINVAL) || mask.len() > 1 << 14 {
            return Err(error);
        }
        mask.resize(mask.len() * 2, 0);
    }
}

/// Sets the CPUs that a process may run on.
pub(crate) fn sched_setaffinity(pid: u32, cpus: &[u32]) -> io::Result<()> {
    let mask = mask(cpus);
    let bytes = size_of_val(mask.as_slice());
    // SAFETY: the kernel reads exactly `bytes` bytes from the live, aligned buffer.
    let result = unsafe { libc::syscall(libc::SYS_sched_setaffinity, pid, bytes, mask.as_ptr()) };
    zero_or_errno(result)
}

/// The numbers of the bits that are set, lowest first.
fn cpus(mask: &[Word]) -> Vec<u32> {
    (0_u32..)
        .zip(
            mask.iter()
                .flat_map(|word| (0..Word::BITS).map(move |bit| word >> bit & 1)),
        )
        .filter_map(|(cpu, bit)| (bit == 1).then_some(cpu))
        .collect()
}

fn mask(cpus: &[u32]) -> Vec<Word> {
    let place = |cpu: u32| ((cpu / Word::BITS) as usize, cpu % Word::BITS);
    let words = cpus.iter().map(|cpu| place(*cpu).0 + 1).max();
    let mut mask = vec![0; words.unwrap_or(1)];
    for (word, bit) in cpus.iter().map(|cpu| place(*cpu)) {
        mask[word] |= 1 << bit;
    }
    mask
}

/// Succeeds, or fails with `EPERM`, if `pid` is a process (not merely a thread of one); else `ESRCH`.
///
/// `kill` accepts thread ids too; `tgkill` with the same number twice finds thread group leaders only.
pub(crate) fn probe(pid: u32) -> io::Result<()> {
    // SAFETY: signal 0 is never delivered; the call takes integers only.
    let result = unsafe { libc::syscall(libc::SYS_tgkill, pid, pid, 0) };
    zero_or_errno(result)
}

/// Sends a signal to the process behind a pidfd (since Linux 5.1). 0 is never delivered: it only tells
/// whether one could, `ESRCH` once the process was reaped.
pub(crate) fn pidfd_send_signal(pidfd: BorrowedFd<'_>, signal: i32) -> io::Result<()> {
    let no_info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: the kernel accepts a null info and then reads no memory; the fd is open while borrowed, and
    // any number is a signal or refused.
    let result = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            no_info,
            0,
        )
    };
    zero_or_errno(result)
}

/// Sends a signal to whoever has the number now. `pid` is above 0: other numbers mean groups.
pub(crate) fn kill(pid: i32, signal: i32) -> io::Result<()> {
    if pid <= 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the call takes integers only and touches no memory of ours.
    let result = unsafe { libc::kill(pid, signal) };
    zero_or_errno(result.into())
}

/// `struct rlimit64` of `linux/resource.h`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rlimit64 {
    pub(crate) current: u64,
    pub(crate) maximum: u64,
}

/// The limits of a process (since Linux 2.6.36).
pub(crate) fn rlimit(pid: u32, resource: libc::c_long) -> io::Result<Rlimit64> {
    let mut limits = Rlimit64::default();
    let none = std::ptr::null::<Rlimit64>();
    // SAFETY: the kernel accepts null for "set nothing" and writes one struct of that layout into the live
    // and aligned `limits`.
    let result =
        unsafe { libc::syscall(libc::SYS_prlimit64, pid, resource, none, &raw mut limits) };
    zero_or_errno(result).map(|()| limits)
}

/// Sets what [`rlimit`] returns.
pub(crate) fn set_rlimit(pid: u32, resource: libc::c_long, limits: &Rlimit64) -> io::Result<()> {
    let none = std::ptr::null_mut::<Rlimit64>();
    // SAFETY: the kernel accepts null for "return nothing" and reads one struct of that layout from the
    // live and aligned `limits`.
    let result = unsafe {
        libc::syscall(
            libc::SYS_prlimit64,
            pid,
            resource,
            std::ptr::from_ref(limits),
            none,
        )
    };
    zero_or_errno(result)
}

fn zero_or_errno(result: libc::c_long) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_holds_any_number_of_cpus() {
        for set in [&[0][..], &[0, 63, 64, 65], &[4095], &[]] {
            assert_eq!(cpus(&mask(set)), set);
        }
    }
}
