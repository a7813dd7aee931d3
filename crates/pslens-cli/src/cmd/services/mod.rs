//! `pslens services`: the services of Windows, which no other system has.

#[cfg(windows)]
mod table;

use std::ffi::OsString;

use crate::args::LEGEND;
use crate::listing;

/// The services of Windows and what they do; no other system has them.
///
/// Services are the programs that Windows runs in the background, now or when they are needed; drivers are
/// not among them.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only the services with these names, which are not their display names; upper and lower case are the
    /// same.
    #[arg(value_name = "NAME")]
    names: Vec<OsString>,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens services
  pslens services Dhcp Dnscache --columns name,binpath,description
  pslens services --filter start_type=automatic --filter status!=running
  pslens services --filter 'username~LocalSystem' --sort -pid
  pslens services --json            psutil's win_service_iter()

Columns: name, status, start_type, pid, username, display_name; with --columns
also binpath and description.
Exit status: 0 done, 1 a NAME is no service's (the others are shown), 2 wrong
usage, 3 denied, 5 other failures, or another system than Windows.";

#[cfg(windows)]
pub(crate) use self::table::run;

/// Where there are none, that is the answer, whatever was asked about them.
#[cfg(not(windows))]
pub(crate) fn run(_: &Args, _: &crate::context::Context) -> crate::exit::Result<crate::exit::Exit> {
    use crate::exit::{Exit, Failure};
    let system = std::env::consts::OS;
    let message = format!("services: there are services on Windows only, and this is {system}");
    Err(Failure::message(Exit::Failed, message))
}
