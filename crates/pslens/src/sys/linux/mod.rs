//! Linux: procfs and sysfs, and the few system calls that see more than they do.
//!
//! Manuals: proc(5), sysfs(5), and the kernel's `Documentation/filesystems/proc.rst`.

pub(crate) mod cpu;
pub(crate) mod disk;
pub(crate) mod ffi;
pub(crate) mod host;
pub(crate) mod memory;
pub(crate) mod net;
pub(crate) mod process;
mod root;
pub(crate) mod sensors;
mod ticks;

pub(crate) use crate::sys::unix::errno::errno_kind;
pub(crate) use root::Root;
