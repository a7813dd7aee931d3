//! `pslens prlimit`: the resource limits of processes.

mod wishes;

use std::ffi::OsString;
use std::io::Write;

use pslens::process::{Limit, Limits};
use pslens::{Pid, Process};
use serde::Serialize;

use self::wishes::{KINDS, Kind, Wish, Wishes, attached};
use crate::args::{options_in_front, pid};
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::listing::{self, Listed, Named, View};
use crate::output::{self, Cell, Layout};
use crate::select;
use crate::system::exec::become_program;
use crate::targets::Found;

/// Show or change the resource limits of processes, or start a command with others.
///
/// Without --pid and COMMAND the limits are those that pslens itself was started with. A resource without
/// a value is shown; with one it is set, and nothing is shown of it but in JSON. Sizes are shown in K, M, G,
/// with --bytes in bytes as by prlimit(1).
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, mut_arg("columns", |arg| arg.short('o').visible_alias("output")))]
pub(crate) struct Args {
    /// Those of these running processes.
    #[arg(short, long = "pid", value_name = "PID,...", value_delimiter = ',', value_parser = pid)]
    pids: Vec<Pid>,
    /// Leave out the line with the names of the columns, as --no-header.
    #[arg(long)]
    noheadings: bool,
    /// The program to become, and its arguments.
    #[arg(value_name = "COMMAND", trailing_var_arg = true, conflicts_with_all = ["pids", "json", "watch"])]
    command: Vec<OsString>,
    #[command(flatten)]
    wishes: Wishes,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
A LIMIT is a number or unlimited, for both limits; or SOFT:HARD, where one of
the two may be missing and stays as it is. The short options take it with or
without =.

Examples:
  pslens prlimit                          one's own limits
  pslens prlimit --pid 700 --nofile       one of a process
  pslens prlimit --pid 700 -n=1024:4096   set it
  pslens prlimit --core=0 --cpu=60: make  start a command
  pslens prlimit --pid 700 --csv -o resource,soft

Columns: pid (shown if there are several), resource, description, soft, hard,
units. The raw form of prlimit(1) is --csv.
In tables - is unknown. Windows has no limits of processes: all are unknown, and
to name one is answered with exit status 5.
Exit status: that of COMMAND; 126 COMMAND cannot be started, 127 there is none.
Otherwise 0 done, 1 there is no process PID, 2 wrong usage, 3 denied, 4 partly
failed, 5 other failures.";

const TOOL: &str = "prlimit";

/// `-n1024` of prlimit(1) as `-n=1024`: these options need no value, so that what follows them is the
/// command.
pub(crate) fn modernised(arguments: Vec<OsString>) -> Vec<OsString> {
    const WITH_VALUE: [&str; 10] = [
        "-p",
        "--pid",
        "-o",
        "--output",
        "--columns",
        "--sort",
        "--filter",
        "--top",
        "--watch",
        "--times",
    ];
    let (mut options, rest) = options_in_front(arguments, &WITH_VALUE);
    for word in options.iter_mut().filter_map(|option| option.first_mut()) {
        if let Some((option, limit)) = word.to_str().and_then(attached) {
            *word = format!("{option}={limit}").into();
        }
    }
    options.into_iter().flatten().chain(rest).collect()
}

/// A line of the answer.
#[derive(Debug, Serialize)]
struct Row {
    pid: Pid,
    resource: &'static str,
    description: &'static str,
    soft: Option<Limit>,
    hard: Option<Limit>,
    units: Option<&'static str>,
    /// It was set just now: tables do not repeat what the user said.
    #[serde(skip)]
    is_set: bool,
}

impl Row {
    fn of(pid: Pid, kind: &Kind, limits: Option<Limits>, is_set: bool) -> Self {
        Self {
            pid,
            resource: kind.resource.name(),
            description: kind.description,
            soft: limits.map(|limits| limits.soft),
            hard: limits.map(|limits| limits.hard),
            units: kind.units,
            is_set,
        }
    }

    fn cell(&self, limit: Option<Limit>) -> Cell<'static> {
        match limit {
            None => Cell::Unknown,
            Some(Limit::Unlimited) => Cell::word("unlimited"),
            Some(Limit::At(bytes)) if self.units == Some("bytes") => Cell::Bytes(bytes),
            Some(Limit::At(number)) => Cell::Count(number),
        }
    }
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::number("pid", "PID", |row: &Self, _| {
            Cell::Count(row.pid.as_u32().into())
        })
        .on_demand(),
        Named::text("resource", "RESOURCE", |row, _| {
            Cell::word(row.resource.trim_start_matches("RLIMIT_"))
        }),
        Named::text("description", "DESCRIPTION", |row, _| {
            Cell::word(row.description)
        }),
        Named::number("soft", "SOFT", |row, _| row.cell(row.soft)),
        Named::number("hard", "HARD", |row, _| row.cell(row.hard)),
        Named::text("units", "UNITS", |row, _| Cell::some_text(row.units)),
    ];
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let mut view: View<&'static Named<Row>> = args.table.view(context)?;
    if args.pids.len() > 1 && view.named().is_empty() {
        view = view.showing(Row::COLUMNS.iter().collect());
    }
    if !args.command.is_empty() || args.wishes.sets() {
        select::refuse_captures(TOOL, context)?;
    }
    if !args.command.is_empty() {
        return start(args, &view, context);
    }
    if args.pids.is_empty() && args.wishes.sets() {
        let message = "prlimit: nobody is named; accepted: a COMMAND, --pid PID".to_owned();
        return Err(Failure::message(Exit::Usage, message));
    }
    args.table.repeat(context, |context, out| {
        let found = match args.pids.as_slice() {
            [] => Found::own()?,
            pids => Found::by_pid(pids),
        };
        answer(found, args, &view, context, out)
    })
}

/// Becomes the command; returns if that is not possible.
fn start(args: &Args, view: &View<&'static Named<Row>>, context: &Context) -> Result<Exit> {
    become_program(TOOL, &args.command, |found| {
        if args.wishes.0.is_empty() {
            return Ok(Exit::Success);
        }
        let mut out = output::stdout();
        let exit = answer(found, args, view, context, &mut out)?;
        out.flush()?;
        Ok(exit)
    })
}

fn answer(
    found: Found,
    args: &Args,
    view: &View<&'static Named<Row>>,
    context: &Context,
    out: &mut dyn Write,
) -> Result<Exit> {
    let outcomes = found.each(TOOL, |process| apply(process, &args.wishes));
    let exit = outcomes.exit;
    let rows = outcomes.list.into_iter().filter_map(|one| one.result.ok());
    let mut rows: Vec<Row> = rows.flatten().collect();
    // Of what was set tables say nothing: without other rows there is no table.
    let was_asked = !args.wishes.sets() || rows.iter().any(|row| !row.is_set);
    if !context.json {
        rows.retain(|row| !row.is_set);
    }
    if was_asked || context.json {
        let layout = Layout {
            header: context.layout.header && !args.noheadings,
            ..context.layout
        };
        view.show(rows, &context.with(layout), out)?;
    }
    Ok(exit)
}

/// Does what was wished, and says how things are then.
fn apply(process: &Process, wishes: &Wishes) -> pslens::Result<Vec<Row>> {
    let pid = process.pid();
    if wishes.0.is_empty() {
        // What this kernel does not know is no failure if it was not asked for.
        let known = |kind: &Kind| match process.rlimit(kind.resource) {
            Ok(limits) => Ok(Some(limits)),
            Err(error) if error.is_unsupported() => Ok(None),
            Err(error) => Err(error),
        };
        let row = |kind| Ok(Row::of(pid, kind, known(kind)?, false));
        return KINDS.iter().map(row).collect();
    }
    let mut rows = Vec::with_capacity(wishes.0.len());
    for (kind, wish) in &wishes.0 {
        let mut limits = process.rlimit(kind.resource)?;
        if let Wish::Set(soft, hard) = *wish {
            limits.soft = soft.unwrap_or(limits.soft);
            limits.hard = hard.unwrap_or(limits.hard);
            process.set_rlimit(kind.resource, limits)?;
        }
        rows.push(Row::of(pid, kind, Some(limits), *wish != Wish::Show));
    }
    rows.sort_by_key(|row| row.resource);
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_options_may_have_their_limit_attached() {
        let check = |line: &str, expect: &str| {
            let words = line.split(' ').map(OsString::from).collect();
            let modern = modernised(words);
            assert_eq!(modern.join(std::ffi::OsStr::new(" ")), expect);
        };
        check("-n5 -c ls -n5", "-n=5 -c ls -n5");
        check("-n=5 -s10:20", "-n=5 -s=10:20");
        check("-p 5 -n: --nofile", "-p 5 -n=: --nofile");
        check("-p5 -o soft -e", "-p5 -o soft -e");
        check("-- -n5", "-- -n5");
    }
}
