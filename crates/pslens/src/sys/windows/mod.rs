//! Windows 10 and Server 2016 or later.
//!
//! The kernel is asked through the documented API where that tells everything, and through `ntdll`, which
//! the API is made of, where it does not. Structures of `ntdll` are decoded by `pslens_parse::windows`.

#[cfg(not(target_pointer_width = "64"))]
compile_error!("the structures of 32-bit Windows are not decoded");

pub(crate) mod cpu;
pub(crate) mod disk;
mod drives;
mod errors;
mod ffi;
mod groups;
mod heap;
pub(crate) mod host;
pub(crate) mod memory;
pub(crate) mod net;
pub(crate) mod process;
pub(crate) mod sensors;
pub(crate) mod services;
mod time;
mod users;
mod wide;

// There is one system to look at, and no files that could be another one's.
pub(crate) use super::unsupported::Root;
pub(crate) use errors::errno_kind;
pub(crate) use ffi::privilege::enable_debug as enable_debug_privilege;
