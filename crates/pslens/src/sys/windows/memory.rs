//! Physical memory and page files.

use pslens_parse::windows::system_pagefile_information;
use windows_sys::Wdk::System::SystemInformation::SYSTEM_INFORMATION_CLASS;

use super::ffi::buffer::Buffer;
use super::{Root, ffi};
use crate::error::{Error, Result};
use crate::memory::{SwapMemory, VirtualMemory, share};

pub(crate) use super::heap::{heap_info, heap_trim};

/// `SystemPageFileInformation`, which windows-sys lacks.
const PAGE_FILES: SYSTEM_INFORMATION_CLASS = 18;

pub(crate) fn virtual_memory(_root: &Root) -> Result<VirtualMemory> {
    let info = ffi::machine::performance_info()
        .map_err(|error| Error::os("memory virtual_memory", error))?;
    let bytes = |pages: usize| (pages as u64).saturating_mul(info.PageSize as u64);
    let total = bytes(info.PhysicalTotal);
    let available = bytes(info.PhysicalAvailable);
    let used = total.saturating_sub(available);
    Ok(VirtualMemory {
        total,
        available,
        percent: share(used, total),
        used,
        // The lists of free and zeroed pages only administrators may ask for.
        free: available,
        cached: Some(bytes(info.SystemCache)),
        wired: Some(bytes(info.KernelNonpaged)),
        ..VirtualMemory::default()
    })
}

// The page files themselves. The commit limit less the physical memory is their size too, but not how much
// of them is used: what is committed need not have been written anywhere. The performance counter
// "% Usage", from which that can be estimated, is missing where counters are disabled or damaged.
pub(crate) fn swap_memory(_root: &Root) -> Result<SwapMemory> {
    const OPERATION: &str = "memory swap_memory";
    let fail = |error| Error::os(OPERATION, error);
    let mut buffer = Buffer::default();
    ffi::nt::query_system(PAGE_FILES, &mut buffer).map_err(fail)?;
    let [mut total, mut used] = [0_u64; 2];
    for file in system_pagefile_information::rows(&buffer, buffer.as_ptr().addr() as u64) {
        let file = file.map_err(|error| Error::invalid_data(OPERATION, error))?;
        total = total.saturating_add(file.total_size.into());
        used = used.saturating_add(file.total_in_use.min(file.total_size).into());
    }
    let page = ffi::machine::performance_info().map_err(fail)?.PageSize as u64;
    let [total, used] = [total, used].map(|pages| pages.saturating_mul(page));
    Ok(SwapMemory {
        total,
        used,
        free: total - used,
        percent: share(used, total),
        // Pages read are counted, but together with those of mapped files.
        sin: None,
        sout: None,
    })
}
