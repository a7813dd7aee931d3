//! Processes and system information: everything that psutil offers, for Rust.
//!
//! Functions are grouped by domain ([`cpu`], [`memory`], [`disk`], [`net`], [`sensors`], [`host`],
//! [`process`]) and named as in psutil without the prefix: `psutil.net_connections()` is
//! [`net::connections`]. Answers are plain records with public fields; what a system does not have is
//! an `Option`, never a zero. [`Process`] is the only handle: it names a process safely, and nothing
//! done through it can hit another process that took over the pid.

#![warn(clippy::missing_errors_doc)]

pub mod availability;
pub mod counters;
pub mod cpu;
pub mod disk;
mod error;
pub mod host;
pub mod memory;
pub mod net;
pub mod os;
pub mod process;
mod root;
pub mod sensors;
#[cfg(feature = "serde")]
mod serialize;
mod sys;

pub use error::{Error, ErrorKind, Result};
pub use process::{Pid, Process};
pub use root::Root;
