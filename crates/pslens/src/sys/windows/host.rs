//! Boot time, users, load.

pub(crate) use super::users::users;
pub(crate) use crate::sys::unsupported::host::*;
