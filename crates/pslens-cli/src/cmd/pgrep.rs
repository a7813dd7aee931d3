//! `pslens pgrep`: processes by their names and other attributes.

use std::ffi::OsStr;
use std::io::Write;
use std::time::Duration;

use pslens::Pid;
use pslens::process::{Attribute, AttributeSet, Info};
use regex::bytes::Regex;

use crate::args::pid;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::letters::LETTERS;
use crate::output::{self, json, text};
use crate::select;

/// The numbers of the processes that have a name like PATTERN, and whatever else is asked for.
///
/// PATTERN is a regular expression that is found anywhere in the name. All conditions must hold; of a
/// list one is enough. What is not known of a process does not hold. pgrep never finds itself.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("condition").multiple(true))]
pub(crate) struct Args {
    /// A regular expression; not needed where there is another condition.
    #[arg(value_name = "PATTERN", required_unless_present = "condition")]
    pattern: Option<String>,
    /// Match the command line instead of the name.
    #[arg(short, long)]
    full: bool,
    /// The whole name (or command line) must match.
    #[arg(short = 'x', long)]
    exact: bool,
    /// Upper and lower case are the same.
    #[arg(short, long)]
    ignore_case: bool,
    /// Those of which it does not hold.
    #[arg(short = 'v', long)]
    inverse: bool,
    /// Only the one that was started last.
    #[arg(short, long, conflicts_with_all = ["oldest", "inverse"], group = "condition")]
    newest: bool,
    /// Only the one that was started first.
    #[arg(short, long, conflicts_with = "inverse", group = "condition")]
    oldest: bool,
    /// Started longer ago than this: 90 (seconds), 5m, 2h, 3d.
    #[arg(short = 'O', long, value_name = "TIME", value_parser = select::age_from, allow_hyphen_values = true, group = "condition")]
    older: Option<Duration>,
    /// With the rights of these users: names or numbers.
    #[arg(
        short = 'u',
        long = "euid",
        value_name = "USER,...",
        value_delimiter = ',',
        group = "condition"
    )]
    effective: Vec<String>,
    /// Started by these users.
    #[arg(
        short = 'U',
        long = "uid",
        visible_alias = "user",
        value_name = "USER,...",
        value_delimiter = ',',
        group = "condition"
    )]
    real: Vec<String>,
    /// Children of these processes.
    #[arg(short = 'P', long = "parent", value_name = "PID,...", value_delimiter = ',', value_parser = pid, allow_hyphen_values = true, group = "condition")]
    parents: Vec<Pid>,
    /// On these terminals: pts/0, tty1.
    #[arg(
        short,
        long = "terminal",
        value_name = "TTY,...",
        value_delimiter = ',',
        group = "condition"
    )]
    terminals: Vec<String>,
    /// In these states: R, S, D, T, t, Z, I, or psutil's words (sleeping, zombie ...).
    #[arg(short = 'r', long = "runstates", visible_alias = "status", value_name = "STATE,...", value_delimiter = ',', value_parser = state, group = "condition")]
    states: Vec<String>,
    /// Leave out those who started pgrep.
    #[arg(short = 'A', long)]
    ignore_ancestors: bool,
    /// Print the name, too.
    #[arg(short, long)]
    list_name: bool,
    /// Print the command line, too.
    #[arg(short = 'a', long)]
    list_full: bool,
    /// Print only how many there are.
    #[arg(short, long)]
    count: bool,
    /// Print this between them.
    #[arg(
        short,
        long,
        value_name = "TEXT",
        default_value = "\n",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    delimiter: String,
}

const LEGEND: &str = "Examples and exit status: --help.";

const EXAMPLES: &str = "\
Examples:
  pslens pgrep -a ssh                 number and command line
  pslens pgrep -u root -x sshd        called exactly so, with root's rights
  pslens pgrep -nf 'python.*worker'   the newest
  pslens pgrep -P 1 -c                how many children has init?
  pslens pgrep -r Z                   zombies
  pslens ps -p $(pslens pgrep -d, nginx)

Names are whole here: what the kernel cuts at 15 bytes is completed from the
command line, so `pgrep -x NetworkManager-dispatcher` finds what pgrep(1) does
not. PATTERN is of Rust's regex crate: without (?i) and the like the same as
the extended expressions of pgrep(1). Groups (-g -G -s), threads (-w), files of
numbers (-F), namespaces and cgroups are not supported.
--json prints the same objects, whatever -l, -a and -d say.
Exit status: 0 found, 1 not found, 2 wrong usage, 4 some processes could not be
read, 5 other failures.";

/// A state, by the letter of ps(1) or psutil's word.
fn state(typed: &str) -> std::result::Result<String, String> {
    let letters = LETTERS.iter().find(|(letter, _)| *letter == typed);
    let word = letters.map_or(typed, |(_, status)| status.as_str());
    if LETTERS.iter().any(|(_, status)| status.as_str() == word) {
        return Ok(word.to_owned());
    }
    let accepted: Vec<String> = LETTERS
        .iter()
        .map(|(letter, status)| format!("{letter} or {status}"))
        .collect();
    Err(format!("no such state; accepted: {}", accepted.join(", ")))
}

/// What every object of the answer tells.
const ATTRIBUTES: AttributeSet = AttributeSet::of(&[
    Attribute::Ppid,
    Attribute::Name,
    Attribute::Username,
    Attribute::Status,
    Attribute::CreateTime,
    Attribute::Terminal,
    Attribute::Cmdline,
]);

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let wanted = Wanted::of(args, context)?;
    let (infos, scanned) = select::others("pgrep", args.attributes(context.json), context)?;
    let found: Vec<Info> = infos
        .into_iter()
        .filter(|info| !wanted.never.contains(&info.pid()))
        .filter(|info| wanted.holds(info, context) != args.inverse)
        .collect();
    let found = args.extreme(found);
    args.print(&found, context)?;
    Ok(match scanned {
        Exit::Success if found.is_empty() => Exit::NotFound,
        scanned => scanned,
    })
}

impl Args {
    /// Only what is needed is read, but JSON has every key.
    fn attributes(&self, json: bool) -> AttributeSet {
        if json {
            return ATTRIBUTES;
        }
        let mut attributes = AttributeSet::EMPTY;
        let mut need = |attribute, is_needed| {
            if is_needed {
                attributes = attributes.with(attribute);
            }
        };
        need(Attribute::Name, true);
        need(Attribute::Cmdline, self.full || self.list_full);
        need(
            Attribute::CreateTime,
            self.newest || self.oldest || self.older.is_some(),
        );
        need(
            Attribute::Uids,
            !self.effective.is_empty() || !self.real.is_empty(),
        );
        need(Attribute::Ppid, !self.parents.is_empty());
        need(Attribute::Terminal, !self.terminals.is_empty());
        need(Attribute::Status, !self.states.is_empty());
        attributes
    }

    /// The newest or the oldest, if only that is wanted. Of those that were started in the same moment
    /// the higher number is the newer.
    fn extreme(&self, mut found: Vec<Info>) -> Vec<Info> {
        if self.newest || self.oldest {
            found.sort_by_key(|info| (info.create_time.value().copied(), info.pid()));
            if self.newest {
                found.reverse();
            }
            found.truncate(1);
        }
        found
    }

    fn print(&self, found: &[Info], context: &Context) -> Result<()> {
        let mut out = output::stdout();
        if context.json {
            json::write(found, &mut out)?;
        } else if self.count {
            writeln!(out, "{}", found.len())?;
        } else if !found.is_empty() {
            let lines: Vec<String> = found.iter().map(|info| self.line(info)).collect();
            writeln!(out, "{}", lines.join(&self.delimiter))?;
        }
        out.flush()?;
        Ok(())
    }

    fn line(&self, info: &Info) -> String {
        let mut line = info.pid().to_string();
        if self.list_full {
            line.push(' ');
            text::push(&mut line, &select::command(info));
        } else if self.list_name {
            line.push(' ');
            text::push(&mut line, select::name(info).unwrap_or(OsStr::new("?")));
        }
        line
    }
}

/// The conditions, understood.
#[derive(Debug)]
struct Wanted<'a> {
    args: &'a Args,
    pattern: Option<Regex>,
    effective: Vec<u32>,
    real: Vec<u32>,
    /// Not to be found, whatever they are.
    never: Vec<Pid>,
}

impl<'a> Wanted<'a> {
    fn of(args: &'a Args, context: &Context) -> Result<Self> {
        if args.ignore_ancestors && !context.running {
            let message = "pgrep: -A has no meaning with another --procfs".to_owned();
            return Err(Failure::message(Exit::Usage, message));
        }
        let pattern = args.pattern.as_deref();
        let pattern =
            pattern.map(|typed| select::pattern("pgrep", typed, args.ignore_case, args.exact));
        Ok(Self {
            args,
            pattern: pattern.transpose()?,
            effective: select::user_ids("pgrep", &args.effective)?,
            real: select::user_ids("pgrep", &args.real)?,
            never: if args.ignore_ancestors {
                select::ancestors()?
            } else {
                Vec::new()
            },
        })
    }

    fn holds(&self, info: &Info, context: &Context) -> bool {
        let args = self.args;
        let uids = info.uids.value();
        let terminal = info.terminal.value().and_then(Option::as_deref);
        let status = info.status.value();
        any(&self.effective, |id| {
            uids.is_some_and(|uids| uids.effective == *id)
        }) && any(&self.real, |id| uids.is_some_and(|uids| uids.real == *id))
            && any(&args.parents, |parent| info.ppid.value() == Some(parent))
            && any(&args.terminals, |typed| {
                let device = typed.strip_prefix("/dev/").unwrap_or(typed);
                terminal
                    .is_some_and(|path| path.strip_prefix("/dev").is_ok_and(|tty| tty == device))
            })
            && any(&args.states, |word| {
                status.is_some_and(|status| status.as_str() == word)
            })
            && args.older.is_none_or(|limit| {
                select::age(info, context.clock.now).is_some_and(|age| age > limit)
            })
            && self.is_called_so(info)
    }

    fn is_called_so(&self, info: &Info) -> bool {
        let Some(pattern) = &self.pattern else {
            return true;
        };
        let words = select::words(info);
        if self.args.full && !words.is_empty() {
            return pattern.is_match(words.join(OsStr::new(" ")).as_encoded_bytes());
        }
        select::name(info).is_some_and(|name| pattern.is_match(name.as_encoded_bytes()))
    }
}

/// One of the list, if there is one.
fn any<T>(list: &[T], holds: impl FnMut(&T) -> bool) -> bool {
    list.is_empty() || list.iter().any(holds)
}
