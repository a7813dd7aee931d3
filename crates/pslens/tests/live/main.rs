//! Checks against the running machine: invariants, and children of our own in known states.
//!
//! One test binary; a domain is a module. A test that cannot run on this host (a missing privilege, a
//! missing kernel feature) says so through [`skip`] and is counted as skipped by `cargo xtask test`.

#![allow(
    clippy::disallowed_methods,
    reason = "tests start children and read files to compare; the library does neither"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "everything here is a test, also what is outside of #[test] functions"
)]

mod availability;
#[cfg(target_os = "linux")]
mod children;
mod cpu;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod ffi;
#[cfg(target_os = "linux")]
mod held;
#[cfg(target_os = "linux")]
mod hostile_names;
mod memory;
#[cfg(target_os = "linux")]
mod namespaces;
#[cfg(target_os = "linux")]
mod net;
#[cfg(target_os = "linux")]
mod odd_states;
#[cfg(target_os = "linux")]
mod pid_reuse;
#[cfg(target_os = "linux")]
mod puppet;
#[cfg(target_os = "linux")]
mod setters;
#[cfg(target_os = "linux")]
mod signals;
#[cfg(target_os = "linux")]
mod sources_once;
#[cfg(target_os = "linux")]
mod spawning;
#[cfg(target_os = "linux")]
mod stress;
#[cfg(target_os = "linux")]
mod stuck_mount;
#[cfg(target_os = "linux")]
mod tree;
#[cfg(target_os = "linux")]
mod waiting;

/// Reports a test that cannot run here; the test then returns. `cargo xtask test` counts these lines.
#[allow(dead_code, reason = "used only where a test can be impossible")]
pub(crate) fn skip(test: &str, reason: &str) {
    use std::io::Write;
    // The runner shows a passing test's output only on request, so the count goes through a file.
    let line = format!("{test}: {reason}\n");
    eprint!("SKIPPED {line}");
    if let Some(path) = std::env::var_os("PSLENS_SKIPPED_TESTS") {
        let mut options = std::fs::OpenOptions::new();
        let mut list = options.append(true).create(true).open(path).unwrap();
        list.write_all(line.as_bytes()).unwrap();
    }
}
