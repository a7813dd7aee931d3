//! What is drawn of processes and their threads.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};

use pslens::process::Info;
use pslens::{ErrorKind, host};

use super::draw::Node;
use super::{Args, Plan, effective};
use crate::context::Context;
use crate::exit::explained;
use crate::forest::Forest;
use crate::output::{self, text};
use crate::select;

/// The trees as they are drawn: with threads.
#[derive(Debug)]
pub(super) struct Drawing {
    pub(super) nodes: Vec<Node>,
    pub(super) roots: Vec<usize>,
}

impl Drawing {
    pub(super) fn of(
        args: &Args,
        infos: &[Info],
        forest: &Forest,
        plan: &Plan,
        context: &Context,
    ) -> Self {
        let mut labels = Labels::new(args);
        let marked = marked(args, infos, forest, context);
        let mut drawing = Self {
            nodes: Vec::new(),
            roots: Vec::new(),
        };
        // The nodes of the process that is visited and of those above it.
        let mut path: Vec<usize> = Vec::new();
        let mut drawn = Vec::new();
        for (at, depth) in plan.visits(forest) {
            let Some(info) = infos.get(at) else { continue };
            // Who is drawn above it.
            let parent = forest.parent(at).filter(|_| depth > 0);
            let parent = parent.and_then(|parent| infos.get(parent));
            path.truncate(depth);
            let node = Node {
                label: labels.process(info, parent),
                number: info.pid().as_u32(),
                is_marked: marked.contains(&at),
                may_be_merged: !(args.compact_not || args.show_pids || args.arguments),
                children: Vec::new(),
            };
            let place = drawing.add(node, path.last().copied());
            path.push(place);
            drawn.push((place, info));
        }
        if !args.hide_threads {
            // Those above are there to lead to what is shown.
            for (place, info) in drawn.into_iter().skip(plan.parents.len()) {
                drawing.add_threads(args, info, place);
            }
        }
        drawing
    }

    fn add(&mut self, node: Node, parent: Option<usize>) -> usize {
        let place = self.nodes.len();
        self.nodes.push(node);
        match parent.and_then(|parent| self.nodes.get_mut(parent)) {
            Some(parent) => parent.children.push(place),
            None => self.roots.push(place),
        }
        place
    }

    /// Threads come after children, unless all are sorted by number.
    fn add_threads(&mut self, args: &Args, info: &Info, place: usize) {
        for (number, name) in threads(args, info) {
            let node = Node {
                label: thread_label(args, number, &name),
                number,
                is_marked: false,
                may_be_merged: !(args.compact_not || args.show_pids),
                children: Vec::new(),
            };
            self.add(node, Some(place));
        }
        if args.numeric_sort {
            let mut children = self
                .nodes
                .get_mut(place)
                .map_or(Vec::new(), |node| std::mem::take(&mut node.children));
            children.sort_by_key(|child| self.nodes.get(*child).map(|child| child.number));
            if let Some(node) = self.nodes.get_mut(place) {
                node.children = children;
            }
        }
    }
}

/// Numbers and names of the threads beside the first. Their directory is only read for what is shown of
/// it: how many they are is known.
fn threads(args: &Args, info: &Info) -> Vec<(u32, OsString)> {
    let others = info
        .num_threads
        .value()
        .map_or(0, |all| all.saturating_sub(1));
    let of_process = select::name(info).unwrap_or(OsStr::new("?"));
    if others == 0 {
        return Vec::new();
    }
    if !(args.show_pids || args.thread_names || args.numeric_sort) {
        return vec![(0, of_process.to_owned()); others as usize];
    }
    let threads = info.process.threads().unwrap_or_else(|error| {
        // A process that has ended meanwhile has no threads.
        if error.kind() != ErrorKind::NoSuchProcess {
            output::note(&format!("pstree: {}", explained(&error)));
        }
        Vec::new()
    });
    let pid = info.pid().as_u32();
    let others = threads.into_iter().filter(|thread| thread.id != pid);
    let mut named: Vec<(u32, OsString)> = others
        .map(|thread| match thread.name {
            Some(name) if args.thread_names => (thread.id, name),
            _ => (thread.id, of_process.to_owned()),
        })
        .collect();
    named.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    named
}

fn thread_label(args: &Args, number: u32, name: &OsStr) -> String {
    let mut label = String::from("{");
    text::push(&mut label, name);
    label.push('}');
    if args.show_pids {
        push_notes(&mut label, &[number.to_string()], args.arguments);
    }
    label
}

/// Writes what is known of processes.
#[derive(Debug)]
struct Labels<'a> {
    args: &'a Args,
    users: HashMap<u32, String>,
}

impl<'a> Labels<'a> {
    fn new(args: &'a Args) -> Self {
        Self {
            args,
            users: HashMap::new(),
        }
    }

    fn process(&mut self, info: &Info, parent: Option<&Info>) -> String {
        let mut label = String::new();
        text::push(&mut label, select::name(info).unwrap_or(OsStr::new("?")));
        let mut notes = Vec::new();
        if self.args.show_pids {
            notes.push(info.pid().to_string());
        }
        if self.args.uid_changes
            && let Some(uid) = effective(info)
            // Of those that nobody is drawn above, root's go without saying.
            && uid != parent.and_then(effective).unwrap_or(0)
        {
            notes.push(self.user(uid));
        }
        push_notes(&mut label, &notes, self.args.arguments);
        if self.args.arguments {
            for word in select::words(info).iter().skip(1) {
                label.push(' ');
                text::push(&mut label, word);
            }
        }
        label
    }

    fn user(&mut self, uid: u32) -> String {
        let name = self.users.entry(uid).or_insert_with(|| {
            let name = host::user_name(uid).ok().flatten();
            let mut shown = String::new();
            match name {
                Some(name) => text::push(&mut shown, &name),
                None => shown = uid.to_string(),
            }
            shown
        });
        name.clone()
    }
}

/// In parentheses, or after commas where the command line follows.
fn push_notes(label: &mut String, notes: &[String], arguments: bool) {
    let notes = notes.join(",");
    if notes.is_empty() {
        return;
    }
    if arguments {
        label.push(',');
        label.push_str(&notes);
    } else {
        text::append(label, format_args!("({notes})"));
    }
}

/// The process that is to be shown in bold, and those above it.
fn marked(args: &Args, infos: &[Info], forest: &Forest, context: &Context) -> HashSet<usize> {
    let pid = args.highlighted(context);
    let at = infos.iter().position(|info| Some(info.pid()) == pid);
    std::iter::successors(at, |at| forest.parent(*at)).collect()
}
