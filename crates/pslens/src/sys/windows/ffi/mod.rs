//! Calls of Windows: each a safe function that says what failed.

#![expect(unsafe_code, reason = "calls into the operating system")]

pub(super) mod account;
pub(super) mod address_space;
pub(super) mod buffer;
#[cfg(test)]
pub(super) mod calls;
pub(super) mod clock;
pub(super) mod control;
pub(super) mod device;
pub(super) mod handles;
pub(super) mod heap;
pub(super) mod machine;
pub(super) mod network;
pub(super) mod nt;
pub(super) mod pipe;
pub(super) mod privilege;
pub(super) mod process;
pub(super) mod process_memory;
pub(super) mod questions;
pub(super) mod services;
pub(super) mod sessions;
pub(super) mod volume;
pub(super) mod wait;
