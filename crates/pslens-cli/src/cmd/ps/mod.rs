//! `pslens ps`: processes.

mod cell;
mod column;
mod tree;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::str::FromStr;

use pslens::process::{self, Attribute, AttributeSet, Info};
use pslens::{ErrorKind, Pid, Process};
use serde::Serialize;

use self::cell::Cell;
use self::column::Column;
use crate::args::LEGEND;
use crate::context::{Clock, Context};
use crate::exit::{Exit, Failure, Result, explained};
use crate::output::{self, Layout, Table, json};
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
    /// Sort by these columns, which need not be shown; - in front sorts downwards. Unknown comes last.
    #[arg(long, value_name = "[-]COL,...", value_delimiter = ',', value_parser = SortKey::from_str, allow_hyphen_values = true)]
    sort: Vec<SortKey>,
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

fn pid(text: &str) -> std::result::Result<Pid, String> {
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

/// A column to sort by, and which way.
#[derive(Debug, Clone)]
struct SortKey {
    column: Column,
    downwards: bool,
}

impl FromStr for SortKey {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (downwards, name) = match text.split_at_checked(1) {
            Some(("-", name)) => (true, name),
            Some(("+", name)) => (false, name),
            _ => (false, text),
        };
        Ok(Self {
            column: name.parse()?,
            downwards,
        })
    }
}

impl Args {
    /// Everything that has to be read.
    fn attributes(&self, columns: &[Column], json: bool) -> AttributeSet {
        let mut attributes = AttributeSet::EMPTY;
        if json && self.output.is_empty() {
            attributes = DEFAULT_ATTRIBUTES;
        } else {
            for column in columns {
                attributes = column.needs(attributes);
            }
        }
        for key in &self.sort {
            attributes = key.column.needs(attributes);
        }
        if self.tree {
            // The time of start tells a parent from a process that was given a dead parent's number.
            attributes = attributes.with(Attribute::Ppid).with(Attribute::CreateTime);
        }
        if !self.users.is_empty() {
            attributes = attributes.with(Attribute::Username).with(Attribute::Uids);
        }
        attributes
    }

    /// The columns; a tree in a table needs one that it can be drawn in.
    fn columns(&self, json: bool) -> Result<Vec<Column>> {
        let mut columns = self.output.clone();
        if columns.is_empty() {
            for name in DEFAULT_COLUMNS {
                let column = name
                    .parse()
                    .map_err(|message| Failure::message(Exit::Failed, message))?;
                columns.push(column);
            }
        }
        if self.tree && !json && !columns.iter().any(Column::names_the_process) {
            let name = "name"
                .parse()
                .map_err(|message| Failure::message(Exit::Failed, message))?;
            columns.push(name);
        }
        Ok(columns)
    }
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let columns = args.columns(context.json)?;
    let attributes = args.attributes(&columns, context.json);
    let (infos, exit) = if args.users.is_empty() && !args.pids.is_empty() {
        by_pid(&args.pids, attributes)?
    } else {
        scan(args, attributes, context.running)?
    };
    let rows = arrange(&infos, args, &context.clock);
    let mut out = output::stdout();
    if context.json {
        json::write(rows.iter().map(|row| Object::of(row, args.tree)), &mut out)?;
    } else {
        render(&rows, &columns, &context.clock, context.layout, &mut out)?;
    }
    out.flush()?;
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
struct Row<'a> {
    info: &'a Info,
    /// How many of its ancestors are above it; 0 without `--tree`.
    depth: usize,
    /// What is drawn in front of its name.
    branch: String,
}

/// Brings the processes into the order that was asked for.
fn arrange<'a>(infos: &'a [Info], args: &Args, clock: &Clock) -> Vec<Row<'a>> {
    let mut order: Vec<usize> = (0..infos.len()).collect();
    if !args.sort.is_empty() {
        let keys: Vec<Vec<Cell<'_>>> = infos
            .iter()
            .map(|info| {
                let keys = args.sort.iter();
                keys.map(|key| key.column.cell(info, clock)).collect()
            })
            .collect();
        // Stable: equal ones stay in the order of their numbers.
        order.sort_by(|&a, &b| compare(&args.sort, keys.get(a), keys.get(b)));
    }
    if args.tree {
        return tree::arrange(infos, &order);
    }
    let rows = order.into_iter().filter_map(|at| infos.get(at));
    rows.map(|info| Row {
        info,
        depth: 0,
        branch: String::new(),
    })
    .collect()
}

fn compare(
    sort: &[SortKey],
    a: Option<&Vec<Cell<'_>>>,
    b: Option<&Vec<Cell<'_>>>,
) -> std::cmp::Ordering {
    let cells = a.into_iter().flatten().zip(b.into_iter().flatten());
    sort.iter()
        .zip(cells)
        .map(|(key, (a, b))| a.compare(b, key.downwards))
        .find(|order| order.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
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
    fn of(row: &Row<'a>, tree: bool) -> Self {
        Self {
            info: row.info,
            depth: tree.then_some(row.depth),
        }
    }
}

fn render(
    rows: &[Row<'_>],
    columns: &[Column],
    clock: &Clock,
    layout: Layout,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut table = Table::new(
        columns
            .iter()
            .map(|column| (column.heading(), column.align())),
    );
    let branches = columns.iter().rposition(Column::names_the_process);
    for row in rows {
        for (at, column) in columns.iter().enumerate() {
            table.cell(|text| {
                if branches == Some(at) {
                    text.push_str(&row.branch);
                }
                column.cell(row.info, clock).push(text, layout, clock);
            });
        }
    }
    table.write(layout, out)
}
