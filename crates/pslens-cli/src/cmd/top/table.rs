//! The process table: which rows in which order, and the part of them that is on the screen.

use std::cmp::Ordering;

use ratatui::layout::Rect;

use super::column::{self, Column, Style};
use super::pen::Pen;
use super::sample::Row;
use super::state::State;
use super::tree;
use crate::output::{Cell, Layout, text};

/// Where a process is in the table.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// Which of the sample's rows.
    pub(super) row: usize,
    /// For each of its ancestors whether siblings follow; empty unless a tree is drawn.
    pub(super) branch: Vec<bool>,
}

/// Those of the rows that the user wants to see, in the order in which they are wanted.
pub(super) fn arrange(rows: &[Row], state: &State, style: Style) -> Vec<Place> {
    let needle = state.filter.to_lowercase();
    let mut haystack = String::new();
    let wanted = rows.iter().enumerate().filter(|(_, row)| {
        is_wanted(row, state) && (needle.is_empty() || found(row, &needle, style, &mut haystack))
    });
    let column = state.sort.column;
    let mut keyed: Vec<(usize, Cell<'_>)> = wanted
        .map(|(at, row)| (at, column.cell(row, style)))
        .collect();
    // Stable: equal ones stay in the order of their numbers.
    keyed.sort_by(|a, b| a.1.compare(&b.1, state.sort.downwards));
    let order: Vec<usize> = keyed.into_iter().map(|(row, _)| row).collect();
    if state.tree {
        return tree::arrange(rows, &order);
    }
    let places = order.into_iter().map(|row| Place {
        row,
        branch: Vec::new(),
    });
    places.collect()
}

fn is_wanted(row: &Row, state: &State) -> bool {
    let info = &row.info;
    if !state.pids.is_empty() && !state.pids.contains(&info.pid()) {
        return false;
    }
    if state.hide_idle {
        let used = info.cpu_percent.value().copied().flatten();
        if used.is_none_or(|used| used.total_cmp(&0.0) != Ordering::Greater) {
            return false;
        }
    }
    state.users.is_empty() || state.users.iter().any(|user| is_of(row, user))
}

/// Whether the process belongs to a user, by name or number.
fn is_of(row: &Row, user: &str) -> bool {
    let name = row.info.username.value();
    let uid = row.info.uids.value().map(|uids| uids.real);
    name.is_some_and(|name| name == user) || (uid.is_some() && uid == user.parse().ok())
}

/// Whether the number, the user or the command contains `needle`, however it is capitalised.
fn found(row: &Row, needle: &str, style: Style, haystack: &mut String) -> bool {
    haystack.clear();
    text::append(haystack, format_args!("{} ", row.info.pid()));
    if let Some(user) = row.info.username.value() {
        text::push(haystack, user);
        haystack.push(' ');
    }
    column::push(
        haystack,
        &column::command(&row.info, style.command_line),
        Layout::RAW,
    );
    haystack.to_lowercase().contains(needle)
}

/// What is on the screen where, for clicks.
#[derive(Debug, Default, Clone)]
pub(super) struct Shown {
    pub(super) headings: Rect,
    /// From which to which column of the screen.
    pub(super) columns: Vec<(u16, u16, &'static Column)>,
    pub(super) rows: Rect,
}

/// Draws the headings and those rows that fit.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    columns: &[&'static Column],
    table: &Table<'_>,
    state: &State,
) -> Shown {
    let headings = Rect { height: 1, ..area };
    let body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let mut shown = Shown {
        headings,
        columns: Vec::with_capacity(columns.len()),
        rows: body,
    };
    pen.fill(headings, pen.theme.heading());
    let mut x = area.x;
    for column in columns {
        let width = match column.width {
            0 => area.right().saturating_sub(x),
            width => width,
        };
        let style = if *column == state.sort.column {
            pen.theme.chosen_heading()
        } else {
            pen.theme.heading()
        };
        let heading = Rect {
            x,
            width,
            ..headings
        };
        pen.aligned(heading, column.heading, column.align, style);
        shown.columns.push((x, x + width, column));
        x += width + 1;
    }
    let visible = table.order.iter().enumerate().skip(state.scroll);
    for ((at, place), y) in visible.zip(body.y..body.bottom()) {
        let Some(row) = table.rows.get(place.row) else {
            continue;
        };
        let line = Rect {
            y,
            height: 1,
            ..body
        };
        let selected = state.cursor == Some(at);
        if selected {
            pen.fill(line, pen.theme.selected());
        }
        draw_row(
            pen,
            line,
            &shown.columns,
            table,
            (row, &place.branch),
            selected,
        );
    }
    shown
}

/// What is drawn.
#[derive(Debug)]
pub(super) struct Table<'a> {
    pub(super) rows: &'a [Row],
    pub(super) order: &'a [Place],
    pub(super) style: Style,
    pub(super) layout: Layout,
}

fn draw_row(
    pen: &mut Pen<'_>,
    line: Rect,
    columns: &[(u16, u16, &'static Column)],
    table: &Table<'_>,
    (row, branch): (&Row, &[bool]),
    selected: bool,
) {
    let mut text = std::mem::take(&mut pen.scratch);
    for (from, to, column) in columns {
        text.clear();
        let cell = column.cell(row, table.style);
        if column.names_the_process() {
            tree::push_branch(&mut text, branch, pen.theme);
        }
        column::push(&mut text, &cell, table.layout);
        let style = if selected {
            pen.theme.selected()
        } else {
            match &cell {
                cell if cell.is_missing() => pen.theme.dim(),
                Cell::Percent(percent) if column.name == "cpu_percent" && *percent >= 1.0 => {
                    pen.theme.share(percent / 100.0)
                }
                _ => ratatui::style::Style::new(),
            }
        };
        let place = Rect {
            x: *from,
            width: to - from,
            ..line
        };
        pen.aligned(place, &text, column.align, style);
    }
    pen.scratch = text;
}
