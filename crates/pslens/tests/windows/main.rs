//! What the library says of a running Windows: one test target, with a module per subject.
//!
//! Every function of the library is called here. What a test has seen is noted in [`evidence`], from which
//! `cargo xtask windows-test` makes its summary and checks `docs/PLATFORMS.md`.

#![cfg(windows)]

mod evidence;
mod ffi;
mod memory;
mod services;
mod system;
mod users;
