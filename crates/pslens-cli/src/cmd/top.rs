//! `pslens top`.

use crate::context::Context;
use crate::exit::{Exit, Failure, Result};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _context: &Context) -> Result<Exit> {
    Err(Failure::message(
        Exit::Failed,
        "top: not built yet".to_owned(),
    ))
}
