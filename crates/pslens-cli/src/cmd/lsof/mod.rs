//! `pslens lsof`: what processes have open, and who has something open.

mod internet;
mod look;
mod place;
mod row;
mod wanted;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use pslens::process::{self, Attribute, AttributeSet, Info};
use pslens::{ErrorKind, Pid, Process, host};

use self::internet::{Internet, State};
use self::look::{Look, Sockets};
use self::place::Places;
use self::row::Row;
use self::wanted::{Choice, Command, Held, Wanted, choice};
use crate::args::{LEGEND, pid};
use crate::context::Context;
use crate::exit::{Exit, Result, explained};
use crate::listing::{self, Named, View};
use crate::output;

/// What processes have open: files, directories, devices, pipes, sockets, program and libraries.
///
/// Without options, everything of all processes. Options that choose add up (-p 1 -i: all that process 1
/// has, and all network sockets); with -a all of them must hold. FD is cwd (the directory it is in), txt
/// (its program), mem (a mapped file) or a descriptor with r, w or u (read, write, both). SIZE is of files
/// and directories, NODE the number on the file system. Files are compared by path, with symbolic links
/// followed, so that a dead network mount holds nothing up: another name of the same file is another file.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Who has these files, local sockets, or anything on the file system that is mounted there.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Who has files below this directory, at any depth; +D as in lsof(8).
    #[arg(long, value_name = "DIR")]
    below: Vec<PathBuf>,
    /// Who has this directory, or files in it; +d as in lsof(8).
    #[arg(long = "in", value_name = "DIR")]
    within: Vec<PathBuf>,
    /// The processes with these numbers; ^ in front leaves one out.
    #[arg(short, long = "pid", value_name = "PID,...", value_delimiter = ',', value_parser = choice(pid), allow_hyphen_values = true)]
    pids: Vec<Choice<Pid>>,
    /// The processes of these users, names or numbers; ^ in front leaves one out.
    #[arg(short, long = "user", value_name = "USER,...", value_delimiter = ',', value_parser = choice(wanted::user))]
    users: Vec<Choice<String>>,
    /// The processes whose name begins so, or matches a /REGEX/ (/REGEX/i: in either case); ^ leaves out.
    #[arg(short, long = "command", value_name = "NAME", value_parser = choice(wanted::command))]
    commands: Vec<Choice<Command>>,
    /// Network sockets: all, or some: 4, tcp, :80, :8000-8100, 4udp@127.0.0.1:53, @[::1]:80.
    ///
    /// [4|6][tcp|udp][@ADDRESS][:PORT,...] in numbers. An address or a port may be that of either end.
    #[arg(short, long, value_name = "WHICH", num_args = 0..=1, default_missing_value = "", value_parser = internet::parse)]
    internet: Vec<Internet>,
    /// Of TCP sockets only those in these states: tcp:LISTEN,ESTABLISHED.
    #[arg(short, long = "state", value_name = "TCP:STATE,...", value_parser = internet::state)]
    state: Option<State>,
    /// Local sockets.
    #[arg(short = 'U', long)]
    unix: bool,
    /// These descriptors: cwd, txt, mem, 0, 3-9; ^ in front leaves them out.
    #[arg(short = 'd', long = "fd", value_name = "FD,...", value_delimiter = ',', value_parser = choice(wanted::held))]
    fds: Vec<Choice<Held>>,
    /// Files that have no name any more: their space is freed when they are closed. +L1 as in lsof(8).
    #[arg(long)]
    deleted: bool,
    /// Only what all of the options choose.
    #[arg(short = 'a', long)]
    and: bool,
    /// Print nothing but the numbers of the processes, each once. JSON stays as it is.
    #[arg(short = 't', long)]
    terse: bool,
    /// Show numbers of users instead of names.
    #[arg(short = 'l', long)]
    uid: bool,
    /// Leave out the note about processes that could not be looked at.
    #[arg(short = 'w', long)]
    no_warnings: bool,
    /// Never wait for a file system, as without it.
    #[arg(short = 'b')]
    unblocked: bool,
    /// Addresses are numbers, as without it.
    #[arg(short)]
    numeric_hosts: bool,
    /// Ports are numbers, as without it.
    #[arg(short = 'P')]
    numeric_ports: bool,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens lsof -p 812                    everything that process 812 has open
  pslens lsof /var/log/syslog           who has this file
  pslens lsof /mnt/usb                  who keeps it from being unmounted
  pslens lsof +D /srv/www               who has files below it
  pslens lsof -i :443                   who talks HTTPS
  pslens lsof -i tcp -s tcp:listen      who listens
  pslens lsof -a -u www -d cwd          where a user's processes are
  kill $(pslens lsof -t -i :3000)
  pslens lsof --deleted --sort -size    what holds disk space

Columns: name, pid, username, fd, type, size, inode, path; on demand: ppid,
position, mode, deleted, protocol, laddr, raddr, status.
Names of columns and states may be typed in any case. -r SECONDS is --watch, +c
is accepted and unnecessary: names are never cut. There is no -F: --json is for
programs. The root directory of a process (rtd) is not shown, and of local
sockets neither the other end. USER is who started the process.

In tables - is unknown, ? is denied (ask as root).
Exit status: 0 done, 1 nobody has what was asked for, 2 wrong usage, 3 denied,
4 a process of -p could not be looked at, 5 other failures.";

/// What the options of lsof(8) that clap has no words for are called here.
pub(crate) fn modernised(arguments: Vec<OsString>) -> Vec<OsString> {
    /// As often as lsof(8) looks if it is not told.
    const USUAL_INTERVAL: &str = "15";
    let mut modern = Vec::with_capacity(arguments.len());
    let mut rest = arguments.into_iter().peekable();
    while let Some(word) = rest.next() {
        let long = |option: &str, value: &str| match value {
            "" => option.into(),
            value => format!("{option}={value}").into(),
        };
        match word.to_str() {
            Some("--") => {
                modern.push(word);
                modern.extend(rest);
                break;
            }
            Some("+L1") => modern.push("--deleted".into()),
            Some("+c") => drop(rest.next()),
            Some("-r") => {
                let given = rest.next_if(|next| {
                    next.to_str()
                        .is_some_and(|next| next.parse::<f64>().is_ok())
                });
                modern.push("--watch".into());
                modern.push(given.unwrap_or_else(|| USUAL_INTERVAL.into()));
            }
            Some(short) => match short.split_at_checked(2) {
                Some(("+D", directory)) => modern.push(long("--below", directory)),
                Some(("+d", directory)) => modern.push(long("--in", directory)),
                Some(("-r", seconds)) => modern.push(long("--watch", seconds)),
                Some(("+c", width)) if width.bytes().all(|b| b.is_ascii_digit()) => {}
                _ => modern.push(word),
            },
            None => modern.push(word),
        }
    }
    modern
}

/// What every row tells, and the sockets: tables of those are read once for all processes.
const NEEDS: AttributeSet = AttributeSet::of(&[
    Attribute::Name,
    Attribute::Ppid,
    Attribute::Uids,
    Attribute::Username,
    Attribute::Cwd,
    Attribute::Exe,
    Attribute::NetConnections,
]);

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<&Named<Row>> = args.table.view(context)?;
    let wanted = Wanted::of(args, Places::of(args, context.running)?);
    let mut unknown = Exit::Success;
    for user in args.users.iter().map(Choice::value) {
        if context.running && !is_user(user)? {
            output::note(&format!("lsof: -u: there is no user '{user}'"));
            unknown = Exit::NotFound;
        }
    }
    args.table.repeat(context, |context, out| {
        let exit = answer(args, &wanted, &view, context, out)?;
        Ok(if exit == Exit::Success { unknown } else { exit })
    })
}

/// Whether there is a user of this name; any number will do.
fn is_user(typed: &str) -> Result<bool> {
    Ok(typed.parse::<u32>().is_ok() || host::user_id(typed)?.is_some())
}

fn answer(
    args: &Args,
    wanted: &Wanted,
    view: &View<&'static Named<Row>>,
    context: &Context,
    out: &mut dyn Write,
) -> Result<Exit> {
    let (infos, mut exit) = processes(wanted)?;
    let mut sockets = Sockets::default();
    let mut rows = Vec::new();
    let mut denied = 0_usize;
    for info in &infos {
        let Some(verdicts) = wanted.process(info) else {
            continue;
        };
        if !wanted.may_have(&verdicts) {
            continue;
        }
        let mut look = Look::at(info, args.uid);
        look.all(&mut sockets, wanted.wants_maps(&verdicts));
        denied += usize::from(look.denied);
        if look.denied && wanted.names(info.pid()) {
            exit = Exit::PartlyFailed;
        }
        let found = look.rows.into_iter();
        rows.extend(found.filter(|row| wanted.row(&verdicts, row)));
    }
    if denied > 0 && !args.no_warnings {
        let whose = match denied {
            1 => "1 process could not be looked at".to_owned(),
            _ => format!("{denied} processes could not be looked at"),
        };
        output::note(&format!("lsof: {whose}; ask as root"));
    }
    if rows.is_empty() && wanted.is_choosy() && exit == Exit::Success {
        exit = Exit::NotFound;
    }
    if args.terse && !context.json {
        let rows = view.arrange(rows, &context.clock);
        let mut told = BTreeSet::new();
        for row in rows.iter().filter(|row| told.insert(row.pid)) {
            writeln!(out, "{}", row.pid)?;
        }
    } else {
        view.show(rows, context, out)?;
    }
    Ok(exit)
}

/// Those that have to be looked at. Who was named and is not there is noted, who vanishes is not missed.
fn processes(wanted: &Wanted) -> Result<(Vec<Info>, Exit)> {
    let mut exit = Exit::Success;
    let Some(pids) = wanted.only_pids() else {
        let mut infos = Vec::new();
        for info in process::all_with(NEEDS)? {
            match info {
                Ok(info) => infos.push(info),
                Err(error) => {
                    output::note(&explained(&error));
                    exit = Exit::PartlyFailed;
                }
            }
        }
        for pid in wanted.named_pids() {
            if !infos.iter().any(|info| info.pid() == pid) {
                exit = missing(pid);
            }
        }
        return Ok((infos, exit));
    };
    let mut infos = Vec::new();
    for pid in pids {
        // The number of a thread opens the same doors, but names no process.
        let found = match process::pid_exists(pid) {
            Ok(false) => None,
            Ok(true) => match Process::new(pid).and_then(|process| process.info(NEEDS)) {
                Ok(info) => Some(info),
                Err(error) if error.kind() == ErrorKind::NoSuchProcess => None,
                Err(error) => return Err(error.into()),
            },
            Err(error) => return Err(error.into()),
        };
        match found {
            Some(info) => infos.push(info),
            None => exit = missing(pid),
        }
    }
    Ok((infos, exit))
}

fn missing(pid: Pid) -> Exit {
    output::note(&format!("lsof: there is no process {pid}"));
    Exit::NotFound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_the_original_are_put_in_our_words() {
        let check = |line: &str, expect: &str| {
            let words = line.split(' ').map(OsString::from).collect();
            let expect: Vec<OsString> = expect.split(' ').map(OsString::from).collect();
            assert_eq!(modernised(words), expect, "{line}");
        };
        check("+D /mnt -n", "--below /mnt -n");
        check("+D/mnt", "--below=/mnt");
        check("+d /mnt", "--in /mnt");
        check("-a +L1 /x", "-a --deleted /x");
        check("-r -i", "--watch 15 -i");
        check("-i -r 2", "-i --watch 2");
        check("-r0.5 -t", "--watch=0.5 -t");
        check("+c 0 -p 1", "-p 1");
        check("+c0 -p 1", "-p 1");
        check("-- +D -r", "-- +D -r");
        check("-ti:80 /x", "-ti:80 /x");
    }
}
