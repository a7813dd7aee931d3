//! Resource limits: `prlimit`, and the file `limits` where that cannot be asked. Manual: getrlimit(2).

use pslens_parse::linux::pid_limits;
use rustix::process::Resource as Number;

use super::reader::Reader;
use crate::error::{Error, Result};
use crate::process::{Limit, Limits, Resource, Target};
use crate::sys::linux::ffi;
use crate::sys::linux::root::read_record_at;

/// The kernel's number of a resource, and its words for it in `limits`.
const fn named(resource: Resource) -> (Number, &'static str) {
    match resource {
        Resource::As => (Number::As, "Max address space"),
        Resource::Core => (Number::Core, "Max core file size"),
        Resource::Cpu => (Number::Cpu, "Max cpu time"),
        Resource::Data => (Number::Data, "Max data size"),
        Resource::Fsize => (Number::Fsize, "Max file size"),
        Resource::Locks => (Number::Locks, "Max file locks"),
        Resource::Memlock => (Number::Memlock, "Max locked memory"),
        Resource::Msgqueue => (Number::Msgqueue, "Max msgqueue size"),
        Resource::Nice => (Number::Nice, "Max nice priority"),
        Resource::Nofile => (Number::Nofile, "Max open files"),
        Resource::Nproc => (Number::Nproc, "Max processes"),
        Resource::Rss => (Number::Rss, "Max resident set"),
        Resource::Rtprio => (Number::Rtprio, "Max realtime priority"),
        Resource::Rttime => (Number::Rttime, "Max realtime timeout"),
        Resource::Sigpending => (Number::Sigpending, "Max pending signals"),
        Resource::Stack => (Number::Stack, "Max stack size"),
    }
}

pub(super) const fn number(resource: Resource) -> libc::c_long {
    named(resource).0 as libc::c_long
}

/// `RLIM64_INFINITY`: what the kernel writes for "no limit".
const INFINITY: u64 = u64::MAX;

pub(super) const fn to_kernel(limit: Limit) -> u64 {
    match limit {
        Limit::At(value) => value,
        Limit::Unlimited => INFINITY,
    }
}

const fn from_kernel(value: u64) -> Limit {
    match value {
        INFINITY => Limit::Unlimited,
        value => Limit::At(value),
    }
}

pub(crate) fn rlimit(target: &Target<'_>, resource: Resource) -> Result<Limits> {
    let operation = target.operation;
    let mut reader = Reader::by_number(target.root, target.pid, *target.identity);
    if target.root.proc_is_running() && target.pid.as_u32() != 0 {
        let limits = ffi::process::rlimit(target.pid.as_u32(), number(resource));
        reader.finish(operation)?;
        match limits {
            Ok(limits) => {
                return Ok(Limits {
                    soft: from_kernel(limits.current),
                    hard: from_kernel(limits.maximum),
                });
            }
            Err(error) => match error.raw_os_error() {
                // Another user's, or a sandbox; everybody may read the file.
                Some(libc::EPERM | libc::ENOSYS) => {}
                Some(libc::EINVAL) => return Err(unknown(target)),
                _ => return Err(Error::os_pid(operation, target.pid, error)),
            },
        }
    }
    let mut text = Vec::new();
    reader
        .at(c"limits", |dir, path| read_record_at(dir, path, &mut text))
        .map_err(|errno| match errno {
            libc::ENOENT | libc::ESRCH => Error::no_such_process(operation, target.pid),
            _ => Error::os_pid(
                operation,
                target.pid,
                std::io::Error::from_raw_os_error(errno),
            ),
        })?;
    reader.finish(operation)?;
    let wanted = named(resource).1.as_bytes();
    for row in pid_limits::rows(&text).flatten() {
        if row.name == wanted {
            let limit = |value: Option<u64>| value.map_or(Limit::Unlimited, Limit::At);
            return Ok(Limits {
                soft: limit(row.soft),
                hard: limit(row.hard),
            });
        }
    }
    Err(unknown(target))
}

#[cold]
fn unknown(target: &Target<'_>) -> Error {
    Error::unsupported(target.operation, "this kernel does not have the limit").of_pid(target.pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_and_the_call_agree() {
        let root = crate::sys::linux::Root::running();
        let text = root.read_proc("test", "self/limits").unwrap();
        let mut met = 0;
        for row in pid_limits::rows(&text) {
            let row = row.unwrap();
            let resource = Resource::ALL
                .iter()
                .find(|resource| named(**resource).1.as_bytes() == row.name)
                .unwrap();
            let limits = ffi::process::rlimit(std::process::id(), number(*resource)).unwrap();
            let value = |limit| from_kernel(limit).value();
            assert_eq!(
                (value(limits.current), value(limits.maximum)),
                (row.soft, row.hard)
            );
            met += 1;
        }
        assert_eq!(met, Resource::ALL.len());
    }
}
