//! Open files: the handles of a process, and what each leads to.

use std::fs::File;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle};
use std::{mem, process};

use pslens_parse::windows::{
    process_handle_information, system_extended_handle_information, unicode_string,
};
use windows_sys::Wdk::System::SystemInformation::SYSTEM_INFORMATION_CLASS;
use windows_sys::Wdk::System::Threading::ProcessHandleInformation;
use windows_sys::Win32::Storage::FileSystem::{FILE_APPEND_DATA, FILE_READ_DATA, FILE_WRITE_DATA};
use windows_sys::Win32::System::Threading::{
    PROCESS_ACCESS_RIGHTS, PROCESS_DUP_HANDLE, PROCESS_QUERY_INFORMATION,
};

use super::reader::Reader;
use crate::error::Result;
use crate::process::{Attribute, Descriptor, OpenFile, OpenMode};
use crate::sys::windows::drives::Drives;
use crate::sys::windows::errors::{invalid, is_unknown_question};
use crate::sys::windows::ffi;
use crate::sys::windows::ffi::buffer::Buffer;
use crate::sys::windows::ffi::questions::Questions;

/// What looking at the handles of a process takes.
const LOOK: PROCESS_ACCESS_RIGHTS = PROCESS_QUERY_INFORMATION | PROCESS_DUP_HANDLE;

/// `SystemExtendedHandleInformation`, which windows-sys lacks.
const ALL_HANDLES: SYSTEM_INFORMATION_CLASS = 64;

/// A file that is always there, whoever one is, and never hangs.
const A_FILE: &str = r"\\.\NUL";

impl Reader {
    pub(crate) fn open_files(&mut self) -> Result<Vec<OpenFile>> {
        let number = self.pid.as_u32();
        let mut files = mem::take(&mut self.files);
        let drives = self.names.drives().clone();
        let found = self.look(Attribute::OpenFiles, LOOK, |process| {
            files.of(process, number, &drives)
        });
        self.files = files;
        found
    }

    /// A handle is no descriptor: most are of no file, and those have no mode and no position.
    pub(crate) fn every_descriptor(&mut self) -> Result<Vec<Descriptor>> {
        Err(self.absent(Attribute::OpenFiles))
    }
}

/// What is kept from one process to the next while a scan lasts.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// The number that the kernel gave to the type "file" when it started.
    kind: Option<u32>,
    questions: Questions,
    buffer: Buffer,
}

/// A handle of a process.
#[derive(Debug, Clone, Copy)]
struct Held {
    value: usize,
    access: u32,
    kind: u32,
}

impl Files {
    fn of(
        &mut self,
        process: BorrowedHandle<'_>,
        pid: u32,
        drives: &Drives,
    ) -> io::Result<Vec<OpenFile>> {
        let kind = self.kind()?;
        let mut files = Vec::new();
        for held in handles(process, pid, &mut self.buffer)? {
            if held.kind != kind {
                continue;
            }
            // Closed meanwhile, or one that may not be had.
            let Ok(ours) = ffi::handles::duplicate(process, held.value) else {
                continue;
            };
            let Some(answer) = self.questions.name_of_file(ours.as_handle())? else {
                continue;
            };
            let name = unicode_string::answer(answer).map_err(invalid)?;
            if !name.is_empty() {
                files.push(OpenFile {
                    path: drives.path(name),
                    mode: mode(held.access),
                    ..OpenFile::default()
                });
            }
        }
        Ok(files)
    }

    /// The number of the type "file", found by looking at the handle of a file.
    fn kind(&mut self) -> io::Result<u32> {
        if let Some(kind) = self.kind {
            return Ok(kind);
        }
        let file = File::open(A_FILE)?;
        let value = file.as_raw_handle().addr();
        let us = ffi::handles::this_process();
        let held = handles(us, process::id(), &mut self.buffer)?;
        let ours = held.iter().find(|held| held.value == value);
        let kind = ours.map(|held| held.kind).ok_or(io::ErrorKind::NotFound)?;
        self.kind = Some(kind);
        Ok(kind)
    }
}

/// What a process holds.
fn handles(process: BorrowedHandle<'_>, pid: u32, buffer: &mut Buffer) -> io::Result<Vec<Held>> {
    let held = |value: u64, access, kind| {
        let value = usize::try_from(value).ok()?;
        Some(Held {
            value,
            access,
            kind,
        })
    };
    match ffi::nt::query_process(process, ProcessHandleInformation, buffer) {
        Ok(()) => Ok(process_handle_information::rows(buffer)
            .filter_map(|row| held(row.handle_value, row.granted_access, row.object_type_index))
            .collect()),
        // Not every Windows tells it of one process alone.
        Err(error) if is_unknown_question(&error) => {
            ffi::nt::query_system(ALL_HANDLES, buffer)?;
            Ok(system_extended_handle_information::rows(buffer)
                .filter(|row| row.unique_process_id == u64::from(pid))
                .filter_map(|row| {
                    let kind = row.object_type_index.into();
                    held(row.handle_value, row.granted_access, kind)
                })
                .collect())
        }
        Err(error) => Err(error),
    }
}

/// `None` of a handle with which nothing can be read or written, only asked.
const fn mode(access: u32) -> Option<OpenMode> {
    let read = access & FILE_READ_DATA != 0;
    let write = access & FILE_WRITE_DATA != 0;
    let append = access & FILE_APPEND_DATA != 0;
    match (read, write, append) {
        (true, true, _) => Some(OpenMode::ReadWrite),
        (true, false, true) => Some(OpenMode::ReadAppend),
        (true, false, false) => Some(OpenMode::Read),
        (false, true, _) => Some(OpenMode::Write),
        (false, false, true) => Some(OpenMode::Append),
        (false, false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_handle_allows() {
        // As `CreateFile` gives them for generic rights, with rights to attributes and to wait.
        for (access, expect) in [
            (0x0012_0089, Some(OpenMode::Read)),
            (0x0012_0116, Some(OpenMode::Write)),
            (0x0012_019f, Some(OpenMode::ReadWrite)),
            (0x0010_0004, Some(OpenMode::Append)),
            (0x0012_008d, Some(OpenMode::ReadAppend)),
            (0x0010_0080, None),
        ] {
            assert_eq!(mode(access), expect, "{access:#x}");
        }
    }
}
