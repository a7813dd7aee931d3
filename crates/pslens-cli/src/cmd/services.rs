//! `pslens services`: the services of Windows, which no other system has.

use crate::context::Context;
use crate::exit::{Exit, Failure, Result};

/// The services of Windows; no other system has them.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Args {}

const AFTER_HELP: &str = "\
Exit status: 5 this system has no such services.";

pub(crate) fn run(_args: &Args, _context: &Context) -> Result<Exit> {
    let system = std::env::consts::OS;
    let message = format!("services: there are services on Windows only, and this is {system}");
    Err(Failure::message(Exit::Failed, message))
}
