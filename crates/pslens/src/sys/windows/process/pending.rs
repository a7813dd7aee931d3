//! What is yet to be written: whoever writes one in a file of its topic removes it here.

use super::reader::Reader;
use crate::error::Result;
use crate::process::{
    Attribute, Descriptor, MappedFile, MemoryFootprint, MemoryFullInfo, MemoryMap, OpenFile,
};

impl Reader {
    pub(crate) fn memory_footprint(&mut self) -> Result<MemoryFootprint> {
        Err(self.absent(Attribute::MemoryFootprint))
    }

    pub(crate) fn memory_full_info(&mut self) -> Result<MemoryFullInfo> {
        Err(self.absent(Attribute::MemoryFullInfo))
    }

    pub(crate) fn memory_maps(&mut self) -> Result<Vec<MemoryMap>> {
        Err(self.absent(Attribute::MemoryMaps))
    }

    pub(crate) fn mapped_files(&mut self) -> Result<Vec<MappedFile>> {
        Err(self.absent(Attribute::MemoryMaps))
    }

    pub(crate) fn open_files(&mut self) -> Result<Vec<OpenFile>> {
        Err(self.absent(Attribute::OpenFiles))
    }

    pub(crate) fn every_descriptor(&mut self) -> Result<Vec<Descriptor>> {
        Err(self.absent(Attribute::OpenFiles))
    }
}
