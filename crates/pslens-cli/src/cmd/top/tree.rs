//! Children below their parents.

use super::sample::Row;
use super::table::Place;
use super::theme::Theme;
use crate::forest::Forest;

/// The rows at `order` as a forest: siblings stay in their order.
pub(super) fn arrange(rows: &[Row], order: &[usize]) -> Vec<Place> {
    // As deep as this nobody reads lines any more, and they would grow with the square.
    const DEEPEST: usize = 40;
    let infos = order.iter().filter_map(|row| rows.get(*row));
    let forest = Forest::of(infos.map(|row| &row.info));
    // Of every process above the one that is visited: whether siblings follow.
    let mut path = Vec::new();
    let visits = forest.walk(&forest.roots()).filter_map(|visit| {
        path.truncate(visit.depth);
        path.push(visit.more);
        let branch = path.get(1..)?;
        Some(Place {
            row: *order.get(visit.at)?,
            branch: branch[branch.len().saturating_sub(DEEPEST)..].to_vec(),
        })
    });
    visits.collect()
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
