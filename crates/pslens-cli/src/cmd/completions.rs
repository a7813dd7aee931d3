//! `pslens completions`: what a shell needs to complete command lines.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output;

/// Print the completions of tools and options for a shell.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Which shell.
    #[arg(value_name = "SHELL", value_parser = clap::value_parser!(Shell))]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  pslens completions bash > ~/.local/share/bash-completion/completions/pslens
  pslens completions zsh > \"${fpath[1]}/_pslens\"
  pslens completions fish > ~/.config/fish/completions/pslens.fish

Exit status: 0 done, 2 wrong usage, 5 other failures.";

pub(crate) fn run(args: &Args, _context: &Context) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pslens", &mut script);
    let mut out = output::stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Success)
}
