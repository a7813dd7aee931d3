//! Boot time, users, load.

pub(crate) use crate::sys::unsupported::host::*;
