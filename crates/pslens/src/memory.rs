//! Physical memory and swap of the machine.
//!
//! Not here: the memory of a process ([`crate::Process`]). Limits that a container sets are not looked
//! at: these are the numbers of the machine.

use crate::error::Result;
use crate::root::Root;
use crate::sys;

/// How the physical memory is used, in bytes.
///
/// `total`, `available` and `percent` mean the same on every system; the rest says what the system
/// itself says. Parts overlap, so they do not add up to `total`.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct VirtualMemory {
    /// What the kernel can give out: the physical memory without what firmware and kernel image took.
    pub total: u64,
    /// What programs could get at once without swapping. The number to watch.
    pub available: u64,
    /// The share of `total` that is not `available`: 0 to 100, not rounded.
    pub percent: f64,
    /// In use. On Linux and Windows `total` less `available`.
    pub used: u64,
    /// Not used for anything, not even as a cache. On Windows, which tells that only to administrators, as
    /// `available`.
    pub free: u64,
    /// Used recently. `None` on Windows and SunOS, and where the kernel does not say.
    pub active: Option<u64>,
    /// Not used for a while: the first to be taken back. `None` as `active`.
    pub inactive: Option<u64>,
    /// Cache of raw disk blocks. `None` on Windows, macOS and SunOS, and in some containers.
    pub buffers: Option<u64>,
    /// Cache of file contents; on Linux with the reclaimable part of `slab`, on Windows with what was
    /// programs' and may be so again (the standby list). `None` on macOS and SunOS.
    pub cached: Option<u64>,
    /// Shared memory; on Linux with tmpfs. Since Linux 2.6.32; `None` on Windows, macOS and SunOS.
    pub shared: Option<u64>,
    /// The kernel's own small objects. `None` on systems other than Linux.
    pub slab: Option<u64>,
    /// Never to be swapped out; on Windows the kernel's nonpaged pool. `None` on Linux and SunOS.
    pub wired: Option<u64>,
}

/// How the swap space is used, in bytes. All 0 on a machine without swap, but for the traffic.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SwapMemory {
    /// All swap areas together. On Windows all page files as large as they are now; most may grow.
    pub total: u64,
    /// What of them is in use.
    pub used: u64,
    /// What is not.
    pub free: u64,
    /// The share of `total` that is in use: 0 to 100, not rounded; 0 without swap.
    pub percent: f64,
    /// Swapped in, from disk to memory, since boot. `None` if the kernel does not say: it was built
    /// without swap, or hides the counters in a container. `None` on Windows, which counts pages that are
    /// read, but not where from.
    #[doc(alias = "pswpin")]
    pub sin: Option<u64>,
    /// Swapped out, from memory to disk, since boot. `None` as `sin`.
    #[doc(alias = "pswpout")]
    pub sout: Option<u64>,
}

/// Returns how the physical memory is used.
///
/// # Units
/// Bytes.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the system hides it.
/// # Sources
/// Linux `/proc/meminfo`. Where it has no `MemAvailable` (before 3.14), or 0, the available memory is
/// estimated as the kernel would, with the help of `/proc/zoneinfo`. Windows `GetPerformanceInfo`.
/// # Examples
/// ```
/// let memory = pslens::memory::virtual_memory()?;
/// assert!(memory.available <= memory.total);
/// assert!((0.0..=100.0).contains(&memory.percent));
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "free")]
#[doc(alias = "meminfo")]
pub fn virtual_memory() -> Result<VirtualMemory> {
    virtual_memory_in(Root::current())
}

/// As [`virtual_memory`], read from `root`.
///
/// # Errors
/// As [`virtual_memory`].
pub fn virtual_memory_in(root: &Root) -> Result<VirtualMemory> {
    sys::memory::virtual_memory(&root.0)
}

/// Returns how the swap space is used, and the traffic since boot.
///
/// # Units
/// Bytes.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`virtual_memory`].
/// # Sources
/// Linux `/proc/meminfo` (else `sysinfo(2)`) and `/proc/vmstat`; Windows `SystemPageFileInformation`, which
/// knows every page file, where psutil estimates from the commit limit and a performance counter.
/// # Examples
/// ```
/// # #[cfg(target_os = "linux")] {
/// let swap = pslens::memory::swap_memory()?;
/// assert_eq!(swap.used + swap.free, swap.total);
/// # }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "free")]
#[doc(alias = "swapon")]
pub fn swap_memory() -> Result<SwapMemory> {
    swap_memory_in(Root::current())
}

/// As [`swap_memory`], read from `root`. Pages of another machine are taken to be as large as here.
///
/// # Errors
/// As [`swap_memory`].
pub fn swap_memory_in(root: &Root) -> Result<SwapMemory> {
    sys::memory::swap_memory(&root.0)
}

/// What the C library's allocator has handed out in this process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct HeapInfo {
    /// In use on the heap proper, bytes. Grows and never shrinks: a leak.
    pub heap_used: u64,
    /// In blocks so large that each has a mapping of its own, bytes. On Windows all private memory that is not
    /// of a heap, stacks of threads included.
    pub mmap_used: u64,
    /// How many heaps there are. Windows; programs that make heaps and forget them leak.
    pub heap_count: Option<u64>,
}

/// Returns what `malloc` has handed out in the calling process.
///
/// For finding leaks in C code of this process. Rust code is counted as far as it uses the C library's
/// allocator, which is the default. On Windows that is the heap of the process.
///
/// # Units
/// Bytes.
/// # Availability
/// Linux, Windows, macOS, FreeBSD, NetBSD.
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) where the C library does not tell (musl, glibc before 2.33).
/// # Sources
/// Linux `mallinfo2(3)`, fields `uordblks` and `hblkhd`. Windows `HeapWalk`, `GetProcessHeaps`, `VirtualQuery`.
/// # Examples
/// ```
/// # #[cfg(any(windows, all(target_os = "linux", target_env = "gnu")))] {
/// let before = pslens::memory::heap_info()?.mmap_used;
/// let block = std::hint::black_box(vec![1_u8; 64 << 20]);
/// assert!(pslens::memory::heap_info()?.mmap_used >= before + block.len() as u64);
/// # }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "mallinfo")]
pub fn heap_info() -> Result<HeapInfo> {
    sys::memory::heap_info()
}

/// Asks the C library's allocator to give memory that it keeps for later back to the system.
///
/// Allocators keep most of it; this makes measurements of leaks repeatable, not programs small.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, NetBSD.
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) where the C library has no such call (musl).
/// # Sources
/// Linux `malloc_trim(3)`. Windows `HeapSetInformation(HeapOptimizeResources)`, `HeapCompact`.
/// # Examples
/// ```
/// # #[cfg(any(windows, all(target_os = "linux", target_env = "gnu")))]
/// pslens::memory::heap_trim()?;
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "malloc_trim")]
pub fn heap_trim() -> Result<()> {
    sys::memory::heap_trim()
}

/// `part` of `total` in percent, 0 if there is nothing to have a part of.
pub(crate) fn share(part: u64, total: u64) -> f64 {
    if total == 0 {
        return 0.0;
    }
    part as f64 / total as f64 * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        assert_eq!(share(0, 0), 0.0);
        assert_eq!(share(1, 4), 25.0);
        assert_eq!(share(u64::MAX, u64::MAX), 100.0);
    }
}
