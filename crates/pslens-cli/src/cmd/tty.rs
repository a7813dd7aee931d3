//! `pslens tty`: the terminals of processes.

use std::io::{IsTerminal, Write};

use pslens::process::{Attribute, AttributeSet, Field, Info};
use pslens::{Pid, Process};

use crate::args::{LEGEND, pid};
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output::{self, Cell, json};
use crate::targets::Found;

/// Print the name of the terminal: one's own, or that of running processes.
///
/// Without PID, "not a tty" if standard input is no terminal, as tty(1); otherwise the terminal that
/// controls the process. That is the same one, unless standard input was redirected from another.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print nothing: the exit status tells.
    #[arg(short, long, visible_alias = "quiet", conflicts_with = "json")]
    silent: bool,
    /// The terminals that control these processes.
    #[arg(value_name = "PID", value_delimiter = ',', value_parser = pid)]
    pids: Vec<Pid>,
}

const EXAMPLES: &str = "\
Examples:
  pslens tty                  /dev/pts/0
  pslens tty 700 701          those of two processes; - stands for none
  pslens tty -s && echo yes   in a script

In tables - is unknown, ? is denied (ask as root). Windows has no names for
terminals: they are all unknown.
Exit status: 0 done, 1 not a tty or no process PID, 2 wrong usage, 3 denied,
4 some processes could not be read, 5 other failures.";

const TOOL: &str = "tty";

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let is_own = args.pids.is_empty();
    let found = match args.pids.as_slice() {
        [] => Found::own()?,
        pids => Found::by_pid(pids),
    };
    let several = found.len() > 1;
    let outcomes = found.each(TOOL, |process| match is_own {
        true => own(process),
        false => terminal(process),
    });
    let missing = outcomes.done().any(|(_, info)| !has_terminal(info));
    if !args.silent {
        let mut out = output::stdout();
        if context.json {
            json::write(outcomes.done().map(|(_, info)| info), &mut out)?;
        } else {
            for (pid, info) in outcomes.done() {
                let name = match is_own && !has_terminal(info) {
                    true => "not a tty".to_owned(),
                    false => written(info, context),
                };
                match several {
                    true => writeln!(out, "{pid}: {name}")?,
                    false => writeln!(out, "{name}")?,
                }
            }
        }
        out.flush()?;
    }
    Ok(match outcomes.exit {
        Exit::Success if missing => Exit::NotFound,
        exit => exit,
    })
}

fn terminal(process: &Process) -> pslens::Result<Info> {
    process.info(AttributeSet::of(&[Attribute::Terminal]))
}

/// As [`terminal`], but none for a process that does not read from one.
fn own(process: &Process) -> pslens::Result<Info> {
    let mut info = terminal(process)?;
    if !std::io::stdin().is_terminal() {
        info.terminal = Field::Value(None);
    }
    Ok(info)
}

fn has_terminal(info: &Info) -> bool {
    !matches!(info.terminal, Field::Value(None))
}

fn written(info: &Info, context: &Context) -> String {
    let cell = Cell::of(&info.terminal, |path| path.as_ref().map(Cell::text));
    let mut name = String::new();
    cell.push(&mut name, context.layout, &context.clock);
    name
}
