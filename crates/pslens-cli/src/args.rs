//! The command line: the options of every tool, and the list of tools.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
use pslens::Pid;

use crate::cmd;
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output;
use crate::spelling;
use crate::system::names;

/// What this machine is doing, and which process is doing it.
///
/// One program in place of ps, top, lsof, netstat, df, kill and two dozen more, with their options, one
/// style of long ones, and `--json` everywhere. A link with the name of a tool is that tool.
#[derive(Debug, Parser)]
#[command(name = "pslens", version, after_help = LEGEND, after_long_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) tool: Tool,
}

/// Options of every tool, before or after its name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every tool")]
pub(crate) struct Global {
    /// Read the procfs at DIR: another machine's, or a container host's mounted there (Linux).
    ///
    /// Nothing is asked of the running kernel then: what only a running system can tell (sizes of file
    /// systems, I/O priorities, names of users, how long ago something was) is unknown.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) procfs: Option<PathBuf>,
    /// Read the sysfs at DIR (Linux).
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) sysfs: Option<PathBuf>,
    /// Print one JSON array of objects: psutil's names, bytes, seconds and percent, null if unknown.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print sizes in bytes instead of K, M, G (powers of 1024).
    #[arg(long, global = true)]
    pub(crate) bytes: bool,
    /// Leave out the line with the names of the columns.
    #[arg(long, alias = "no-headers", alias = "no-heading", global = true)]
    pub(crate) no_header: bool,
    /// Whether to use colours and bold: auto is on a terminal, unless NO_COLOR is set.
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub(crate) color: ColorChoice,
}

impl Cli {
    /// Understands a command line. Called by the name of a tool, as a link to it is, the program is that
    /// tool.
    pub(crate) fn of(
        line: impl IntoIterator<Item = OsString>,
    ) -> std::result::Result<Self, clap::Error> {
        let mut line = line.into_iter();
        let program = line.next().unwrap_or_default();
        let mut words: Vec<OsString> = line.collect();
        if let Some(tool) = Path::new(&program).file_stem().and_then(tool_called) {
            words.insert(0, tool.into());
        }
        let mut command = Self::command();
        match place_of_tool(&words) {
            Some(at) if words.get(at).is_some_and(|word| is_tool(word)) => {
                let arguments = words.split_off(at + 1);
                let tool = words.last().map_or(OsStr::new(""), |tool| tool);
                let arguments = modernised(tool, arguments);
                words.extend(arguments);
            }
            // Otherwise what is wanted is in the help: of one tool the options are looked at, not of all.
            _ => command.build(),
        }
        let words = std::iter::once("pslens".into()).chain(words);
        let matches = command.try_get_matches_from_mut(words)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// The tool whose name a file has.
fn tool_called(name: &OsStr) -> Option<&'static str> {
    let mut tools = Tool::NAMES.iter().copied();
    tools.find(|tool| names::is_same(name, tool.as_ref()))
}

fn is_tool(name: &OsStr) -> bool {
    Tool::NAMES.iter().any(|tool| name == *tool)
}

/// Options that the users of an original type and that clap has no words for, in words that it has.
fn modernised(tool: &OsStr, arguments: Vec<OsString>) -> Vec<OsString> {
    match tool.to_str() {
        Some("kill") => cmd::kill::modernised(arguments),
        Some("killall") => cmd::killall::modernised(arguments),
        Some("lsof") => cmd::lsof::modernised(arguments),
        Some("nice") => cmd::nice::modernised(arguments),
        Some("prlimit") => cmd::prlimit::modernised(arguments),
        Some("taskset") => cmd::taskset::modernised(arguments),
        Some("ps") => cmd::ps::modernised(arguments),
        _ => arguments,
    }
}

/// Where the name of the tool is: the first word that is neither an option nor an option's value.
fn place_of_tool(words: &[OsString]) -> Option<usize> {
    let mut is_value = false;
    words.iter().position(|word| {
        let word = word.as_encoded_bytes();
        let found = !is_value && !word.starts_with(b"-");
        is_value = WITH_VALUE.iter().any(|option| word == option.as_bytes());
        found
    })
}

/// The options of every tool whose value is the next word.
const WITH_VALUE: [&str; 3] = ["--color", "--procfs", "--sysfs"];

/// Splits the arguments of a tool that starts commands where its options end: in front of the command or
/// another operand. `with_value` are the tool's own options whose value is the next word; such a value stays
/// with its option.
pub(crate) fn options_in_front(
    arguments: Vec<OsString>,
    with_value: &[&str],
) -> (Vec<Vec<OsString>>, Vec<OsString>) {
    let mut options: Vec<Vec<OsString>> = Vec::new();
    let mut words = arguments.into_iter().peekable();
    let is_option = |word: &OsString| word != "--" && word.as_encoded_bytes().starts_with(b"-");
    while let Some(option) = words.next_if(is_option) {
        let takes_value = with_value
            .iter()
            .chain(&WITH_VALUE)
            .any(|name| option == *name);
        let value = if takes_value { words.next() } else { None };
        options.push(std::iter::once(option).chain(value).collect());
    }
    (options, words.collect())
}

/// Every tool, once: a variant for the command line, and the module that does the work.
macro_rules! tools {
    ($($tool:ident = $module:ident,)*) => {
        #[derive(Debug, Subcommand)]
        #[command(defer = true)]
        pub(crate) enum Tool {
            $($tool(cmd::$module::Args),)*
        }

        impl Tool {
            /// What they are called on the command line, and links to the program too.
            const NAMES: &[&str] = &[$(stringify!($module)),*];

            pub(crate) fn run(&self, context: &Context) -> Result<Exit> {
                match self {
                    $(Self::$tool(args) => cmd::$module::run(args, context),)*
                }
            }
        }
    };
}

tools! {
    Ps = ps,
    Top = top,
    Pstree = pstree,
    Pgrep = pgrep,
    Pidof = pidof,
    Kill = kill,
    Killall = killall,
    Nice = nice,
    Ionice = ionice,
    Taskset = taskset,
    Prlimit = prlimit,
    Pmap = pmap,
    Lsof = lsof,
    Netstat = netstat,
    Ifconfig = ifconfig,
    Who = who,
    Uptime = uptime,
    Df = df,
    Free = free,
    Iostat = iostat,
    Iotop = iotop,
    Nettop = nettop,
    Sensors = sensors,
    Battery = battery,
    Tty = tty,
    Procinfo = procinfo,
    Wait = wait,
    Services = services,
    Completions = completions,
    Manual = manual,
}

/// What a cell without a value says, and how a tool ends.
pub(crate) const LEGEND: &str = "\
In tables - is unknown, ? is denied (ask as root), ! could not be understood.
Examples and exit status: --help.";

const AFTER_HELP: &str = "\
In tables - is unknown, ? is denied (ask as root), ! could not be understood.
Control characters and bytes that are not UTF-8 are escaped there (\\n, \\x1b,
\\xff); JSON has them exactly.
Exit status: 0 done, 1 not found, 2 wrong usage, 3 denied, 4 partly failed,
5 other failures; 126 and 127 if a COMMAND could not be started.

Examples:
  pslens ps aux --sort -rss         who uses the memory
  pslens netstat -tulpn             who listens
  pslens df --json                  file systems, for a program
  pslens top
  pslens --procfs /host/proc ps     the processes of a container's host";

/// What clap says about a mistake in several paragraphs, in one line.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut parts: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("Usage:") || line.starts_with("For more information") {
            break;
        }
        if !line.is_empty() {
            parts.push(line.strip_prefix("error: ").unwrap_or(line));
        }
    }
    let mut joined = String::new();
    for part in parts {
        match joined.chars().last() {
            None => {}
            // A list that clap began on the line before.
            Some(':') => joined.push(' '),
            Some(_) => joined.push_str("; "),
        }
        joined.push_str(part);
    }
    if let Some(typed) = unknown_tool(error) {
        let command = Cli::command();
        let tools: Vec<&str> = command
            .get_subcommands()
            .map(|tool| tool.get_name())
            .collect();
        let meant = spelling::suggestion(&typed, tools.iter().copied());
        joined = format!(
            "there is no tool '{typed}'{meant} Accepted: {}",
            tools.join(", ")
        );
    }
    let mut line = String::new();
    output::text::push(&mut line, joined.as_ref());
    line
}

fn unknown_tool(error: &clap::Error) -> Option<String> {
    match (error.kind(), error.get(ContextKind::InvalidSubcommand)) {
        (ErrorKind::InvalidSubcommand, Some(ContextValue::String(typed))) => Some(typed.clone()),
        _ => None,
    }
}

/// The number of a process, for options that take several.
pub(crate) fn pid(text: &str) -> std::result::Result<Pid, String> {
    let accepted = "accepted: numbers of processes, separated by commas";
    text.parse().map_err(|_| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let wrong = match text.strip_prefix('-') {
            _ if text.is_empty() => "a number is missing",
            Some(rest) if digits(rest) => "no process has a negative number",
            None if digits(text) => "no process has a number so large",
            _ => "this is not a number",
        };
        format!("{wrong}; {accepted}")
    })
}

/// A number of seconds, for options that say how long something lasts.
pub(crate) fn seconds(text: &str) -> std::result::Result<Duration, String> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| *seconds > 0.0 && *seconds <= 86_400.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "accepted: seconds, more than 0 and at most 86400, such as 0.5".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_a_number_of_seconds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["", "0", "-1", "inf", "nan", "2s", "1e300"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
