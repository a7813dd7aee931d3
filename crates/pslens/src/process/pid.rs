//! The process identifier.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A process identifier, as the system numbers processes.
///
/// A number is not a process: it may be nobody's, and it is given out again after its owner is
/// gone. [`Process`](crate::Process) is what names a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Pid(u32);

impl Pid {
    /// The number.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

impl From<u32> for Pid {
    fn from(pid: u32) -> Self {
        Self(pid)
    }
}

impl TryFrom<i64> for Pid {
    type Error = Error;

    /// Accepts what is not negative and fits 32 bits.
    fn try_from(pid: i64) -> Result<Self> {
        u32::try_from(pid)
            .map(Self)
            .map_err(|_| Error::invalid_argument("process pid", "pid", pid, ACCEPTED))
    }
}

impl FromStr for Pid {
    type Err = Error;

    /// Accepts decimal digits.
    fn from_str(text: &str) -> Result<Self> {
        text.parse().map(Self).map_err(|_| {
            Error::invalid_argument("process pid", "pid", format_args!("'{text}'"), ACCEPTED)
        })
    }
}

const ACCEPTED: &str = "a whole number from 0 to 4294967295";

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
