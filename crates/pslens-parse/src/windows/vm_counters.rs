//! `VM_COUNTERS_EX`: what `NtQueryInformationProcess(ProcessVmCounters)` fills, and a part of every process in
//! [`system_process_information`](super::system_process_information).
//!
//! Layout of 64-bit Windows. All but the number of page faults are bytes.

use super::Memory;

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

/// The counters at the offset `at`; `None` if not all of them are there.
#[must_use]
pub fn parse(memory: Memory<'_>, at: usize) -> Option<VmCounters> {
    let counters = Memory::new(memory.slice(at, SIZE)?, 0);
    Some(VmCounters {
        peak_virtual_size: counters.u64(0x00)?,
        virtual_size: counters.u64(0x08)?,
        page_fault_count: counters.u32(0x10)?,
        peak_working_set_size: counters.u64(0x18)?,
        working_set_size: counters.u64(0x20)?,
        quota_peak_paged_pool_usage: counters.u64(0x28)?,
        quota_paged_pool_usage: counters.u64(0x30)?,
        quota_peak_non_paged_pool_usage: counters.u64(0x38)?,
        quota_non_paged_pool_usage: counters.u64(0x40)?,
        pagefile_usage: counters.u64(0x48)?,
        peak_pagefile_usage: counters.u64(0x50)?,
        private_usage: counters.u64(0x58)?,
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
        let counters = parse(Memory::new(&words, 0), 0).unwrap();
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
        assert_eq!(parse(Memory::new(&words, 0), 1), None);
        assert_eq!(parse(Memory::new(&words, 0), usize::MAX), None);
    }
}
