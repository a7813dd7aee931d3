//! What the library says of a running Windows: one test target, with a module per subject.
//!
//! Every function of the library is called here. What a test has seen is noted in [`evidence`], from which
//! `cargo xtask windows-test` makes its summary and checks `docs/PLATFORMS.md`.

#![cfg(windows)]

#[expect(dead_code, reason = "its callers are yet to come")]
mod evidence;
