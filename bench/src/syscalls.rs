//! `--syscalls`: system calls of one row's work, counted by strace.

use anyhow::{Result, bail};

use crate::args::Args;

pub fn run(_args: &Args) -> Result<()> {
    bail!("not yet")
}
