//! The table of all processes and their threads: one call, without any rights, whoever runs.

use std::time::Instant;

use pslens_parse::windows::system_process_information::{Process, rows};
use windows_sys::Wdk::System::SystemInformation::SystemProcessInformation;

use super::handle::Handle;
use crate::error::{Error, ErrorKind, Result};
use crate::process::Pid;
use crate::sys::windows::ffi;
use crate::sys::windows::ffi::buffer::Buffer;

/// Room for some hundred processes with some thousand threads, so that the first call is usually the last.
const USUAL_SIZE: usize = 1 << 20;

/// All processes at one moment.
#[derive(Debug)]
pub(super) struct Table {
    bytes: Buffer,
    /// Number and place of each process that had not ended, in ascending order of the numbers.
    index: Vec<(Pid, usize)>,
    /// When it was asked for.
    pub(super) moment: Instant,
}

impl Table {
    pub(super) fn read(operation: &'static str) -> Result<Self> {
        let mut bytes = Buffer::with_room(USUAL_SIZE);
        let moment = Instant::now();
        ffi::nt::query_system(SystemProcessInformation, &mut bytes)
            .map_err(|error| Error::os(operation, error))?;
        Ok(Self::of(bytes, moment, operation))
    }

    fn of(bytes: Buffer, moment: Instant, operation: &'static str) -> Self {
        let mut index: Vec<_> = rows(bytes.memory())
            .filter(|row| !has_ended(row, operation))
            .map(|row| (Pid::from(row.unique_process_id), row.offset))
            .collect();
        index.sort_unstable();
        Self {
            bytes,
            index,
            moment,
        }
    }

    pub(super) fn pids(&self) -> Vec<Pid> {
        self.index.iter().map(|(pid, _)| *pid).collect()
    }

    /// The row of a process.
    pub(super) fn find(&self, pid: Pid) -> Option<Process<'_>> {
        let at = self
            .index
            .binary_search_by_key(&pid, |(pid, _)| *pid)
            .ok()?;
        let (_, offset) = self.index.get(at)?;
        Process::at(self.bytes.memory(), *offset)
    }
}

/// One without threads may only be kept in memory by somebody's handle to it. Or it is just being made, or is one
/// of the few of the kernel's that have none here (Secure System): a handle tells.
fn has_ended(row: &Process<'_>, operation: &'static str) -> bool {
    row.number_of_threads == 0
        && Handle::open(Pid::from(row.unique_process_id), 0, operation)
            .is_err_and(|error| error.kind() == ErrorKind::NoSuchProcess)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Processes without threads and names.
    fn table(pids: &[u32]) -> Table {
        const PROCESS: usize = 0x100;
        let mut bytes = vec![0; pids.len() * PROCESS];
        for (at, (row, pid)) in bytes.chunks_mut(PROCESS).zip(pids).enumerate() {
            let last = at + 1 == pids.len();
            let step = if last { 0 } else { 0x100_u32 };
            row[..4].copy_from_slice(&step.to_le_bytes());
            row[0x50..0x54].copy_from_slice(&pid.to_le_bytes());
        }
        Table::of(Buffer::from(bytes.as_slice()), Instant::now(), "test")
    }

    #[test]
    fn who_is_only_held_open_is_no_process() {
        #[expect(clippy::disallowed_methods, reason = "a child to be held open")]
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.arg("--list").stdout(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        child.wait().unwrap();
        let (ended, me) = (child.id(), std::process::id());
        let table = table(&[ended, me, 0]);
        // Those who are there are, with threads or without.
        assert_eq!(table.pids(), [Pid::from(0), Pid::from(me)]);
        assert_eq!(table.find(Pid::from(ended)), None);
        let row = table.find(Pid::from(me)).unwrap();
        assert_eq!((row.unique_process_id, row.number_of_threads), (me, 0));
    }
}
