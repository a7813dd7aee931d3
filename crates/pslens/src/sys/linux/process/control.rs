//! Acting on a process: signals and setters.
//!
//! Manuals: pidfd_open(2), pidfd_send_signal(2), setpriority(2), ioprio_set(2), sched_setaffinity(2).

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use pslens_parse::linux::cpu_list;
use rustix::io::Errno;
use rustix::process::PidfdFlags;

use super::identity::inode;
use super::reader::Reader;
use crate::error::{Error, ErrorKind, Result};
use crate::process::{Identity, IoPriority, Limits, Resource, Signal, Target};
use crate::sys::linux::ffi;
use crate::sys::linux::root::read;

/// A target whose pid was found to mean the expected process, with what proves that it still does.
pub(super) struct Held {
    /// As long as it is open it means one process, and no other later. `None` where there are no
    /// pidfds: before Linux 5.3, in a sandbox, when no descriptor is left.
    pidfd: Option<OwnedFd>,
    raw: i32,
}

impl Held {
    /// Opens a pidfd, *then* checks who is behind it.
    ///
    /// With the unique number of the pidfd that is proof. Without it the start time is read after the
    /// pidfd was opened: a pid does not come back to a process that lost it, so if it means the expected
    /// process now, it did so when the pidfd was opened (up to two processes in one clock tick).
    pub(super) fn open(target: &Target<'_>) -> Result<Self> {
        Self::open_with(target, &mut None)
    }

    /// As [`Held::open`]; `reader` is made when it is needed, and serves the next target as well.
    pub(super) fn open_with(target: &Target<'_>, reader: &mut Option<Reader>) -> Result<Self> {
        if !target.root.proc_is_running() {
            let reason = "only a process of the running system can be acted on";
            return Err(Error::unsupported(target.operation, reason).of_pid(target.pid));
        }
        let gone = || Error::no_such_process(target.operation, target.pid);
        let raw = i32::try_from(target.pid.as_u32()).map_err(|_| gone())?;
        let pid = rustix::process::Pid::from_raw(raw).ok_or_else(gone)?;
        let pidfd = match rustix::process::pidfd_open(pid, PidfdFlags::empty()) {
            Ok(pidfd) => Some(pidfd),
            // EINVAL and ENOENT: reaped during the call, or a thread and not a process.
            Err(Errno::SRCH | Errno::INVAL | Errno::NOENT) => return Err(gone()),
            Err(_) => None,
        };
        let held = Self { pidfd, raw };
        held.check(target, reader)?;
        Ok(held)
    }

    fn check(&self, target: &Target<'_>, reader: &mut Option<Reader>) -> Result<()> {
        // That the number is unique was found out when the identity was made.
        if target.identity.unique.is_some()
            && let Some(unique) = self.pidfd.as_ref().and_then(inode)
        {
            return target.compare(&Identity {
                unique: Some(unique),
                ..Identity::default()
            });
        }
        // One source by its path: the pidfd is the anchor here.
        let reader = reader.get_or_insert_with(|| Reader::new(target.root));
        match reader.move_to(target.pid) {
            Ok(found) => target.compare(&found),
            Err(error) if error.kind() == ErrorKind::NoSuchProcess => {
                Err(Error::no_such_process(target.operation, target.pid))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn into_pidfd(self) -> Option<OwnedFd> {
        self.pidfd
    }

    /// Calls with the number, and makes sure that it meant the target throughout.
    ///
    /// Before: [`Held::open`] has found that it did. After: a process keeps its number until it is reaped,
    /// and a signal (0, which is never delivered) through the pidfd fails with `ESRCH` once it was. So
    /// when that succeeds, the number cannot have meant another process in between, and what `act` did,
    /// it did to the target. When it fails, `act` hit the target before its end, or nobody, or, if the
    /// number was given out again at once, a stranger. No call that goes by number can rule that out; it
    /// is an error, which says whether the number has a new owner.
    ///
    /// Without a pidfd the start time is compared once more, which shows the same to the clock tick.
    pub(super) fn act<T>(
        &self,
        target: &Target<'_>,
        act: impl FnOnce(u32) -> io::Result<T>,
    ) -> Result<T> {
        let result = act(target.pid.as_u32());
        match &self.pidfd {
            Some(pidfd) => {
                let probe = ffi::process::pidfd_send_signal(pidfd.as_fd(), 0);
                if probe.is_err_and(|error| error.raw_os_error() == Some(libc::ESRCH)) {
                    return Err(match super::pid_exists(target.root, target.pid)? {
                        true => Error::pid_reused(target.operation, target.pid),
                        false => Error::no_such_process(target.operation, target.pid),
                    });
                }
            }
            None => target.check()?,
        }
        result.map_err(|error| match error.raw_os_error() {
            // It is there, so what the call looked for went with its memory.
            Some(libc::ESRCH) => Error::zombie(target.operation, target.pid),
            _ => Error::os_pid(target.operation, target.pid, error),
        })
    }

    fn signal(&self, signal: i32) -> io::Result<()> {
        if let Some(pidfd) = &self.pidfd {
            let sent = ffi::process::pidfd_send_signal(pidfd.as_fd(), signal);
            // A sandbox that knows one call and not the other.
            if !sent
                .as_ref()
                .is_err_and(|error| error.raw_os_error() == Some(libc::ENOSYS))
            {
                return sent;
            }
        }
        ffi::process::kill(self.raw, signal)
    }
}

pub(crate) fn send_signal(target: &Target<'_>, signal: Signal) -> Result<()> {
    let held = Held::open(target)?;
    held.signal(signal.as_raw())
        .map_err(|error| Error::os_pid(target.operation, target.pid, error))
}

pub(crate) fn set_nice(target: &Target<'_>, nice: i32) -> Result<()> {
    if !(-20..=19).contains(&nice) {
        let accepted = "-20 (first) to 19 (last)";
        return Err(Error::invalid_argument(
            target.operation,
            "nice",
            nice,
            accepted,
        ));
    }
    let held = Held::open(target)?;
    held.act(target, |_| {
        let pid = rustix::process::Pid::from_raw(held.raw);
        Ok(rustix::process::setpriority_process(pid, nice)?)
    })
}

pub(crate) fn set_ionice(target: &Target<'_>, priority: IoPriority) -> Result<()> {
    if let IoPriority::Hint(_) = priority {
        return Err(Error::invalid_argument(
            target.operation,
            "priority",
            format_args!("{priority}, a hint of Windows"),
            "none, realtime/0 to realtime/7, best-effort/0 to best-effort/7, idle",
        ));
    }
    let level = priority.level().map_or(0, |level| u32::from(level.get()));
    let value = u32::from(priority.class()) << 13 | level;
    Held::open(target)?.act(target, |pid| ffi::process::ioprio_set(pid, value))
}

/// More CPUs than any kernel is configured for.
const MOST_CPUS: u32 = 1 << 16;

pub(crate) fn set_cpu_affinity(target: &Target<'_>, cpus: &[u32]) -> Result<()> {
    let held = Held::open(target)?;
    let online = online(target);
    let refused = |given: &dyn std::fmt::Display| {
        let online = online
            .as_ref()
            .map_or_else(String::new, |online| format!(" of {online}"));
        Error::invalid_argument(
            target.operation,
            "cpus",
            given,
            format_args!("one or more CPUs{online}, as far as its cpuset allows"),
        )
    };
    if cpus.is_empty() {
        return Err(refused(&"none"));
    }
    let exists = |cpu: u32| {
        online
            .as_ref()
            .map_or(cpu < MOST_CPUS, |online| online.contains(cpu))
    };
    if let Some(missing) = cpus.iter().find(|cpu| !exists(**cpu)) {
        return Err(refused(missing));
    }
    // The kernel leaves out what the cpuset excludes, and says so only if nothing remains.
    let left_out = held.act(target, |pid| {
        let before = ffi::process::sched_getaffinity(pid)?;
        match ffi::process::sched_setaffinity(pid, cpus) {
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
                return Ok(cpus.first().copied());
            }
            result => result?,
        }
        let after = ffi::process::sched_getaffinity(pid)?;
        let left_out = cpus.iter().find(|cpu| !after.contains(cpu)).copied();
        if left_out.is_some() {
            ffi::process::sched_setaffinity(pid, &before)?;
        }
        Ok(left_out)
    })?;
    match left_out {
        Some(cpu) => Err(refused(&cpu)),
        None => Ok(()),
    }
}

pub(crate) fn reset_cpu_affinity(target: &Target<'_>) -> Result<()> {
    // The kernel ignores what it does not have and leaves out what the cpuset excludes.
    let every: Vec<u32> = (0..MOST_CPUS).collect();
    Held::open(target)?.act(target, |pid| ffi::process::sched_setaffinity(pid, &every))
}

/// The CPUs that are online, as the kernel lists them: `0-3,8`.
struct Online {
    text: String,
}

impl Online {
    fn contains(&self, cpu: u32) -> bool {
        cpu_list::rows(self.text.as_bytes())
            .flatten()
            .any(|range| range.cpus().contains(&cpu))
    }
}

impl std::fmt::Display for Online {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// `None` where sysfs is not mounted, and the system call must tell.
fn online(target: &Target<'_>) -> Option<Online> {
    let bytes = read(&target.root.sys("devices/system/cpu/online")).ok()?;
    let text = String::from_utf8(bytes).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(Online { text })
}

pub(crate) fn set_rlimit(target: &Target<'_>, resource: Resource, limits: Limits) -> Result<()> {
    let number = super::limits::number(resource);
    let limits = ffi::process::Rlimit64 {
        current: super::limits::to_kernel(limits.soft),
        maximum: super::limits::to_kernel(limits.hard),
    };
    Held::open(target)?.act(target, |pid| ffi::process::set_rlimit(pid, number, &limits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Process;
    use crate::process::Child;

    #[expect(clippy::disallowed_methods, reason = "a test needs somebody to act on")]
    fn child() -> Child {
        Child::spawn(std::process::Command::new("sleep").arg("1000")).unwrap()
    }

    /// As on a kernel before 5.3.
    fn without_pidfd(process: &Process) -> Held {
        Held {
            pidfd: None,
            raw: i32::try_from(process.pid().as_u32()).unwrap(),
        }
    }

    #[test]
    fn what_was_reaped_during_an_act_is_reported() {
        let mut child = child();
        let process = child.process().clone();
        let target = process.target("process set_nice");
        let act = |held: &Held| held.act(&target, |_| Ok(()));
        let (held, bare) = (Held::open(&target).unwrap(), without_pidfd(&process));
        act(&held).unwrap();
        act(&bare).unwrap();
        child.kill().unwrap();
        while matches!(process.status(), Ok(status) if status != crate::process::Status::Zombie) {
            std::thread::yield_now();
        }
        // A zombie keeps its number, so it was what the call met.
        act(&held).unwrap();
        act(&bare).unwrap();
        let missing = held.act(&target, |_| -> io::Result<()> {
            Err(io::Error::from_raw_os_error(libc::ESRCH))
        });
        assert_eq!(missing.unwrap_err().kind(), ErrorKind::ZombieProcess);
        let reaped = held.act(&target, |_| Ok(child.wait()));
        assert_eq!(reaped.unwrap_err().kind(), ErrorKind::NoSuchProcess);
        assert_eq!(act(&bare).unwrap_err().kind(), ErrorKind::NoSuchProcess);
        // What is held means nobody, not whoever gets the number.
        let error = held.signal(libc::SIGKILL).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ESRCH));
    }

    #[test]
    fn a_pid_of_another_process_is_not_acted_on() {
        let mut child = child();
        let process = child.process();
        for identity in [
            Identity {
                start: Some(1),
                ..Identity::default()
            },
            Identity {
                unique: Some(1),
                ..Identity::default()
            },
        ] {
            let former = Process::with_identity(process.pid(), identity, crate::Root::running());
            if identity.unique.is_some() && process.target("").identity.unique.is_none() {
                continue; // this kernel has no unique numbers
            }
            for result in [
                former.kill(),
                former.set_nice(19),
                former.set_ionice(IoPriority::Idle),
                former.set_cpu_affinity(&[0]),
                former.reset_cpu_affinity(),
            ] {
                assert!(result.unwrap_err().is_pid_reused());
            }
            // It is gone, and the child that has its number is not reaped.
            assert_eq!(former.wait().unwrap(), None);
        }
        assert!(process.is_running().unwrap());
        child.kill().unwrap();
        let status = Some(crate::process::ExitStatus::Signaled(Signal::KILL));
        assert_eq!(child.wait().unwrap(), status);
    }

    #[test]
    fn signals_go_by_number_where_there_are_no_pidfds() {
        let mut child = child();
        without_pidfd(child.process())
            .signal(libc::SIGTERM)
            .unwrap();
        let status = Some(crate::process::ExitStatus::Signaled(Signal::TERM));
        assert_eq!(child.wait().unwrap(), status);
    }
}
