//! `pslens killall`: signals to processes by their names.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::Duration;

use pslens::process::{Attribute, AttributeSet, Info, Signal};
use regex::bytes::Regex;

use crate::args::seconds;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::output::{self, text};
use crate::select;
use crate::signals::{self, Order, Target, Wait};
use crate::system::names;

/// Send a signal to all processes that have these names: TERM, which asks them to end, unless another
/// is named.
///
/// NAME is the whole name; one with a slash in it is a file, and means the processes that execute it.
/// The kernel keeps 15 bytes of a name; the rest is looked for in the command line. killall never
/// signals itself, nor a process that is given a number while it works.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Names of processes, or files that they execute.
    #[arg(value_name = "NAME", required_unless_present_any = ["list", "users"])]
    names: Vec<OsString>,
    /// Send this signal: TERM, SIGTERM, 15, RTMIN+3; 0 only checks whether one could be sent. -9 and
    /// -KILL are short for it.
    #[arg(short, long, value_name = "SIGNAL", default_value = "TERM", value_parser = signals::signal, allow_hyphen_values = true)]
    signal: Signal,
    /// Names beyond 15 bytes must be known in full. Without it the first 15 are enough where the
    /// command line does not have the rest.
    #[arg(short, long)]
    exact: bool,
    /// Upper and lower case are the same.
    #[arg(short = 'I', long)]
    ignore_case: bool,
    /// NAME is a regular expression, to be found anywhere in the name.
    #[arg(short, long)]
    regexp: bool,
    /// Only processes that have the rights of these users: names or numbers.
    #[arg(short, long = "user", value_name = "USER,...", value_delimiter = ',')]
    users: Vec<String>,
    /// Only processes that were started longer ago than this: 90s, 5m, 2h, 3d, 1w, 1M, 1y.
    #[arg(short, long, value_name = "TIME", value_parser = select::age_from, allow_hyphen_values = true)]
    older_than: Option<Duration>,
    /// Only processes that were started since.
    #[arg(short, long, value_name = "TIME", value_parser = select::age_from, allow_hyphen_values = true)]
    younger_than: Option<Duration>,
    /// Ask on stderr before each process; the answer is read from stdin, and y or Y means yes.
    #[arg(short, long)]
    interactive: bool,
    /// Wait until all have ended, with SECONDS not longer than that.
    #[arg(short, long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, value_parser = seconds)]
    wait: Option<Option<Duration>>,
    /// Send this to those that still run after --wait=SECONDS, and wait as long again.
    #[arg(long, value_name = "SIGNAL", requires = "wait", value_parser = signals::signal, allow_hyphen_values = true)]
    then: Option<Signal>,
    /// Do not complain if no process has the name.
    #[arg(short, long)]
    quiet: bool,
    /// Say what was sent to whom.
    #[arg(short, long)]
    verbose: bool,
    /// List the names of the signals.
    #[arg(short, long, exclusive = true)]
    list: bool,
}

const LEGEND: &str = "Examples and exit status: --help.";

const EXAMPLES: &str = "\
Examples:
  pslens killall -HUP nginx                  read the configuration again
  pslens killall -v -o 2h -u www-data php    what has run for too long
  pslens killall --wait=5 --then KILL java   5 seconds to end
  pslens killall -r '^worker-[0-9]+$'
  pslens killall -i /usr/bin/ssh

-g (process groups), -n (namespaces) and -Z (contexts) of killall(1) are not
supported. -i takes the end of the answers for no.
Windows has no signals: TERM and KILL end a process at once, unasked; STOP and
CONT suspend and resume it; others are refused. Names are found there in any
case, also without .exe, and one with a slash or a backslash is a file.
Exit status: 0 done, 1 no process has one of the names, 2 wrong usage, 3 denied,
4 denied for some or some still run after --wait, 5 other failures.";

const WITH_VALUE: &[&str] = &[
    "-s",
    "--signal",
    "-u",
    "--user",
    "-o",
    "--older-than",
    "-y",
    "--younger-than",
    "--then",
    "--color",
    "--procfs",
    "--sysfs",
];

/// `-9` and `-KILL` are signals; small letters are options.
pub(crate) fn modernised(arguments: Vec<OsString>) -> Vec<OsString> {
    signals::modernised(arguments, WITH_VALUE, false)
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    if args.list {
        return signals::list(false, context);
    }
    select::refuse_captures("killall", context)?;
    if args.then.is_some() && args.wait == Some(None) {
        let message = "killall: --then is sent when a wait is over; accepted: --wait=SECONDS";
        return Err(Failure::message(Exit::Usage, message.to_owned()));
    }
    let names: Vec<Name> = args
        .names
        .iter()
        .map(|name| args.name(name))
        .collect::<Result<_>>()?;
    let users = select::user_ids("killall", &args.users)?;
    let (infos, scanned) = select::others("killall", args.attributes(), context)?;
    let mut found = vec![false; names.len()];
    let mut targets = Vec::new();
    for info in infos {
        if !args.is_wanted(&info, &users, context) {
            continue;
        }
        let mut is_named = names.is_empty();
        for (name, found) in names.iter().zip(&mut found) {
            if name.is_of(&info, args.exact) {
                is_named = true;
                *found = true;
            }
        }
        if is_named && (!args.interactive || agreed(&info, args.signal)?) {
            targets.push(Target::of(info.process));
        }
    }
    let order = Order {
        tool: "killall",
        signal: args.signal,
        wait: match args.wait {
            None => Wait::No,
            Some(None) => Wait::Forever,
            Some(Some(timeout)) => Wait::AtMost(timeout),
        },
        then: args.then,
        verbose: args.verbose,
    };
    let nobody = targets.is_empty() && names.is_empty();
    let sent = order.carry_out(targets, context)?;
    let missing = args.names.iter().zip(&found).filter(|(_, found)| !**found);
    let missing = missing.map(|(name, _)| format!("is called '{}'", name.display()));
    let missing: Vec<String> = missing
        .chain(nobody.then(|| "of these users is meant".to_owned()))
        .collect();
    if !args.quiet {
        for missing in &missing {
            output::note(&format!("killall: no process {missing}"));
        }
    }
    Ok(match sent {
        Exit::Success if !missing.is_empty() => Exit::NotFound,
        Exit::Success => scanned,
        failed => failed,
    })
}

/// What is typed as a name.
#[derive(Debug)]
enum Name {
    Plain(OsString),
    /// Letters whose case does not matter are a pattern, too.
    Pattern(Regex),
    File(OsString),
}

impl Args {
    fn name(&self, typed: &OsStr) -> Result<Name> {
        if !self.regexp && names::is_path(typed) {
            return Ok(Name::File(typed.to_owned()));
        }
        let text = typed.to_string_lossy();
        if self.regexp {
            return Ok(Name::Pattern(select::pattern(
                "killall",
                &text,
                self.ignore_case,
                false,
            )?));
        }
        if self.ignore_case {
            let literal = regex::escape(&text);
            return Ok(Name::Pattern(select::pattern(
                "killall", &literal, true, true,
            )?));
        }
        Ok(Name::Plain(typed.to_owned()))
    }

    fn attributes(&self) -> AttributeSet {
        let mut attributes = AttributeSet::of(&[Attribute::Name]);
        if self.ignore_case || self.regexp || self.names.iter().any(|name| select::may_be_cut(name))
        {
            attributes = attributes.with(Attribute::Cmdline);
        }
        if self.names.iter().any(|name| names::is_path(name)) {
            attributes = attributes.with(Attribute::Exe);
        }
        if !self.users.is_empty() {
            attributes = attributes.with(Attribute::Uids);
        }
        if self.older_than.is_some() || self.younger_than.is_some() {
            attributes = attributes.with(Attribute::CreateTime);
        }
        attributes
    }

    /// Whether all but the name is as it was asked for; what is unknown is not.
    fn is_wanted(&self, info: &Info, users: &[u32], context: &Context) -> bool {
        let of_user = || {
            info.uids
                .value()
                .is_some_and(|uids| users.contains(&uids.effective))
        };
        let age = || select::age(info, context.clock.now);
        (users.is_empty() || of_user())
            && self
                .older_than
                .is_none_or(|limit| age().is_some_and(|age| age > limit))
            && self
                .younger_than
                .is_none_or(|limit| age().is_some_and(|age| age < limit))
    }
}

impl Name {
    fn is_of(&self, info: &Info, exact: bool) -> bool {
        let Some(name) = select::name(info) else {
            return false;
        };
        let full = select::name_in_command(info).unwrap_or(name);
        match self {
            Self::Plain(typed) => {
                names::is_same(full, typed)
                    || (!exact && full == name && select::is_cut_from(name, typed))
            }
            Self::Pattern(pattern) => pattern.is_match(full.as_encoded_bytes()),
            Self::File(file) => select::executes(info, Path::new(file)),
        }
    }
}

/// Asks; no answer means no.
fn agreed(info: &Info, signal: Signal) -> Result<bool> {
    let mut question = format!("Send {signal} to ");
    text::push(&mut question, select::name(info).unwrap_or_default());
    text::append(&mut question, format_args!(" ({})? (y/N) ", info.pid()));
    // Who closed stderr is not asked, and has not agreed.
    if io::stderr().write_all(question.as_bytes()).is_err() {
        return Ok(false);
    }
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim_start().starts_with(['y', 'Y']))
}
