//! Load average, boot time and users: none.

use super::Root;
use crate::error::{Error, Result};
use crate::host::LoadAverage;

pub(crate) fn load_average(_root: &Root) -> Result<LoadAverage> {
    Err(Error::unsupported("host load_average", ""))
}
