//! `pslens ps`: processes.

mod column;
mod tree;

use std::collections::BTreeSet;
use std::io::Write;
use std::str::FromStr;

use pslens::process::{self, Attribute, AttributeSet, Info};
use pslens::{ErrorKind, Pid, Process};
use serde::Serialize;

use self::column::Column;
use crate::args::{LEGEND, pid};
use crate::context::Context;
use crate::exit::{Exit, Failure, Result, explained};
use crate::forest::Forest;
use crate::listing::{self, View};
use crate::output;
use crate::spelling;

/// Processes: who runs them and what they use.
///
/// Without options, all processes in the order of their numbers. %CPU is CPU time divided by the time
/// since the start, as in ps(1): the average over the life of the process, not the use now. %MEM is RSS
/// as a share of the machine's memory. USER is who started the process (the real user; ps(1) shows the
/// effective one). TIME is CPU time, user and system.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Show these columns: psutil's names (memory_info.rss, cpu_times.user) or those of ps (rss, ni).
    ///
    /// Only what the columns need is read. All names are listed below.
    #[arg(short, value_name = "COL,COL", value_delimiter = ',', value_parser = Column::from_str, allow_hyphen_values = true)]
    output: Vec<Column>,
    /// Show the processes with these numbers.
    #[arg(short, long = "pid", value_name = "PID,...", value_delimiter = ',', value_parser = pid, allow_hyphen_values = true)]
    pids: Vec<Pid>,
    /// Show the processes that these users started: names or numbers.
    #[arg(short, long = "user", value_name = "USER,...", value_delimiter = ',', value_parser = user, allow_hyphen_values = true)]
    users: Vec<String>,
    /// Show children below their parents. JSON stays one flat array in this order, with `depth`.
    #[arg(long)]
    tree: bool,
    /// All processes, as without it.
    #[arg(short, visible_short_alias = 'A', conflicts_with_all = ["pids", "users"])]
    every: bool,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Columns, by psutil's name; in brackets what ps(1) calls the same:
  pid  ppid  name [comm]  cmdline  exe  cwd  environ  username [user ruser]
  status  terminal  create_time  num_threads [nlwp]  num_fds  nice [ni]
  cpu_num [psr]  cpu_affinity  cpu_percent  memory_percent [%mem pmem]
  threads  open_files  net_connections  memory_maps (lists show their length)
Those that have parts show all of them, with slashes between:
  ionice  uids  gids  cpu_times  memory_info  memory_info_ex  memory_footprint
  memory_full_info  io_counters  num_ctx_switches  page_faults
One part, after a dot:
  memory_info.rss [rss]  memory_info.vms [vsz vms]  memory_info.shared
  memory_footprint.pss [pss]  memory_footprint.uss [uss]  cpu_times.user
  uids.real [ruid]  uids.effective [uid euid]  gids.effective [gid egid]
  page_faults.minor [min_flt]  page_faults.major [maj_flt]  and so on:
  a misspelt name is answered with the nearest one and the full list
Only in tables (JSON has the attributes that they are made from):
  command [args cmd]  the command line, or the [name] if there is none
  stat [s]  tty [tt]  %cpu [pcpu]  time [cputime]  start [started stime]
  lstart  etime  etimes

Examples:
  pslens ps --sort -rss                     who uses the memory
  pslens ps -o pid,user,num_fds,cwd,name    columns of one's own
  pslens ps --tree -u www-data
  pslens ps --json -o pid,ppid,memory_info

In tables - is unknown, ? is denied (ask as root), ! could not be understood.
Exit status: 0 done, 1 a PID or USER has no process, 2 wrong usage, 3 denied,
4 some processes could not be read, 5 other failures.";

const DEFAULT_COLUMNS: &[&str] = &[
    "pid", "user", "%cpu", "%mem", "rss", "vms", "tty", "status", "started", "time", "command",
];

/// What JSON has if no columns are chosen: all that takes a small file or a system call to know.
const DEFAULT_ATTRIBUTES: AttributeSet = AttributeSet::of(&[
    Attribute::Cmdline,
    Attribute::CpuTimes,
    Attribute::CreateTime,
    Attribute::MemoryInfo,
    Attribute::MemoryPercent,
    Attribute::Name,
    Attribute::Nice,
    Attribute::NumThreads,
    Attribute::Ppid,
    Attribute::Status,
    Attribute::Terminal,
    Attribute::Uids,
    Attribute::Username,
]);

fn user(text: &str) -> std::result::Result<String, String> {
    let wrong = match text.as_bytes() {
        [] => "a user is missing",
        [b'-', ..] => "no user is called so",
        _ => return Ok(text.to_owned()),
    };
    Err(format!(
        "{wrong}; accepted: names or numbers of users, separated by commas"
    ))
}

impl Args {
    /// Everything that has to be read.
    fn attributes(&self, shown: &[Column], view: &View<Column>, json: bool) -> AttributeSet {
        let mut attributes = AttributeSet::EMPTY;
        if json && self.output.is_empty() && view.named().is_empty() {
            attributes = DEFAULT_ATTRIBUTES;
        } else {
            for column in shown {
                attributes = column.needs(attributes);
            }
        }
        for key in view.keys() {
            attributes = key.needs(attributes);
        }
        if self.tree {
            attributes = Forest::NEEDS.iter().fold(attributes, AttributeSet::with);
        }
        if !self.users.is_empty() {
            attributes = attributes.with(Attribute::Username).with(Attribute::Uids);
        }
        attributes
    }

    /// The columns; a tree in a table needs one that it can be drawn in.
    fn columns(&self, view: &View<Column>, json: bool) -> Result<Vec<Column>> {
        let named = |name: &str| {
            let column = name.parse::<Column>();
            column.map_err(|message| Failure::message(Exit::Failed, message))
        };
        let mut columns = [self.output.as_slice(), view.named()].concat();
        if columns.is_empty() {
            for name in DEFAULT_COLUMNS {
                columns.push(named(name)?);
            }
        }
        if self.tree && !json && !columns.iter().any(Column::names_the_process) {
            columns.push(named("name")?);
        }
        Ok(columns)
    }
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<Column> = args.table.view(context)?;
    let columns = args.columns(&view, context.json)?;
    let attributes = args.attributes(&columns, &view, context.json);
    let view = view.showing(columns);
    args.table.repeat(context, |context, out| {
        answer(args, attributes, &view, context, out)
    })
}

fn answer(
    args: &Args,
    attributes: AttributeSet,
    view: &View<Column>,
    context: &Context,
    out: &mut dyn Write,
) -> Result<Exit> {
    let (infos, exit) = if args.users.is_empty() && !args.pids.is_empty() {
        by_pid(&args.pids, attributes)?
    } else {
        scan(args, attributes, context.running)?
    };
    let rows = infos.into_iter().map(Row::from).collect();
    let mut rows = view.arrange(rows, &context.clock);
    if args.tree {
        rows = tree::arrange(rows);
    }
    view.write(&rows, &[], |row| Object::of(row, args.tree), context, out)?;
    Ok(exit)
}

/// The named processes; those that do not exist are noted.
fn by_pid(pids: &[Pid], attributes: AttributeSet) -> Result<(Vec<Info>, Exit)> {
    let mut exit = Exit::Success;
    let mut infos = Vec::new();
    for &pid in &pids.iter().copied().collect::<BTreeSet<_>>() {
        match one(pid, attributes) {
            Ok(Some(info)) => infos.push(info),
            Ok(None) => {
                missing(pid);
                exit = Exit::NotFound;
            }
            Err(error) if pids.len() > 1 => {
                output::note(&explained(&error));
                exit = Exit::PartlyFailed;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((infos, exit))
}

/// The process with this number, if there is one.
fn one(pid: Pid, attributes: AttributeSet) -> pslens::Result<Option<Info>> {
    // The number of a thread opens the same doors; ps(1) does not take it for a process either.
    if !process::pid_exists(pid)? {
        return Ok(None);
    }
    match Process::new(pid).and_then(|process| process.info(attributes)) {
        Ok(info) => Ok(Some(info)),
        Err(error) if error.kind() == ErrorKind::NoSuchProcess => Ok(None),
        Err(error) => Err(error),
    }
}

fn missing(pid: Pid) {
    output::note(&format!("ps: there is no process {pid}"));
}

/// All processes, or those that were asked for by user (and pid); those that vanish are not missed.
fn scan(args: &Args, attributes: AttributeSet, running: bool) -> Result<(Vec<Info>, Exit)> {
    let mut exit = Exit::Success;
    let mut infos: Vec<Info> = Vec::new();
    let mut failures = 0_usize;
    let mut found_users = vec![false; args.users.len()];
    let mut all_users = BTreeSet::new();
    for info in process::all_with(attributes)? {
        match info {
            Ok(info) => {
                let wanted = args.users.is_empty()
                    || is_of_user(&info, &args.users, &mut found_users, &mut all_users)
                    || args.pids.contains(&info.pid());
                if wanted {
                    infos.push(info);
                }
            }
            Err(error) => {
                // One line is a hint, a thousand are a flood.
                if failures == 0 {
                    output::note(&explained(&error));
                }
                failures += 1;
            }
        }
    }
    if failures > 1 {
        output::note(&format!("ps: {failures} processes could not be read"));
    }
    if failures > 0 {
        exit = Exit::PartlyFailed;
    }
    let users = args.users.iter().zip(found_users);
    let unknown = users.filter(|(_, found)| !found).map(|(user, _)| user);
    // Once each, however often they were named.
    for user in unknown.collect::<BTreeSet<_>>() {
        let names: Vec<&str> = all_users.iter().map(|name: &String| &**name).collect();
        let meant = spelling::suggestion(user, names.iter().copied());
        output::note(&format!(
            "ps: -u: no process belongs to '{user}'{meant} Users with processes: {}",
            names.join(", ")
        ));
        exit = Exit::NotFound;
    }
    for pid in args.pids.iter().copied().collect::<BTreeSet<_>>() {
        if !infos.iter().any(|info| info.pid() == pid) {
            missing(pid);
            exit = Exit::NotFound;
        }
    }
    if infos.is_empty() && exit == Exit::Success && !running {
        output::note("ps: there are no processes here; is the directory of --procfs a procfs?");
        exit = Exit::NotFound;
    }
    Ok((infos, exit))
}

/// Whether one of `users`, by name or number, started the process.
fn is_of_user(
    info: &Info,
    users: &[String],
    found: &mut [bool],
    names: &mut BTreeSet<String>,
) -> bool {
    let name = info.username.value().and_then(|name| name.to_str());
    let uid = info.uids.value().map(|uids| uids.real);
    let mut wanted = false;
    for (user, found) in users.iter().zip(found) {
        if name == Some(user) || (uid.is_some() && uid == user.parse().ok()) {
            *found = true;
            wanted = true;
        }
    }
    if let Some(name) = name
        && !names.contains(name)
    {
        names.insert(name.to_owned());
    }
    wanted
}

/// A line of the answer.
#[derive(Debug)]
struct Row {
    info: Info,
    /// How many of its ancestors are above it; 0 without `--tree`.
    depth: usize,
    /// What is drawn in front of its name.
    branch: String,
}

impl From<Info> for Row {
    fn from(info: Info) -> Self {
        Self {
            info,
            depth: 0,
            branch: String::new(),
        }
    }
}

/// One object of the JSON answer.
#[derive(Debug, Serialize)]
struct Object<'a> {
    #[serde(flatten)]
    info: &'a Info,
    #[serde(skip_serializing_if = "Option::is_none")]
    depth: Option<usize>,
}

impl<'a> Object<'a> {
    fn of(row: &'a Row, tree: bool) -> Self {
        Self {
            info: &row.info,
            depth: tree.then_some(row.depth),
        }
    }
}
