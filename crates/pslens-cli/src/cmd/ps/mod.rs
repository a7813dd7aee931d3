//! `pslens ps`: processes.

mod column;
mod names;
mod select;
mod threads;
mod traditional;
mod tree;
mod values;

use std::io::Write;

use pslens::process::{Attribute, AttributeSet, Cache, Info};
use serde::Serialize;

use self::column::{Column, Columns};
use self::select::Selection;
use self::threads::Threads;
pub(crate) use self::traditional::modernised;
use self::traditional::{Form, Forms};
use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::forest::Forest;
use crate::listing::{self, View};
use crate::output::Sizes;
use crate::system;

/// Processes: who runs them and what they use.
///
/// Without options, all processes in the order of their numbers (ps(1) shows those of its terminal).
/// What users of ps(1) type works: aux, axf, -ef, -eF, -el, -eo, -C, -t, -L, k -rss and so on, with its
/// columns under its headings; sizes are then in units of 1024 bytes.
///
/// USER is whose rights the process has, as in ps(1); username, as in psutil, is who started it. %CPU is
/// CPU time divided by the time since the start, as in ps(1): the average over the life of the process.
/// cpu_percent is the use since the answer before: with --watch, from the second answer on. %MEM is RSS as
/// a share of the machine's memory. TIME is CPU time, user and system.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Show these columns: psutil's names (memory_info.rss, cpu_times.user) or those of ps (rss, ni).
    ///
    /// Only what the columns need is read. Commas or blanks stand between them. NAME=HEADING gives a
    /// heading, NAME= none; without any heading there is no line of them. All names are listed below.
    #[arg(
        short,
        long = "format",
        value_name = "COL,COL",
        allow_hyphen_values = true
    )]
    output: Vec<Columns>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    forms: Forms,
    /// Show children below their parents. JSON stays one flat array in this order, with `depth`.
    #[arg(short = 'H', long, visible_alias = "forest")]
    tree: bool,
    /// Do not cut lines at the edge of the terminal.
    #[arg(short, long, action = clap::ArgAction::Count)]
    wide: u8,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Letters without a hyphen, as in BSD: a x u l f r h w H o k p q t U; a without x
are processes with a terminal, x without a your own, f is --tree, H --threads,
r --filter status=running, k --sort. A number alone is -p.

Columns, by psutil's name; in brackets what ps(1) calls the same:
  pid [tgid]  ppid  name [comm]  cmdline  exe  cwd  environ  username [ruser]
  status  terminal  create_time  num_threads [nlwp]  num_fds  num_handles  nice [ni]
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
  euser [user uname]  whose rights it has
  state [s]           a letter for the status
  stat                the same with < or N for its priority, l for threads;
                      s and + of ps(1) (sessions, foreground) are not known
  time [cputime]  bsdtime  c  %cpu [pcpu]  tty [tt]  start [started stime]
  lstart  etime  etimes  lwp [tid spid]

In the tables of -eF, -el and axl, F, PRI, ADDR, SZ and WCHAN are not known (-).
With -L, -T and H the status and times of start are known of the first thread
of a process only, and its CPU time is its own (ps(1) shows that of them all).

Examples:
  pslens ps aux --sort -rss                 who uses the memory
  pslens ps -o pid,user,num_fds,cwd,name    columns of one's own
  pslens ps -C nginx -o pid= -o rss=        without headings
  pslens ps --tree -u www-data
  pslens ps --watch 2 --sort -cpu_percent --top 10 -o pid,cpu_percent,name
  pslens ps --json -o pid,ppid,memory_info

In tables - is unknown, ? is denied (ask as root), ! could not be understood.
Exit status: 0 done, 1 a PID, USER or another that was named has no process,
2 wrong usage, 3 denied, 4 some processes could not be read, 5 other failures.";

/// On systems that have them all.
const DEFAULT_COLUMNS: &[&str] = &[
    "pid", "spid", "lwp", "nlwp", "user", "%cpu", "%mem", "rss", "vms", "tty", "status", "started",
    "time", "command",
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

impl Args {
    /// Everything that has to be read.
    fn attributes(&self, shown: &[Column], view: &View<Column>, json: bool) -> AttributeSet {
        let mut attributes = self.selection.needs();
        // A table of ps is a choice of columns, but none of attributes.
        if json && self.output.is_empty() && view.named().is_empty() {
            attributes = union(attributes, DEFAULT_ATTRIBUTES);
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
        if self.threads.wanted() {
            attributes = attributes.with(Attribute::Threads);
        }
        attributes
    }

    /// The columns; a tree in a table needs one that it can be drawn in.
    fn columns(&self, view: &View<Column>, json: bool) -> Result<Vec<Column>> {
        let chosen = self.output.iter().flat_map(|Columns(columns)| columns);
        let chosen: Vec<Column> = chosen.chain(view.named()).cloned().collect();
        let mut columns = match (chosen.is_empty(), self.forms.form()?) {
            (true, Some(form)) => built_in(form.columns(&self.threads))?,
            (true, None) => built_in(self.usual())?,
            (false, None | Some(Form::Ax)) => chosen,
            (false, Some(_)) => {
                let message = "ps: -o chooses the columns, and so does the table that was asked for; leave one out";
                return Err(Failure::message(Exit::Usage, message.to_owned()));
            }
        };
        if self.tree && !json && !columns.iter().any(Column::names_the_process) {
            columns.push(built_in("name".parse())?);
        }
        Ok(columns)
    }

    /// The columns if none are chosen.
    fn usual(&self) -> std::result::Result<Vec<Column>, String> {
        let names = DEFAULT_COLUMNS.iter();
        let shown = names
            .filter(|name| self.threads.shows(name) && (**name != "tty" || system::HAS_TERMINALS));
        shown.map(|name| name.parse()).collect()
    }
}

fn union(a: AttributeSet, b: AttributeSet) -> AttributeSet {
    b.iter().fold(a, AttributeSet::with)
}

/// Columns that are named here and not by the user: a wrong name is our mistake.
fn built_in<T>(found: std::result::Result<T, String>) -> Result<T> {
    found.map_err(|message| Failure::message(Exit::Failed, message))
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<Column> = args.table.view(context)?;
    let columns = args.columns(&view, context.json)?;
    let ask = Ask {
        attributes: args.attributes(&columns, &view, context.json),
        keep_threads: columns.iter().any(Column::shows_threads),
    };
    let view = view.showing(columns).uncut(args.wide > 0);
    // A table of ps has its numbers too, unless others are asked for.
    let as_ps = args.forms.form()?.is_some() && context.layout.sizes == Sizes::Human;
    let sizes = as_ps.then_some(Sizes::KIBIBYTES);
    let mut cache = Cache::new();
    args.table.repeat(context, |context, out| {
        answer(
            args,
            ask,
            &view,
            &mut cache,
            &context.with_sizes(sizes),
            out,
        )
    })
}

/// What is read of each process.
#[derive(Debug, Clone, Copy)]
struct Ask {
    attributes: AttributeSet,
    /// The list of threads is wanted for itself, not only for their rows.
    keep_threads: bool,
}

fn answer(
    args: &Args,
    ask: Ask,
    view: &View<Column>,
    cache: &mut Cache,
    context: &Context,
    out: &mut dyn Write,
) -> Result<Exit> {
    let (infos, exit) = args
        .selection
        .read(ask.attributes, cache, context.running)?;
    let threads = args.threads.wanted();
    let rows = if threads {
        let rows = |info| threads::rows(info, ask.keep_threads);
        infos.into_iter().flat_map(rows).collect()
    } else {
        infos.into_iter().map(Row::from).collect()
    };
    let mut rows = view.arrange(rows, &context.clock);
    if args.tree {
        rows = tree::arrange(rows);
    }
    let object = |row| Object::of(row, args.tree, threads);
    view.write(&rows, &[], object, context, out)?;
    Ok(exit)
}

/// A line of the answer.
#[derive(Debug)]
struct Row {
    info: Info,
    /// The number of the thread that this is about.
    thread: Option<u32>,
    /// How many of its ancestors are above it; 0 without `--tree`.
    depth: usize,
    /// What is drawn in front of its name.
    branch: String,
}

impl From<Info> for Row {
    fn from(info: Info) -> Self {
        Self {
            info,
            thread: None,
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
    /// Null where the threads cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    lwp: Option<Option<u32>>,
}

impl<'a> Object<'a> {
    fn of(row: &'a Row, tree: bool, threads: bool) -> Self {
        Self {
            info: &row.info,
            depth: tree.then_some(row.depth),
            lwp: threads.then_some(row.thread),
        }
    }
}
