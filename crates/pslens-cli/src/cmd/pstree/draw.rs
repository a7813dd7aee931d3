//! Trees drawn with lines: beside each other, or (with arguments) one process on each line.

use std::collections::HashMap;
use std::io::{self, Write};

use unicode_truncate::UnicodeTruncateStr;
use unicode_width::UnicodeWidthStr;

/// A process or a thread in the drawing. A parent comes before its children.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// What is shown; nothing in it may act on a terminal.
    pub(super) label: String,
    /// What siblings are sorted by, if they are not sorted by name.
    pub(super) number: u32,
    /// Shown in bold.
    pub(super) is_marked: bool,
    /// Identical siblings may become one.
    pub(super) may_be_merged: bool,
    /// In the order in which they are shown.
    pub(super) children: Vec<usize>,
}

/// What lines are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Strokes {
    /// To an only child, and to the first of several.
    only: &'static str,
    first: &'static str,
    /// To one of several, and to the last.
    middle: &'static str,
    last: &'static str,
    /// Past a line, if more follow.
    past: &'static str,
}

pub(super) const ASCII: Strokes = Strokes {
    only: "---",
    first: "-+-",
    middle: " |-",
    last: " `-",
    past: " | ",
};

pub(super) const UNICODE: Strokes = Strokes {
    only: "───",
    first: "─┬─",
    middle: " ├─",
    last: " └─",
    past: " │ ",
};

/// How it is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) strokes: Strokes,
    /// Every process has a line of its own.
    pub(super) one_per_line: bool,
    /// Lines are cut here.
    pub(super) width: Option<usize>,
}

/// Identical siblings: one of them, and how many they are.
#[derive(Debug, Clone, Copy)]
struct Group {
    node: usize,
    count: usize,
}

/// Where to go on.
#[derive(Debug)]
struct Visit {
    group: Group,
    depth: usize,
    /// The place among its siblings.
    is_first: bool,
    is_last: bool,
    /// Brackets that end with it.
    closing: usize,
}

/// What is above a line: how wide it is, and whether more follows below it.
#[derive(Debug)]
struct Above {
    width: usize,
    more: bool,
}

/// Draws the trees below `roots`, one after the other.
pub(super) fn draw(
    nodes: &[Node],
    roots: &[usize],
    style: Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let kinds = kinds(nodes);
    for root in roots {
        tree(nodes, &kinds, *root, style, out)?;
    }
    Ok(())
}

/// Draws a tree. Without recursion: a chain of 10,000 processes is possible.
fn tree(
    nodes: &[Node],
    kinds: &[usize],
    root: usize,
    style: Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let group = Group {
        node: root,
        count: 1,
    };
    let mut waiting = vec![Visit {
        group,
        depth: 0,
        is_first: true,
        is_last: true,
        closing: 0,
    }];
    let mut above: Vec<Above> = Vec::new();
    let mut line = Line::default();
    while let Some(visit) = waiting.pop() {
        let Some(node) = nodes.get(visit.group.node) else {
            continue;
        };
        above.truncate(visit.depth);
        if visit.depth > 0 {
            if style.one_per_line || !visit.is_first {
                line.end(style.width, out)?;
                line.indent(&above, &visit, style);
            } else if visit.is_last {
                line.push(style.strokes.only);
            } else {
                line.push(style.strokes.first);
            }
        }
        let before = line.text.len();
        if visit.group.count > 1 {
            line.push(&format!("{}*[", visit.group.count));
        }
        line.push_label(node);
        above.push(Above {
            width: line.text.get(before..).map_or(0, UnicodeWidthStr::width),
            more: !visit.is_last,
        });
        let closing = visit.closing + usize::from(visit.group.count > 1);
        let groups = groups(nodes, kinds, node);
        if groups.is_empty() {
            line.push(&"]".repeat(closing));
        }
        let last = groups.len().saturating_sub(1);
        for (place, group) in groups.into_iter().enumerate().rev() {
            waiting.push(Visit {
                group,
                depth: visit.depth + 1,
                is_first: place == 0,
                is_last: place == last,
                closing: if place == last { closing } else { 0 },
            });
        }
    }
    line.end(style.width, out)
}

/// A number for each node; nodes that look the same, with all that is below them, have the same.
fn kinds(nodes: &[Node]) -> Vec<usize> {
    let mut known: HashMap<(&str, Vec<usize>), usize> = HashMap::new();
    let mut kinds = vec![0; nodes.len()];
    // Children come after their parents.
    for (at, node) in nodes.iter().enumerate().rev() {
        let below = node
            .children
            .iter()
            .filter_map(|child| kinds.get(*child).copied());
        let next = known.len();
        let kind = *known.entry((&node.label, below.collect())).or_insert(next);
        if let Some(place) = kinds.get_mut(at) {
            *place = kind;
        }
    }
    kinds
}

/// The children of `node`, identical ones as one where the first of them stands.
fn groups(nodes: &[Node], kinds: &[usize], node: &Node) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<Option<&usize>, usize> = HashMap::new();
    for child in &node.children {
        let may_be_merged = nodes.get(*child).is_some_and(|child| child.may_be_merged);
        if may_be_merged {
            let place = *places.entry(kinds.get(*child)).or_insert(groups.len());
            if let Some(group) = groups.get_mut(place) {
                group.count += 1;
                continue;
            }
        }
        groups.push(Group {
            node: *child,
            count: 1,
        });
    }
    groups
}

/// The line that is being drawn.
#[derive(Debug, Default)]
struct Line {
    text: String,
    /// Where bold text begins and ends.
    marks: Vec<(usize, usize)>,
}

impl Line {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn push_label(&mut self, node: &Node) {
        let start = self.text.len();
        self.push(&node.label);
        if node.is_marked {
            self.marks.push((start, self.text.len()));
        }
    }

    /// Draws what passes a new line on the left, and the stroke that leads to its first node.
    fn indent(&mut self, above: &[Above], visit: &Visit, style: Style) {
        let strokes = style.strokes;
        for (depth, process) in above.iter().enumerate() {
            // Only what stands beside its parent is as far to the right as that is wide.
            let width = if style.one_per_line { 1 } else { process.width };
            self.text.extend(std::iter::repeat_n(' ', width));
            let stroke = match above.get(depth + 1) {
                Some(next) if next.more => strokes.past,
                Some(_) => "   ",
                None if visit.is_last => strokes.last,
                None => strokes.middle,
            };
            self.push(stroke);
        }
    }

    /// Writes it, cut to the width, and begins another one.
    fn end(&mut self, width: Option<usize>, out: &mut impl Write) -> io::Result<()> {
        let mut end = self.text.len();
        let mut is_cut = false;
        if let Some(width) = width.filter(|width| self.text.width() > *width) {
            end = self.text.unicode_truncate(width.saturating_sub(1)).0.len();
            is_cut = true;
        }
        let mut written = 0;
        for (from, to) in self
            .marks
            .drain(..)
            .map(|(from, to)| (from.min(end), to.min(end)))
        {
            out.write_all(slice(&self.text, written, from))?;
            if from < to {
                out.write_all(b"\x1b[1m")?;
                out.write_all(slice(&self.text, from, to))?;
                out.write_all(b"\x1b[m")?;
            }
            written = to;
        }
        out.write_all(slice(&self.text, written, end))?;
        out.write_all(if is_cut { b"+\n" } else { b"\n" })?;
        self.text.clear();
        Ok(())
    }
}

fn slice(text: &str, from: usize, to: usize) -> &[u8] {
    text.as_bytes().get(from..to).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style {
        strokes: ASCII,
        one_per_line: false,
        width: None,
    };

    /// The nodes of `label` with the places of their children.
    fn nodes(all: &[(&str, &[usize])]) -> Vec<Node> {
        let node = |(label, children): &(&str, &[usize])| Node {
            label: (*label).to_owned(),
            number: 0,
            is_marked: false,
            may_be_merged: true,
            children: children.to_vec(),
        };
        all.iter().map(node).collect()
    }

    fn drawn(nodes: &[Node], style: Style) -> String {
        let mut out = Vec::new();
        draw(nodes, &[0], style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn siblings_stand_below_each_other() {
        let nodes = nodes(&[
            ("init", &[1, 2, 4]),
            ("cron", &[]),
            ("sshd", &[3]),
            ("bash", &[5, 6]),
            ("x", &[]),
            ("a", &[]),
            ("b", &[]),
        ]);
        assert_eq!(
            drawn(&nodes, PLAIN),
            "init-+-cron\n     |-sshd---bash-+-a\n     |             `-b\n     `-x\n"
        );
        let unicode = Style {
            strokes: UNICODE,
            ..PLAIN
        };
        assert!(
            drawn(&nodes, unicode).starts_with("init─┬─cron\n     ├─sshd───bash─┬─a\n     │  ")
        );
        let lines = Style {
            one_per_line: true,
            ..PLAIN
        };
        assert_eq!(
            drawn(&nodes, lines),
            "init\n  |-cron\n  |-sshd\n  |   `-bash\n  |       |-a\n  |       `-b\n  `-x\n"
        );
    }

    #[test]
    fn identical_branches_become_one_and_brackets_end_with_them() {
        let nodes = nodes(&[
            ("a", &[1, 2, 3]),
            ("b", &[4, 5]),
            ("c", &[]),
            ("b", &[6, 7]),
            ("d", &[]),
            ("e", &[]),
            ("d", &[]),
            ("e", &[]),
        ]);
        assert_eq!(drawn(&nodes, PLAIN), "a-+-2*[b-+-d\n  |      `-e]\n  `-c\n");
    }

    #[test]
    fn what_must_not_be_merged_is_not() {
        let mut nodes = nodes(&[("a", &[1, 2]), ("b", &[]), ("b", &[])]);
        nodes[2].may_be_merged = false;
        assert_eq!(drawn(&nodes, PLAIN), "a-+-b\n  `-b\n");
    }

    #[test]
    fn lines_are_cut_and_marks_with_them() {
        let mut nodes = nodes(&[("日本", &[1]), ("marked", &[])]);
        nodes[1].is_marked = true;
        assert_eq!(drawn(&nodes, PLAIN), "日本---\x1b[1mmarked\x1b[m\n");
        let narrow = |width| Style {
            width: Some(width),
            ..PLAIN
        };
        assert_eq!(drawn(&nodes, narrow(13)), "日本---\x1b[1mmarked\x1b[m\n");
        assert_eq!(drawn(&nodes, narrow(10)), "日本---\x1b[1mma\x1b[m+\n");
        assert_eq!(drawn(&nodes, narrow(4)), "日+\n");
    }

    #[test]
    fn a_long_chain_is_no_stack_overflow() {
        let chain: Vec<Node> = (1..=20_000)
            .map(|next| Node {
                label: "x".to_owned(),
                children: if next < 20_000 {
                    vec![next]
                } else {
                    Vec::new()
                },
                ..Node::default()
            })
            .collect();
        assert_eq!(
            drawn(&chain, PLAIN).len(),
            20_000 + 19_999 * "---".len() + 1
        );
    }
}
