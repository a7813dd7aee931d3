//! Processes: `PID/*` of procfs, and the system calls that take a pid.
//!
//! [`Reader`] is the only way in which a process is read. The topic files extend it: what is decoded
//! from records ([`attributes`]), memory, files, threads.

mod attributes;
mod files;
mod identity;
mod memory;
mod names;
mod pids;
mod plan;
mod reader;
mod threads;

pub(crate) use identity::{comparable, identity};
pub(crate) use pids::{pid_exists, pids};
pub(crate) use reader::Reader;
