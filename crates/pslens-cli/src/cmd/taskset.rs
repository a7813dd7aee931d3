//! `pslens taskset`: the CPUs that processes may run on.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use pslens::{Pid, Process};

use crate::args::{options_in_front, pid};
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::select;
use crate::system::exec::become_program;
use crate::targets::{Found, Setting};

/// Start a command on some CPUs only, or show or change those of running processes.
///
/// CPUS is a hexadecimal mask (3 and 0x3 are the CPUs 0 and 1), or with -c a list: 0,3,7-11 or, in steps,
/// 0-31:2. Unlike taskset(1), which leaves out CPUs that the machine or the process's cpuset does not have
/// as long as one remains, this sets all that were named or fails and names one that is missing.
///
/// On Linux each thread has CPUs of its own: those of the main thread are meant, and threads that it
/// starts later inherit them. All threads at once (-a of taskset(1)) are not offered.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, override_usage = USAGE)]
pub(crate) struct Args {
    /// Show the CPUs of running processes; with CPUS in front, set them.
    #[arg(short, long, value_name = "CPUS|PID,...", num_args = 1..=2)]
    pid: Vec<OsString>,
    /// CPUS is a list, and lists are shown.
    #[arg(short, long)]
    cpu_list: bool,
    /// All threads, which are not offered.
    #[arg(short, long, hide = true)]
    all_tasks: bool,
    /// CPUS, then the program to become and its arguments.
    #[arg(value_name = "COMMAND", trailing_var_arg = true, conflicts_with_all = ["pid", "json"], required_unless_present = "pid")]
    command: Vec<OsString>,
}

const USAGE: &str = "\
pslens taskset [-c] CPUS COMMAND...
       pslens taskset [-c] -p [CPUS] PID,...";

const EXAMPLES: &str = "\
Examples:
  pslens taskset -p 700            the mask of a process
  pslens taskset -pc 700,701       the lists of two
  pslens taskset -pc 0,2-3 700     set it
  pslens taskset 3 make -j2        start a command on CPUs 0 and 1
  pslens taskset -c 0-7:2 make
  pslens taskset -p 700 --json     cpu_affinity, as an array

Exit status: that of COMMAND; 126 COMMAND cannot be started, 127 there is none.
Otherwise 0 done, 1 there is no process PID, 2 wrong usage or no such CPU,
3 denied, 4 denied for some processes, 5 other failures.";

const TOOL: &str = "taskset";

/// No kernel is built for more.
const MOST_CPUS: u32 = 1 << 16;

/// Puts `-p` behind the other options in front (`-pc 0,1 700` is `-c -p 0,1 700`): what follows it is its
/// value.
pub(crate) fn modernised(arguments: Vec<OsString>) -> Vec<OsString> {
    let (options, rest) = options_in_front(arguments, &[]);
    let mut names_processes = false;
    let mut modern: Vec<OsString> = Vec::new();
    for option in options {
        let letters = option
            .first()
            .and_then(|word| word.to_str()?.strip_prefix('-'));
        match letters {
            Some("-pid") => names_processes = true,
            Some(letters) if is_cluster(letters) && letters.contains('p') => {
                names_processes = true;
                let others = letters.replace('p', "");
                if !others.is_empty() {
                    modern.push(format!("-{others}").into());
                }
            }
            _ => modern.extend(option),
        }
    }
    if names_processes {
        modern.push("-p".into());
    }
    modern.extend(rest);
    modern
}

fn is_cluster(letters: &str) -> bool {
    letters
        .chars()
        .all(|letter| matches!(letter, 'a' | 'c' | 'p'))
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    if args.all_tasks {
        let message = "taskset: -a: only the main thread's CPUs can be shown and set; leave out -a";
        return Err(Failure::message(Exit::Usage, message.to_owned()));
    }
    if args.pid.len() != 1 {
        select::refuse_captures(TOOL, context)?;
    }
    let (cpus, pids) = match args.pid.as_slice() {
        [] => return start(args),
        [pids] => (None, pids),
        [cpus, pids, ..] => (Some(args.cpus(cpus)?), pids),
    };
    let found = Found::by_pid(&numbers(pids)?);
    let outcomes = found.each(TOOL, |process| change(process, cpus.as_deref()));
    outcomes.write("cpu_affinity", context, |pid, affinity| {
        let told = |which, cpus: &[u32]| match args.cpu_list {
            true => format!("pid {pid}'s {which} affinity list: {}", list(cpus)),
            false => format!("pid {pid}'s {which} affinity mask: {}", mask(cpus)),
        };
        Some(match &affinity.former {
            None => told("current", &affinity.now),
            Some(former) => {
                let (former, now) = (told("current", former), told("new", &affinity.now));
                format!("{former}\n{now}")
            }
        })
    })
}

fn change(process: &Process, cpus: Option<&[u32]>) -> pslens::Result<Setting<Vec<u32>>> {
    let present = process.cpu_affinity()?;
    let Some(cpus) = cpus else {
        return Ok(Setting {
            now: present,
            former: None,
        });
    };
    process.set_cpu_affinity(cpus)?;
    Ok(Setting {
        now: process.cpu_affinity()?,
        former: Some(present),
    })
}

/// Becomes the command; returns if that is not possible.
fn start(args: &Args) -> Result<Exit> {
    let (cpus, command) = match args.command.as_slice() {
        [cpus, command @ ..] if !command.is_empty() => (cpus, command),
        _ => {
            let accepted = "accepted: CPUS COMMAND, or -p [CPUS] PID";
            let message = format!("taskset: a command is missing; {accepted}");
            return Err(Failure::message(Exit::Usage, message));
        }
    };
    let cpus = args.cpus(cpus)?;
    become_program(TOOL, command, |found| {
        Ok(found.each(TOOL, |own| change(own, Some(&cpus))).exit)
    })
}

impl Args {
    fn cpus(&self, typed: &OsStr) -> Result<Vec<u32>> {
        let text = typed.to_str().unwrap_or_default();
        let parsed = match self.cpu_list {
            true => parse_list(text),
            false => parse_mask(text),
        };
        parsed.map(Vec::from_iter).ok_or_else(|| {
            let accepted = match self.cpu_list {
                true => "a list of CPUs, such as 0,3,7-11 or 0-31:2",
                false => "a hexadecimal mask of CPUs, such as 3 or 0xff (-c takes lists)",
            };
            let typed = typed.display();
            let message = format!("invalid value '{typed}' for 'CPUS': accepted: {accepted}");
            Failure::message(Exit::Usage, message)
        })
    }
}

fn numbers(typed: &OsStr) -> Result<Vec<Pid>> {
    let each = typed.to_str().unwrap_or_default().split(',').map(pid);
    each.collect::<std::result::Result<_, _>>()
        .map_err(|wrong| {
            let typed = typed.display();
            let message = format!("invalid value '{typed}' for '--pid <PID,...>': {wrong}");
            Failure::message(Exit::Usage, message)
        })
}

/// `0,3,7-11`, and `0-31:2` for every second.
fn parse_list(text: &str) -> Option<BTreeSet<u32>> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| *number < MOST_CPUS);
        number.filter(|_| digits)
    };
    let mut cpus = BTreeSet::new();
    for range in text.split(',') {
        let (range, step) = match range.split_once(':') {
            Some((range, step)) => (range, number(step).filter(|step| *step > 0)?),
            None => (range, 1),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(range)?, number(range)?),
        };
        if first > last {
            return None;
        }
        cpus.extend((first..=last).step_by(usize::try_from(step).ok()?));
    }
    Some(cpus)
}

/// Hexadecimal, with or without `0x`, and with the commas that the kernel writes into long ones.
fn parse_mask(text: &str) -> Option<BTreeSet<u32>> {
    let digits = text
        .strip_prefix("0x")
        .or(text.strip_prefix("0X"))
        .unwrap_or(text);
    let mut cpus = BTreeSet::new();
    let mut first = 0;
    for digit in digits.chars().rev().filter(|digit| *digit != ',') {
        let digit = digit.to_digit(16)?;
        cpus.extend((first..first + 4).filter(|cpu| digit >> (cpu - first) & 1 == 1));
        first += 4;
        if first > MOST_CPUS {
            return None;
        }
    }
    (first > 0).then_some(cpus)
}

/// The mask of `cpus`, as taskset(1) writes it.
fn mask(cpus: &[u32]) -> String {
    let cpus: BTreeSet<u32> = cpus.iter().copied().collect();
    let highest = cpus.last().copied().unwrap_or_default() / 4;
    let digit = |place: u32| {
        let bits = (0..4).filter(|bit| cpus.contains(&(place * 4 + bit)));
        let value: u32 = bits.map(|bit| 1 << bit).sum();
        char::from_digit(value, 16).unwrap_or_default()
    };
    (0..=highest).rev().map(digit).collect()
}

/// The list of `cpus`, which are in ascending order, as taskset(1) writes it: two neighbours are no range.
fn list(cpus: &[u32]) -> String {
    let ranges = cpus.chunk_by(|a, b| a + 1 == *b);
    let written = ranges.map(|range| match range {
        [first, _, .., last] => format!("{first}-{last}"),
        few => few.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
    });
    written.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_options_come_last() {
        let check = |line: &str, expect: &str| {
            let words = line.split(' ').map(OsString::from).collect();
            let modern = modernised(words);
            assert_eq!(modern.join(OsStr::new(" ")), expect);
        };
        check("-pc 0,3 700", "-c -p 0,3 700");
        check("-cp 700", "-c -p 700");
        check("-p -c 0,3 700", "-c -p 0,3 700");
        check("--pid --cpu-list --json 700", "--cpu-list --json -p 700");
        check("-p 700 --json", "-p 700 --json");
        check("-c 0 ls -p", "-c 0 ls -p");
        check("-- 3 ls", "-- 3 ls");
        check("3 ls -pc", "3 ls -pc");
        check("--procfs /x -pc 700", "--procfs /x -c -p 700");
    }

    #[test]
    fn lists_and_masks_are_read() {
        let cpus = |found: Option<BTreeSet<u32>>| found.map(Vec::from_iter);
        assert_eq!(cpus(parse_list("0,3,7-9")), Some(vec![0, 3, 7, 8, 9]));
        assert_eq!(cpus(parse_list("0-7:3,1")), Some(vec![0, 1, 3, 6]));
        assert_eq!(cpus(parse_list("65535")), Some(vec![65_535]));
        for wrong in [
            "", "a", "1-", "-1", "3-1", "0-3:0", "1,,2", "+1", "65536", "1-2-3",
        ] {
            assert_eq!(parse_list(wrong), None, "{wrong}");
        }
        assert_eq!(cpus(parse_mask("3")), Some(vec![0, 1]));
        assert_eq!(cpus(parse_mask("0x18")), Some(vec![3, 4]));
        assert_eq!(cpus(parse_mask("1,00000000")), Some(vec![32]));
        assert_eq!(cpus(parse_mask("0")), Some(Vec::new()));
        for wrong in ["", "0x", ",", "g", "-1", "0x1 "] {
            assert_eq!(parse_mask(wrong), None, "{wrong}");
        }
        assert_eq!(parse_mask(&"f".repeat(20_000)), None);
    }

    #[test]
    fn lists_and_masks_are_written() {
        let check = |cpus: &[u32], expect_mask: &str, expect_list: &str| {
            assert_eq!(mask(cpus), expect_mask);
            assert_eq!(list(cpus), expect_list);
        };
        check(&[0], "1", "0");
        check(&[0, 1], "3", "0,1");
        check(&[0, 1, 2, 5], "27", "0-2,5");
        check(&[4, 6, 7, 32], "1000000d0", "4,6,7,32");
    }
}
