//! Memory: `statm`, `status`, `smaps_rollup`, `smaps`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use pslens_parse::linux::pid_smaps::{self, Row};
use pslens_parse::linux::{pid_link, pid_statm};

use super::plan::Source;
use super::reader::{File, Reader};
use crate::error::{Error, Result};
use crate::process::{
    Attribute, MapAddress, MemoryFootprint, MemoryFullInfo, MemoryInfo, MemoryInfoEx, MemoryMap,
};

/// The kernel prints `kB` and means 1,024 bytes.
const KIB: u64 = 1024;

impl Reader {
    pub(crate) fn memory_info(&mut self) -> Result<MemoryInfo> {
        self.memory_info_for(Attribute::MemoryInfo)
    }

    pub(crate) fn memory_percent(&mut self) -> Result<f64> {
        let rss = self.memory_info_for(Attribute::MemoryPercent)?.rss;
        let total = self
            .names
            .get_or_insert_default()
            .memory_total(&self.root)?;
        Ok(crate::memory::share(rss, total))
    }

    pub(crate) fn memory_info_ex(&mut self) -> Result<MemoryInfoEx> {
        let attribute = Attribute::MemoryInfoEx;
        let info = self.memory_info_for(attribute)?;
        let status = self.decoded_status(attribute)?;
        let bytes = |kib: Option<u64>| kib.map(|kib| kib.saturating_mul(KIB));
        Ok(MemoryInfoEx {
            info,
            peak_rss: bytes(status.vm_hwm),
            peak_vms: bytes(status.vm_peak),
            rss_anon: bytes(status.rss_anon),
            rss_file: bytes(status.rss_file),
            rss_shmem: bytes(status.rss_shmem),
            swap: bytes(status.vm_swap),
            hugetlb: bytes(status.hugetlb_pages),
            ..MemoryInfoEx::default()
        })
    }

    pub(crate) fn memory_footprint(&mut self) -> Result<MemoryFootprint> {
        self.footprint_for(Attribute::MemoryFootprint)
    }

    pub(crate) fn memory_full_info(&mut self) -> Result<MemoryFullInfo> {
        let attribute = Attribute::MemoryFullInfo;
        Ok(MemoryFullInfo {
            info: self.memory_info_for(attribute)?,
            footprint: self.footprint_for(attribute)?,
        })
    }

    pub(crate) fn memory_maps(&mut self) -> Result<Vec<MemoryMap>> {
        let attribute = Attribute::MemoryMaps;
        if !self.smaps_has_rows(attribute)? {
            return Ok(Vec::new());
        }
        let mut maps = Vec::new();
        // A row that cannot be decoded is the kernel's invention of tomorrow; the others stand.
        for row in pid_smaps::rows(self.text(File::Smaps)).flatten() {
            maps.extend(self.memory_map(&row));
        }
        Ok(maps)
    }

    fn memory_info_for(&mut self, attribute: Attribute) -> Result<MemoryInfo> {
        let pid = self.pid;
        let text = self.file(File::Statm, attribute)?;
        if text.is_empty() {
            return Err(Error::no_such_process(attribute.operation(), pid));
        }
        let statm = pid_statm::parse(text)
            .map_err(|error| Error::invalid_data(attribute.operation(), error).of_pid(pid))?;
        let page = rustix::param::page_size() as u64;
        let bytes = |pages: u64| pages.saturating_mul(page);
        Ok(MemoryInfo {
            rss: bytes(statm.resident),
            vms: bytes(statm.size),
            shared: Some(bytes(statm.shared)),
            text: Some(bytes(statm.text)),
            data: Some(bytes(statm.data)),
        })
    }

    fn footprint_for(&mut self, attribute: Attribute) -> Result<MemoryFootprint> {
        let smaps_is_free = self.plan.has(Source::Smaps) || self.has_read(File::Smaps);
        let file = if smaps_is_free {
            File::Smaps
        } else {
            match self.read(File::Rollup) {
                Ok(()) => File::Rollup,
                // Before Linux 4.14; or a process without memory, which smaps tells from a vanished one.
                Err(libc::ENOENT | libc::ESRCH) => File::Smaps,
                Err(errno) => return Err(self.failed(attribute, errno)),
            }
        };
        if matches!(file, File::Smaps) {
            self.smaps_has_rows(attribute)?;
        }
        // Of a kernel thread, which has nothing mapped, the sums are zero.
        let sum = pid_smaps::footprint(self.text(file))
            .map_err(|error| Error::invalid_data(attribute.operation(), error).of_pid(self.pid))?;
        let bytes = |kib: u64| kib.saturating_mul(KIB);
        Ok(MemoryFootprint {
            uss: bytes(sum.private),
            pss: sum.pss.map(bytes),
            swap: sum.swap.map(bytes),
        })
    }

    /// Reads `smaps`: false for a kernel thread, which has nothing mapped; an error for a zombie.
    fn smaps_has_rows(&mut self, attribute: Attribute) -> Result<bool> {
        match self.read(File::Smaps) {
            Ok(()) if self.text(File::Smaps).is_empty() => {
                self.deny_exited(attribute)?;
                Ok(false)
            }
            Ok(()) => Ok(true),
            Err(libc::ESRCH) if self.is_kernel_thread(attribute) => Ok(false),
            Err(errno) => Err(self.failed(attribute, errno)),
        }
    }

    /// `None` for a row without the counters that every kernel with `smaps` prints: cut short.
    fn memory_map(&self, row: &Row<'_>) -> Option<MemoryMap> {
        let bytes = |kib: Option<u64>| kib.map(|kib| kib.saturating_mul(KIB));
        let permits = |at: usize, letter: u8| row.perms.get(at) == Some(&letter);
        Some(MemoryMap {
            path: self.map_path(row),
            address: Some(MapAddress {
                start: row.start,
                end: row.end,
                read: permits(0, b'r'),
                write: permits(1, b'w'),
                execute: permits(2, b'x'),
                shared: permits(3, b's'),
            }),
            rss: bytes(row.rss)?,
            size: bytes(row.size)?,
            pss: bytes(row.pss),
            shared_clean: bytes(row.shared_clean),
            shared_dirty: bytes(row.shared_dirty),
            private_clean: bytes(row.private_clean),
            private_dirty: bytes(row.private_dirty),
            referenced: bytes(row.referenced),
            anonymous: bytes(row.anonymous),
            swap: bytes(row.swap),
        })
    }

    fn map_path(&self, row: &Row<'_>) -> OsString {
        if row.path.is_empty() {
            return "[anon]".into();
        }
        let path = pid_smaps::unescape(row.path);
        match pid_link::deleted(&path) {
            Some(stem) if !self.exists(&path) => OsString::from_vec(stem.to_vec()),
            _ => OsString::from_vec(path.into_owned()),
        }
    }
}
