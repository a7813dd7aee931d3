//! `pslens procinfo`: everything known about a process.

mod known;
mod parts;
mod report;
mod section;

use std::io::Write;

use pslens::Pid;

use self::known::Known;
use self::section::Section;
use crate::args::{LEGEND, pid};
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output::{self, json};
use crate::targets::Found;

/// Everything known about processes, in groups.
///
/// Sizes are now, counters since the process was started. What the system keeps from you says so, and so
/// does what it does not know; the rest is shown all the same. Of long lists the first ten are shown: of
/// threads those that used most CPU time, of mappings those with most resident memory.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The processes.
    #[arg(value_name = "PID", required = true, value_delimiter = ',', value_parser = pid)]
    pids: Vec<Pid>,
    /// Show all of long lists.
    #[arg(short, long)]
    all: bool,
    /// Show only these groups: identity, state, user, cpu, memory, io, files, sockets, threads, limits,
    /// environment, maps.
    #[arg(short, long = "section", value_name = "NAME,...", value_delimiter = ',', value_parser = section::parse)]
    sections: Vec<Section>,
}

const EXAMPLES: &str = "\
Examples:
  pslens procinfo 812
  pslens procinfo --all --section files,sockets 812
  pslens procinfo --json 812            always all of it

Exit status: 0 done, 1 a PID does not exist, 2 wrong usage, 3 denied, 4 some of
the processes could not be looked at, 5 other failures. That a part was denied
is said where it would stand, and is no failure.
In lists - is unknown, ? is denied (ask as root).";

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let found = Found::by_pid(&args.pids).each("procinfo", Known::about);
    let mut out = output::stdout();
    if context.json {
        json::write(found.done().map(|(_, known)| known), &mut out)?;
    } else {
        let sections = match args.sections.as_slice() {
            [] => Section::ALL,
            named => named,
        };
        let most = if args.all { usize::MAX } else { report::USUAL };
        for (at, (_, known)) in found.done().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            report::write(known, sections, most, context, &mut out)?;
        }
    }
    out.flush()?;
    Ok(found.exit)
}
