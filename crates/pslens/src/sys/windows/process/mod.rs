//! Processes: from the table of all of them, and through handles.

mod handle;

pub(crate) use crate::sys::unsupported::process::*;
