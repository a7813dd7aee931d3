//! The process that a call acts on: what every backend needs to know to hit no other one.

use super::identity::{Identity, Sameness};
use super::{Pid, Process};
use crate::error::{Error, Result};
use crate::sys;

/// A process to act on, and on behalf of what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) root: &'a sys::Root,
    pub(crate) pid: Pid,
    pub(crate) identity: &'a Identity,
    pub(crate) operation: &'static str,
}

impl Target<'_> {
    /// Fails unless the pid still means this process, or nothing proves that it does not.
    pub(crate) fn check(&self) -> Result<()> {
        let found = sys::process::comparable(self.root, self.pid, self.identity, self.operation)?;
        self.compare(&found)
    }

    /// Fails if `found` is another process.
    pub(crate) fn compare(&self, found: &Identity) -> Result<()> {
        match self.identity.compare(found) {
            Sameness::Different => Err(Error::pid_reused(self.operation, self.pid)),
            Sameness::Same | Sameness::Unknown => Ok(()),
        }
    }

    /// pid 0 means the caller, its process group, or any child, depending on the call: never a process.
    pub(crate) fn refuse_zero(&self) -> Result<()> {
        if self.pid.as_u32() == 0 {
            return Err(Error::invalid_argument(
                self.operation,
                "pid",
                0,
                "the number of a process, from 1 on",
            ));
        }
        Ok(())
    }
}

impl Process {
    pub(crate) const fn target(&self, operation: &'static str) -> Target<'_> {
        Target {
            root: &self.root.0,
            pid: self.pid,
            identity: &self.identity,
            operation,
        }
    }
}
