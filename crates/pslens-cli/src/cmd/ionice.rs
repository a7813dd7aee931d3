//! `pslens ionice`: the input and output priority of processes.

use std::ffi::OsString;

use pslens::Process;
use pslens::process::IoPriority;

use crate::context::Context;
use crate::exec::become_program;
use crate::exit::{Exit, Failure, Result};
use crate::output;
use crate::select;
use crate::spelling;
use crate::targets::{Found, Setting, Targets};

/// Start a command with another priority for disks, or show or change that of running processes.
///
/// Without arguments ionice prints its own; with -p or -u that of those processes, or, with -c or -n,
/// changes it. The classes: none (derived from the niceness), realtime (first, always), best-effort
/// (by level; what -n means without -c), idle (when nobody else wants the disk). On Linux threads that a
/// process has already started keep theirs.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The class: none, realtime, best-effort, idle, or 0 to 3.
    #[arg(short, long, value_name = "CLASS", value_parser = class, allow_hyphen_values = true)]
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

/// By their numbers.
const CLASSES: [&str; 4] = ["none", "realtime", "best-effort", "idle"];

fn class(text: &str) -> std::result::Result<u8, String> {
    let lower = text.to_ascii_lowercase();
    (0..)
        .zip(CLASSES)
        .find(|(number, name)| lower == *name || text == number.to_string())
        .map(|(number, _)| number)
        .ok_or_else(|| {
            let meant = spelling::suggestion(&lower, CLASSES);
            format!(
                "no such class{meant} Accepted: {}, or 0 to 3",
                CLASSES.join(", ")
            )
        })
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let wish = args.wish()?;
    if !args.command.is_empty() || wish.is_some() {
        select::refuse_captures(TOOL, context)?;
    }
    if !args.command.is_empty() {
        // The class for programs that are started without saying which.
        let wish = wish.map_or_else(|| IoPriority::from_class_and_level(2, None), Ok)?;
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
        None if several => Some(format!("{pid}: {}", written(priority.now))),
        None => Some(written(priority.now)),
    })
}

impl Args {
    /// What was asked for; a level without a class is one of best-effort.
    fn wish(&self) -> Result<Option<IoPriority>> {
        let (class, level) = match (self.class, self.level) {
            (None, None) => return Ok(None),
            (None, level) => (2, level),
            (Some(class @ (0 | 3)), Some(_)) => {
                let name = CLASSES.get(usize::from(class)).copied().unwrap_or_default();
                output::note(&format!(
                    "ionice: the class {name} has no levels; -n is ignored"
                ));
                (class, None)
            }
            (Some(class), level) => (class, level),
        };
        Ok(Some(IoPriority::from_class_and_level(class, level)?))
    }
}

fn change(process: &Process, wish: IoPriority) -> pslens::Result<Setting<IoPriority>> {
    let former = process.ionice()?;
    process.set_ionice(wish)?;
    Ok(Setting {
        now: wish,
        former: Some(former),
    })
}

/// As ionice(1) has it.
fn written(priority: IoPriority) -> String {
    let class = CLASSES.get(usize::from(priority.class())).copied();
    let class = class.unwrap_or_default();
    match (priority, priority.level()) {
        (IoPriority::Idle, _) => class.to_owned(),
        (_, level) => format!("{class}: prio {}", level.map_or(0, |level| level.get())),
    }
}

/// Becomes the command; returns if that is not possible.
fn start(args: &Args, wish: IoPriority) -> Result<Exit> {
    let exit = Found::own()?.each(TOOL, |own| change(own, wish)).exit;
    match exit == Exit::Success || args.ignore {
        true => Err(become_program(TOOL, &args.command)),
        false => Ok(exit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_names_and_numbers() {
        assert_eq!(class("idle"), Ok(3));
        assert_eq!(class("Best-Effort"), Ok(2));
        assert_eq!(class("0"), Ok(0));
        assert!(class("4").unwrap_err().contains("Accepted: none, realtime"));
        assert!(class("bestefort").unwrap_err().contains("'best-effort'"));
    }

    #[test]
    fn priorities_read_as_in_the_original() {
        let check = |class, level, expect: &str| {
            let priority = IoPriority::from_class_and_level(class, level).unwrap();
            assert_eq!(written(priority), expect);
        };
        check(0, None, "none: prio 0");
        check(1, Some(0), "realtime: prio 0");
        check(2, None, "best-effort: prio 4");
        check(3, None, "idle");
    }
}
