//! Memory use of a process.

use std::collections::HashMap;
use std::ffi::OsString;

/// Memory of a process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MemoryInfo {
    /// Resident: physical memory that it occupies now, shared pages included. Bytes.
    pub rss: u64,
    /// Virtual: address space that it has mapped. Bytes. On Windows, as in psutil, what was promised to it
    /// alone ("private bytes", the commit charge); the address space is [`MemoryInfoEx::virtual_size`].
    pub vms: u64,
    /// The part of `rss` that is backed by files or shared memory. Bytes. Linux.
    pub shared: Option<u64>,
    /// Address space of program code. Bytes. Linux, BSD.
    pub text: Option<u64>,
    /// Address space of data and stack. Bytes. Linux, BSD.
    pub data: Option<u64>,
}

/// Memory of a process with peaks and by kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MemoryInfoEx {
    /// What [`MemoryInfo`] has.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub info: MemoryInfo,
    /// The highest `rss` so far. Bytes. `None` for kernel threads, which have no memory of their own.
    pub peak_rss: Option<u64>,
    /// The highest `vms` so far. Bytes.
    pub peak_vms: Option<u64>,
    /// Resident anonymous memory. Bytes. Since Linux 4.5.
    pub rss_anon: Option<u64>,
    /// Resident memory backed by files. Bytes. Since Linux 4.5.
    pub rss_file: Option<u64>,
    /// Resident shared memory. Bytes. Since Linux 4.5.
    pub rss_shmem: Option<u64>,
    /// Anonymous memory that is swapped out. Bytes. Since Linux 2.6.34.
    pub swap: Option<u64>,
    /// Memory in huge pages. Bytes. Since Linux 4.4.
    pub hugetlb: Option<u64>,
    /// Address space that it has reserved or mapped. Bytes. Windows.
    #[cfg_attr(feature = "serde", serde(rename = "virtual"))]
    pub virtual_size: Option<u64>,
    /// The highest `virtual_size` so far. Bytes. Windows.
    #[cfg_attr(feature = "serde", serde(rename = "peak_virtual"))]
    pub peak_virtual_size: Option<u64>,
    /// Kernel memory in use on its behalf that may be paged out. Bytes. Windows.
    pub paged_pool: Option<u64>,
    /// The highest `paged_pool` so far. Bytes. Windows.
    pub peak_paged_pool: Option<u64>,
    /// Kernel memory in use on its behalf that stays resident. Bytes. Windows.
    pub nonpaged_pool: Option<u64>,
    /// The highest `nonpaged_pool` so far. Bytes. Windows.
    pub peak_nonpaged_pool: Option<u64>,
    /// How often it touched memory that was not there. Windows, which counts with 32 bits.
    pub num_page_faults: Option<u64>,
}

/// Memory that belongs to a process, found by walking its page tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MemoryFootprint {
    /// Unique: what would be freed if the process ended now. Bytes.
    pub uss: u64,
    /// Proportional: `uss` and its share of what it shares. Bytes. Linux.
    pub pss: Option<u64>,
    /// Swapped out. Bytes. Linux.
    pub swap: Option<u64>,
}

/// [`MemoryInfo`] and [`MemoryFootprint`] of the same moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MemoryFullInfo {
    /// The cheap part.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub info: MemoryInfo,
    /// The page-table walk.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub footprint: MemoryFootprint,
}

/// One mapping of a process, or all its mappings of one path ([`group`]).
///
/// All sizes are bytes; `None` where the kernel is too old to count. Windows counts `rss` and `anonymous`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MemoryMap {
    /// What is mapped: a file, or a name in brackets (`[heap]`, `[stack]`, `[anon]`, on Windows `[shared]`).
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::text"))]
    pub path: OsString,
    /// First and first-after-the-last address. `None` in a group.
    pub address: Option<MapAddress>,
    /// Resident.
    pub rss: u64,
    /// Address space.
    pub size: u64,
    /// Resident, shared pages divided by the number of sharers.
    pub pss: Option<u64>,
    /// Shared pages that are as on disk.
    pub shared_clean: Option<u64>,
    /// Shared pages that were written to.
    pub shared_dirty: Option<u64>,
    /// Private pages that are as on disk.
    pub private_clean: Option<u64>,
    /// Private pages that were written to.
    pub private_dirty: Option<u64>,
    /// Pages marked as accessed.
    pub referenced: Option<u64>,
    /// Pages that belong to no file, or no longer, because they were written to.
    pub anonymous: Option<u64>,
    /// Swapped out.
    pub swap: Option<u64>,
}

/// Where a mapping is and what may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MapAddress {
    /// The first address.
    pub start: u64,
    /// The first address after the last one.
    pub end: u64,
    /// May be read.
    pub read: bool,
    /// May be written.
    pub write: bool,
    /// May be executed.
    pub execute: bool,
    /// Writes reach other processes and the file.
    pub shared: bool,
}

/// Adds up mappings of the same path, in order of first appearance.
///
/// # Examples
/// ```
/// let me = pslens::Process::current()?;
/// # #[cfg(any(target_os = "linux", windows))] {
/// let maps = me.memory_maps()?;
/// let groups = pslens::process::memory::group(&maps);
/// assert!(groups.len() <= maps.len());
/// assert_eq!(
///     groups.iter().map(|map| map.rss).sum::<u64>(),
///     maps.iter().map(|map| map.rss).sum::<u64>(),
/// );
/// # }
/// # Ok::<(), pslens::Error>(())
/// ```
#[must_use]
pub fn group(maps: &[MemoryMap]) -> Vec<MemoryMap> {
    let mut groups: Vec<MemoryMap> = Vec::new();
    let mut position = HashMap::new();
    for map in maps {
        let at = *position.entry(&map.path).or_insert_with(|| {
            groups.push(MemoryMap {
                path: map.path.clone(),
                ..MemoryMap::default()
            });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.add(map);
        }
    }
    groups
}

impl MemoryMap {
    fn add(&mut self, other: &Self) {
        self.rss = self.rss.saturating_add(other.rss);
        self.size = self.size.saturating_add(other.size);
        let sums = [
            (&mut self.pss, other.pss),
            (&mut self.shared_clean, other.shared_clean),
            (&mut self.shared_dirty, other.shared_dirty),
            (&mut self.private_clean, other.private_clean),
            (&mut self.private_dirty, other.private_dirty),
            (&mut self.referenced, other.referenced),
            (&mut self.anonymous, other.anonymous),
            (&mut self.swap, other.swap),
        ];
        for (sum, value) in sums {
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or_default().saturating_add(value));
            }
        }
    }
}

/// How often a process touched memory that was not there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PageFaults {
    /// Answered from memory.
    pub minor: u64,
    /// Answered from disk.
    pub major: u64,
}
