//! Temperatures, fans, batteries: none.

use super::Root;
use crate::error::{Error, Result};
use crate::sensors::{Battery, Chip, Fan, Temperature};

pub(crate) fn temperatures(_root: &Root) -> Result<Vec<Chip<Temperature>>> {
    Err(Error::unsupported("sensors temperatures", ""))
}

pub(crate) fn fans(_root: &Root) -> Result<Vec<Chip<Fan>>> {
    Err(Error::unsupported("sensors fans", ""))
}

pub(crate) fn batteries(_root: &Root) -> Result<Vec<Battery>> {
    Err(Error::unsupported("sensors batteries", ""))
}
