//! Processes: from the table of all of them, and through handles.
//!
//! [`Reader`] is the only way in which a process is read. The topic files extend it.

mod attributes;
mod handle;
mod identity;
mod pending;
mod pids;
mod plan;
mod reader;
mod table;

pub(crate) use identity::{comparable, identity};
pub(crate) use pids::{pid_exists, pids};
pub(crate) use reader::Reader;

// What this system does not have.
pub(crate) use crate::sys::unsupported::process::{rlimit, set_rlimit};

// What is yet to be written.
pub(crate) use crate::sys::unsupported::process::{
    drain, reset_cpu_affinity, send_signal, set_cpu_affinity, set_ionice, set_nice, signals, wait,
    wait_all,
};
