//! `--tree`: rows in the order of a tree, and the branches in front of them.

use super::Row;
use crate::forest::Forest;

/// Puts children below their parents: siblings stay in the order of `rows`.
pub(super) fn arrange(rows: Vec<Row>) -> Vec<Row> {
    let forest = Forest::of(rows.iter().map(|row| &row.info));
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    // Of every process above the one that is visited: whether siblings follow.
    let mut path = Vec::new();
    let visits = forest.walk(&forest.roots()).filter_map(|visit| {
        path.truncate(visit.depth);
        path.push(visit.more);
        let row = rows.get_mut(visit.at)?.take()?;
        Some(Row {
            depth: visit.depth,
            branch: branch(&path),
            ..row
        })
    });
    visits.collect()
}

/// What is drawn in front of a name: the lines that pass it, and its own.
fn branch(path: &[bool]) -> String {
    // As deep as this nobody reads lines any more, and they would grow with the square.
    const DEEPEST: usize = 63;
    let Some((_, [_root, above @ ..])) = path.split_last() else {
        return String::new();
    };
    let lines = above.iter().take(DEEPEST);
    let mut branch: String = lines
        .map(|more| if *more { "|  " } else { "   " })
        .collect();
    branch.push_str("\\_ ");
    branch
}
