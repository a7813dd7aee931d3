//! The project's own chores. `cargo xtask help` lists them.

#![forbid(unsafe_code)]

fn main() {}
