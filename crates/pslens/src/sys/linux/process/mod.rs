//! Processes: `PID/*` of procfs, and the system calls that take a pid.
//!
//! [`Reader`] is the only way in which a process is read. The topic files extend it: what is decoded
//! from records ([`attributes`]), memory, files, threads.

mod attributes;
mod control;
mod files;
mod held;
mod identity;
mod limits;
mod memory;
mod names;
mod pids;
mod plan;
mod reader;
pub(crate) mod signals;
mod threads;
mod tie;
mod wait;

pub(crate) use control::{
    reset_cpu_affinity, send_signal, set_cpu_affinity, set_ionice, set_nice, set_rlimit,
};
pub(crate) use identity::{child_identity, comparable, identity};
pub(crate) use limits::rlimit;
pub(crate) use pids::{pid_exists, pids};
pub(crate) use reader::Reader;
pub(crate) use wait::{drain, wait, wait_all};
