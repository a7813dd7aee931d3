//! The backend of systems that have none: every function of the contract, each answering "unsupported".
//!
//! Other backends re-export single functions of this one for what their system lacks.

pub(crate) mod cpu;
pub(crate) mod disk;
pub(crate) mod host;
pub(crate) mod memory;
pub(crate) mod net;
pub(crate) mod process;
pub(crate) mod sensors;

use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// Nothing can be redirected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Root;

impl Root {
    pub(crate) fn running() -> Self {
        Self
    }

    pub(crate) fn at(_proc: &Path, _sys: &Path) -> Result<Self> {
        Err(Error::unsupported("root at", "this system has no procfs"))
    }

    pub(crate) fn is_running_system(&self) -> bool {
        true
    }
}

pub(crate) fn errno_kind(_error: &std::io::Error) -> ErrorKind {
    ErrorKind::Os
}
