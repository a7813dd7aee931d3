//! The memory of a process: its regions, what is mapped there, which pages are resident.

use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::{io, iter};

use pslens_parse::windows::memory_working_set_information::number_of_entries;
use windows_sys::Win32::Foundation::{ERROR_BAD_LENGTH, ERROR_INVALID_PARAMETER};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_PRIVATE, MEMORY_BASIC_INFORMATION, PAGE_PROTECTION_FLAGS, PAGE_TYPE,
    VIRTUAL_ALLOCATION_TYPE, VirtualQueryEx,
};
use windows_sys::Win32::System::ProcessStatus::{
    K32GetMappedFileNameW, K32QueryWorkingSet, K32QueryWorkingSetEx,
    PSAPI_WORKING_SET_EX_INFORMATION,
};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};

use super::buffer::Buffer;

/// The longest list of pages that is asked for: of a process that has 32 GiB in memory.
const LONGEST_LIST: usize = 64 << 20;

/// The longest path that the kernel can say, in UTF-16.
const LONGEST_PATH: u32 = 0x8000;

/// The size of a page, bytes.
pub(in crate::sys::windows) fn page_size() -> usize {
    let mut info = SYSTEM_INFO::default();
    // SAFETY: the pointer leads to a structure to be filled.
    unsafe { GetSystemInfo(&raw mut info) };
    info.dwPageSize as usize
}

/// A run of pages that are alike.
#[derive(Debug, Clone, Copy)]
pub(in crate::sys::windows) struct Region {
    pub(in crate::sys::windows) start: usize,
    pub(in crate::sys::windows) size: usize,
    /// Where the allocation starts of which it is a part: regions of one file have this in common.
    pub(in crate::sys::windows) allocation: usize,
    /// What the allocation was made for, and what may be done now.
    pub(in crate::sys::windows) first_protection: PAGE_PROTECTION_FLAGS,
    pub(in crate::sys::windows) protection: PAGE_PROTECTION_FLAGS,
    pub(in crate::sys::windows) kind: PAGE_TYPE,
    pub(in crate::sys::windows) state: VIRTUAL_ALLOCATION_TYPE,
}

impl Region {
    /// The address after it; `None` if there is none.
    pub(in crate::sys::windows) const fn end(&self) -> Option<usize> {
        self.start.checked_add(self.size)
    }

    /// Whether it has memory, or a promise of it: it is not free, and not reserved only.
    pub(in crate::sys::windows) const fn is_committed(&self) -> bool {
        self.state == MEM_COMMIT
    }

    /// Whether it belongs to no file and to no other process.
    pub(in crate::sys::windows) const fn is_private(&self) -> bool {
        self.kind == MEM_PRIVATE
    }
}

/// The region that `address` is in; `None` above the last one.
pub(in crate::sys::windows) fn region(
    process: BorrowedHandle<'_>,
    address: usize,
) -> io::Result<Option<Region>> {
    let mut found = MEMORY_BASIC_INFORMATION::default();
    let process = process.as_raw_handle();
    let at = std::ptr::without_provenance(address);
    // SAFETY: the handle is open, `found` has room for the answer; the address is only asked about.
    if unsafe { VirtualQueryEx(process, at, &raw mut found, size_of_val(&found)) } == 0 {
        let error = io::Error::last_os_error();
        return match error.raw_os_error().map(i32::cast_unsigned) {
            Some(ERROR_INVALID_PARAMETER) => Ok(None),
            _ => Err(error),
        };
    }
    Ok(Some(Region {
        start: found.BaseAddress.addr(),
        size: found.RegionSize,
        allocation: found.AllocationBase.addr(),
        first_protection: found.AllocationProtect,
        protection: found.Protect,
        kind: found.Type,
        state: found.State,
    }))
}

/// All regions that have memory, in order of their addresses.
pub(in crate::sys::windows) fn committed(
    process: BorrowedHandle<'_>,
) -> impl Iterator<Item = io::Result<Region>> {
    let mut next = Some(0);
    let regions = iter::from_fn(move || {
        let region = region(process, next?).transpose()?;
        next = match &region {
            Ok(region) => region.end().filter(|&end| Some(end) > next),
            Err(_) => None,
        };
        Some(region)
    });
    regions.filter(|region| region.as_ref().is_ok_and(Region::is_committed) || region.is_err())
}

/// The path of the file that is mapped at `address`, as the kernel knows it: `\Device\HarddiskVolume3\...`.
pub(in crate::sys::windows) fn mapped_file<'a>(
    process: BorrowedHandle<'_>,
    address: usize,
    buffer: &'a mut Vec<u16>,
) -> io::Result<&'a [u16]> {
    buffer.resize(LONGEST_PATH as usize, 0);
    let process = process.as_raw_handle();
    let at = std::ptr::without_provenance(address);
    // SAFETY: the handle is open, the buffer has room for that many units; the address is only asked about.
    let length = unsafe { K32GetMappedFileNameW(process, at, buffer.as_mut_ptr(), LONGEST_PATH) };
    // Sometimes the end of the text is counted as well.
    let path = buffer.get(..length as usize);
    match path.and_then(|path| path.split(|unit| *unit == 0).next()) {
        Some([]) | None => Err(io::Error::last_os_error()),
        Some(path) => Ok(path),
    }
}

/// The list of the resident pages, for `pslens_parse::windows::memory_working_set_information`; `None` if it is
/// too long.
pub(in crate::sys::windows) fn working_set(
    process: BorrowedHandle<'_>,
) -> io::Result<Option<Buffer>> {
    let process = process.as_raw_handle();
    let mut list = Buffer::with_room(64 << 10);
    loop {
        let room = list.room();
        let length = u32::try_from(room).unwrap_or(u32::MAX);
        let start = list.start();
        // SAFETY: the handle is open, the list has room for that many bytes.
        if unsafe { K32QueryWorkingSet(process, start, length) } != 0 {
            list.fill(room);
            return Ok(Some(list));
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(ERROR_BAD_LENGTH.cast_signed()) {
            return Err(error);
        }
        list.fill(room);
        let pages = number_of_entries(&list).unwrap_or_default();
        let needed = usize::try_from(pages)
            .unwrap_or(usize::MAX)
            .saturating_mul(8);
        // There may be more at the next call.
        let wanted = needed.saturating_add(needed / 8).max(room * 2);
        if wanted > LONGEST_LIST {
            return Ok(None);
        }
        list = Buffer::with_room(wanted);
    }
}

/// A question about a page, and its answer.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(in crate::sys::windows) struct Page {
    /// An address in the page.
    address: usize,
    attributes: usize,
}

const _: () = {
    assert!(size_of::<Page>() == size_of::<PSAPI_WORKING_SET_EX_INFORMATION>());
    assert!(align_of::<Page>() == align_of::<PSAPI_WORKING_SET_EX_INFORMATION>());
};

impl Page {
    /// The question about the page that is at an address.
    pub(in crate::sys::windows) const fn at(address: usize) -> Self {
        Self {
            address,
            attributes: 0,
        }
    }

    /// Whether it is in memory, and the process can reach it without a fault.
    pub(in crate::sys::windows) const fn is_resident(self) -> bool {
        self.attributes & 1 != 0
    }

    /// Whether it is resident and belongs to this process alone: not to a file, or no longer.
    pub(in crate::sys::windows) const fn is_private(self) -> bool {
        self.is_resident() && self.attributes & (1 << 15) == 0
    }

    /// Whether it is resident and no other process has it.
    pub(in crate::sys::windows) const fn is_unique(self) -> bool {
        self.is_private() || self.is_resident() && self.attributes & (0b111 << 1) <= 1 << 1
    }
}

/// Answers the questions about `pages`.
pub(in crate::sys::windows) fn ask_pages(
    process: BorrowedHandle<'_>,
    pages: &mut [Page],
) -> io::Result<()> {
    let process = process.as_raw_handle();
    let length = u32::try_from(size_of_val(pages)).unwrap_or(0);
    // SAFETY: the handle is open, `Page` is laid out as `PSAPI_WORKING_SET_EX_INFORMATION`, a union of numbers.
    if unsafe { K32QueryWorkingSetEx(process, pages.as_mut_ptr().cast(), length) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
