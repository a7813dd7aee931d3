//! Questions that take a process's number, and the proof of whose answer it was.
//!
//! The number may be another process's when the question is answered. It was not if the process was there before
//! and afterwards, which a handle tells. Of a process that refuses one only the table of all tells: in a scan, so
//! that it is read once more and not once more for every such process, what can be asked about all is asked at
//! once.

use std::collections::HashMap;
use std::io;
use std::time::Instant;

use super::identity;
use super::reader::Reader;
use super::table::Table;
use crate::error::{Error, ErrorKind, Result};
use crate::process::Pid;
use crate::sys::windows::ffi;

/// Until when a process must have been there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Unproved {
    /// Nothing was asked.
    #[default]
    Nothing,
    /// The last answer came before this moment.
    Until(Instant),
    /// Answers may come until the moment of the proof.
    UntilNow,
}

/// What a scan knows of all numbers.
#[derive(Debug, Default)]
pub(super) struct ByNumber {
    /// Program files, or the codes of what went wrong.
    image_names: Option<Answers<Result<Vec<u16>, Option<i32>>>>,
    /// A second look at the table.
    later: Option<Table>,
}

#[derive(Debug)]
struct Answers<T> {
    by_pid: HashMap<Pid, T>,
    /// The last came before this moment.
    until: Instant,
}

impl Reader {
    /// The number, for a question that is to be asked now: [`Reader::finish`] proves whose it was.
    pub(super) fn number(&mut self, operation: &'static str) -> Result<u32> {
        // The proof costs little if it can be opened.
        match self.handle(0, operation) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AccessDenied => {}
            Err(error) => return Err(error),
        }
        self.unproved = Unproved::UntilNow;
        Ok(self.pid.as_u32())
    }

    /// The number, for what was answered before `moment`.
    pub(super) fn number_before(
        &mut self,
        moment: Instant,
        operation: &'static str,
    ) -> Result<u32> {
        let earlier = self.unproved;
        let number = self.number(operation)?;
        self.unproved = earlier.max(Unproved::Until(moment));
        Ok(number)
    }

    /// The program file, as the kernel has it. The outer error is that the process is gone.
    pub(super) fn image_name(&mut self, operation: &'static str) -> Result<io::Result<Vec<u16>>> {
        let (true, Some(table)) = (self.is_scan, &self.table) else {
            return Ok(ffi::nt::image_name(self.number(operation)?));
        };
        let names = self.by_number.image_names.get_or_insert_with(|| {
            let ask = |pid: Pid| {
                let name = ffi::nt::image_name(pid.as_u32());
                (pid, name.map_err(|error| error.raw_os_error()))
            };
            Answers {
                by_pid: table.pids().into_iter().map(ask).collect(),
                until: Instant::now(),
            }
        });
        let name = names.by_pid.get(&self.pid).cloned();
        let until = names.until;
        self.number_before(until, operation)?;
        let name = name.ok_or_else(|| Error::no_such_process(operation, self.pid))?;
        Ok(name.map_err(|code| match code {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::ErrorKind::InvalidData.into(),
        }))
    }

    /// Makes sure that a process of a scan was there until `moment`.
    pub(super) fn prove_until(&mut self, moment: Instant, operation: &'static str) -> Result<()> {
        let later = match self.by_number.later.take() {
            Some(later) if later.moment >= moment => later,
            _ => Table::read(operation)?,
        };
        let row = later.find(self.pid);
        let found = row.map(|row| identity::of(self.pid, row.create_time));
        self.by_number.later = Some(later);
        let found = found.ok_or_else(|| Error::no_such_process(operation, self.pid))?;
        self.compare(&found, operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::AttributeSet;
    use crate::sys::windows::Root;
    use crate::sys::windows::ffi::calls;

    /// All processes refuse, as most do for most users.
    fn refused(reader: &mut Reader, pid: Pid) {
        reader.move_to(pid).unwrap();
        reader.handles.push((0, None));
    }

    #[test]
    fn a_scan_of_processes_that_refuse_looks_twice_at_the_table() {
        let mut reader = Reader::scan(&Root, AttributeSet::EMPTY).unwrap();
        let before = calls::tables();
        let me = Pid::from(std::process::id());
        let mut seen = 0;
        for pid in reader.pids().unwrap() {
            refused(&mut reader, pid);
            let name = reader.image_name("test").unwrap();
            // Those of other tests may have ended.
            let there = reader.finish("test");
            if pid == me {
                there.unwrap();
                // wine does not tell it.
                if let Ok(name) = name {
                    let program = std::env::current_exe().unwrap();
                    let program = program.file_name().unwrap().to_str().unwrap();
                    let name = String::from_utf16(&name).unwrap();
                    assert!(name.ends_with(program), "{name}");
                }
            }
            seen += 1;
        }
        assert!(seen > 1);
        assert_eq!(calls::tables() - before, 1);
    }

    #[test]
    fn what_is_asked_now_is_proved_now() {
        let me = Pid::from(std::process::id());
        let mut reader = Reader::scan(&Root, AttributeSet::EMPTY).unwrap();
        for _ in 0..2 {
            refused(&mut reader, me);
            let before = calls::made();
            reader.number("test").unwrap();
            let _ = reader.image_name("test").unwrap();
            reader.finish("test").unwrap();
            assert!(calls::made() > before);
            assert!(reader.by_number.later.is_none());
        }
        // A process that is not in the second look, or another one in its place.
        refused(&mut reader, me);
        let _ = reader.image_name("test").unwrap();
        reader.identity.start = Some(1);
        assert!(reader.finish("test").unwrap_err().is_pid_reused());
        reader.pid = Pid::from(u32::MAX);
        reader.unproved = Unproved::Until(Instant::now());
        let error = reader.finish("test").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSuchProcess);
    }
}
