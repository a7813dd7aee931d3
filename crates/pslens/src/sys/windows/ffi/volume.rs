//! Drives, volumes and their mount points, and what disks count.

use std::ffi::{OsStr, OsString};
use std::io;
use std::marker::PhantomData;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_NAME, ERROR_MORE_DATA, ERROR_NO_MORE_FILES, HANDLE,
    INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Storage::FileSystem::{
    FindFirstVolumeW, FindNextVolumeW, FindVolumeClose, GetDiskFreeSpaceExW, GetDriveTypeW,
    GetLogicalDriveStringsW, GetVolumeInformationW, GetVolumePathNamesForVolumeNameW,
    QueryDosDeviceW,
};
use windows_sys::Win32::System::Diagnostics::Debug::{SEM_FAILCRITICALERRORS, SetThreadErrorMode};
use windows_sys::Win32::System::IO::DeviceIoControl;
use windows_sys::Win32::System::Ioctl::{DISK_PERFORMANCE, IOCTL_DISK_PERFORMANCE};

use crate::sys::windows::wide;

/// More characters or bytes than any answer can need.
const LARGEST: u32 = 16 << 20;

/// While it lives, this thread asks nobody to put a disk into the drive.
#[derive(Debug)]
pub(in crate::sys::windows) struct Quiet {
    before: u32,
    /// The mode is the thread's.
    here: PhantomData<*const ()>,
}

impl Quiet {
    pub(in crate::sys::windows) fn new() -> Self {
        let mut before = 0;
        // SAFETY: the pointer leads to a number. It cannot fail for a mode that exists.
        unsafe { SetThreadErrorMode(SEM_FAILCRITICALERRORS, &raw mut before) };
        Self {
            before,
            here: PhantomData,
        }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: what was before is not asked for.
        unsafe { SetThreadErrorMode(self.before, ptr::null_mut()) };
    }
}

/// Bytes of a volume.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::sys::windows) struct Space {
    pub(in crate::sys::windows) total: u64,
    pub(in crate::sys::windows) free: u64,
    /// That the caller may use: less than `free` if there are quotas.
    pub(in crate::sys::windows) available: u64,
}

/// How much room there is where the directory is.
pub(in crate::sys::windows) fn space(directory: &OsStr) -> io::Result<Space> {
    let directory = terminated(directory)?;
    let mut space = Space::default();
    // SAFETY: the path ends with a NUL, the pointers lead to three numbers.
    let done = unsafe {
        GetDiskFreeSpaceExW(
            directory.as_ptr(),
            &raw mut space.available,
            &raw mut space.total,
            &raw mut space.free,
        )
    };
    succeeded(done).map(|()| space)
}

/// The roots of all drives that have a letter, each ended by a NUL.
pub(in crate::sys::windows) fn drives() -> io::Result<Vec<u16>> {
    // 26 letters, each with a colon, a backslash and a NUL, and one more NUL.
    let mut drives = vec![0; 128];
    let room = length(&drives);
    // SAFETY: it writes at most `room` characters, which there is room for.
    match unsafe { GetLogicalDriveStringsW(room, drives.as_mut_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(drives),
    }
}

/// `DRIVE_*`, of a root with a backslash at the end.
pub(in crate::sys::windows) fn drive_type(root: &OsStr) -> io::Result<u32> {
    let root = terminated(root)?;
    // SAFETY: the path ends with a NUL.
    Ok(unsafe { GetDriveTypeW(root.as_ptr()) })
}

/// The type of the file system under a root with a backslash at the end, and its `FILE_*` flags.
pub(in crate::sys::windows) fn file_system(root: &OsStr) -> io::Result<(OsString, u32)> {
    let root = terminated(root)?;
    let mut name = [0; 261];
    let mut flags = 0;
    let room = length(&name);
    // SAFETY: the path ends with a NUL; the pointers lead to a number and to `room` characters; null is what
    // is not asked for.
    let done = unsafe {
        GetVolumeInformationW(
            root.as_ptr(),
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut flags,
            name.as_mut_ptr(),
            room,
        )
    };
    succeeded(done).map(|()| (wide::until_nul(&name), flags))
}

/// The names of all volumes of this machine, mounted or not: `\\?\Volume{...}\`.
#[derive(Debug)]
pub(in crate::sys::windows) struct Volumes {
    search: HANDLE,
    next: Option<OsString>,
}

impl Volumes {
    pub(in crate::sys::windows) fn all() -> io::Result<Self> {
        let mut name = [0; 64];
        let room = length(&name);
        // SAFETY: it writes at most `room` characters, which there is room for.
        let search = unsafe { FindFirstVolumeW(name.as_mut_ptr(), room) };
        if search == INVALID_HANDLE_VALUE {
            return Err(io::Error::last_os_error());
        }
        Ok(Self {
            search,
            next: Some(wide::until_nul(&name)),
        })
    }
}

impl Iterator for Volumes {
    type Item = io::Result<OsString>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(first) = self.next.take() {
            return Some(Ok(first));
        }
        let mut name = [0; 64];
        let room = length(&name);
        // SAFETY: the search is open, and at most `room` characters are written, which there is room for.
        let done = unsafe { FindNextVolumeW(self.search, name.as_mut_ptr(), room) };
        match succeeded(done) {
            Ok(()) => Some(Ok(wide::until_nul(&name))),
            Err(error) if is_code(&error, ERROR_NO_MORE_FILES) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl Drop for Volumes {
    fn drop(&mut self) {
        // SAFETY: the search was opened by us and is closed once.
        unsafe { FindVolumeClose(self.search) };
    }
}

/// Where a volume is mounted: drives and directories, each ended by a NUL.
pub(in crate::sys::windows) fn mount_points(volume: &OsStr) -> io::Result<Vec<u16>> {
    let volume = terminated(volume)?;
    let mut points = vec![0; 512];
    loop {
        let room = length(&points);
        let mut needed = 0;
        // SAFETY: the name ends with a NUL; at most `room` characters are written, which there is room for.
        let done = unsafe {
            GetVolumePathNamesForVolumeNameW(
                volume.as_ptr(),
                points.as_mut_ptr(),
                room,
                &raw mut needed,
            )
        };
        match succeeded(done) {
            Ok(()) => return Ok(points),
            Err(error) if is_code(&error, ERROR_MORE_DATA) && room < LARGEST => {
                points = vec![0; needed.max(room * 2) as usize];
            }
            Err(error) => return Err(error),
        }
    }
}

/// The names of all devices that programs can open, each ended by a NUL.
pub(in crate::sys::windows) fn devices() -> io::Result<Vec<u16>> {
    let mut names = vec![0; 8 << 10];
    loop {
        let room = length(&names);
        // SAFETY: null asks for all; at most `room` characters are written, which there is room for.
        match unsafe { QueryDosDeviceW(ptr::null(), names.as_mut_ptr(), room) } {
            0 => {
                let error = io::Error::last_os_error();
                if !is_code(&error, ERROR_INSUFFICIENT_BUFFER) || room >= LARGEST {
                    return Err(error);
                }
                names = vec![0; room as usize * 2];
            }
            _ => return Ok(names),
        }
    }
}

/// `DISK_PERFORMANCE` of an open disk. Some drivers want more room than the structure takes (psutil #2937).
pub(in crate::sys::windows) fn disk_performance(disk: BorrowedHandle<'_>) -> io::Result<Vec<u8>> {
    let mut answer = vec![0; size_of::<DISK_PERFORMANCE>()];
    loop {
        let room = length(&answer);
        let mut written = 0;
        // SAFETY: the handle is open, nothing is sent, at most `room` bytes are written, which there is room
        // for, and the call returns when it is done.
        let done = unsafe {
            DeviceIoControl(
                disk.as_raw_handle(),
                IOCTL_DISK_PERFORMANCE,
                ptr::null(),
                0,
                answer.as_mut_ptr().cast(),
                room,
                &raw mut written,
                ptr::null_mut(),
            )
        };
        match succeeded(done) {
            Ok(()) => {
                answer.truncate(written as usize);
                return Ok(answer);
            }
            Err(error) => {
                let wants_more = [ERROR_INSUFFICIENT_BUFFER, ERROR_MORE_DATA];
                if !wants_more.iter().any(|&code| is_code(&error, code)) || room >= LARGEST {
                    return Err(error);
                }
                answer = vec![0; room as usize * 2];
            }
        }
    }
}

/// As the API wants it. It would take a NUL within for the end, and another file for the one that is meant.
fn terminated(path: &OsStr) -> io::Result<Vec<u16>> {
    if path.encode_wide().any(|unit| unit == 0) {
        return Err(io::Error::from_raw_os_error(
            ERROR_INVALID_NAME.cast_signed(),
        ));
    }
    Ok(wide::terminated(path))
}

fn succeeded(done: i32) -> io::Result<()> {
    match done {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn is_code(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code.cast_signed())
}

fn length<T>(buffer: &[T]) -> u32 {
    u32::try_from(buffer.len()).unwrap_or(u32::MAX)
}
