//! `pslens pidof`: the numbers of the processes of a program.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;

use pslens::Pid;
use pslens::process::{Attribute, AttributeSet, Info};

use crate::args::pid;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::output::{self, json};
use crate::select;
use crate::system::names;

/// The numbers of the processes of a program, the highest first.
///
/// A process belongs to PROGRAM if that is its name, the first word of its command line, or the file
/// that it executes, with or without the path. A PROGRAM with a slash is a file, or the first word of
/// the command line as it was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Names or files of programs.
    #[arg(value_name = "PROGRAM", required = true)]
    programs: Vec<OsString>,
    /// Only one number, the highest.
    #[arg(short, long)]
    single_shot: bool,
    /// Leave out these processes; %PPID is the one that started pidof.
    #[arg(short, long = "omit", value_name = "PID,...", value_delimiter = ',', value_parser = omitted, allow_hyphen_values = true)]
    omit: Vec<Omitted>,
    /// Also those that run PROGRAM as a script: the second word of the command line.
    #[arg(short = 'x', long)]
    scripts: bool,
    /// Also zombies.
    #[arg(short, long)]
    zombies: bool,
    /// Print nothing; the exit status says whether there is one.
    #[arg(short, long)]
    quiet: bool,
    /// Print this between the numbers.
    #[arg(
        short = 'S',
        visible_short_alias = 'd',
        long,
        value_name = "TEXT",
        default_value = " ",
        allow_hyphen_values = true
    )]
    separator: String,
}

const LEGEND: &str = "Examples and exit status: --help.";

const EXAMPLES: &str = "\
Examples:
  pslens pidof nginx
  pslens pidof -s -o %PPID sh        another shell than this one
  pslens pidof -x backup.sh          who runs the script
  pslens pidof /usr/sbin/sshd --json

-c of pidof(8) (only processes with the same root directory) is not supported.
Exit status: 0 found, 1 not found, 2 wrong usage, 4 some processes could not be
read and none was found, 5 other failures.";

/// Who is not meant.
#[derive(Debug, Clone, Copy)]
enum Omitted {
    Pid(Pid),
    Parent,
}

fn omitted(typed: &str) -> std::result::Result<Omitted, String> {
    match typed {
        "%PPID" => Ok(Omitted::Parent),
        _ => Ok(Omitted::Pid(
            pid(typed).map_err(|wrong| format!("{wrong}, or %PPID"))?,
        )),
    }
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let omit = args.omitted(context)?;
    let (infos, scanned) = select::others("pidof", ATTRIBUTES, context)?;
    let mut found: Vec<Info> = infos
        .into_iter()
        .filter(|info| !omit.contains(&info.pid()))
        .filter(|info| args.zombies || !select::is_zombie(info))
        .filter(|info| args.programs.iter().any(|program| args.runs(info, program)))
        .collect();
    found.reverse();
    if args.single_shot {
        found.truncate(1);
    }
    if !args.quiet {
        args.print(&found, context)?;
    }
    Ok(match scanned {
        _ if !found.is_empty() => Exit::Success,
        Exit::Success => Exit::NotFound,
        failed => failed,
    })
}

const ATTRIBUTES: AttributeSet = AttributeSet::of(&[
    Attribute::Ppid,
    Attribute::Name,
    Attribute::Username,
    Attribute::Status,
    Attribute::CreateTime,
    Attribute::Terminal,
    Attribute::Cmdline,
    Attribute::Exe,
]);

impl Args {
    fn omitted(&self, context: &Context) -> Result<Vec<Pid>> {
        let mut omit = Vec::new();
        for omitted in &self.omit {
            match omitted {
                Omitted::Pid(pid) => omit.push(*pid),
                Omitted::Parent if context.running => omit.extend(select::ancestors()?.first()),
                Omitted::Parent => {
                    let message = "pidof: %PPID has no meaning with another --procfs";
                    return Err(Failure::message(Exit::Usage, message.to_owned()));
                }
            }
        }
        Ok(omit)
    }

    /// Whether the process runs the program.
    fn runs(&self, info: &Info, program: &OsStr) -> bool {
        let mut words = select::words(info).iter();
        let first = words.next();
        let script = words.next().filter(|_| self.scripts);
        let called = [first, script].into_iter().flatten();
        if names::is_path(program) {
            return select::executes(info, Path::new(program))
                || called.into_iter().any(|word| word == program);
        }
        let exe = info.exe.value().and_then(Option::as_deref);
        let files = called.into_iter().map(|word| select::base_name(word));
        let mut names = (select::name(info).into_iter())
            .chain(exe.and_then(Path::file_name))
            .chain(files);
        names.any(|name| names::is_same(name, program))
    }

    fn print(&self, found: &[Info], context: &Context) -> Result<()> {
        let mut out = output::stdout();
        if context.json {
            json::write(found, &mut out)?;
        } else if !found.is_empty() {
            let pids: Vec<String> = found.iter().map(|info| info.pid().to_string()).collect();
            writeln!(out, "{}", pids.join(&self.separator))?;
        }
        out.flush()?;
        Ok(())
    }
}
