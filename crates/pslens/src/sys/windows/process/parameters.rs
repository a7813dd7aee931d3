//! Where a process keeps the strings that it was started with, and reading them out of its memory.
//!
//! The kernel tells where the PEB is, the PEB where the parameters are, and the parameters where each string is.
//! A 32-bit process on 64-bit Windows has both twice; its own are those of 32 bits.

use std::io;
use std::os::windows::io::BorrowedHandle;

use pslens_parse::windows::user_process_parameters::{self, UserProcessParameters};
use pslens_parse::windows::{Memory, UnicodeString, Wide, Width, environment_block, peb};
use windows_sys::Wdk::System::Threading::ProcessWow64Information;
use windows_sys::Win32::Foundation::ERROR_PARTIAL_COPY;

use super::attributes;
use crate::sys::windows::errors::invalid;
use crate::sys::windows::ffi;

/// The first step into an environment, which most of them fit into.
const FIRST_STEP: usize = 16 << 10;

/// More than any environment has; what lies behind is not looked at.
const LARGEST_ENVIRONMENT: usize = 64 << 20;

/// Where the strings are; `None` in a process that has no user mode, and so no strings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameters(Option<UserProcessParameters>);

/// What is known of the parameters of the process that is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Known {
    #[default]
    Nothing,
    Found(Parameters),
    /// They could not be read in all the time that was given.
    Unreadable,
}

impl Parameters {
    /// Those of a process, which must have been opened to be read.
    pub(super) fn of(process: BorrowedHandle<'_>) -> io::Result<Self> {
        let [narrow] = ffi::nt::query_process_words(process, ProcessWow64Information)?;
        let (width, block) = if narrow == 0 {
            let basic = attributes::basic_information(process)?;
            (Width::Bits64, basic.peb_base_address)
        } else {
            (Width::Bits32, narrow)
        };
        if block == 0 {
            return Ok(Self(None));
        }
        let bytes = read(process, block, peb::size(width))?;
        let address = peb::process_parameters(&bytes, width).map_err(invalid)?;
        if address == 0 {
            // It is being made.
            return Err(unreadable());
        }
        let bytes = read(process, address, user_process_parameters::size(width))?;
        let parameters = user_process_parameters::parse(Memory::new(&bytes, address), width);
        parameters
            .map(|parameters| Self(Some(parameters)))
            .map_err(invalid)
    }

    /// `None` if it has none.
    pub(super) fn command_line(self, process: BorrowedHandle<'_>) -> io::Result<Option<Vec<u8>>> {
        let strings = self.0.map(|parameters| parameters.command_line);
        strings.map(|string| text(process, string)).transpose()
    }

    /// `None` if it has none.
    pub(super) fn current_directory(
        self,
        process: BorrowedHandle<'_>,
    ) -> io::Result<Option<Vec<u8>>> {
        let strings = self.0.map(|parameters| parameters.current_directory);
        strings.map(|string| text(process, string)).transpose()
    }

    /// The block, and what happens to stand behind it. `None` if it has none.
    pub(super) fn environment(self, process: BorrowedHandle<'_>) -> io::Result<Option<Vec<u8>>> {
        let address = self.0.map(|parameters| parameters.environment);
        address
            .filter(|&address| address != 0)
            .map(|address| environment(process, address))
            .transpose()
    }
}

fn text(process: BorrowedHandle<'_>, string: UnicodeString) -> io::Result<Vec<u8>> {
    match string.length {
        // Then it need not stand anywhere.
        0 => Ok(Vec::new()),
        length => read(process, string.buffer, length.into()),
    }
}

/// Nothing says how long the block is: it ends with an empty string, or else with its pages.
fn environment(process: BorrowedHandle<'_>, address: u64) -> io::Result<Vec<u8>> {
    let start = usize::try_from(address).map_err(invalid)?;
    let region = ffi::address_space::region(process, start)?;
    let end = region
        .and_then(|region| region.end())
        .ok_or_else(unreadable)?;
    let room = end.saturating_sub(start).min(LARGEST_ENVIRONMENT);
    let mut block = Vec::new();
    while block.len() < room && !environment_block::is_complete(Wide(&block)) {
        let step = block.len().max(FIRST_STEP).min(room - block.len());
        let from = address + block.len() as u64;
        ffi::process_memory::read(process, from, step, &mut block)?;
    }
    Ok(block)
}

fn read(process: BorrowedHandle<'_>, address: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ffi::process_memory::read(process, address, length, &mut bytes)?;
    Ok(bytes)
}

/// As of memory that is not there yet, or not there any more.
fn unreadable() -> io::Error {
    io::Error::from_raw_os_error(ERROR_PARTIAL_COPY.cast_signed())
}
