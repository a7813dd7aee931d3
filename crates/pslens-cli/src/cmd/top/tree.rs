//! Children below their parents.

use std::collections::HashMap;

use pslens::Pid;

use super::sample::Row;
use super::table::Place;
use super::theme::Theme;

/// The rows at `order` as a forest: siblings stay in their order.
///
/// A process whose parent is not among them is a root. Numbers that go round in a circle (parents that
/// died during the scan) lose nobody: one of the circle becomes a root.
pub(super) fn arrange(rows: &[Row], order: Vec<Place>) -> Vec<Place> {
    let shown = order.iter().filter_map(|place| rows.get(place.row));
    let by_pid: HashMap<Pid, &Row> = shown.map(|row| (row.info.pid(), row)).collect();
    let mut children: HashMap<Pid, Vec<usize>> = HashMap::new();
    let mut roots = Vec::new();
    for place in &order {
        let Some(row) = rows.get(place.row) else {
            continue;
        };
        match parent_of(row, &by_pid) {
            Some(parent) => children.entry(parent).or_default().push(place.row),
            None => roots.push(place.row),
        }
    }
    let mut placed = Vec::with_capacity(order.len());
    for root in roots {
        place(root, rows, &mut children, &mut placed);
    }
    // What is left hangs on a circle.
    for at in order {
        if let Some(parent) = rows.get(at.row).and_then(|row| parent_of(row, &by_pid))
            && let Some(siblings) = children.get_mut(&parent)
            && let Some(position) = siblings.iter().position(|row| *row == at.row)
        {
            siblings.remove(position);
            place(at.row, rows, &mut children, &mut placed);
        }
    }
    placed
}

fn parent_of(row: &Row, by_pid: &HashMap<Pid, &Row>) -> Option<Pid> {
    let ppid = *row.info.ppid.value()?;
    let parent = by_pid.get(&ppid)?;
    let times = (
        parent.info.create_time.value(),
        row.info.create_time.value(),
    );
    match times {
        // The number was given out again: no parent is younger than its child.
        (Some(parent), Some(child)) if parent > child => None,
        _ => Some(ppid),
    }
    .filter(|ppid| *ppid != row.info.pid())
}

/// Places a process and what is below it, without recursion: a chain of 10,000 is possible.
fn place(
    root: usize,
    rows: &[Row],
    children: &mut HashMap<Pid, Vec<usize>>,
    placed: &mut Vec<Place>,
) {
    let mut waiting = vec![Place {
        row: root,
        branch: Vec::new(),
    }];
    while let Some(next) = waiting.pop() {
        let below = rows.get(next.row).map(|row| row.info.pid());
        let below = below.and_then(|pid| children.remove(&pid));
        let below = below.unwrap_or_default();
        let last = below.len().saturating_sub(1);
        for (position, row) in below.into_iter().enumerate().rev() {
            let mut branch = next.branch.clone();
            // Deeper than this no screen shows it, and it would grow with the square.
            if branch.len() < 40 {
                branch.push(position != last);
            }
            waiting.push(Place { row, branch });
        }
        placed.push(next);
    }
}

/// Appends the lines in front of a process: for each ancestor whether siblings of it follow.
pub(super) fn push_branch(out: &mut String, branch: &[bool], theme: Theme) {
    let Some((follows, above)) = branch.split_last() else {
        return;
    };
    let [pass, none, fork, end] = if theme.unicode {
        ["│ ", "  ", "├─", "└─"]
    } else {
        ["| ", "  ", "|-", "`-"]
    };
    for more in above {
        out.push_str(if *more { pass } else { none });
    }
    out.push_str(if *follows { fork } else { end });
}

#[cfg(test)]
mod tests {
    use super::super::theme::Depth;
    use super::*;

    #[test]
    fn branches_are_lines_or_what_every_terminal_has() {
        let check = |unicode: bool, branch: &[bool], expect: &str| {
            let depth = Depth::Plain;
            let mut out = String::new();
            push_branch(&mut out, branch, Theme { depth, unicode });
            assert_eq!(out, expect);
        };
        check(true, &[], "");
        check(true, &[true], "├─");
        check(true, &[true, false, false], "│   └─");
        check(false, &[true, false, true], "|   |-");
    }
}
