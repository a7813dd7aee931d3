//! `meminfo`, `vmstat`, on old kernels `zoneinfo`; and the allocator of this process.
//!
//! Manuals: proc(5), and the kernel's `Documentation/filesystems/proc.rst` on `MemAvailable`.

use pslens_parse::linux::meminfo::{self, Meminfo};
use pslens_parse::linux::{vmstat, zoneinfo};

use crate::error::{Error, ErrorKind, Result};
use crate::memory::{HeapInfo, SwapMemory, VirtualMemory, share};
use crate::sys::linux::Root;
use crate::sys::linux::ffi::malloc;

pub(crate) fn virtual_memory(root: &Root) -> Result<VirtualMemory> {
    let info = read_meminfo(root, "memory virtual_memory")?;
    // Since Linux 3.14; some kernels and containers say 0 (psutil #1915).
    let available = match info.mem_available {
        Some(available) if available > 0 => bytes(available),
        _ => estimate_available(&info, low_watermarks(root)),
    };
    Ok(record(&info, available))
}

pub(crate) fn heap_info() -> Result<HeapInfo> {
    malloc::mallinfo2()
        .map(|info| HeapInfo {
            heap_used: info.uordblks as u64,
            mmap_used: info.hblkhd as u64,
            heap_count: None,
        })
        .ok_or_else(|| Error::unsupported("memory heap_info", "needs glibc 2.33"))
}

pub(crate) fn heap_trim() -> Result<()> {
    malloc::malloc_trim().ok_or_else(|| Error::unsupported("memory heap_trim", "needs glibc"))
}

pub(crate) fn swap_memory(root: &Root) -> Result<SwapMemory> {
    const OPERATION: &str = "memory swap_memory";
    let info = read_meminfo(root, OPERATION)?;
    let (total, free) = match (info.swap_total, info.swap_free) {
        (Some(total), Some(free)) => (bytes(total), bytes(free)),
        _ if root.proc_is_running() => {
            let info = rustix::system::sysinfo();
            let unit = u64::from(info.mem_unit);
            // `unsigned long`: 32 bits on some machines.
            #[expect(clippy::useless_conversion, reason = "not useless on 32-bit machines")]
            let size = |count| u64::from(count).saturating_mul(unit);
            (size(info.totalswap), size(info.freeswap))
        }
        _ => {
            return Err(Error::unsupported(
                OPERATION,
                "meminfo without SwapTotal; sysinfo needs the running system",
            ));
        }
    };
    let used = total.saturating_sub(free);
    let (sin, sout) = swap_traffic(root, OPERATION)?;
    Ok(SwapMemory {
        total,
        used,
        free,
        percent: share(used, total),
        sin,
        sout,
    })
}

fn read_meminfo(root: &Root, operation: &'static str) -> Result<Meminfo> {
    let text = root.read_proc_record(operation, "meminfo")?;
    meminfo::parse(&text).map_err(|error| Error::invalid_data(operation, error))
}

/// Bytes swapped in and out; unknown where the file is hidden (psutil #722) or lacks the lines (#313).
fn swap_traffic(root: &Root, operation: &'static str) -> Result<(Option<u64>, Option<u64>)> {
    let text = match root.read_proc(operation, "vmstat") {
        Ok(text) => text,
        Err(error) if is_hidden(&error) => return Ok((None, None)),
        Err(error) => return Err(error),
    };
    let counters = vmstat::parse(&text).map_err(|error| Error::invalid_data(operation, error))?;
    let page = page_size();
    let size = |pages: u64| pages.saturating_mul(page);
    Ok((counters.pswpin.map(size), counters.pswpout.map(size)))
}

fn is_hidden(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::AccessDenied | ErrorKind::NotFound)
}

/// The sum of the marks at which the kernel starts to take memory back, in bytes; `None` if unknown.
fn low_watermarks(root: &Root) -> Option<u64> {
    let text = root.read_proc("memory virtual_memory", "zoneinfo").ok()?;
    let pages = zoneinfo::rows(&text)
        .filter_map(|zone| zone.ok()?.low)
        .fold(0_u64, u64::saturating_add);
    Some(pages.saturating_mul(page_size()))
}

/// What `MemAvailable` would be, by the kernel's own rule (commit 34e431b0ae39): what is free above
/// the low marks, and those parts of page cache and slab that can be had without trouble.
fn estimate_available(info: &Meminfo, low: Option<u64>) -> u64 {
    let free = bytes(info.mem_free);
    let (Some(active), Some(inactive), Some(slab), Some(low)) = (
        info.active_file,
        info.inactive_file,
        info.s_reclaimable,
        low,
    ) else {
        return free.saturating_add(bytes(info.cached.unwrap_or(0)));
    };
    let can_be_had = |cache: u64| cache.saturating_sub((cache / 2).min(low));
    free.saturating_add(can_be_had(bytes(active).saturating_add(bytes(inactive))))
        .saturating_add(can_be_had(bytes(slab)))
        .saturating_sub(low)
}

fn record(info: &Meminfo, available: u64) -> VirtualMemory {
    let total = bytes(info.mem_total);
    let free = bytes(info.mem_free);
    // A container (LXC) may mix its own total with the machine's available memory.
    let available = if available > total { free } else { available };
    let used = total.saturating_sub(available);
    let inactive_of_2_4 = || {
        info.inact_dirty?
            .saturating_add(info.inact_clean?)
            .saturating_add(info.inact_laundry?)
            .into()
    };
    let cached = |cached: u64| cached.saturating_add(info.s_reclaimable.unwrap_or(0));
    VirtualMemory {
        total,
        available,
        percent: share(used, total),
        used,
        free,
        active: info.active.map(bytes),
        inactive: info.inactive.or_else(inactive_of_2_4).map(bytes),
        buffers: info.buffers.map(bytes),
        cached: info.cached.map(cached).map(bytes),
        shared: info.shmem.or(info.mem_shared).map(bytes),
        slab: info.slab.map(bytes),
        wired: None,
    }
}

fn bytes(kib: u64) -> u64 {
    kib.saturating_mul(1024)
}

fn page_size() -> u64 {
    rustix::param::page_size() as u64
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A root with these files in its `proc`.
    fn root(files: &[(&str, &str)]) -> (TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("proc")).unwrap();
        for (name, text) in files {
            fs::write(dir.path().join("proc").join(name), text).unwrap();
        }
        let root = Root::at(&dir.path().join("proc"), &dir.path().join("sys")).unwrap();
        (dir, root)
    }

    const KIB: u64 = 1024;

    fn check(files: &[(&str, &str)], expect: &VirtualMemory) {
        let (_dir, root) = root(files);
        assert_eq!(virtual_memory(&root).unwrap(), *expect);
    }

    #[test]
    fn a_kernel_of_today() {
        check(
            &[(
                "meminfo",
                "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 750 kB\nBuffers: 10 kB\nCached: 600 kB\n\
                 Active: 300 kB\nInactive: 400 kB\nShmem: 20 kB\nSlab: 50 kB\nSReclaimable: 30 kB\n",
            )],
            &VirtualMemory {
                total: 1000 * KIB,
                available: 750 * KIB,
                percent: 25.0,
                used: 250 * KIB,
                free: 100 * KIB,
                active: Some(300 * KIB),
                inactive: Some(400 * KIB),
                buffers: Some(10 * KIB),
                cached: Some(630 * KIB),
                shared: Some(20 * KIB),
                slab: Some(50 * KIB),
                wired: None,
            },
        );
    }

    fn available(meminfo: &str, zoneinfo: Option<&str>) -> u64 {
        let mut files = vec![("meminfo", meminfo)];
        files.extend(zoneinfo.map(|text| ("zoneinfo", text)));
        let (_dir, root) = root(&files);
        virtual_memory(&root).unwrap().available
    }

    #[test]
    fn before_3_14_the_available_memory_is_estimated() {
        let meminfo = "MemTotal: 100000 kB\nMemFree: 10000 kB\nCached: 7000 kB\nActive(file): 3000 kB\n\
            Inactive(file): 5000 kB\nSReclaimable: 100 kB\n";
        let page = page_size() / KIB;
        let zoneinfo = "Node 0, zone DMA\n  pages free 9\n        low      10\nNode 0, zone Normal\n\
            \x20       low      20\n  pagesets\n    cpu: 0\n              high: 7\n";
        let low = 30 * page;
        // Less than half of the page cache, more than half of the slab.
        let expect = 10_000 - low + (8000 - low.min(4000)) + (100 - 50);
        assert_eq!(available(meminfo, Some(zoneinfo)), expect * KIB);
        // 0 is not to be believed either.
        let zero = format!("{meminfo}MemAvailable: 0 kB\n");
        assert_eq!(available(&zero, Some(zoneinfo)), expect * KIB);
        // Without the marks, or without the lines: what is free, and the cache.
        assert_eq!(available(meminfo, None), 17_000 * KIB);
        assert_eq!(
            available("MemTotal: 100 kB\nMemFree: 7 kB\n", Some(zoneinfo)),
            7 * KIB
        );
        // Marks above everything there is: nothing is available.
        let high = "Node 0, zone DMA\n        low      99999999\n";
        assert_eq!(available(meminfo, Some(high)), 0);
    }

    #[test]
    fn a_container_never_has_more_available_than_there_is() {
        let meminfo = "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 9000000 kB\n";
        assert_eq!(available(meminfo, None), 300 * KIB);
    }

    #[test]
    fn what_the_kernel_does_not_say_is_not_zero() {
        check(
            &[(
                "meminfo",
                "MemTotal:4 kB\nMemFree:1 kB\nMemAvailable:1 kB\n",
            )],
            &VirtualMemory {
                total: 4 * KIB,
                available: KIB,
                percent: 75.0,
                used: 3 * KIB,
                free: KIB,
                ..VirtualMemory::default()
            },
        );
        let (_dir, old) = root(&[(
            "meminfo",
            "        total:    used:\nMemTotal: 4 kB\nMemFree: 1 kB\nMemShared: 2 kB\nInact_dirty: 1 kB\n\
             Inact_laundry: 2 kB\nInact_clean: 3 kB\n",
        )]);
        let memory = virtual_memory(&old).unwrap();
        assert_eq!(memory.inactive, Some(6 * KIB));
        assert_eq!(memory.shared, Some(2 * KIB));
    }

    #[test]
    fn swap_in_every_shape() {
        let meminfo = "MemTotal: 9 kB\nMemFree: 1 kB\nSwapTotal: 8 kB\nSwapFree: 6 kB\n";
        let page = page_size();
        let swap = |files: &[(&str, &str)]| {
            let (_dir, root) = root(files);
            swap_memory(&root)
        };
        let expect = SwapMemory {
            total: 8 * KIB,
            used: 2 * KIB,
            free: 6 * KIB,
            percent: 25.0,
            sin: Some(3 * page),
            sout: Some(4 * page),
        };
        let vmstat = "nr_free_pages 1\npswpin 3\npswpout 4\n";
        assert_eq!(
            swap(&[("meminfo", meminfo), ("vmstat", vmstat)]).unwrap(),
            expect
        );
        let unknown = SwapMemory {
            sin: None,
            sout: None,
            ..expect
        };
        assert_eq!(swap(&[("meminfo", meminfo)]).unwrap(), unknown);
        assert_eq!(
            swap(&[("meminfo", meminfo), ("vmstat", "nr_free_pages 1\n")]).unwrap(),
            unknown
        );
        let none = swap(&[(
            "meminfo",
            "MemTotal: 9 kB\nMemFree: 1 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
        )])
        .unwrap();
        assert_eq!((none.total, none.percent), (0, 0.0));
        assert_eq!(
            swap(&[("meminfo", "MemTotal: 9 kB\nMemFree: 1 kB\n")])
                .unwrap_err()
                .kind(),
            ErrorKind::Unsupported
        );
    }

    #[test]
    fn errors_name_the_file_or_the_field() {
        let (dir, root) = root(&[("meminfo", "MemTotal: 9 kB\n")]);
        let error = virtual_memory(&root).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        fs::remove_file(dir.path().join("proc/meminfo")).unwrap();
        let error = virtual_memory(&root).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.path().unwrap().ends_with("proc/meminfo"));
    }
}
