//! The alternatives from which the floor was chosen, timed beside each other.

use anyhow::{Result, bail};

use crate::args::Args;

pub fn run(_args: &Args) -> Result<()> {
    bail!("not yet")
}
