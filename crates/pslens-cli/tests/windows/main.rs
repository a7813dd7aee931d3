//! The program on a running Windows: every test starts it and reads what it writes.
//!
//! What a process, a socket or a file must look like is known of those that the test has made. Wine leaves
//! some questions open; where it does, that stands beside what is not asserted.

#![cfg(windows)]
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "everything here is a test, also what is outside of #[test] functions"
)]

mod child;
mod commands;
mod machine;
mod processes;
mod program;
mod settings;
