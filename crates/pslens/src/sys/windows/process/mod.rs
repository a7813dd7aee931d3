//! Processes: from the table of all of them, and through handles.
//!
//! [`Reader`] is the only way in which a process is read. The topic files extend it.

pub(super) mod affinity;
mod attributes;
mod by_number;
mod connections;
mod control;
mod crowd;
mod drain;
mod exe;
mod handle;
mod identity;
mod look;
mod memory;
mod names;
mod open_files;
mod parameters;
mod pids;
mod plan;
mod priority;
mod reader;
pub(crate) mod signals;
mod strings;
mod table;
mod wait;

pub(crate) use affinity::{reset_cpu_affinity, set_cpu_affinity};
pub(crate) use control::{rlimit, send_ctrl_event, send_signal, set_rlimit};
pub(crate) use crowd::wait_all;
pub(crate) use drain::drain;
pub(crate) use handle::child_identity;
pub(crate) use identity::{comparable, identity};
pub(crate) use pids::{pid_exists, pids};
pub(crate) use priority::{io_priority, priority_class, set_ionice, set_nice, set_priority_class};
pub(crate) use reader::Reader;
pub(crate) use wait::wait;
