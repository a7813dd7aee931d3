//! The tools, one file each.

pub(crate) mod df;
pub(crate) mod free;
pub(crate) mod netstat;
pub(crate) mod ps;
