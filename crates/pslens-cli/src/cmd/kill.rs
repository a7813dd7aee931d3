//! `pslens kill`: signals to processes by their numbers.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::time::Duration;

use pslens::process::Signal;
use pslens::{ErrorKind, Pid, Process};

use crate::args::{pid, seconds};
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::output::{self, json};
use crate::select;
use crate::signals::{self, Order, Target, Wait};
use crate::targets::process_with;

/// Send a signal to processes: TERM, which asks them to end, unless another is named.
///
/// Each PID is turned into the process that has it now, and the signal goes to that process or to none:
/// it cannot hit one that is given the number meanwhile. Nothing is printed unless something goes wrong;
/// what cannot be signalled is noted, and the others are signalled all the same.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The processes; with -l signals.
    #[arg(value_name = "PID", required_unless_present_any = ["list", "table"], allow_negative_numbers = true)]
    operands: Vec<String>,
    /// Send this signal: TERM, SIGTERM, 15, RTMIN+3; 0 only checks whether one could be sent. -9 and
    /// -KILL are short for it.
    #[arg(short, visible_short_alias = 'n', long, value_name = "SIGNAL", default_value = "TERM", value_parser = signals::signal, allow_hyphen_values = true)]
    signal: Signal,
    /// Wait until the processes have ended, but not longer than this.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_hyphen_values = true)]
    wait: Option<Duration>,
    /// Send this to those that still run after --wait, and wait as long again.
    #[arg(long, value_name = "SIGNAL", requires = "wait", value_parser = signals::signal, allow_hyphen_values = true)]
    then: Option<Signal>,
    /// Also to their children, the children's children and so on; those first, the deepest first of all.
    #[arg(long)]
    tree: bool,
    /// Say what was sent to whom.
    #[arg(short, long)]
    verbose: bool,
    /// List the names of the signals; of a number (also an exit status above 128) its name, of a name
    /// its number.
    #[arg(short, long, conflicts_with_all = ["signal", "wait", "then", "tree", "verbose"])]
    list: bool,
    /// List the signals with their numbers.
    #[arg(short = 'L', long, conflicts_with_all = ["operands", "list", "signal", "wait", "then", "tree", "verbose"])]
    table: bool,
}

const LEGEND: &str = "Examples and exit status: --help.";

const EXAMPLES: &str = "\
Examples:
  pslens kill 1234 1235               ask two processes to end
  pslens kill -9 1234                 end one, unasked
  pslens kill --wait 5 --then KILL 1234
  pslens kill --tree 1234             and everything that it has started
  pslens kill -l 137                  which signal was it?

Process groups (negative numbers, and 0) are not supported: --tree reaches what
a process has started. kill itself is left out of --tree.
Windows has no signals: TERM and KILL end a process at once, unasked; STOP and
CONT suspend and resume it; others are refused.
Exit status: 0 done, 1 a PID is nobody's (the others were signalled), 2 wrong
usage, 3 denied, 4 denied for some or some still run after --wait, 5 other
failures.";

/// Options whose value is the next word.
const WITH_VALUE: &[&str] = &[
    "-s", "-n", "--signal", "--wait", "--then", "--color", "--procfs", "--sysfs",
];

/// `-9`, `-KILL` and `-kill` are signals.
pub(crate) fn modernised(arguments: Vec<OsString>) -> Vec<OsString> {
    signals::modernised(arguments, WITH_VALUE, true)
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    if args.table || (args.list && args.operands.is_empty()) {
        return signals::list(args.table, context);
    }
    if args.list {
        return translate(&args.operands, context);
    }
    select::refuse_captures("kill", context)?;
    let pids: BTreeSet<Pid> = args
        .operands
        .iter()
        .map(|typed| target(typed))
        .collect::<Result<_>>()?;
    let mut targets = Vec::new();
    // Somebody who is named may also be below another one who is.
    let mut met = BTreeSet::new();
    for pid in pids {
        let process = process_with(pid);
        if args.tree
            && let Ok(process) = &process
        {
            let below = below(process)?.into_iter();
            targets.extend(
                below
                    .filter(|child| met.insert(child.pid()))
                    .map(Target::of),
            );
        }
        if met.insert(pid) {
            targets.push(Target::new(pid, process));
        }
    }
    let order = Order {
        tool: "kill",
        signal: args.signal,
        wait: args.wait.map_or(Wait::No, Wait::AtMost),
        then: args.then,
        verbose: args.verbose,
    };
    order.carry_out(targets, context)
}

/// The number of a process, where no group of processes is meant.
fn target(typed: &str) -> Result<Pid> {
    let wrong = match pid(typed) {
        Ok(pid) if pid.as_u32() > 0 => return Ok(pid),
        Ok(_) => "0 is the caller's process group: groups are not supported".to_owned(),
        Err(_) if typed.starts_with('-') => {
            "process groups are not supported; --tree sends to all that a process has started"
                .to_owned()
        }
        Err(wrong) => wrong,
    };
    let message = format!("kill: invalid PID '{typed}': {wrong}");
    Err(Failure::message(Exit::Usage, message))
}

/// What the process has started, the deepest first; without this process. Where that cannot be told nobody
/// is signalled: the uppermost alone would leave the others behind.
fn below(process: &Process) -> Result<Vec<Process>> {
    let mut below = match process.children_recursive() {
        Ok(below) => below,
        // It has ended just now: nothing is below it any more.
        Err(error) if error.kind() == ErrorKind::NoSuchProcess => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    below.reverse();
    below.retain(|child| child.pid() != select::this());
    Ok(below)
}

fn translate(operands: &[String], context: &Context) -> Result<Exit> {
    let mut found = Vec::new();
    for typed in operands {
        let translated = signals::translated(typed).map_err(|wrong| {
            let message = format!("kill: invalid SIGNAL '{typed}': {wrong}");
            Failure::message(Exit::Usage, message)
        });
        found.push(translated?);
    }
    let mut out = output::stdout();
    if context.json {
        let rows = found.iter().map(|(signal, _)| signals::Named::of(*signal));
        json::write(rows, &mut out)?;
    } else {
        for (_, text) in &found {
            writeln!(out, "{text}")?;
        }
    }
    out.flush()?;
    Ok(Exit::Success)
}
