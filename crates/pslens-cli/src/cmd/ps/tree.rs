//! Children below their parents.

use std::collections::HashMap;

use pslens::Pid;
use pslens::process::Info;

use super::Row;

/// The processes as a forest: `order` is the order among siblings.
///
/// A process whose parent is not among `infos` is a root. Numbers that go round in a circle (parents that
/// died during the scan, captures put together by hand) lose nobody: one of the circle becomes a root.
pub(super) fn arrange<'a>(infos: &'a [Info], order: &[usize]) -> Vec<Row<'a>> {
    let by_pid: HashMap<Pid, usize> = infos
        .iter()
        .enumerate()
        .map(|(at, info)| (info.pid(), at))
        .collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); infos.len()];
    let mut roots = Vec::new();
    for &at in order {
        let parent = infos
            .get(at)
            .and_then(|info| parent_of(info, &by_pid, infos))
            .filter(|parent| *parent != at);
        match parent.and_then(|parent| children.get_mut(parent)) {
            Some(siblings) => siblings.push(at),
            None => roots.push(at),
        }
    }
    let mut forest = Forest {
        infos,
        children,
        placed: vec![false; infos.len()],
        rows: Vec::with_capacity(infos.len()),
    };
    for root in roots {
        forest.place(root);
    }
    // What is left hangs on a circle.
    for &at in order {
        forest.place(at);
    }
    forest.rows
}

fn parent_of(info: &Info, by_pid: &HashMap<Pid, usize>, infos: &[Info]) -> Option<usize> {
    let at = *by_pid.get(info.ppid.value()?)?;
    let parent = infos.get(at)?;
    match (parent.create_time.value(), info.create_time.value()) {
        // The number was given out again: no parent is younger than its child.
        (Some(parent), Some(child)) if parent > child => None,
        _ => Some(at),
    }
}

struct Forest<'a> {
    infos: &'a [Info],
    children: Vec<Vec<usize>>,
    placed: Vec<bool>,
    rows: Vec<Row<'a>>,
}

impl Forest<'_> {
    /// Places `root` and what is below it, without recursion: a chain of 10,000 is possible.
    fn place(&mut self, root: usize) {
        // Where to go on: the process, its depth, the lines that pass it, whether siblings follow.
        let mut waiting = vec![(root, 0, String::new(), false)];
        while let Some((at, depth, lines, more)) = waiting.pop() {
            let (Some(placed), Some(info)) = (self.placed.get_mut(at), self.infos.get(at)) else {
                continue;
            };
            if std::mem::replace(placed, true) {
                continue;
            }
            let branch = match depth {
                0 => String::new(),
                _ => format!("{lines}\\_ "),
            };
            self.rows.push(Row {
                info,
                depth,
                branch,
            });
            // As deep as this nobody reads lines any more, and they would grow with the square.
            let below = match (depth, more) {
                (0, _) => String::new(),
                (64.., _) => lines,
                (_, true) => format!("{lines}|  "),
                (_, false) => format!("{lines}   "),
            };
            let children = self.children.get_mut(at).map(std::mem::take);
            let children = children.unwrap_or_default();
            let last = children.len().saturating_sub(1);
            for (position, child) in children.into_iter().enumerate().rev() {
                waiting.push((child, depth + 1, below.clone(), position != last));
            }
        }
    }
}
