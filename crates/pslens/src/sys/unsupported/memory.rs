//! Physical memory and swap: none.

use super::Root;
use crate::error::{Error, Result};
use crate::memory::{HeapInfo, SwapMemory, VirtualMemory};

pub(crate) fn virtual_memory(_root: &Root) -> Result<VirtualMemory> {
    Err(Error::unsupported("memory virtual_memory", ""))
}

pub(crate) fn swap_memory(_root: &Root) -> Result<SwapMemory> {
    Err(Error::unsupported("memory swap_memory", ""))
}

pub(crate) fn heap_info() -> Result<HeapInfo> {
    Err(Error::unsupported("memory heap_info", ""))
}

pub(crate) fn heap_trim() -> Result<()> {
    Err(Error::unsupported("memory heap_trim", ""))
}
