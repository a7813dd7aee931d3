//! `ntdll`: what the documented API is made of, and does not tell all of.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr;

use windows_sys::Wdk::System::SystemInformation::{
    NtQuerySystemInformation, SYSTEM_INFORMATION_CLASS,
};
use windows_sys::Wdk::System::Threading::{NtQueryInformationProcess, PROCESSINFOCLASS};
use windows_sys::Win32::Foundation::{
    HANDLE, NTSTATUS, RtlNtStatusToDosError, STATUS_BUFFER_OVERFLOW, STATUS_BUFFER_TOO_SMALL,
    STATUS_INFO_LENGTH_MISMATCH, STATUS_INVALID_INFO_CLASS, STATUS_NOT_SUPPORTED, UNICODE_STRING,
};

// Not in windows-sys. Since Windows 7; what is asked stands in a buffer of its own.
#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtQuerySystemInformationEx(
        class: SYSTEM_INFORMATION_CLASS,
        query: *const c_void,
        query_length: u32,
        answer: *mut c_void,
        answer_length: u32,
        needed: *mut u32,
    ) -> NTSTATUS;
}

/// More than any answer can need; a kernel that asks for more is not believed.
const LARGEST: usize = 256 << 20;

/// The code of the documented API for a status of `ntdll`, as an error.
pub(in crate::sys::windows) fn error(status: NTSTATUS) -> io::Error {
    // For the documented API the class is the caller's mistake; here it is that this kernel has no such one.
    let status = match status {
        STATUS_INVALID_INFO_CLASS => STATUS_NOT_SUPPORTED,
        status => status,
    };
    // SAFETY: any number may be translated.
    let code = unsafe { RtlNtStatusToDosError(status) };
    io::Error::from_raw_os_error(code.cast_signed())
}

/// The answer to a class of `NtQuerySystemInformation`, in `buffer`, which grows as needed and is kept.
pub(in crate::sys::windows) fn query_system(
    class: SYSTEM_INFORMATION_CLASS,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    grow(buffer, |start, length, needed| {
        #[cfg(test)]
        super::calls::one_more_table();
        // SAFETY: the kernel writes at most `length` bytes from `start` on, which are the buffer's.
        unsafe { NtQuerySystemInformation(class, start, length, needed) }
    })
}

/// The answer to a class that refuses more room than the `length` of its structure.
pub(in crate::sys::windows) fn query_system_exactly(
    class: SYSTEM_INFORMATION_CLASS,
    length: u32,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    buffer.clear();
    buffer.resize(length as usize, 0);
    let start = buffer.as_mut_ptr().cast();
    let mut written = 0;
    // SAFETY: the kernel writes at most `length` bytes from `start` on, which are the buffer's.
    match unsafe { NtQuerySystemInformation(class, start, length, &raw mut written) } {
        0.. => {
            buffer.truncate(written as usize);
            Ok(())
        }
        status => Err(error(status)),
    }
}

/// The answer to a class that is about one processor group.
pub(in crate::sys::windows) fn query_system_of_group(
    class: SYSTEM_INFORMATION_CLASS,
    group: u16,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    const LENGTH: u32 = u16::BITS / u8::BITS;
    grow(buffer, |start, length, needed| {
        let group = (&raw const group).cast();
        // SAFETY: the kernel reads the group's number, and writes at most `length` bytes from `start` on,
        // which are the buffer's.
        unsafe { NtQuerySystemInformationEx(class, group, LENGTH, start, length, needed) }
    })
}

/// The answer to a class of `NtQueryInformationProcess`, likewise.
pub(in crate::sys::windows) fn query_process(
    process: BorrowedHandle<'_>,
    class: PROCESSINFOCLASS,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    let process = process.as_raw_handle();
    grow(buffer, |start, length, needed| {
        // SAFETY: as above, and the handle is open.
        unsafe { NtQueryInformationProcess(process, class, start, length, needed) }
    })
}

/// The answer to a class of `NtQueryInformationProcess` that is `N` words of 64 bits.
pub(in crate::sys::windows) fn query_process_words<const N: usize>(
    process: BorrowedHandle<'_>,
    class: PROCESSINFOCLASS,
) -> io::Result<[u64; N]> {
    const { assert!(N < 64) };
    let mut words = [0; N];
    let process = process.as_raw_handle();
    let start = words.as_mut_ptr().cast();
    #[expect(clippy::cast_possible_truncation, reason = "few words")]
    let length = size_of::<[u64; N]>() as u32;
    // SAFETY: the handle is open, and the kernel writes at most `length` bytes, which the words have.
    match unsafe { NtQueryInformationProcess(process, class, start, length, ptr::null_mut()) } {
        0.. => Ok(words),
        status => Err(error(status)),
    }
}

/// The path, as the kernel has it, of the program file of the process with this number: no rights are needed.
///
/// Empty if it has none. The answer may also be of a process that has ended.
pub(in crate::sys::windows) fn image_name(pid: u32) -> io::Result<Vec<u16>> {
    let mut path = vec![0_u16; LONGEST_PATH as usize / 2];
    let mut question = SystemProcessIdInformation {
        process_id: ptr::without_provenance_mut(pid as usize),
        image_name: UNICODE_STRING {
            Length: 0,
            MaximumLength: LONGEST_PATH,
            Buffer: path.as_mut_ptr(),
        },
    };
    let start = (&raw mut question).cast();
    #[expect(clippy::cast_possible_truncation, reason = "a few bytes")]
    let size = size_of_val(&question) as u32;
    // SAFETY: the question is that long, and its string leads to as much room as it says.
    let status = unsafe {
        NtQuerySystemInformation(SYSTEM_PROCESS_ID_INFORMATION, start, size, ptr::null_mut())
    };
    match status {
        0.. => {
            path.truncate(usize::from(question.image_name.Length) / 2);
            // There was room for the longest, and this may be kept for every process.
            path.shrink_to_fit();
            Ok(path)
        }
        status => Err(error(status)),
    }
}

/// `SYSTEM_PROCESS_ID_INFORMATION`, which is not in the documented headers: a number, and where to put the path.
#[repr(C)]
struct SystemProcessIdInformation {
    process_id: HANDLE,
    image_name: UNICODE_STRING,
}

const _: () = assert!(size_of::<SystemProcessIdInformation>() == 3 * size_of::<usize>());

/// The class of it, since Windows Vista.
const SYSTEM_PROCESS_ID_INFORMATION: SYSTEM_INFORMATION_CLASS = 88;

/// In bytes: what a `UNICODE_STRING` can hold.
const LONGEST_PATH: u16 = u16::MAX - 1;

/// Calls `ask` with the room that `buffer` has, and with more as long as that is not enough.
fn grow(
    buffer: &mut Vec<u8>,
    mut ask: impl FnMut(*mut c_void, u32, *mut u32) -> NTSTATUS,
) -> io::Result<()> {
    buffer.clear();
    loop {
        let room = buffer.capacity().min(LARGEST);
        let mut needed = 0;
        let length = u32::try_from(room).unwrap_or(u32::MAX);
        let status = ask(buffer.as_mut_ptr().cast(), length, &raw mut needed);
        let needed = needed as usize;
        match status {
            STATUS_BUFFER_TOO_SMALL | STATUS_INFO_LENGTH_MISMATCH | STATUS_BUFFER_OVERFLOW
                if room < LARGEST =>
            {
                // What is needed may have grown until the next call.
                let wanted = (needed + needed / 4).max(room * 2).max(256);
                buffer.reserve_exact(wanted.min(LARGEST));
            }
            0.. => {
                // SAFETY: a successful call has written that many bytes, and no more than there is room for.
                unsafe { buffer.set_len(needed.min(room)) };
                return Ok(());
            }
            _ => return Err(error(status)),
        }
    }
}
