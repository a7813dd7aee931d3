//! Questions to the documented API, with which the library's answers are compared.

#![expect(unsafe_code, reason = "calls into the operating system")]

use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr;
use std::time::Duration;

use pslens_parse::windows::system_extended_handle_information;
use windows_sys::Wdk::System::SystemInformation::{
    NtQuerySystemInformation, SYSTEM_INFORMATION_CLASS,
};
use windows_sys::Wdk::System::Threading::{NtQueryInformationProcess, ProcessBasicInformation};
use windows_sys::Win32::Foundation::{FILETIME, HANDLE, LocalFree, STATUS_INFO_LENGTH_MISMATCH};
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, SetKernelObjectSecurity};
use windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceW;
use windows_sys::Win32::System::Diagnostics::Debug::{ReadProcessMemory, WriteProcessMemory};
use windows_sys::Win32::System::Environment::SetEnvironmentVariableW;
use windows_sys::Win32::System::Memory::{HeapCreate, HeapDestroy};
use windows_sys::Win32::System::SystemInformation::{
    GetSystemInfo, GetTickCount64, GlobalMemoryStatusEx, MEMORYSTATUSEX, SYSTEM_INFO,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetSystemTimes};
use windows_sys::Win32::UI::Shell::CommandLineToArgvW;

/// How many CPUs this group has, and the size of a page.
pub(crate) fn system_info() -> (u32, u32) {
    let mut info = SYSTEM_INFO::default();
    // SAFETY: the pointer leads to a structure to be filled.
    unsafe { GetSystemInfo(&raw mut info) };
    (info.dwNumberOfProcessors, info.dwPageSize)
}

/// Idle, kernel (with idle) and user time of all CPUs.
pub(crate) fn system_times() -> [Duration; 3] {
    let mut times = [FILETIME::default(); 3];
    let [idle, kernel, user] = times.each_mut().map(std::ptr::from_mut);
    // SAFETY: the pointers lead to three places for a FILETIME.
    assert_ne!(unsafe { GetSystemTimes(idle, kernel, user) }, 0);
    times.map(|time| {
        let units = u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
        Duration::from_nanos(units * 100)
    })
}

/// Physical memory: all, and what is available.
pub(crate) fn physical_memory() -> (u64, u64) {
    let mut status = MEMORYSTATUSEX {
        dwLength: size_of::<MEMORYSTATUSEX>() as u32,
        ..MEMORYSTATUSEX::default()
    };
    // SAFETY: the structure says its size.
    assert_ne!(unsafe { GlobalMemoryStatusEx(&raw mut status) }, 0);
    (status.ullTotalPhys, status.ullAvailPhys)
}

/// How long the system is up.
pub(crate) fn uptime() -> Duration {
    // SAFETY: takes nothing.
    Duration::from_millis(unsafe { GetTickCount64() })
}

/// A heap beside that of the process.
pub(crate) struct Heap(HANDLE);

impl Heap {
    /// With so many bytes of memory from the start.
    pub(crate) fn new(size: usize) -> Self {
        // SAFETY: takes no pointers.
        let heap = unsafe { HeapCreate(0, size, 0) };
        assert!(!heap.is_null());
        Self(heap)
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        // SAFETY: nobody else has this heap.
        assert_ne!(unsafe { HeapDestroy(self.0) }, 0);
    }
}

/// How the system splits a command line.
pub(crate) fn command_line_to_argv(line: &[u16]) -> Vec<Vec<u16>> {
    let line: Vec<u16> = line.iter().copied().chain([0]).collect();
    let mut count = 0;
    // SAFETY: the line ends with a NUL, the pointer leads to a place for a number.
    let list = unsafe { CommandLineToArgvW(line.as_ptr(), &raw mut count) };
    assert!(!list.is_null());
    let arguments = (0..count as usize)
        .map(|index| {
            // SAFETY: the list has so many pointers.
            let pointer = unsafe { list.add(index) };
            // SAFETY: likewise.
            let mut unit = unsafe { *pointer };
            let mut argument = Vec::new();
            loop {
                // SAFETY: each leads to text that ends with a NUL, which was not reached yet.
                match unsafe { *unit } {
                    0 => break argument,
                    more => argument.push(more),
                }
                // SAFETY: as above, so there is one more.
                unit = unsafe { unit.add(1) };
            }
        })
        .collect();
    // SAFETY: nothing points to the list any more.
    unsafe { LocalFree(list.cast()) };
    arguments
}

/// Where in its memory a process keeps the pointer to its parameters.
pub(crate) fn parameters_pointer(process: BorrowedHandle<'_>) -> usize {
    let mut basic = [0_usize; 6];
    let size = size_of_val(&basic) as u32;
    let (process, answer) = (process.as_raw_handle(), (&raw mut basic).cast());
    let class = ProcessBasicInformation;
    // SAFETY: the handle is open, the place for the answer has that size, and the size is not asked for.
    let status =
        unsafe { NtQueryInformationProcess(process, class, answer, size, ptr::null_mut()) };
    assert_eq!(status, 0);
    let [_status, block, ..] = basic;
    block + 32
}

/// Puts a number into the memory of a process; says what was there.
pub(crate) fn replace_memory(process: BorrowedHandle<'_>, at: usize, with: usize) -> usize {
    let mut former = 0_usize;
    let process = process.as_raw_handle();
    let (old, new) = ((&raw mut former).cast(), (&raw const with).cast());
    let size = size_of::<usize>();
    let (from, to) = (ptr::without_provenance(at), ptr::without_provenance(at));
    // SAFETY: the handle is open, and as much as is read there is room for.
    let is_read = unsafe { ReadProcessMemory(process, from, old, size, ptr::null_mut()) };
    assert_ne!(is_read, 0);
    // SAFETY: the handle is open, and as much as is written is there. The memory is not that of this process.
    let is_written = unsafe { WriteProcessMemory(process, to, new, size, ptr::null_mut()) };
    assert_ne!(is_written, 0);
    former
}

/// Gives this process a variable.
pub(crate) fn set_variable(name: &str, value: &str) {
    let [name, value] =
        [name, value].map(|text| text.encode_utf16().chain([0]).collect::<Vec<_>>());
    // SAFETY: both end with a NUL.
    let done = unsafe { SetEnvironmentVariableW(name.as_ptr(), value.as_ptr()) };
    assert_ne!(done, 0);
}

/// From now on nobody may open this process, not even its user.
pub(crate) fn refuse_everybody() {
    // SAFETY: takes nothing.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: what stands for the own process is never closed.
    protect(unsafe { BorrowedHandle::borrow_raw(process) }, "D:P");
}

/// What the clusters of a drive add up to: all of them, and those that are free for the caller.
pub(crate) fn clusters(root: &str) -> (u64, u64) {
    let root: Vec<u16> = root.encode_utf16().chain([0]).collect();
    let mut numbers = [0_u32; 4];
    let [sectors, bytes, free, total] = numbers.each_mut().map(std::ptr::from_mut);
    // SAFETY: the path ends with a NUL, the pointers lead to four numbers.
    let done = unsafe { GetDiskFreeSpaceW(root.as_ptr(), sectors, bytes, free, total) };
    assert_ne!(done, 0);
    let [sectors, bytes, free, total] = numbers.map(u64::from);
    (sectors * bytes * total, sectors * bytes * free)
}

/// How many handles this process has open, counted in the table of all processes' handles: wine's
/// `GetProcessHandleCount` says 0.
pub(crate) fn own_handle_count() -> usize {
    const ALL_HANDLES: SYSTEM_INFORMATION_CLASS = 64;
    let mut table = vec![0_u8; 1 << 16];
    let mut needed = 0;
    loop {
        let length = u32::try_from(table.len()).unwrap();
        let start = table.as_mut_ptr().cast();
        // SAFETY: at most `length` bytes are written from `start` on, which are the table's.
        match unsafe { NtQuerySystemInformation(ALL_HANDLES, start, length, &raw mut needed) } {
            0 => break,
            STATUS_INFO_LENGTH_MISMATCH => table.resize(table.len() * 2, 0),
            status => panic!("{status:#x}"),
        }
    }
    let me = u64::from(std::process::id());
    let rows = system_extended_handle_information::rows(&table);
    rows.filter(|row| row.unique_process_id == me).count()
}

/// Gives a process another list of who may do what with it, in the language of security descriptors.
pub(crate) fn protect(process: BorrowedHandle<'_>, list: &str) {
    let list: Vec<u16> = list.encode_utf16().chain([0]).collect();
    let mut descriptor = ptr::null_mut();
    // SAFETY: the text ends with a NUL, the pointer leads to a place for one, and the size is not asked for.
    let made = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            list.as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor,
            ptr::null_mut(),
        )
    };
    assert_ne!(made, 0);
    let process = process.as_raw_handle();
    // SAFETY: the handle is open, the descriptor was just made.
    let set = unsafe { SetKernelObjectSecurity(process, DACL_SECURITY_INFORMATION, descriptor) };
    assert_ne!(set, 0);
    // SAFETY: nothing points to it any more.
    unsafe { LocalFree(descriptor) };
}
