//! Load average, boot time and users: none.

use std::ffi::{OsStr, OsString};
use std::time::SystemTime;

use super::Root;
use crate::error::{Error, Result};
use crate::host::{LoadAverage, User};

pub(crate) fn load_average(_root: &Root) -> Result<LoadAverage> {
    Err(Error::unsupported("host load_average", ""))
}

pub(crate) fn boot_time(_root: &Root) -> Result<SystemTime> {
    Err(Error::unsupported("host boot_time", ""))
}

pub(crate) fn users(_root: &Root) -> Result<Vec<User>> {
    Err(Error::unsupported("host users", ""))
}

pub(crate) fn user_name(_root: &Root, _uid: u32) -> Result<Option<OsString>> {
    Err(Error::unsupported("host user_name", ""))
}

pub(crate) fn user_id(_root: &Root, _name: &OsStr) -> Result<Option<u32>> {
    Err(Error::unsupported("host user_id", ""))
}
