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

use super::buffer::Buffer;

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

/// What most answers about one thing fit into, in bytes.
const SMALLEST: usize = 512;

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
    buffer: &mut Buffer,
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
) -> io::Result<Buffer> {
    once(length, |start, length, written| {
        // SAFETY: the kernel writes at most `length` bytes from `start` on, which are the buffer's.
        unsafe { NtQuerySystemInformation(class, start, length, written) }
    })
}

/// The answer to a class that has a row of `row` bytes for each CPU of a processor group: of the one with this
/// number, or of that of the calling thread.
///
/// For some classes the kernel refuses a length that is no multiple of the row's, and is content with one that
/// is too short for all CPUs. No group has more than 64.
pub(in crate::sys::windows) fn query_cpus(
    class: SYSTEM_INFORMATION_CLASS,
    row: u32,
    group: Option<u16>,
) -> io::Result<Buffer> {
    const LENGTH: u32 = u16::BITS / u8::BITS;
    once(row * u64::BITS, |start, length, written| match group {
        None => {
            // SAFETY: the kernel writes at most `length` bytes from `start` on, which are the buffer's.
            unsafe { NtQuerySystemInformation(class, start, length, written) }
        }
        Some(group) => {
            let group = (&raw const group).cast();
            // SAFETY: likewise, and the kernel reads the group's number.
            unsafe { NtQuerySystemInformationEx(class, group, LENGTH, start, length, written) }
        }
    })
}

/// The answer to a class of `NtQueryInformationProcess`, likewise.
pub(in crate::sys::windows) fn query_process(
    process: BorrowedHandle<'_>,
    class: PROCESSINFOCLASS,
    buffer: &mut Buffer,
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

/// Calls `ask` with this much room.
fn once(room: u32, ask: impl FnOnce(*mut c_void, u32, *mut u32) -> NTSTATUS) -> io::Result<Buffer> {
    let mut buffer = Buffer::with_room(room as usize);
    let mut written = 0;
    match ask(buffer.start(), room, &raw mut written) {
        0.. => {
            buffer.fill(written as usize);
            Ok(buffer)
        }
        status => Err(error(status)),
    }
}

/// Calls `ask` with the room that `buffer` has, and with more as long as that is not enough.
fn grow(
    buffer: &mut Buffer,
    mut ask: impl FnMut(*mut c_void, u32, *mut u32) -> NTSTATUS,
) -> io::Result<()> {
    if buffer.room() < SMALLEST {
        *buffer = Buffer::with_room(SMALLEST);
    }
    loop {
        let room = buffer.room().min(LARGEST);
        let mut needed = 0;
        let length = u32::try_from(room).unwrap_or(u32::MAX);
        let status = ask(buffer.start(), length, &raw mut needed);
        let needed = needed as usize;
        match status {
            STATUS_BUFFER_TOO_SMALL | STATUS_INFO_LENGTH_MISMATCH | STATUS_BUFFER_OVERFLOW
                if room < LARGEST && !is_refused(needed, room) =>
            {
                // What is needed may have grown until the next call.
                let wanted = (needed + needed / 4).max(room * 2);
                *buffer = Buffer::with_room(wanted.min(LARGEST));
            }
            0.. => {
                buffer.fill(needed.min(room));
                return Ok(());
            }
            _ => return Err(error(status)),
        }
    }
}

/// There was far more room than the kernel says it needs: it wants something else than more.
const fn is_refused(needed: usize, room: usize) -> bool {
    const MUCH: usize = 16;
    needed != 0 && room > SMALLEST && room / MUCH > needed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_grows_until_it_is_enough_and_not_where_more_is_no_help() {
        let mut rooms = Vec::new();
        let mut buffer = Buffer::default();
        let answer = grow(&mut buffer, |_, room, needed| {
            rooms.push(room);
            // SAFETY: the pointer that `grow` gives.
            unsafe { *needed = 100_000 };
            match room {
                0..100_000 => STATUS_INFO_LENGTH_MISMATCH,
                _ => 0,
            }
        });
        assert!(answer.is_ok());
        assert_eq!((rooms, buffer.len()), (vec![512, 125_000], 100_000));
        let mut calls = 0;
        let refused = grow(&mut Buffer::default(), |_, _, needed| {
            calls += 1;
            // SAFETY: as above.
            unsafe { *needed = 48 };
            STATUS_INFO_LENGTH_MISMATCH
        });
        assert!(refused.is_err() && calls < 4, "{calls}");
    }

    #[test]
    fn cpus_are_asked_for_with_whole_rows_for_as_many_as_a_group_can_have() {
        // The kernel of Windows takes multiples of the row only (wine any length): 48 bytes for the times.
        let answer = query_cpus(8, 48, None).unwrap();
        assert!(!answer.is_empty() && answer.len().is_multiple_of(48));
        assert_eq!(
            once(48 * u64::BITS, |_, room, _| room.cast_signed())
                .unwrap()
                .room(),
            48 * 64
        );
    }
}
