//! The program as its users see it: every test starts it and reads what it writes.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "everything here is a test, also what is outside of #[test] functions"
)]

mod program;

// The other systems' backends come with tests of their own; the command line is the same everywhere.
#[cfg(target_os = "linux")]
mod by_name;
#[cfg(target_os = "linux")]
mod dead_mount;
#[cfg(target_os = "linux")]
mod documents;
#[cfg(target_os = "linux")]
mod fixtures;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod iotop;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod originals;
#[cfg(target_os = "linux")]
mod output;
#[cfg(target_os = "linux")]
mod per_process;
#[cfg(target_os = "linux")]
mod ps_words;
#[cfg(target_os = "linux")]
mod puppet;
#[cfg(target_os = "linux")]
mod schema;
#[cfg(target_os = "linux")]
mod sensors;
#[cfg(target_os = "linux")]
mod settings;
#[cfg(target_os = "linux")]
mod storage;
#[cfg(target_os = "linux")]
mod top;
mod usage;
