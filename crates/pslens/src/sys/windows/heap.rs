//! The heap of this process.
//!
//! Manuals: `HeapWalk`, `VirtualQuery`, `GetProcessHeaps`, `HeapSetInformation`, `HeapCompact`.

use windows_sys::Win32::System::Memory::PAGE_READWRITE;

use super::ffi::address_space::{Region, committed, region};
use super::ffi::handles::this_process;
use super::ffi::heap::{self, Heap};
use crate::error::{Error, Result};
use crate::memory::HeapInfo;

pub(crate) fn heap_info() -> Result<HeapInfo> {
    const OPERATION: &str = "memory heap_info";
    let fail = |error| Error::os(OPERATION, error);
    let heap = Heap::walk().map_err(fail)?;
    let heaps = heap::all().map_err(fail)?;
    let is_of_a_heap = |region: &Region| {
        [&heaps, &heap.segments]
            .iter()
            .any(|starts| starts.contains(&region.allocation))
    };
    let mut info = HeapInfo {
        heap_used: heap.used,
        mmap_used: 0,
        heap_count: Some(heaps.len() as u64),
    };
    // Those among the large blocks that have a mapping of their own are found with the others below.
    for &(address, size) in &heap.large {
        let region = region(this_process(), address).map_err(fail)?;
        if region.as_ref().is_some_and(is_of_a_heap) {
            info.heap_used += size;
        }
    }
    for region in committed(this_process()) {
        let region = region.map_err(fail)?;
        if region.is_private() && region.protection == PAGE_READWRITE && !is_of_a_heap(&region) {
            info.mmap_used += region.size as u64;
        }
    }
    Ok(info)
}

pub(crate) fn heap_trim() -> Result<()> {
    heap::trim().map_err(|error| Error::os("memory heap_trim", error))
}
