//! CPU times, counts, frequencies: none.

use super::Root;
use crate::cpu::{Frequency, PerCpu, Stats, Times};
use crate::error::{Error, Result};

pub(crate) fn times(_root: &Root) -> Result<Times> {
    Err(Error::unsupported("cpu times", ""))
}

pub(crate) fn times_per_cpu(_root: &Root) -> Result<Vec<PerCpu<Times>>> {
    Err(Error::unsupported("cpu times_per_cpu", ""))
}

pub(crate) fn count_logical(_root: &Root) -> Result<u32> {
    Err(Error::unsupported("cpu count_logical", ""))
}

pub(crate) fn count_cores(_root: &Root) -> Result<Option<u32>> {
    Err(Error::unsupported("cpu count_cores", ""))
}

pub(crate) fn count_usable(_root: &Root) -> Result<u32> {
    Err(Error::unsupported("cpu count_usable", ""))
}

pub(crate) fn stats(_root: &Root) -> Result<Stats> {
    Err(Error::unsupported("cpu stats", ""))
}

pub(crate) fn frequency(_root: &Root) -> Result<Option<Frequency>> {
    Err(Error::unsupported("cpu frequency", ""))
}

pub(crate) fn frequency_per_cpu(_root: &Root) -> Result<Vec<PerCpu<Frequency>>> {
    Err(Error::unsupported("cpu frequency_per_cpu", ""))
}
