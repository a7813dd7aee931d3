//! What exists on one system only.

#[cfg(windows)]
pub mod windows;
