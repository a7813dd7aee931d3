//! What is decoded from the small files and calls: names, ids, times, counts, priorities.

use std::ffi::{CStr, OsString};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::SystemTime;

use pslens_parse::linux::{cpu_list, pid_cmdline, pid_environ, pid_io, pid_link, pid_status};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::names;
use super::plan::Source;
use super::reader::{File, Reader, Stat, TRIES};
use super::tie::{self, Tie};
use crate::error::{Error, Result};
use crate::process::{
    Attribute, CpuTimes, CtxSwitches, Ids, IoCounters, IoPriority, PageFaults, Pid, Status,
};
use crate::sys::linux::ffi;
use crate::sys::linux::ticks::Ticks;

/// User and group ids of a process, from whichever source had them.
#[derive(Debug, Clone, Copy)]
pub(super) struct AllIds {
    user: Ids,
    group: Ids,
}

/// The kernel cuts names to this many bytes; a name of this length may be longer in the command line.
const CUT: usize = 15;

impl Reader {
    pub(crate) fn ppid(&mut self) -> Result<Pid> {
        Ok(Pid::from(self.stat(Attribute::Ppid)?.ppid))
    }

    pub(crate) fn name(&mut self) -> Result<OsString> {
        let kernel_thread = self.stat(Attribute::Name)?.is_kernel_thread();
        if self.comm().len() >= CUT && !kernel_thread && self.read(File::Cmdline).is_ok() {
            let first = pid_cmdline::arguments(self.text(File::Cmdline))
                .next()
                .unwrap_or_default();
            let base = first.rsplit(|&byte| byte == b'/').next().unwrap_or(first);
            if base.starts_with(self.comm()) {
                return Ok(OsString::from_vec(base.to_vec()));
            }
        }
        Ok(OsString::from_vec(self.comm().to_vec()))
    }

    pub(crate) fn status(&mut self) -> Result<Status> {
        Ok(match self.stat(Attribute::Status)?.state {
            b'R' => Status::Running,
            b'S' => Status::Sleeping,
            b'D' => Status::DiskSleep,
            b'T' => Status::Stopped,
            b't' => Status::TracingStop,
            b'Z' => Status::Zombie,
            b'X' | b'x' => Status::Dead,
            b'K' => Status::WakeKill,
            b'W' => Status::Waking,
            b'I' => Status::Idle,
            b'P' => Status::Parked,
            _ => Status::Unknown,
        })
    }

    pub(crate) fn create_time(&mut self) -> Result<SystemTime> {
        let ticks = self.stat(Attribute::CreateTime)?.starttime;
        let boot = match self.boot {
            Some(boot) => boot,
            None => names::boot_time(&self.root)?,
        };
        self.boot = Some(boot);
        Ok(boot + Ticks::of_this_system().duration(ticks))
    }

    pub(crate) fn terminal(&mut self) -> Result<Option<PathBuf>> {
        // Printed as a signed int, though it is an unsigned device number; 0 is none.
        let number = self.stat(Attribute::Terminal)?.tty_nr & i64::from(u32::MAX);
        match u32::try_from(number) {
            Ok(0) | Err(_) => Ok(None),
            Ok(device) => self
                .names
                .get_or_insert_default()
                .terminal(&self.root, device),
        }
    }

    pub(crate) fn cpu_times(&mut self) -> Result<CpuTimes> {
        let ticks = Ticks::of_this_system();
        let stat = self.stat(Attribute::CpuTimes)?;
        // The kernel prints the children's times signed; they are not negative.
        let children = |time: i64| u64::try_from(time).ok().map(|time| ticks.duration(time));
        Ok(CpuTimes {
            user: ticks.duration(stat.utime),
            system: ticks.duration(stat.stime),
            children_user: children(stat.cutime),
            children_system: children(stat.cstime),
            iowait: stat.delayacct_blkio_ticks.map(|time| ticks.duration(time)),
        })
    }

    pub(crate) fn cpu_num(&mut self) -> Result<Option<u32>> {
        Ok(self.stat(Attribute::CpuNum)?.processor)
    }

    pub(crate) fn num_threads(&mut self) -> Result<u32> {
        Ok(self.stat(Attribute::NumThreads)?.num_threads)
    }

    pub(crate) fn page_faults(&mut self) -> Result<PageFaults> {
        let stat = self.stat(Attribute::PageFaults)?;
        Ok(PageFaults {
            minor: stat.minflt,
            major: stat.majflt,
        })
    }

    pub(crate) fn num_ctx_switches(&mut self) -> Result<CtxSwitches> {
        const SINCE: &str = "needs Linux 2.6.23";
        let attribute = Attribute::NumCtxSwitches;
        let status = self.decoded_status(attribute)?;
        let (Some(voluntary), involuntary @ Some(_)) = (
            status.voluntary_ctxt_switches,
            status.nonvoluntary_ctxt_switches,
        ) else {
            return Err(Error::unsupported(attribute.operation(), SINCE).of_pid(self.pid));
        };
        Ok(CtxSwitches {
            voluntary,
            involuntary,
        })
    }

    pub(crate) fn uids(&mut self) -> Result<Ids> {
        self.all_ids(Attribute::Uids).map(|ids| ids.user)
    }

    pub(crate) fn gids(&mut self) -> Result<Ids> {
        self.all_ids(Attribute::Gids).map(|ids| ids.group)
    }

    pub(crate) fn username(&mut self) -> Result<OsString> {
        let uid = self.all_ids(Attribute::Username)?.user.real;
        Ok(self.names.get_or_insert_default().user(&self.root, uid))
    }

    pub(crate) fn cmdline(&mut self) -> Result<Vec<OsString>> {
        let attribute = Attribute::Cmdline;
        self.file(File::Cmdline, attribute)?;
        self.wait_for_arguments(attribute)?;
        Ok(pid_cmdline::arguments(self.text(File::Cmdline))
            .map(|argument| OsString::from_vec(argument.to_vec()))
            .collect())
    }

    pub(crate) fn environ(&mut self) -> Result<Vec<(OsString, OsString)>> {
        let attribute = Attribute::Environ;
        match self.read(File::Environ) {
            Ok(()) if self.text(File::Environ).is_empty() => {
                self.deny_exited(attribute)?;
                // A program without arguments has only begun; one with arguments has no environment.
                if self.read(File::Cmdline).is_ok() && self.wait_for_arguments(attribute)? {
                    self.read_again(File::Environ)
                        .map_err(|errno| self.failed(attribute, errno))?;
                }
            }
            Ok(()) => {}
            // A process without memory of its own: since Linux 6.13 that is ESRCH.
            Err(libc::ESRCH) if self.is_kernel_thread(attribute) => return Ok(Vec::new()),
            // Whoever may not trace is refused before the kernel finds that there is nothing to refuse.
            Err(libc::EACCES | libc::EPERM) if self.stat(attribute).is_ok_and(Stat::has_exited) => {
                return Err(Error::zombie(attribute.operation(), self.pid));
            }
            Err(errno) => return Err(self.failed(attribute, errno)),
        }
        Ok(pid_environ::variables(self.text(File::Environ))
            .map(|(name, value)| {
                (
                    OsString::from_vec(name.to_vec()),
                    OsString::from_vec(value.to_vec()),
                )
            })
            .collect())
    }

    pub(crate) fn exe(&mut self) -> Result<Option<PathBuf>> {
        self.link(c"exe", Attribute::Exe)
    }

    pub(crate) fn cwd(&mut self) -> Result<Option<PathBuf>> {
        self.link(c"cwd", Attribute::Cwd)
    }

    pub(crate) fn io_counters(&mut self) -> Result<IoCounters> {
        let attribute = Attribute::IoCounters;
        let text = self.file(File::Io, attribute)?;
        let io = pid_io::parse(text)
            .map_err(|error| Error::invalid_data(attribute.operation(), error))
            .map_err(|error| error.of_pid(self.pid))?;
        Ok(IoCounters {
            read_count: io.syscr,
            write_count: io.syscw,
            read_bytes: Some(io.read_bytes),
            write_bytes: Some(io.write_bytes),
            read_chars: Some(io.rchar),
            write_chars: Some(io.wchar),
            other_count: None,
            other_bytes: None,
        })
    }

    pub(crate) fn nice(&mut self) -> Result<i32> {
        let attribute = Attribute::Nice;
        if !self.root.proc_is_running() || self.plan.has(Source::Stat) || self.has_stat() {
            let nice = self.stat(attribute)?.nice;
            return i32::try_from(nice).map_err(|_| {
                Error::os_pid(
                    attribute.operation(),
                    self.pid,
                    io::ErrorKind::InvalidData.into(),
                )
            });
        }
        let pid = rustix::process::Pid::from_raw(self.going_by_number());
        rustix::process::getpriority_process(pid)
            .map_err(|error| self.failed(attribute, error.raw_os_error()))
    }

    pub(crate) fn ionice(&mut self) -> Result<IoPriority> {
        let attribute = Attribute::Ionice;
        self.require_running_system(attribute)?;
        self.going_by_number();
        let value = ffi::process::ioprio_get(self.pid.as_u32())
            .map_err(|error| self.failed(attribute, error.raw_os_error().unwrap_or(libc::EIO)))?;
        // Class in the upper three bits of sixteen, the level in the lowest three.
        let class = u8::try_from(value >> 13).unwrap_or(u8::MAX);
        let level = u8::try_from(value & 7).unwrap_or_default();
        let level = matches!(class, 1 | 2).then_some(level);
        IoPriority::from_class_and_level(class, level).map_err(|error| error.of_pid(self.pid))
    }

    pub(crate) fn cpu_affinity(&mut self) -> Result<Vec<u32>> {
        let attribute = Attribute::CpuAffinity;
        if !self.root.proc_is_running() {
            return self.eligible_cpus(attribute);
        }
        self.going_by_number();
        ffi::process::sched_getaffinity(self.pid.as_u32())
            .map_err(|error| self.failed(attribute, error.raw_os_error().unwrap_or(libc::EIO)))
    }

    /// `Cpus_allowed_list` of `status`.
    pub(super) fn eligible_cpus(&mut self, attribute: Attribute) -> Result<Vec<u32>> {
        let pid = self.pid;
        let status = self.decoded_status(attribute)?;
        let Some(list) = status.cpus_allowed_list else {
            let reason = "needs Linux 2.6.26";
            return Err(Error::unsupported(attribute.operation(), reason).of_pid(pid));
        };
        let mut cpus = Vec::new();
        for range in cpu_list::rows(list) {
            let range = range
                .map_err(|error| Error::invalid_data(attribute.operation(), error).of_pid(pid))?;
            cpus.extend(range.cpus());
        }
        Ok(cpus)
    }

    /// A system call cannot see another root's processes.
    pub(super) fn require_running_system(&self, attribute: Attribute) -> Result<()> {
        if self.root.proc_is_running() {
            return Ok(());
        }
        let reason = "only the running system can be asked";
        Err(Error::unsupported(attribute.operation(), reason).of_pid(self.pid))
    }

    fn all_ids(&mut self, attribute: Attribute) -> Result<AllIds> {
        if let Some(ids) = self.ids {
            return Ok(ids);
        }
        let ids = match self.ids_of_pidfd() {
            Some(ids) => ids,
            None => {
                let pid = self.pid;
                let text = self.file(File::Status, attribute)?;
                let (uid, gid) = pid_status::ids(text).map_err(|error| {
                    Error::invalid_data(attribute.operation(), error).of_pid(pid)
                })?;
                let ids = |[real, effective, saved, _]: [u32; 4]| Ids {
                    real,
                    effective,
                    saved,
                };
                AllIds {
                    user: ids(uid),
                    group: ids(gid),
                }
            }
        };
        self.ids = Some(ids);
        Ok(ids)
    }

    /// A third of the cost of `status`, where the kernel has it and `status` is not needed anyway.
    fn ids_of_pidfd(&mut self) -> Option<AllIds> {
        let status_is_free = self.plan.has(Source::Status) || self.has_read(File::Status);
        if status_is_free || !self.pidfds_know_ids() {
            return None;
        }
        let info = if let Tie::Pidfd(pidfd) = &self.tie {
            let info = tie::info(pidfd).ok()?;
            self.unproved = false;
            info
        } else {
            self.going_by_number();
            tie::info(&tie::pidfd(self.pid).ok()?).ok()?
        };
        Some(AllIds {
            user: Ids {
                real: info.ruid,
                effective: info.euid,
                saved: info.suid,
            },
            group: Ids {
                real: info.rgid,
                effective: info.egid,
                saved: info.sgid,
            },
        })
    }

    /// Asks for the ids now, where a later read proves whose they are and asking last would not.
    pub(super) fn ids_first(&mut self) {
        if self.plan.has(Source::Ids)
            && let Some(ids) = self.ids_of_pidfd()
        {
            self.ids = Some(ids);
        }
    }

    pub(super) fn decoded_status(
        &mut self,
        attribute: Attribute,
    ) -> Result<pid_status::Status<'_>> {
        let pid = self.pid;
        let text = self.file(File::Status, attribute)?;
        pid_status::parse(text)
            .map_err(|error| Error::invalid_data(attribute.operation(), error).of_pid(pid))
    }

    /// The target of a link; `None` if the process has none, as kernel threads do.
    fn link(&mut self, name: &CStr, attribute: Attribute) -> Result<Option<PathBuf>> {
        let target = self.at(name, |dir, path| {
            Ok(rustix::fs::readlinkat(dir, path, Vec::new())?.into_bytes())
        });
        match target {
            Ok(target) => Ok(Some(self.without_deleted(target))),
            Err(libc::ENOENT | libc::ESRCH) if self.is_kernel_thread(attribute) => Ok(None),
            Err(errno) => Err(self.failed(attribute, errno)),
        }
    }

    /// The kernel appends " (deleted)" to the path of what was removed; but a file may be called so.
    fn without_deleted(&self, target: Vec<u8>) -> PathBuf {
        match pid_link::deleted(&target) {
            Some(path) if !self.exists(&target) => PathBuf::from(OsString::from_vec(path.to_vec())),
            _ => PathBuf::from(OsString::from_vec(target)),
        }
    }

    /// Whether a path exists; of another root nobody can tell.
    ///
    /// Only what the kernel has in its caches counts: what a process holds is there, and a question to
    /// the server of a dead mount, which might never be answered, is not asked.
    pub(super) fn exists(&self, path: &[u8]) -> bool {
        if !self.root.proc_is_running() {
            return false;
        }
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        match rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED) {
            Ok(_) => true,
            // Before Linux 5.12.
            Err(Errno::NOSYS | Errno::INVAL) => {
                rustix::fs::access(path, rustix::fs::Access::EXISTS).is_ok()
            }
            Err(_) => false,
        }
    }

    /// No data: that is an answer of a living process only.
    pub(super) fn deny_exited(&mut self, attribute: Attribute) -> Result<()> {
        // What `stat` said before the empty read may be out of date: the process exits in between.
        let exited = match self.stat(attribute) {
            Ok(stat) if stat.has_exited() => true,
            Ok(stat) if stat.is_kernel_thread() => false,
            Ok(_) => {
                return match self.stat_now() {
                    None => Err(Error::no_such_process(attribute.operation(), self.pid)),
                    Some(stat) if stat.has_exited() => {
                        Err(Error::zombie(attribute.operation(), self.pid))
                    }
                    Some(_) => Ok(()),
                };
            }
            Err(error) => return Err(error),
        };
        if exited {
            return Err(Error::zombie(attribute.operation(), self.pid));
        }
        Ok(())
    }

    /// A program that is just being started has no arguments for a moment: looks again a few times.
    /// Kernel threads never have any, and of a zombie there are none any more, which is an error.
    /// True if they came meanwhile.
    fn wait_for_arguments(&mut self, attribute: Attribute) -> Result<bool> {
        for looks in 0..TRIES {
            if !self.text(File::Cmdline).is_empty() {
                return Ok(looks > 0);
            }
            self.deny_exited(attribute)?;
            if self.is_kernel_thread(attribute) || !self.root.proc_is_running() {
                return Ok(false);
            }
            std::thread::yield_now();
            self.read_again(File::Cmdline)
                .map_err(|errno| self.failed(attribute, errno))?;
        }
        Ok(true)
    }

    pub(super) fn is_kernel_thread(&mut self, attribute: Attribute) -> bool {
        self.stat(attribute).is_ok_and(Stat::is_kernel_thread)
    }
}
