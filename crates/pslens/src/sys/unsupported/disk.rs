//! Partitions, usage, I/O counters: none.

use std::path::Path;

use super::Root;
use crate::disk::{IoCounters, Partition, Usage};
use crate::error::{Error, Result};

pub(crate) fn partitions(_root: &Root) -> Result<Vec<Partition>> {
    Err(Error::unsupported("disk partitions", ""))
}

pub(crate) fn partitions_all(_root: &Root) -> Result<Vec<Partition>> {
    Err(Error::unsupported("disk partitions_all", ""))
}

pub(crate) fn usage(_path: &Path) -> Result<Usage> {
    Err(Error::unsupported("disk usage", ""))
}

pub(crate) fn keep_signals_out() {}

pub(crate) fn io_counters(_root: &Root, _row: &mut dyn FnMut(&str, IoCounters)) -> Result<()> {
    Err(Error::unsupported("disk io_counters", ""))
}
