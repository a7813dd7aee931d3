//! What the table of all processes has, and most of what a handle with limited rights tells.

use std::ffi::OsString;
use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::path::PathBuf;
use std::time::SystemTime;

use pslens_parse::windows::Wide;
use pslens_parse::windows::process_basic_information::{
    self, ProcessBasicInformation as BasicInformation,
};
use pslens_parse::windows::system_process_information::{Process as Row, Thread as ThreadRow};
use pslens_parse::windows::vm_counters::{self, VmCounters};
use windows_sys::Wdk::System::Threading::{ProcessBasicInformation, ProcessVmCounters};

use super::exe;
use super::handle::Handle;
use super::identity::{IDLE, SYSTEM};
use super::reader::Reader;
use crate::error::{Error, ErrorKind, Result};
use crate::process::{
    Attribute, CpuTimes, CtxSwitches, Ids, IoCounters, MemoryInfo, MemoryInfoEx, PageFaults, Pid,
    Status, Thread,
};
use crate::sys::windows::errors::invalid;
use crate::sys::windows::time::{duration, point};
use crate::sys::windows::{errno_kind, ffi, host, memory, wide};

impl Reader {
    pub(crate) fn ppid(&mut self) -> Result<Pid> {
        let parent = self.either(Attribute::Ppid, parent, |row| {
            row.inherited_from_unique_process_id
        })?;
        Ok(Pid::from(parent))
    }

    pub(crate) fn name(&mut self) -> Result<OsString> {
        let attribute = Attribute::Name;
        match self.pid.as_u32() {
            IDLE => return Ok("System Idle Process".into()),
            SYSTEM => return Ok("System".into()),
            _ => {}
        }
        let name = self.either(attribute, image_name, image_name_of_row)?;
        let name = match name {
            // What has no program file has a name in the table.
            name if name.is_empty() => image_name_of_row(&self.row(attribute.operation())?),
            name => name,
        };
        if name.is_empty() {
            return Err(self.untold(attribute));
        }
        Ok(name)
    }

    pub(crate) fn create_time(&mut self) -> Result<SystemTime> {
        let attribute = Attribute::CreateTime;
        let creation = self.either(
            attribute,
            |handle| Ok(handle.times.creation),
            |row| row.create_time,
        )?;
        match (creation, self.pid.as_u32()) {
            // They are as old as the system.
            (0, IDLE | SYSTEM) => host::boot_time(&self.root),
            (0, _) => Err(self.untold(attribute)),
            (creation, _) => point(creation).ok_or_else(|| self.untold(attribute)),
        }
    }

    pub(crate) fn cpu_times(&mut self) -> Result<CpuTimes> {
        let (user, kernel) = self.either(
            Attribute::CpuTimes,
            |handle| Ok((handle.times.user, handle.times.kernel)),
            |row| (row.user_time, row.kernel_time),
        )?;
        Ok(CpuTimes {
            user: duration(user),
            system: duration(kernel),
            ..CpuTimes::default()
        })
    }

    pub(crate) fn memory_info(&mut self) -> Result<MemoryInfo> {
        self.memory_info_for(Attribute::MemoryInfo)
    }

    pub(super) fn memory_info_for(&mut self, attribute: Attribute) -> Result<MemoryInfo> {
        self.counters(attribute)
            .map(|counters| memory_info(&counters))
    }

    pub(crate) fn memory_info_ex(&mut self) -> Result<MemoryInfoEx> {
        let counters = self.counters(Attribute::MemoryInfoEx)?;
        Ok(MemoryInfoEx {
            info: memory_info(&counters),
            peak_rss: Some(counters.peak_working_set_size),
            peak_vms: Some(counters.peak_pagefile_usage),
            virtual_size: Some(counters.virtual_size),
            peak_virtual_size: Some(counters.peak_virtual_size),
            paged_pool: Some(counters.quota_paged_pool_usage),
            peak_paged_pool: Some(counters.quota_peak_paged_pool_usage),
            nonpaged_pool: Some(counters.quota_non_paged_pool_usage),
            peak_nonpaged_pool: Some(counters.quota_peak_non_paged_pool_usage),
            num_page_faults: Some(counters.page_fault_count.into()),
            ..MemoryInfoEx::default()
        })
    }

    pub(crate) fn memory_percent(&mut self) -> Result<f64> {
        let rss = self.counters(Attribute::MemoryPercent)?.working_set_size;
        let physical = match self.physical {
            Some(physical) => physical,
            None => memory::virtual_memory(&self.root)?.total,
        };
        self.physical = Some(physical);
        if physical == 0 {
            return Err(self.untold(Attribute::MemoryPercent));
        }
        #[expect(clippy::cast_precision_loss, reason = "a percentage")]
        Ok(rss as f64 * 100.0 / physical as f64)
    }

    pub(crate) fn io_counters(&mut self) -> Result<IoCounters> {
        self.either(Attribute::IoCounters, io_counters, |row| IoCounters {
            read_count: row.read_operation_count,
            write_count: row.write_operation_count,
            read_bytes: Some(row.read_transfer_count),
            write_bytes: Some(row.write_transfer_count),
            other_count: Some(row.other_operation_count),
            other_bytes: Some(row.other_transfer_count),
            ..IoCounters::default()
        })
    }

    pub(crate) fn num_handles(&mut self) -> Result<u32> {
        self.either(
            Attribute::NumHandles,
            |handle| ffi::process::handle_count(handle.as_handle()),
            |row| row.handle_count,
        )
    }

    pub(crate) fn num_threads(&mut self) -> Result<u32> {
        let row = self.row(Attribute::NumThreads.operation())?;
        Ok(row.number_of_threads)
    }

    pub(crate) fn num_ctx_switches(&mut self) -> Result<CtxSwitches> {
        let row = self.row(Attribute::NumCtxSwitches.operation())?;
        let switches = row
            .threads()
            .map(|thread| u64::from(thread.context_switches));
        Ok(CtxSwitches {
            voluntary: switches.sum(),
            involuntary: None,
        })
    }

    pub(crate) fn page_faults(&mut self) -> Result<PageFaults> {
        let row = self.row(Attribute::PageFaults.operation())?;
        Ok(PageFaults {
            minor: row
                .vm
                .page_fault_count
                .saturating_sub(row.hard_fault_count)
                .into(),
            major: row.hard_fault_count.into(),
        })
    }

    pub(crate) fn status(&mut self) -> Result<Status> {
        let row = self.row(Attribute::Status.operation())?;
        Ok(if row.threads().all(ThreadRow::is_suspended) {
            Status::Stopped
        } else {
            Status::Running
        })
    }

    pub(crate) fn threads(&mut self) -> Result<Vec<Thread>> {
        let row = self.row(Attribute::Threads.operation())?;
        let mut threads: Vec<_> = row
            .threads()
            .map(|thread| Thread {
                id: thread.unique_thread,
                // It would take opening every thread.
                name: None,
                user_time: duration(thread.user_time),
                system_time: duration(thread.kernel_time),
            })
            .collect();
        threads.sort_by_key(|thread| thread.id);
        Ok(threads)
    }

    /// What a handle tells, or the row, whichever is to be asked.
    fn either<T>(
        &mut self,
        attribute: Attribute,
        tell: impl FnOnce(&Handle) -> io::Result<T>,
        decode: impl FnOnce(&Row<'_>) -> T,
    ) -> Result<T> {
        let pid = self.pid;
        if let Some(handle) = self.cheaper_handle(attribute)? {
            match tell(handle) {
                Ok(value) => return Ok(value),
                // As opening it.
                Err(error) if errno_kind(&error) == ErrorKind::AccessDenied => {}
                Err(error) => return Err(Error::os_pid(attribute.operation(), pid, error)),
            }
        }
        self.row(attribute.operation()).map(|row| decode(&row))
    }

    fn counters(&mut self, attribute: Attribute) -> Result<VmCounters> {
        self.either(attribute, counters, |row| row.vm)
    }

    #[cold]
    pub(super) fn untold(&self, attribute: Attribute) -> Error {
        Error::unsupported(attribute.operation(), "the system does not tell").of_pid(self.pid)
    }
}

/// What this system does not have.
impl Reader {
    pub(crate) fn uids(&mut self) -> Result<Ids> {
        Err(self.absent(Attribute::Uids))
    }

    pub(crate) fn gids(&mut self) -> Result<Ids> {
        Err(self.absent(Attribute::Gids))
    }

    pub(crate) fn terminal(&mut self) -> Result<Option<PathBuf>> {
        Err(self.absent(Attribute::Terminal))
    }

    pub(crate) fn num_fds(&mut self) -> Result<u32> {
        Err(self.absent(Attribute::NumFds))
    }

    pub(crate) fn cpu_num(&mut self) -> Result<Option<u32>> {
        Err(self.absent(Attribute::CpuNum))
    }

    #[cold]
    pub(super) fn absent(&self, attribute: Attribute) -> Error {
        Error::unsupported(attribute.operation(), "").of_pid(self.pid)
    }
}

fn memory_info(counters: &VmCounters) -> MemoryInfo {
    MemoryInfo {
        rss: counters.working_set_size,
        vms: counters.private_usage,
        ..MemoryInfo::default()
    }
}

/// Who started it, and where it keeps its strings.
pub(super) fn basic_information(process: BorrowedHandle<'_>) -> io::Result<BasicInformation> {
    let words: [u64; 6] = ffi::nt::query_process_words(process, ProcessBasicInformation)?;
    let bytes = words.map(u64::to_le_bytes);
    process_basic_information::parse(bytes.as_flattened()).map_err(invalid)
}

fn parent(handle: &Handle) -> io::Result<u32> {
    let basic = basic_information(handle.as_handle())?;
    u32::try_from(basic.inherited_from_unique_process_id).map_err(invalid)
}

fn counters(handle: &Handle) -> io::Result<VmCounters> {
    const WORDS: usize = vm_counters::SIZE / size_of::<u64>();
    let words: [u64; WORDS] = ffi::nt::query_process_words(handle.as_handle(), ProcessVmCounters)?;
    let bytes = words.map(u64::to_le_bytes);
    vm_counters::parse(bytes.as_flattened()).map_err(invalid)
}

fn io_counters(handle: &Handle) -> io::Result<IoCounters> {
    let counters = ffi::process::io_counters(handle.as_handle())?;
    Ok(IoCounters {
        read_count: counters.ReadOperationCount,
        write_count: counters.WriteOperationCount,
        read_bytes: Some(counters.ReadTransferCount),
        write_bytes: Some(counters.WriteTransferCount),
        other_count: Some(counters.OtherOperationCount),
        other_bytes: Some(counters.OtherTransferCount),
        ..IoCounters::default()
    })
}

/// The base name of the program file as it was when the process was made, like that of the row: neither
/// follows a file that is renamed later.
fn image_name(handle: &Handle) -> io::Result<OsString> {
    let path = exe::path_of(handle)?;
    Ok(wide::text(Wide(&path).file_name()))
}

fn image_name_of_row(row: &Row<'_>) -> OsString {
    wide::text(row.image_name.file_name())
}
