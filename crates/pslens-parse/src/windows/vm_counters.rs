//! `VM_COUNTERS_EX`: what `NtQueryInformationProcess(ProcessVmCounters)` fills, and a part of every process in
//! [`system_process_information`](super::system_process_information).
//!
//! Layout of 64-bit Windows. All but the number of page faults are bytes.

use super::Memory;
use super::fields::Fields;
use crate::error::ParseError;

const SOURCE: &str = "VM_COUNTERS_EX";

/// Memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the kernel's own names")]
pub struct VmCounters {
    pub peak_virtual_size: u64,
    pub virtual_size: u64,
    pub page_fault_count: u32,
    pub peak_working_set_size: u64,
    pub working_set_size: u64,
    pub quota_peak_paged_pool_usage: u64,
    pub quota_paged_pool_usage: u64,
    pub quota_peak_non_paged_pool_usage: u64,
    pub quota_non_paged_pool_usage: u64,
    pub pagefile_usage: u64,
    pub peak_pagefile_usage: u64,
    /// What was promised to it alone. `PrivatePageCount` of the table of processes, where it is in bytes as well.
    pub private_usage: u64,
}

/// Decodes the structure.
///
/// # Errors
/// Bytes are missing.
pub fn parse(input: &[u8]) -> Result<VmCounters, ParseError> {
    at(Memory::new(input, 0), 0)
}

/// As [`parse`], of the structure that is a part of another one.
pub(super) fn at(memory: Memory<'_>, offset: usize) -> Result<VmCounters, ParseError> {
    let fields = Fields::new(SOURCE, memory, offset);
    Ok(VmCounters {
        peak_virtual_size: fields.u64("PeakVirtualSize", 0x00)?,
        virtual_size: fields.u64("VirtualSize", 0x08)?,
        page_fault_count: fields.u32("PageFaultCount", 0x10)?,
        peak_working_set_size: fields.u64("PeakWorkingSetSize", 0x18)?,
        working_set_size: fields.u64("WorkingSetSize", 0x20)?,
        quota_peak_paged_pool_usage: fields.u64("QuotaPeakPagedPoolUsage", 0x28)?,
        quota_paged_pool_usage: fields.u64("QuotaPagedPoolUsage", 0x30)?,
        quota_peak_non_paged_pool_usage: fields.u64("QuotaPeakNonPagedPoolUsage", 0x38)?,
        quota_non_paged_pool_usage: fields.u64("QuotaNonPagedPoolUsage", 0x40)?,
        pagefile_usage: fields.u64("PagefileUsage", 0x48)?,
        peak_pagefile_usage: fields.u64("PeakPagefileUsage", 0x50)?,
        private_usage: fields.u64("PrivateUsage", 0x58)?,
    })
}

/// How many bytes there are.
pub const SIZE: usize = 0x60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_has_its_place() {
        let words: Vec<u8> = (1..=12_u64).flat_map(u64::to_le_bytes).collect();
        let counters = parse(&words).unwrap();
        let expect = VmCounters {
            peak_virtual_size: 1,
            virtual_size: 2,
            page_fault_count: 3,
            peak_working_set_size: 4,
            working_set_size: 5,
            quota_peak_paged_pool_usage: 6,
            quota_paged_pool_usage: 7,
            quota_peak_non_paged_pool_usage: 8,
            quota_non_paged_pool_usage: 9,
            pagefile_usage: 10,
            peak_pagefile_usage: 11,
            private_usage: 12,
        };
        assert_eq!(counters, expect);
        let error = parse(&words[..SIZE - 1]).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("PrivateUsage", 0x58));
        assert!(at(Memory::new(&words, 0), usize::MAX).is_err());
    }
}
