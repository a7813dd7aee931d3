//! Getting bytes from the kernel, and numbers out of bytes.

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use anyhow::Result;
use rustix::fs::{CWD, Mode, OFlags};

/// Opens a directory for listing.
pub fn directory(at: impl AsFd, path: &CStr) -> rustix::io::Result<OwnedFd> {
    rustix::fs::openat(
        at,
        path,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

/// Opens `/proc`.
pub fn proc() -> Result<OwnedFd> {
    Ok(directory(CWD, c"/proc")?)
}

/// Reads a small file with one `read`: what this is used for fits the buffer, so that a second
/// `read`, which would return 0, is never needed.
pub fn read_once<'b>(
    at: impl AsFd,
    path: &CStr,
    buffer: &'b mut [u8],
) -> rustix::io::Result<&'b [u8]> {
    let file = rustix::fs::openat(at, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let length = rustix::io::read(&file, &mut *buffer)?;
    Ok(&buffer[..length])
}

/// Reads a file to its end: tables of rows come a page at a time, whatever the buffer's size.
pub fn read_rows<'b>(
    at: impl AsFd,
    path: &CStr,
    buffer: &'b mut [u8],
) -> rustix::io::Result<&'b [u8]> {
    let file = rustix::fs::openat(at, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let mut length = 0;
    loop {
        match rustix::io::read(&file, &mut buffer[length..])? {
            0 => return Ok(&buffer[..length]),
            read => length += read,
        }
    }
}

/// Reads a file to its end into a buffer that grows and stays.
pub fn read_all<'b>(
    at: impl AsFd,
    path: &CStr,
    buffer: &'b mut Vec<u8>,
) -> rustix::io::Result<&'b [u8]> {
    let file = rustix::fs::openat(at, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let mut length = 0;
    loop {
        if buffer.len() - length < 32 * 1024 {
            buffer.resize((buffer.len() * 2).max(64 * 1024), 0);
        }
        match rustix::io::read(&file, &mut buffer[length..])? {
            0 => return Ok(&buffer[..length]),
            read => length += read,
        }
    }
}

/// Calls `each` with every name that is a number. `buffer` should be large: 256 KiB take 10,000
/// entries of `/proc` in two calls (32 KiB: ten calls, 1 per cent slower; 1 MiB: no faster).
pub fn numbers(
    directory: BorrowedFd<'_>,
    buffer: &mut [u8],
    mut each: impl FnMut(u32),
) -> rustix::io::Result<()> {
    loop {
        // SAFETY: the kernel writes at most the buffer's length into the buffer.
        let got = unsafe {
            libc::syscall(
                libc::SYS_getdents64,
                directory.as_raw_fd(),
                buffer.as_mut_ptr(),
                buffer.len(),
            )
        };
        if got < 0 {
            return Err(rustix::io::Errno::from_raw_os_error(
                std::io::Error::last_os_error()
                    .raw_os_error()
                    .unwrap_or(libc::EIO),
            ));
        }
        if got == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..got as usize];
        while rest.len() > 19 {
            let length = usize::from(u16::from_ne_bytes([rest[16], rest[17]]));
            let (number, digits) = number(&rest[19..]);
            if digits > 0 {
                each(number as u32);
            }
            rest = &rest[length..];
        }
    }
}

/// The number at the front, and how many digits it has.
#[inline]
pub fn number(text: &[u8]) -> (u64, usize) {
    let mut value = 0_u64;
    let mut digits = 0;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        digits += 1;
    }
    (value, digits)
}

/// The first number after anything that is not a digit.
#[inline]
pub fn next_number<'t>(text: &'t [u8], value: &mut u64) -> &'t [u8] {
    let start = text
        .iter()
        .position(u8::is_ascii_digit)
        .unwrap_or(text.len());
    let (found, digits) = number(&text[start..]);
    *value = found;
    &text[start + digits..]
}

/// The path of something of a process, without allocation: `123/stat`.
pub struct Path {
    bytes: [u8; 64],
}

impl Path {
    pub const fn new() -> Self {
        Self { bytes: [0; 64] }
    }

    /// `NUMBER` + `rest`, where `rest` is empty or begins with a slash.
    #[inline]
    pub fn of(&mut self, mut number: u32, rest: &[u8]) -> &CStr {
        let mut digits = [0_u8; 10];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        let length = digits.len() - at;
        self.bytes[..length].copy_from_slice(&digits[at..]);
        self.bytes[length..length + rest.len()].copy_from_slice(rest);
        self.bytes[length + rest.len()] = 0;
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }
}

/// Seconds since the epoch at which the machine's clock of process starts was zero.
pub fn boot() -> f64 {
    use rustix::time::{ClockId, clock_gettime};
    let seconds = |clock| {
        let time = clock_gettime(clock);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    seconds(ClockId::Realtime) - seconds(ClockId::Boottime)
}

/// What `PIDFD_GET_INFO` fills in (Linux 6.13, `linux/pidfd.h`).
#[repr(C)]
#[derive(Default, Clone, Copy)]
pub struct PidfdInfo {
    pub mask: u64,
    pub cgroupid: u64,
    pub pid: u32,
    pub tgid: u32,
    pub ppid: u32,
    pub ruid: u32,
    pub rgid: u32,
    pub euid: u32,
    pub egid: u32,
    pub suid: u32,
    pub sgid: u32,
    pub fsuid: u32,
    pub fsgid: u32,
    pub exit_code: i32,
}

/// `_IOWR(0xFF, 11, struct pidfd_info)` at the structure's first size.
const PIDFD_GET_INFO: u32 = (3 << 30) | ((size_of::<PidfdInfo>() as u32) << 16) | (0xFF << 8) | 11;

/// A pidfd.
pub fn pidfd(pid: u32) -> rustix::io::Result<OwnedFd> {
    let pid = rustix::process::Pid::from_raw(pid as i32).ok_or(rustix::io::Errno::SRCH)?;
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())
}

/// Ids of a process: with opening and closing the pidfd a third of the price of `status`.
pub fn pidfd_info(pid: u32) -> rustix::io::Result<PidfdInfo> {
    info_of(&pidfd(pid)?)
}

/// Ids of the process of a pidfd; `ESRCH` once it was reaped.
pub fn info_of(pidfd: &OwnedFd) -> rustix::io::Result<PidfdInfo> {
    let mut info = PidfdInfo {
        mask: 3,
        ..PidfdInfo::default()
    };
    // SAFETY: the request's size is that of the structure the kernel fills in.
    let result = unsafe {
        libc::ioctl(
            pidfd.as_raw_fd(),
            u64::from(PIDFD_GET_INFO),
            std::ptr::from_mut(&mut info),
        )
    };
    if result == 0 {
        Ok(info)
    } else {
        Err(rustix::io::Errno::from_raw_os_error(
            std::io::Error::last_os_error()
                .raw_os_error()
                .unwrap_or(libc::EIO),
        ))
    }
}
