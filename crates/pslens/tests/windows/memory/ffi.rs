//! What is mapped into the memory of this process, and files.

#![expect(unsafe_code, reason = "calls into the operating system")]

use std::fs::File;
use std::os::windows::io::AsRawHandle;
use std::ptr;

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_STANDARD_INFO, FileStandardInfo, GetFileInformationByHandleEx,
};
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP_COPY, FILE_MAP_WRITE, MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFile,
    PAGE_READONLY, PAGE_READWRITE, UnmapViewOfFile,
};

/// Whether the file goes as soon as nobody has it open any more.
pub(crate) fn is_being_deleted(file: &File) -> bool {
    let mut info = FILE_STANDARD_INFO::default();
    let (start, length) = (&raw mut info, size_of_val(&info) as u32);
    let file = file.as_raw_handle();
    // SAFETY: the handle is open, and there is room for the structure.
    let known =
        unsafe { GetFileInformationByHandleEx(file, FileStandardInfo, start.cast(), length) };
    assert_ne!(known, 0);
    info.DeletePending
}

/// Something that is mapped into the memory of this process.
pub(crate) struct View(MEMORY_MAPPED_VIEW_ADDRESS);

impl View {
    /// Of memory that others could map as well, of so many bytes.
    pub(crate) fn shared(size: u32) -> Self {
        Self::of(INVALID_HANDLE_VALUE, PAGE_READWRITE, size, FILE_MAP_WRITE)
    }

    /// Of a file that is not empty, such that what is written goes to copies.
    pub(crate) fn copied(file: &File) -> Self {
        Self::of(file.as_raw_handle(), PAGE_READONLY, 0, FILE_MAP_COPY)
    }

    fn of(file: HANDLE, protection: u32, size: u32, access: u32) -> Self {
        // SAFETY: the file is open, or none; no attributes, no name.
        let section =
            unsafe { CreateFileMappingW(file, ptr::null(), protection, 0, size, ptr::null()) };
        assert!(!section.is_null());
        // SAFETY: the section was just made.
        let view = unsafe { MapViewOfFile(section, access, 0, 0, 0) };
        assert!(!view.Value.is_null());
        // SAFETY: nobody else has this handle; the view keeps the section.
        assert_ne!(unsafe { CloseHandle(section) }, 0);
        Self(view)
    }

    pub(crate) fn address(&self) -> u64 {
        self.0.Value.addr() as u64
    }

    pub(crate) fn write(&self, at: usize, byte: u8) {
        let place = self.0.Value.cast::<u8>().wrapping_add(at);
        // SAFETY: the tests stay inside.
        unsafe { place.write_volatile(byte) };
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: nobody uses it any more.
        assert_ne!(unsafe { UnmapViewOfFile(self.0) }, 0);
    }
}
