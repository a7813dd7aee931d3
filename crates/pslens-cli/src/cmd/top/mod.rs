//! `pslens top`: the machine and its processes, as they change.
//!
//! [`session`] is the loop. [`sample`] measures, [`table`] arranges, [`draw`] draws and [`keys`] tells
//! what is meant; these four and [`state`] know nothing of a terminal. [`batch`] is the same as text.

mod batch;
mod column;
mod detail;
mod draw;
mod events;
mod help;
mod history;
mod keys;
mod menu;
mod overview;
mod pen;
mod sample;
mod screen;
mod session;
mod state;
mod summary;
mod table;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
mod theme;
mod tree;

use std::time::Duration;

use pslens::Pid;

use self::state::{Sort, State};
use crate::args::{LEGEND, pid, seconds};
use crate::context::Context;
use crate::exit::{Exit, Result};

/// The machine and its processes, as they change.
///
/// CPUs, memory, load, disk and network with graphs of the last minutes, and below them processes: sorted,
/// filtered, as a tree, each in detail. Signals reach the process that was selected, never another one
/// that has got its number since. Network rates are those of all interfaces, the loopback among them.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Write plain text instead of taking over the terminal, or JSON with --json.
    #[arg(short, long)]
    batch: bool,
    /// End after N samples. --json without it is one sample.
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    iterations: Option<u64>,
    /// Seconds between two samples.
    #[arg(short, long, value_name = "SECONDS", default_value = "2", value_parser = seconds, allow_hyphen_values = true)]
    delay: Duration,
    /// Only the processes with these numbers.
    #[arg(short, long = "pid", value_name = "PID,...", value_delimiter = ',', value_parser = pid, allow_hyphen_values = true)]
    pids: Vec<Pid>,
    /// Only the processes that these users started: names or numbers.
    #[arg(
        short,
        long = "user",
        visible_short_alias = 'U',
        value_name = "USER,...",
        value_delimiter = ','
    )]
    users: Vec<String>,
    /// Sort by this column: - in front sorts downwards, + upwards (top(1) has them the other way round).
    /// Without either, numbers downwards and words upwards.
    #[arg(short = 'o', long = "sort", value_name = "[-+]COL", value_parser = sort, allow_hyphen_values = true)]
    sort: Option<Sort>,
    /// Show command lines, not names.
    #[arg(short, long)]
    command_line: bool,
    /// Leave out processes that used no CPU time since the last sample.
    #[arg(short = 'i', long)]
    hide_idle: bool,
    /// Show children below their parents.
    #[arg(short, long)]
    tree: bool,
}

const EXAMPLES: &str = concat!(
    "\
Columns, as many of them as there is room for: pid, ppid, username, nice,
num_threads, vms, rss, shared, status, cpu_percent (of one CPU),
memory_percent, cpu_times, read_rate, write_rate, command. Any of them can be
sorted by, also those that are not shown; the names of top(1) work too.

Examples:
  pslens top
  pslens top -u www-data --sort -rss
  pslens top -b -n 3 -d 5            three samples as text
  pslens top --json | jq '.[1]'      one sample; the busiest process

Keys (? shows them):
",
    include_str!("keys.txt"),
    "
In tables - is unknown, ? is denied (ask as root). Colours follow TERM and
COLORTERM; NO_COLOR switches them off.
Exit status: 0 done, 2 wrong usage, 4 some processes could not be read,
5 other failures."
);

impl Args {
    /// What the user chose on the command line.
    fn state(&self) -> State {
        let chosen = State::default();
        State {
            sort: self.sort.unwrap_or(chosen.sort),
            users: self.users.clone(),
            pids: self.pids.clone(),
            tree: self.tree,
            command_line: self.command_line,
            hide_idle: self.hide_idle,
            delay: self.delay,
            ..chosen
        }
    }

    /// How many samples are written; `None` means until somebody interrupts.
    fn samples(&self, json: bool) -> Option<u64> {
        self.iterations.or(json.then_some(1))
    }
}

fn sort(typed: &str) -> std::result::Result<Sort, String> {
    let (downwards, name) = match typed.split_at_checked(1) {
        Some(("-", name)) => (Some(true), name),
        Some(("+", name)) => (Some(false), name),
        _ => (None, typed),
    };
    let sort = Sort::by(column::find(name)?);
    Ok(Sort {
        downwards: downwards.unwrap_or(sort.downwards),
        ..sort
    })
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    if args.batch || context.json {
        batch::run(args, context)
    } else {
        session::run(args, context)
    }
}
