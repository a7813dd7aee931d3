//! `pslens nice`: the scheduling priority of processes.

use std::ffi::OsString;

use pslens::Process;

use crate::args::options_in_front;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::select;
use crate::system::exec::become_program;
use crate::system::nice;
use crate::targets::{Found, Setting, Targets};

/// Start a command with less claim to the CPU, or change that of running processes.
///
/// Niceness goes from -20 (served first) to 19 (last). Without arguments nice prints its own; with a
/// COMMAND it becomes that command, 10 nicer or as -n says. If a better priority is denied, the command
/// is started all the same, and a note says so, as with nice(1).
///
/// With -p or -u it is renice(1): -n changes the niceness by N (renice(1) of util-linux sets it to N,
/// that of POSIX changes it), --to sets it, neither of them prints it. On Linux threads that a process
/// has already started keep theirs.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Add N to the niceness; -N and --N stand for -n N and -n -N, as in nice(1).
    #[arg(short = 'n', long, value_name = "N", value_parser = adjustment, allow_hyphen_values = true, overrides_with = "adjustment")]
    adjustment: Option<i32>,
    /// Set the niceness to N. Windows: the priority class, idle, below-normal, normal, above-normal, high,
    /// realtime, or psutil's number of it.
    #[arg(long, value_name = "N", value_parser = nice::parse, allow_hyphen_values = true, conflicts_with = "adjustment")]
    to: Option<i32>,
    #[command(flatten)]
    targets: Targets,
    /// The program to become, and its arguments.
    #[arg(value_name = "COMMAND", trailing_var_arg = true, conflicts_with_all = ["pids", "users", "json"])]
    command: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  pslens nice                        one's own niceness
  pslens nice make -j8               10 nicer
  pslens nice -n -5 top              needs privileges
  pslens nice -p 700 701             print that of two processes
  pslens nice --to 19 -u www-data    set that of a user's processes
  pslens nice -n 5 -p 700 --json     what it was, and what it is

Windows has six priority classes in place of niceness. N is added to the middle
of their ranges: idle 16 (12 and more), below-normal 8 (4 to 11), normal 0
(-3 to 3), above-normal -8 (-11 to -4), high -16 (-19 to -12), realtime -20.

Exit status: that of COMMAND; 126 COMMAND cannot be started, 127 there is none.
Otherwise 0 done, 1 a PID or USER has no process, 2 wrong usage, 3 denied,
4 denied for some processes, 5 other failures.";

const TOOL: &str = "nice";

/// What nice(1) adds if nothing is said.
const USUAL: i32 = 10;

/// `-5`, `--5` and `-+5` of nice(1), in the words of `-n`.
pub(crate) fn modernised(arguments: Vec<OsString>) -> Vec<OsString> {
    const WITH_VALUE: [&str; 7] = ["-n", "--adjustment", "--to", "-p", "--pid", "-u", "--user"];
    let (mut options, rest) = options_in_front(arguments, &WITH_VALUE);
    for word in options.iter_mut().filter_map(|option| option.first_mut()) {
        let number = word.to_str().and_then(|word| word.strip_prefix('-'));
        if let Some(number) = number.filter(|number| number.parse::<i64>().is_ok()) {
            *word = format!("-n{number}").into();
        }
    }
    options.into_iter().flatten().chain(rest).collect()
}

/// What is beyond the ends of the scale leads to its end, as in nice(1).
fn adjustment(text: &str) -> std::result::Result<i32, String> {
    match text.parse::<i64>() {
        Ok(number) => Ok(i32::try_from(number.clamp(-40, 40)).unwrap_or_default()),
        Err(_) => Err("accepted: a whole number, such as 5 or -5".to_owned()),
    }
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    if !args.command.is_empty() || args.wish().is_some() {
        select::refuse_captures(TOOL, context)?;
    }
    if !args.command.is_empty() {
        return start(args);
    }
    let found = match args.targets.is_empty() {
        true if args.wish().is_some() => {
            let message = "nice: nobody is named; accepted: a COMMAND, -p PID, -u USER".to_owned();
            return Err(Failure::message(Exit::Usage, message));
        }
        true => Found::own()?,
        false => args.targets.find(TOOL)?,
    };
    let several = found.len() > 1;
    let outcomes = found.each(TOOL, |process| match args.wish() {
        Some(wish) => change(process, wish),
        None => Ok(Setting {
            now: process.nice()?,
            former: None,
        }),
    });
    outcomes.write("nice", context, |pid, value| match value.former {
        Some(_) => None,
        None if several => Some(format!("{pid}: {}", nice::written(value.now))),
        None => Some(nice::written(value.now)),
    })
}

/// Where the niceness is to go.
#[derive(Debug, Clone, Copy)]
enum Wish {
    By(i32),
    To(i32),
}

impl Args {
    fn wish(&self) -> Option<Wish> {
        self.to.map(Wish::To).or(self.adjustment.map(Wish::By))
    }
}

fn change(process: &Process, wish: Wish) -> pslens::Result<Setting<i32>> {
    let former = process.nice()?;
    let now = match wish {
        Wish::By(adjustment) => nice::changed(former, adjustment),
        Wish::To(wanted) => wanted,
    };
    process.set_nice(now)?;
    Ok(Setting {
        now,
        former: Some(former),
    })
}

/// Becomes the command; returns if that is not possible. That the niceness cannot be changed is noted, and
/// does not keep the command from being started.
fn start(args: &Args) -> Result<Exit> {
    let wish = args.wish().unwrap_or(Wish::By(USUAL));
    become_program(TOOL, &args.command, |found| {
        found.each(TOOL, |own| change(own, wish));
        Ok(Exit::Success)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_numbers_are_understood_in_front_of_the_command_only() {
        let check = |line: &str, expect: &str| {
            let words = line.split(' ').map(OsString::from).collect();
            let modern: Vec<String> = modernised(words)
                .into_iter()
                .map(|word| word.into_string().unwrap())
                .collect();
            assert_eq!(modern.join(" "), expect);
        };
        check("-5 head -5", "-n5 head -5");
        check("--5 head --5", "-n-5 head --5");
        check("-+5 ls", "-n+5 ls");
        check("-10 -3 ls", "-n10 -n3 ls");
        check("-n -5 ls -5", "-n -5 ls -5");
        check("-n5 ls", "-n5 ls");
        check("--json -p 100 -5", "--json -p 100 -n5");
        check("-- -5", "-- -5");
    }

    #[test]
    fn any_whole_number_is_an_adjustment() {
        assert_eq!(adjustment("-5"), Ok(-5));
        assert_eq!(adjustment("+5"), Ok(5));
        assert_eq!(adjustment("1000000000000"), Ok(40));
        assert!(adjustment("x").is_err());
    }
}
