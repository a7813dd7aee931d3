//! The command line: the options of every tool, and the list of tools.

use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::cmd;
use crate::output;
use crate::spelling;

/// What this machine is doing, and which process is doing it.
///
/// One program for ps, free, df and netstat, with one style of options and `--json` everywhere.
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
    /// Read the procfs at DIR: another machine's, or a container host's mounted there.
    ///
    /// Nothing is asked of the running kernel then: what only a running system can tell (sizes of file
    /// systems, I/O priorities, names of users, how long ago something was) is unknown.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) procfs: Option<PathBuf>,
    /// Read the sysfs at DIR.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) sysfs: Option<PathBuf>,
    /// Print one JSON array of objects: psutil's names, bytes, seconds and percent, null if unknown.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print sizes in bytes instead of K, M, G (powers of 1024).
    #[arg(long, global = true)]
    pub(crate) bytes: bool,
    /// Leave out the line with the names of the columns.
    #[arg(long, global = true)]
    pub(crate) no_header: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tool {
    Ps(cmd::ps::Args),
    Free(cmd::free::Args),
    Df(cmd::df::Args),
    Netstat(cmd::netstat::Args),
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
5 other failures.

Examples:
  pslens ps --sort -rss             who uses the memory
  pslens netstat -tlp               who listens
  pslens df --json                  file systems, for a program
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
