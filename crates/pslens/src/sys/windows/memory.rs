//! Physical memory, page files, heaps.

pub(crate) use crate::sys::unsupported::memory::*;
