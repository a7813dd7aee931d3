//! `pslens pstree`: who started whom, as a tree.

mod draw;
mod nodes;

use std::collections::HashSet;
use std::io::{IsTerminal, Write};

use pslens::Pid;
use pslens::process::{self, Attribute, AttributeSet, Info};
use serde::Serialize;

use self::nodes::Drawing;
use crate::args::pid;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result, explained};
use crate::forest::Forest;
use crate::output::{self, json};
use crate::select;
use crate::system;

/// Who started whom: processes as trees.
///
/// Without PID or USER, the tree of process 1. Identical branches are drawn once: 3*[name]; threads are
/// in braces. Siblings are sorted by name.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true, after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print help.
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// The tree of this process, or the trees of this user's processes; 0 means all trees, with kernel
    /// threads, as without it on Windows.
    #[arg(value_name = "PID|USER")]
    start: Option<String>,
    /// Show command lines, each process on its own line; only threads are drawn once then.
    #[arg(short, long)]
    arguments: bool,
    /// Draw identical branches each by itself.
    #[arg(short, long)]
    compact_not: bool,
    /// Show the numbers of processes and threads, which are drawn each by itself then.
    #[arg(short = 'p', long)]
    show_pids: bool,
    /// Show the user where it is another one than the parent's, or above all not root: whose rights the
    /// process has.
    #[arg(short, long)]
    uid_changes: bool,
    /// Sort siblings by number.
    #[arg(short, long)]
    numeric_sort: bool,
    /// Show the parents of PID, too.
    #[arg(short, long)]
    show_parents: bool,
    /// Show the names of threads.
    #[arg(short, long, conflicts_with = "hide_threads")]
    thread_names: bool,
    /// Show no threads.
    #[arg(short = 'T', long)]
    hide_threads: bool,
    /// Show this process and those above it in bold, where there are colours.
    #[arg(short, long)]
    highlight_all: bool,
    /// Show process PID and those above it in bold, where there are colours.
    #[arg(short = 'H', long, value_name = "PID", value_parser = pid, allow_hyphen_values = true)]
    highlight_pid: Option<Pid>,
    /// Draw with ASCII characters: what is done anyway unless it is a terminal with UTF-8.
    #[arg(short = 'A', long, conflicts_with = "unicode")]
    ascii: bool,
    /// Draw with lines of Unicode.
    #[arg(short = 'U', long)]
    unicode: bool,
    /// Do not cut lines at the width of the terminal.
    #[arg(short, long)]
    long: bool,
}

const LEGEND: &str = "Examples and exit status: --help.";

const EXAMPLES: &str = "\
Examples:
  pslens pstree                    all but kernel threads
  pslens pstree -aps 1234          who started it, with arguments
  pslens pstree -uT www-data
  pslens pstree 0 --json           everything, with the depth of each

As in pstree(1), what is not below process 1 (kernel threads, what was put into
a container from outside) is not in its tree: 0 shows it. Names are whole where
the kernel cuts them at 15 bytes. Brackets close where the branch ends that
they mean. Lines are only cut on a terminal. -g, -S, -N, -C and -Z are not
supported.
JSON is one flat array, as that of `ps --tree`; no options but PID, USER, -n and
-s change it.
Exit status: 0 done, 1 there is no such process or user, 2 wrong usage, 4 some
processes could not be read, 5 other failures.";

/// What every object of the JSON tells.
const ATTRIBUTES: AttributeSet = AttributeSet::of(&[
    Attribute::Ppid,
    Attribute::Name,
    Attribute::Uids,
    Attribute::Username,
    Attribute::NumThreads,
    Attribute::CreateTime,
    Attribute::Cmdline,
]);

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let (mut infos, exit) = everybody(args.attributes(context.json))?;
    if !args.numeric_sort {
        infos.sort_by(|a, b| (select::name(a), a.pid()).cmp(&(select::name(b), b.pid())));
    }
    let forest = Forest::of(&infos);
    let plan = Plan::of(args, &infos, &forest)?;
    let mut out = output::stdout();
    if context.json {
        json::write(plan.objects(&infos, &forest), &mut out)?;
    } else {
        let drawing = Drawing::of(args, &infos, &forest, &plan, context);
        let style = draw::Style {
            strokes: args.strokes(),
            one_per_line: args.arguments,
            width: context.layout.width.filter(|_| !args.long),
        };
        draw::draw(&drawing.nodes, &drawing.roots, style, &mut out)?;
    }
    out.flush()?;
    Ok(exit)
}

/// Every process; what cannot be read is noted.
fn everybody(attributes: AttributeSet) -> Result<(Vec<Info>, Exit)> {
    let mut exit = Exit::Success;
    let mut infos = Vec::new();
    for info in process::all_with(attributes)? {
        match info {
            Ok(info) => infos.push(info),
            Err(error) => {
                if exit == Exit::Success {
                    output::note(&format!("pstree: {}", explained(&error)));
                }
                exit = Exit::PartlyFailed;
            }
        }
    }
    Ok((infos, exit))
}

impl Args {
    /// Only what is needed is read, but JSON has every key.
    fn attributes(&self, json: bool) -> AttributeSet {
        if json {
            return ATTRIBUTES;
        }
        let mut attributes = Forest::NEEDS.with(Attribute::Name);
        // What is named may be a user.
        if self.uid_changes || self.start.is_some() {
            attributes = attributes.with(Attribute::Uids);
        }
        if self.arguments {
            attributes = attributes.with(Attribute::Cmdline);
        }
        if !self.hide_threads {
            attributes = attributes.with(Attribute::NumThreads);
        }
        attributes
    }

    fn strokes(&self) -> draw::Strokes {
        // As the C library finds it out: the first of these that is set.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let has_unicode = locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.ends_with("utf-8") || locale.ends_with("utf8")
        });
        if self.unicode || (!self.ascii && has_unicode && std::io::stdout().is_terminal()) {
            draw::UNICODE
        } else {
            draw::ASCII
        }
    }

    /// The process that is to be shown in bold, with those above it.
    fn highlighted(&self, context: &Context) -> Option<Pid> {
        if !context.layout.color {
            return None;
        }
        let this = self.highlight_all.then(select::this);
        self.highlight_pid.or(this)
    }
}

/// Which trees are shown.
#[derive(Debug)]
struct Plan {
    roots: Vec<usize>,
    /// Above the only root, the nearest first.
    parents: Vec<usize>,
}

impl Plan {
    fn of(args: &Args, infos: &[Info], forest: &Forest) -> Result<Self> {
        let start = args.start.as_deref().unwrap_or(system::FIRST_PROCESS);
        let is_number = start.bytes().all(|byte| byte.is_ascii_digit());
        let roots = match pid(start) {
            Ok(pid) if pid.as_u32() == 0 => forest.roots(),
            Ok(pid) => vec![place(pid, infos)?],
            Err(wrong) if is_number => {
                let message = format!("pstree: '{start}': {wrong}");
                return Err(Failure::message(Exit::Usage, message));
            }
            Err(_) => of_user(start, infos, forest)?,
        };
        let above = |at: &usize| forest.parent(*at);
        let parents = match roots.as_slice() {
            [root] if args.show_parents => std::iter::successors(above(root), above).collect(),
            _ => Vec::new(),
        };
        Ok(Self { roots, parents })
    }

    /// What is shown, with the depth of each.
    fn visits(&self, forest: &Forest) -> impl Iterator<Item = (usize, usize)> {
        let above = self.parents.len();
        let parents = self.parents.iter().rev().enumerate();
        let parents = parents.map(|(depth, at)| (*at, depth));
        let below = forest.walk(&self.roots);
        parents.chain(below.map(move |visit| (visit.at, visit.depth + above)))
    }

    fn objects<'a>(&self, infos: &'a [Info], forest: &Forest) -> impl Iterator<Item = Object<'a>> {
        self.visits(forest).filter_map(|(at, depth)| {
            let info = infos.get(at)?;
            Some(Object { info, depth })
        })
    }
}

/// A process in the JSON answer.
#[derive(Debug, Serialize)]
struct Object<'a> {
    #[serde(flatten)]
    info: &'a Info,
    depth: usize,
}

fn place(pid: Pid, infos: &[Info]) -> Result<usize> {
    infos
        .iter()
        .position(|info| info.pid() == pid)
        .ok_or_else(|| {
            let message = format!("pstree: there is no process {pid}");
            Failure::message(Exit::NotFound, message)
        })
}

/// The processes of a user that are not below another one of the user's.
fn of_user(user: &str, infos: &[Info], forest: &Forest) -> Result<Vec<usize>> {
    let users = select::user_ids("pstree", &[user.to_owned()])?;
    let is_theirs = |at: usize| {
        let uid = infos.get(at).and_then(effective);
        uid.is_some_and(|uid| users.contains(&uid))
    };
    let mut roots: Vec<usize> = Vec::new();
    let mut below: HashSet<usize> = HashSet::new();
    // Parents are visited before their children.
    for visit in forest.walk(&forest.roots()) {
        let is_below = forest
            .parent(visit.at)
            .is_some_and(|parent| below.contains(&parent));
        if is_below || is_theirs(visit.at) {
            below.insert(visit.at);
            if !is_below {
                roots.push(visit.at);
            }
        }
    }
    if roots.is_empty() {
        let message = format!("pstree: no process has the rights of '{user}'");
        return Err(Failure::message(Exit::NotFound, message));
    }
    Ok(roots)
}

/// Whose rights the process has.
fn effective(info: &Info) -> Option<u32> {
    info.uids.value().map(|uids| uids.effective)
}
