//! What the library says of a running Windows: one test target, with a module per subject.
//!
//! Every function of the library is called here. What a test has seen is noted in [`evidence`], from which
//! `cargo xtask windows-test` makes its summary and checks `docs/PLATFORMS.md`.

#![cfg(windows)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests start children and read files to compare; the library does neither"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::exit,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::type_complexity,
    reason = "everything here is a test, also what is outside of #[test] functions"
)]

mod child;
mod control;
mod disk;
mod evidence;
mod ffi;
mod files;
mod flat;
mod memory;
mod net;
mod odd_input;
mod process;
mod puppet;
mod services;
mod strings;
mod system;
mod users;
mod waiting;
