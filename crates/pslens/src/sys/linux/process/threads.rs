//! Threads: `task` and the `stat` of each entry.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use pslens_parse::linux::pid_stat;

use super::pids::numbers;
use super::reader::{Reader, TRIES, directory_at};
use crate::error::{Error, Result};
use crate::process::{Attribute, Thread};
use crate::sys::linux::root::read_record_at;
use crate::sys::linux::ticks::Ticks;

impl Reader {
    pub(crate) fn threads(&mut self) -> Result<Vec<Thread>> {
        let attribute = Attribute::Threads;
        for _ in 0..TRIES {
            let threads = self.threads_now(attribute)?;
            if !threads.is_empty() {
                return Ok(threads);
            }
            // All that were listed ended: with the process, or because one of them executes a program.
            if self.stat_now().is_none() {
                break;
            }
        }
        Err(self.failed(attribute, libc::ESRCH))
    }

    fn threads_now(&mut self, attribute: Attribute) -> Result<Vec<Thread>> {
        let listed = self.at(c"task", |dir, path| {
            let tasks = directory_at(dir, path)?;
            let ids = numbers(&tasks)?;
            Ok((tasks, ids))
        });
        let (tasks, ids) = listed.map_err(|errno| self.failed(attribute, errno))?;
        let mut threads = Vec::with_capacity(ids.len());
        let mut text = Vec::new();
        for id in ids {
            match read_record_at(&tasks, format!("{id}/stat"), &mut text) {
                Ok(()) if text.is_empty() => {}
                Ok(()) => {
                    threads.push(thread(&text).map_err(|e| {
                        Error::invalid_data(attribute.operation(), e).of_pid(self.pid)
                    })?)
                }
                // The thread ended after it was listed.
                Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)) => {}
                Err(error) => return Err(Error::os_pid(attribute.operation(), self.pid, error)),
            }
        }
        Ok(threads)
    }
}

fn thread(text: &[u8]) -> Result<Thread, pslens_parse::ParseError> {
    let ticks = Ticks::of_this_system();
    let stat = pid_stat::parse(text)?;
    Ok(Thread {
        id: stat.pid,
        name: Some(OsString::from_vec(stat.comm.to_vec())),
        user_time: ticks.duration(stat.utime),
        system_time: ticks.duration(stat.stime),
    })
}
