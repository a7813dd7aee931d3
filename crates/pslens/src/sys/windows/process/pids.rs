//! Which processes there are.

use super::identity;
use super::table::Table;
use crate::error::{ErrorKind, Result};
use crate::process::Pid;
use crate::sys::windows::Root;

pub(crate) fn pids(_root: &Root) -> Result<Vec<Pid>> {
    Ok(Table::read("process pids")?.pids())
}

/// Numbers of threads, and the three numbers above each process, lead to a process as well when they are
/// opened, or are refused: neither means anything.
pub(crate) fn pid_exists(root: &Root, pid: Pid) -> Result<bool> {
    match identity::identity(root, pid, "process pid_exists") {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NoSuchProcess => Ok(false),
        Err(error) => Err(error),
    }
}
