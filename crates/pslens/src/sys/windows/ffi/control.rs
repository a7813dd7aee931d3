//! Acting on an open process.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr;

use windows_sys::Wdk::System::Threading::{
    NtQueryInformationProcess, NtTerminateProcess, PROCESSINFOCLASS, ProcessAffinityMask,
    ProcessIoPriority,
};
use windows_sys::Win32::Foundation::{HANDLE, NTSTATUS, STATUS_PROCESS_IS_TERMINATING};
use windows_sys::Win32::System::Console::GenerateConsoleCtrlEvent;
use windows_sys::Win32::System::SystemInformation::GROUP_AFFINITY;
use windows_sys::Win32::System::Threading::{
    GetActiveProcessorCount, GetActiveProcessorGroupCount, GetPriorityClass,
    GetProcessAffinityMask, GetProcessGroupAffinity, SetPriorityClass, SetProcessAffinityMask,
};

use super::nt;

/// What tells the kernel that a group is named with a mask.
const GROUP_AND_MASK: u32 = 16;

const _: () = assert!(size_of::<GROUP_AFFINITY>() == GROUP_AND_MASK as usize);

// What `windows-sys` does not declare, with the types that `ntdll` has had since Windows XP.
#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtSuspendProcess(process: HANDLE) -> NTSTATUS;
    fn NtResumeProcess(process: HANDLE) -> NTSTATUS;
    fn NtSetInformationProcess(
        process: HANDLE,
        class: PROCESSINFOCLASS,
        information: *const c_void,
        length: u32,
    ) -> NTSTATUS;
}

/// A failed call of the documented API is told by a zero.
fn succeeded(answer: i32) -> io::Result<()> {
    match answer {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// A failed call of `ntdll` is told by a negative status.
fn status(status: NTSTATUS) -> io::Result<()> {
    match status {
        0.. => Ok(()),
        _ => Err(nt::error(status)),
    }
}

/// The handle must have been opened with `PROCESS_TERMINATE`.
pub(in crate::sys::windows) fn terminate(process: BorrowedHandle<'_>, code: u32) -> io::Result<()> {
    // SAFETY: the handle is open.
    match unsafe { NtTerminateProcess(process.as_raw_handle(), code.cast_signed()) } {
        // The documented call makes "access denied" of this, which it also says where it is.
        STATUS_PROCESS_IS_TERMINATING => Ok(()),
        result => status(result),
    }
}

/// The handle must have been opened with `PROCESS_SUSPEND_RESUME`.
pub(in crate::sys::windows) fn suspend(process: BorrowedHandle<'_>) -> io::Result<()> {
    // SAFETY: the handle is open.
    status(unsafe { NtSuspendProcess(process.as_raw_handle()) })
}

/// The handle must have been opened with `PROCESS_SUSPEND_RESUME`.
pub(in crate::sys::windows) fn resume(process: BorrowedHandle<'_>) -> io::Result<()> {
    // SAFETY: the handle is open.
    status(unsafe { NtResumeProcess(process.as_raw_handle()) })
}

/// To a process group of the caller's console, by the number of the process that leads it.
pub(in crate::sys::windows) fn console_event(event: u32, group: u32) -> io::Result<()> {
    // SAFETY: takes no pointers.
    succeeded(unsafe { GenerateConsoleCtrlEvent(event, group) })
}

pub(in crate::sys::windows) fn priority_class(process: BorrowedHandle<'_>) -> io::Result<u32> {
    // SAFETY: the handle is open.
    match unsafe { GetPriorityClass(process.as_raw_handle()) } {
        0 => Err(io::Error::last_os_error()),
        class => Ok(class),
    }
}

/// The handle must have been opened with `PROCESS_SET_INFORMATION`.
pub(in crate::sys::windows) fn set_priority_class(
    process: BorrowedHandle<'_>,
    class: u32,
) -> io::Result<()> {
    // SAFETY: the handle is open.
    succeeded(unsafe { SetPriorityClass(process.as_raw_handle(), class) })
}

/// An `IO_PRIORITY_HINT`.
pub(in crate::sys::windows) fn io_priority(process: BorrowedHandle<'_>) -> io::Result<u32> {
    let mut hint = 0_u32;
    let place = (&raw mut hint).cast();
    let (process, class) = (process.as_raw_handle(), ProcessIoPriority);
    // SAFETY: the handle is open, and `place` has room for the four bytes that are announced.
    status(unsafe { NtQueryInformationProcess(process, class, place, 4, ptr::null_mut()) })?;
    Ok(hint)
}

/// The handle must have been opened with `PROCESS_SET_INFORMATION`.
pub(in crate::sys::windows) fn set_io_priority(
    process: BorrowedHandle<'_>,
    hint: u32,
) -> io::Result<()> {
    let place = (&raw const hint).cast();
    let (process, class) = (process.as_raw_handle(), ProcessIoPriority);
    // SAFETY: the handle is open, and at `place` are the four bytes that are announced.
    status(unsafe { NtSetInformationProcess(process, class, place, 4) })
}

/// How many CPUs each processor group has, in the order of the groups.
pub(in crate::sys::windows) fn group_sizes() -> Vec<u32> {
    // SAFETY: takes no pointers.
    let groups = unsafe { GetActiveProcessorGroupCount() };
    let size = |group| {
        // SAFETY: takes no pointers; a group that does not exist has no CPUs.
        unsafe { GetActiveProcessorCount(group) }
    };
    (0..groups).map(size).collect()
}

/// The processor groups that threads of the process are in.
pub(in crate::sys::windows) fn groups(process: BorrowedHandle<'_>) -> io::Result<Vec<u16>> {
    // There are at most 32 groups today: 2048 CPUs.
    let mut groups = [0_u16; 256];
    let mut count = 256;
    let place = groups.as_mut_ptr();
    // SAFETY: the handle is open, and `place` has room for `count` numbers.
    succeeded(unsafe { GetProcessGroupAffinity(process.as_raw_handle(), &raw mut count, place) })?;
    Ok(groups.into_iter().take(usize::from(count)).collect())
}

/// What the process is confined to in its group, and what there is.
#[derive(Debug, Clone, Copy)]
pub(in crate::sys::windows) struct Masks {
    pub(in crate::sys::windows) process: usize,
    pub(in crate::sys::windows) system: usize,
}

pub(in crate::sys::windows) fn affinity(process: BorrowedHandle<'_>) -> io::Result<Masks> {
    let (mut mine, mut system) = (0, 0);
    let process = process.as_raw_handle();
    // SAFETY: the handle is open, and the pointers lead to two numbers.
    succeeded(unsafe { GetProcessAffinityMask(process, &raw mut mine, &raw mut system) })?;
    Ok(Masks {
        process: mine,
        system,
    })
}

/// The handle must have been opened with `PROCESS_SET_INFORMATION`.
pub(in crate::sys::windows) fn set_affinity(
    process: BorrowedHandle<'_>,
    mask: usize,
) -> io::Result<()> {
    // SAFETY: the handle is open.
    succeeded(unsafe { SetProcessAffinityMask(process.as_raw_handle(), mask) })
}

/// As [`set_affinity`], and says which group is meant.
pub(in crate::sys::windows) fn set_group_affinity(
    process: BorrowedHandle<'_>,
    group: u16,
    mask: usize,
) -> io::Result<()> {
    let affinity = GROUP_AFFINITY {
        Mask: mask,
        Group: group,
        Reserved: [0; 3],
    };
    let place = (&raw const affinity).cast();
    let (process, class) = (process.as_raw_handle(), ProcessAffinityMask);
    // SAFETY: the handle is open, and at `place` are the bytes that are announced.
    status(unsafe { NtSetInformationProcess(process, class, place, GROUP_AND_MASK) })
}
