//! `pslens ionice`: the input and output priority of processes.

use std::ffi::OsString;

use pslens::Process;
use pslens::process::IoPriority;

use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::select;
use crate::system::exec::become_program;
use crate::system::ionice;
use crate::targets::{Found, Setting, Targets};

/// Start a command with another priority for disks, or show or change that of running processes.
///
/// Without arguments ionice prints its own; with -p or -u that of those processes, or, with -c or -n,
/// changes it. The classes: none (derived from the niceness), realtime (first, always), best-effort
/// (by level; what -n means without -c), idle (when nobody else wants the disk). On Linux threads that a
/// process has already started keep theirs. Windows has hints without levels in place of classes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The class: none, realtime, best-effort, idle, or 0 to 3. Windows: the hint, very-low, low, normal,
    /// high, or 0 to 3.
    #[arg(short, long, visible_alias = "hint", value_name = "CLASS", value_parser = ionice::class, allow_hyphen_values = true)]
    class: Option<u8>,
    /// The level within realtime and best-effort: 0 (first) to 7 (last); 4 if not given.
    #[arg(short = 'n', long, visible_alias = "classdata", value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=7), allow_hyphen_values = true)]
    level: Option<u8>,
    /// What fails is only noted: the command is started all the same, or the exit status is 0.
    #[arg(short = 't', long)]
    ignore: bool,
    #[command(flatten)]
    targets: Targets,
    /// The program to become, and its arguments.
    #[arg(value_name = "COMMAND", trailing_var_arg = true, conflicts_with_all = ["pids", "users", "json"])]
    command: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  pslens ionice                         one's own priority
  pslens ionice -p 700 701              that of two processes
  pslens ionice -c idle tar cf x.tar .  start a command
  pslens ionice -c 2 -n 0 -p 700        change a process
  pslens ionice -c idle -u backup --json

Process groups (-P of ionice(1)) cannot be named.
Exit status: that of COMMAND; 126 COMMAND cannot be started, 127 there is none.
Otherwise 0 done, 1 a PID or USER has no process, 2 wrong usage, 3 denied,
4 denied for some processes, 5 other failures.";

const TOOL: &str = "ionice";

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let wish = ionice::wish(args.class, args.level)?;
    if !args.command.is_empty() || wish.is_some() {
        select::refuse_captures(TOOL, context)?;
    }
    if !args.command.is_empty() {
        let wish = wish.map_or_else(ionice::usual, Ok)?;
        return start(args, wish);
    }
    let found = match args.targets.is_empty() {
        true if wish.is_some() => {
            let message = "ionice: nobody is named; accepted: a COMMAND, -p PID, -u USER";
            return Err(Failure::message(Exit::Usage, message.to_owned()));
        }
        true => Found::own()?,
        false => args.targets.find(TOOL)?,
    };
    let several = found.len() > 1;
    let mut outcomes = found.each(TOOL, |process| match wish {
        Some(wish) => change(process, wish),
        None => Ok(Setting {
            now: process.ionice()?,
            former: None,
        }),
    });
    if args.ignore {
        outcomes.exit = Exit::Success;
    }
    outcomes.write("ionice", context, |pid, priority| match priority.former {
        Some(_) => None,
        None if several => Some(format!("{pid}: {}", ionice::written(priority.now))),
        None => Some(ionice::written(priority.now)),
    })
}

fn change(process: &Process, wish: IoPriority) -> pslens::Result<Setting<IoPriority>> {
    let former = process.ionice()?;
    process.set_ionice(wish)?;
    Ok(Setting {
        now: wish,
        former: Some(former),
    })
}

/// Becomes the command; returns if that is not possible.
fn start(args: &Args, wish: IoPriority) -> Result<Exit> {
    become_program(TOOL, &args.command, |found| {
        let exit = found.each(TOOL, |own| change(own, wish)).exit;
        Ok(if args.ignore { Exit::Success } else { exit })
    })
}
