//! `pslens manual`: the manual pages.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::Cli;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};

/// Write the manual pages, one of the program and one of each tool, into a directory.
///
/// They say what --help says. The pages are pslens.1, pslens-ps.1 and so on; `man pslens-ps` finds them
/// if the directory is the man1 below one of the directories that `manpath` prints.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where they go; made if it does not exist.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  pslens manual ~/.local/share/man/man1
  man pslens-top

Exit status: 0 done, 2 wrong usage, 5 the pages could not be written.";

pub(crate) fn run(args: &Args, _context: &Context) -> Result<Exit> {
    write_all(&args.directory).map_err(|error| {
        let directory = args.directory.display();
        Failure::message(Exit::Failed, format!("manual: '{directory}': {error}"))
    })?;
    Ok(Exit::Success)
}

fn write_all(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let mut program = Cli::command().disable_help_subcommand(true);
    // Options of every tool become the tools' own, and names of pages are known.
    program.build();
    for tool in program.get_subcommands() {
        let name = format!("pslens-{}", tool.get_name());
        // What is called `pslens ps` has a page of the name that a link `pslens-ps` would have.
        write(directory, &name, tool.clone().display_name(name.clone()))?;
    }
    write(directory, "pslens", program)
}

fn write(directory: &Path, name: &str, command: clap::Command) -> io::Result<()> {
    let mut page = Vec::new();
    Man::new(command)
        .title(name.to_uppercase())
        .source(concat!("pslens ", env!("CARGO_PKG_VERSION")))
        .manual("User Commands")
        .render(&mut page)?;
    let page = String::from_utf8_lossy(&page);
    // What follows the options in the help is examples first, and its lines stay lines.
    let page = page.replace("\n.SH EXTRA\n", "\n.SH EXAMPLES\n.nf\n");
    fs::write(directory.join(format!("{name}.1")), page)
}
