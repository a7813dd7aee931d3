//! Children below their parents.

use std::collections::HashMap;

use pslens::Pid;
use pslens::process::Info;

use super::Row;

/// The processes as a forest: siblings stay in the order of `rows`.
///
/// A process whose parent is not among them is a root. Numbers that go round in a circle (parents that
/// died during the scan, captures put together by hand) lose nobody: one of the circle becomes a root.
pub(super) fn arrange(rows: Vec<Row>) -> Vec<Row> {
    let by_pid: HashMap<Pid, usize> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| (row.info.pid(), at))
        .collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut roots = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let parent = parent_of(&row.info, &by_pid, &rows).filter(|parent| *parent != at);
        match parent.and_then(|parent| children.get_mut(parent)) {
            Some(siblings) => siblings.push(at),
            None => roots.push(at),
        }
    }
    let all = rows.len();
    let mut forest = Forest {
        waiting: rows.into_iter().map(Some).collect(),
        children,
        rows: Vec::with_capacity(all),
    };
    for root in roots {
        forest.place(root);
    }
    // What is left hangs on a circle.
    for at in 0..all {
        forest.place(at);
    }
    forest.rows
}

fn parent_of(info: &Info, by_pid: &HashMap<Pid, usize>, rows: &[Row]) -> Option<usize> {
    let at = *by_pid.get(info.ppid.value()?)?;
    let parent = &rows.get(at)?.info;
    match (parent.create_time.value(), info.create_time.value()) {
        // The number was given out again: no parent is younger than its child.
        (Some(parent), Some(child)) if parent > child => None,
        _ => Some(at),
    }
}

struct Forest {
    /// Those that have no place yet.
    waiting: Vec<Option<Row>>,
    children: Vec<Vec<usize>>,
    rows: Vec<Row>,
}

impl Forest {
    /// Places `root` and what is below it, without recursion: a chain of 10,000 is possible.
    fn place(&mut self, root: usize) {
        // Where to go on: the process, its depth, the lines that pass it, whether siblings follow.
        let mut waiting = vec![(root, 0, String::new(), false)];
        while let Some((at, depth, lines, more)) = waiting.pop() {
            let Some(row) = self.waiting.get_mut(at).and_then(Option::take) else {
                continue;
            };
            let branch = match depth {
                0 => String::new(),
                _ => format!("{lines}\\_ "),
            };
            self.rows.push(Row {
                depth,
                branch,
                ..row
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
