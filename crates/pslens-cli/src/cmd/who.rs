//! `pslens who`: who is logged in.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use pslens::host::{self, User};
use pslens::{Pid, Process};
use serde::Serialize;

use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::listing::{self, Listed, Named, View};
use crate::output::time::{self, Style};
use crate::output::{Cell, json, text};

/// Who is logged in: a line for each terminal.
///
/// From the system's login records, as in who(1), with a heading and the login's process: programs that
/// open terminals decide whether they make one, and systems that have given them up have none. How long a
/// terminal was idle is not told (-u).
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only who is logged in at the terminal of this command; so do two words, as in 'who am i'.
    #[arg(short, long)]
    me: bool,
    /// The two words.
    #[arg(value_name = "am i", num_args = 2, hide = true)]
    words: Vec<OsString>,
    /// When the system was booted, instead of users.
    #[arg(short, long, conflicts_with_all = ["me", "words", "count"])]
    boot: bool,
    /// Only the names, and how many there are.
    #[arg(short = 'q', long)]
    count: bool,
    /// Print the names of the columns, as without it.
    #[arg(short = 'H', long)]
    heading: bool,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens who
  pslens who am i
  pslens who -q            names, and how many
  pslens who -b            when the system was booted
  pslens who --filter 'host~^192' --sort -started
  pslens who --json        psutil's users()

Columns: name, terminal, started, host, pid.
In tables - is unknown, or nothing: a login at the machine itself has no host.
Exit status: 0 done, 2 wrong usage, 3 denied, 5 other failures.";

/// A login: psutil's `suser`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Login(User);

/// The answer to `-q`.
#[derive(Debug, Serialize)]
struct Count {
    names: Vec<Name>,
    users: usize,
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Name(#[serde(serialize_with = "json::text")] OsString);

/// The answer to `-b`.
#[derive(Debug, Serialize)]
struct Boot {
    #[serde(serialize_with = "json::epoch")]
    boot_time: SystemTime,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<&Named<Login>> = args.table.view(context)?;
    args.table.repeat(context, |context, out| {
        if args.boot {
            tell_boot(context, out)?;
            return Ok(Exit::Success);
        }
        let logins = logins(args)?;
        if args.count {
            tell_count(view.arrange(logins, &context.clock), context, out)?;
        } else {
            view.show(logins, context, out)?;
        }
        Ok(Exit::Success)
    })
}

fn logins(args: &Args) -> Result<Vec<Login>> {
    let mut users = host::users()?;
    if args.me || !args.words.is_empty() {
        let mine = Process::current()?.terminal()?;
        users.retain(|user| is_at(user.terminal.as_deref(), mine.as_deref()));
    }
    Ok(users.into_iter().map(Login).collect())
}

/// True if a login at this terminal (`pts/0`) is at that one (`/dev/pts/0`).
fn is_at(name: Option<&OsStr>, path: Option<&Path>) -> bool {
    let both = name.zip(path);
    both.is_some_and(|(name, path)| Path::new("/dev").join(name) == path)
}

/// `alice bob`, and `# users=2`.
fn tell_count(logins: Vec<Login>, context: &Context, out: &mut dyn Write) -> Result<()> {
    let names: Vec<Name> = logins.into_iter().map(|login| Name(login.0.name)).collect();
    let users = names.len();
    if context.json {
        json::write([Count { names, users }], out)?;
        return Ok(());
    }
    let mut line = String::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            line.push(' ');
        }
        text::push(&mut line, &name.0);
    }
    writeln!(out, "{line}\n# users={users}")?;
    Ok(())
}

fn tell_boot(context: &Context, out: &mut dyn Write) -> Result<()> {
    let boot_time = host::boot_time()?;
    if context.json {
        json::write([Boot { boot_time }], out)?;
        return Ok(());
    }
    let mut line = "system boot  ".to_owned();
    if !time::push(&mut line, boot_time, Style::Full, &context.clock) {
        line.push('-');
    }
    writeln!(out, "{line}")?;
    Ok(())
}

impl Listed for Login {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("name", "NAME", |Self(user): &Self, _| {
            Cell::text(&user.name)
        }),
        Named::text("terminal", "TTY", |Self(user): &Self, _| {
            Cell::some_text(user.terminal.as_deref())
        }),
        Named::text("started", "TIME", |Self(user): &Self, _| {
            Cell::Time(user.started, Style::Full)
        }),
        Named::text("host", "HOST", |Self(user): &Self, _| {
            Cell::some_text(user.host.as_deref())
        }),
        Named::number("pid", "PID", |Self(user): &Self, _| {
            Cell::count(user.pid.map(Pid::as_u32))
        }),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_am_i_is_the_login_at_the_same_terminal() {
        let check = |name: Option<&str>, path: Option<&str>| {
            is_at(name.map(OsStr::new), path.map(Path::new))
        };
        assert!(check(Some("pts/0"), Some("/dev/pts/0")));
        assert!(!check(Some("pts/0"), Some("/dev/pts/01")));
        assert!(!check(Some("pts/0"), None));
        assert!(!check(None, None));
    }
}
