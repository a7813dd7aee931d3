//! Who a process is: the time of its creation, which the kernel never changes.

use super::handle::Handle;
use super::table::Table;
use crate::error::{Error, ErrorKind, Result};
use crate::process::{Identity, Pid};
use crate::sys::windows::Root;

/// The idle process and the kernel's own: their numbers are given to no other.
pub(super) const IDLE: u32 = 0;
pub(super) const SYSTEM: u32 = 4;

/// Who has `pid`, given the time of creation in a handle's answer or in the table: both are the same.
pub(super) fn of(pid: Pid, creation: u64) -> Identity {
    let always_there = matches!(pid.as_u32(), IDLE | SYSTEM);
    Identity {
        // The two are as old as the system, which some versions show as no time at all.
        start: match always_there {
            true => Some(0),
            false => (creation != 0).then_some(creation),
        },
        // The clock may have ticks of 16 ms, but numbers are given out again in the order in which they became
        // free: no second process has the same one at the same time.
        unique: None,
        young: false,
    }
}

/// Who has `pid` now.
pub(crate) fn identity(_root: &Root, pid: Pid, operation: &'static str) -> Result<Identity> {
    if pid.as_u32() == IDLE {
        return Ok(of(pid, 0));
    }
    match Handle::open(pid, 0, operation) {
        Ok(handle) => Ok(handle.identity),
        // The table has every process, for everybody.
        Err(error) if error.kind() == ErrorKind::AccessDenied => {
            let table = Table::read(operation)?;
            let row = table.find(pid);
            row.map(|row| of(pid, row.create_time))
                .ok_or_else(|| Error::no_such_process(operation, pid))
        }
        Err(error) => Err(error),
    }
}

/// Who has `pid` now: there is one proof only.
pub(crate) fn comparable(
    root: &Root,
    pid: Pid,
    _expected: &Identity,
    operation: &'static str,
) -> Result<Identity> {
    identity(root, pid, operation)
}
