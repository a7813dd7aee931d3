//! The whole screen, from what was measured and what the user chose. Pure: the same model gives the same
//! screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::column;
use super::detail::{Content, Tab};
use super::help;
use super::history::History;
use super::menu::Menu;
use super::pen::{Pen, width};
use super::sample::Sample;
use super::state::{Inspected, Overlay, Question, State};
use super::summary;
use super::table::{self, Place, Shown, Table};
use super::theme::Theme;
use crate::context::Clock;
use crate::output::{Align, Layout, text};

/// Everything that the screen shows.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) sample: &'a Sample,
    pub(super) order: &'a [Place],
    pub(super) history: &'a History,
    pub(super) state: &'a State,
    /// Of the process that is looked at.
    pub(super) content: Option<&'a Content>,
    pub(super) theme: Theme,
    pub(super) layout: Layout,
    pub(super) clock: &'a Clock,
}

/// What is where, for the mouse.
#[derive(Debug, Default, Clone)]
pub(super) struct Regions {
    pub(super) table: Shown,
    pub(super) tabs: Vec<(Rect, Tab)>,
    /// The lines of a menu, and which of them is the first.
    pub(super) menu: Rect,
    pub(super) menu_first: usize,
}

/// Less than this is no screen.
const SMALLEST: (u16, u16) = (40, 10);

/// Where things go on a screen of this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Areas {
    pub(super) summary: Rect,
    pub(super) main: Rect,
    pub(super) status: Rect,
}

impl Areas {
    /// `None` if the screen is too small.
    pub(super) fn of(screen: Rect, cpus: usize, cores: bool) -> Option<Self> {
        if screen.width < SMALLEST.0 || screen.height < SMALLEST.1 {
            return None;
        }
        let summary = summary::height(screen, cpus, cores).min(screen.height / 2);
        Some(Self {
            summary: Rect {
                height: summary,
                ..screen
            },
            main: Rect {
                y: screen.y + summary,
                height: screen.height - summary - 1,
                ..screen
            },
            status: Rect {
                y: screen.bottom() - 1,
                height: 1,
                ..screen
            },
        })
    }

    /// How many rows of the table, or lines of a text, fit below their heading.
    pub(super) fn page(&self) -> usize {
        usize::from(self.main.height.saturating_sub(1))
    }
}

/// Draws the screen.
pub(super) fn draw(buffer: &mut Buffer, model: &Model<'_>) -> Regions {
    let screen = buffer.area;
    let mut pen = Pen {
        buffer,
        theme: model.theme,
        scratch: String::new(),
    };
    let mut regions = Regions::default();
    let cpus = model.sample.system.cpu_count;
    let Some(areas) = Areas::of(screen, cpus, model.state.cores) else {
        let (width, height) = SMALLEST;
        let said = format!("too small: {width}x{height} at least");
        pen.put(screen, &said, pen.theme.alarm());
        return regions;
    };
    summary::draw(&mut pen, areas.summary, screen, model);
    match &model.state.inspected {
        Some(inspected) => {
            regions.tabs = draw_inspected(&mut pen, areas.main, inspected, model.content);
        }
        None => {
            let table = Table {
                rows: &model.sample.rows,
                order: model.order,
                style: style(model.state, cpus),
                layout: model.layout,
            };
            let columns = column::fitting(screen.width);
            regions.table = table::draw(&mut pen, areas.main, &columns, &table, model.state);
        }
    }
    draw_status(&mut pen, areas.status, model);
    match &model.state.overlay {
        Some(Overlay::Help(first)) => {
            let lines: Vec<&str> = help::KEYS.lines().collect();
            draw_box(&mut pen, screen, "Keys", &lines, *first, None);
        }
        Some(Overlay::Menu(menu)) => {
            (regions.menu, regions.menu_first) = draw_menu(&mut pen, areas.main, menu);
        }
        _ => {}
    }
    regions
}

/// How values are shown.
pub(super) fn style(state: &State, cpus: usize) -> column::Style {
    column::Style {
        command_line: state.command_line,
        cpus: if state.irix { 1.0 } else { cpus.max(1) as f64 },
    }
}

fn draw_inspected(
    pen: &mut Pen<'_>,
    area: Rect,
    inspected: &Inspected,
    content: Option<&Content>,
) -> Vec<(Rect, Tab)> {
    let heading = Rect { height: 1, ..area };
    pen.fill(heading, pen.theme.heading());
    let mut tabs = Vec::new();
    let mut x = area.x;
    // On narrow screens the titles are cut alike, so that all of them can be seen.
    let room = usize::from(area.width) / Tab::ALL.len();
    for tab in Tab::ALL {
        let title: String = tab.title().chars().take(room.saturating_sub(2)).collect();
        let width = u16::try_from(title.len() + 2).unwrap_or_default();
        let place = Rect {
            x,
            width: width.min(area.right().saturating_sub(x)),
            ..heading
        };
        let style = if tab == inspected.tab {
            pen.theme.chosen_heading()
        } else {
            pen.theme.heading()
        };
        pen.put(place, &format!(" {title} "), style);
        tabs.push((place, tab));
        x += place.width;
    }
    let label = Rect {
        x,
        width: area.right().saturating_sub(x),
        ..heading
    };
    pen.aligned(
        label,
        &inspected.target.label,
        Align::Right,
        pen.theme.heading(),
    );
    let mut body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    match content {
        Some(Content::Lines { heading, lines }) => {
            let mut lines = lines.as_slice();
            if *heading && let Some((first, rest)) = lines.split_first() {
                pen.put(body, first, pen.theme.title());
                body.y += 1;
                body.height = body.height.saturating_sub(1);
                lines = rest;
            }
            let first = inspected.scroll.min(last_first(lines.len(), body.height));
            for (line, y) in lines.iter().skip(first).zip(body.y..body.bottom()) {
                pen.put(Rect { y, ..body }, line, Style::new());
            }
        }
        Some(Content::Nothing(why)) => pen.put(body, why, pen.theme.alarm()),
        None => {}
    }
    tabs
}

/// The largest number of lines that can be scrolled past.
pub(super) fn last_first(lines: usize, height: u16) -> usize {
    lines.saturating_sub(usize::from(height))
}

/// The more important ones first: narrow screens have room for few.
const HINTS: [&str; 9] = [
    "F1 Help",
    "q Quit",
    "/ Filter",
    "F9 Signal",
    "Enter Details",
    "F6 Sort",
    "F5 Tree",
    "Space Freeze",
    "u User",
];
const HINTS_INSPECTED: [&str; 5] = ["Tab Next", "Esc Back", "F9 Signal", "r Renice", "F1 Help"];

fn draw_status(pen: &mut Pen<'_>, line: Rect, model: &Model<'_>) {
    let state = model.state;
    let mut said = String::new();
    let cursor = if pen.theme.unicode { '▏' } else { '_' };
    match (&state.overlay, &state.message) {
        (Some(Overlay::Filter), _) => {
            said.push_str("Filter: ");
            text::push(&mut said, state.filter.as_ref());
            said.push(cursor);
            pen.put(line, &said, pen.theme.title());
        }
        (Some(Overlay::Prompt(question, typed)), _) => {
            match question {
                Question::Delay => said.push_str("Seconds between samples: "),
                Question::User => said.push_str("User (* for all): "),
                Question::Nice(target) => {
                    text::append(&mut said, format_args!("Nice value for {}: ", target.label));
                }
            }
            text::push(&mut said, typed.as_ref());
            said.push(cursor);
            pen.put(line, &said, pen.theme.title());
        }
        (_, Some(message)) => {
            let style = if message.failed {
                pen.theme.alarm()
            } else {
                pen.theme.done()
            };
            pen.put(line, &message.text, style);
        }
        _ => {
            push_restrictions(&mut said, model);
            pen.put(line, &said, pen.theme.label());
            let mut x = line.x.saturating_add(width(&said));
            let hints: &[&str] = match state.inspected {
                Some(_) => &HINTS_INSPECTED,
                None => &HINTS,
            };
            for hint in hints {
                let place = Rect {
                    x,
                    width: width(hint),
                    ..line
                };
                if place.right() > line.right() {
                    break;
                }
                pen.put(place, hint, pen.theme.dim());
                x = place.right() + 2;
            }
        }
    }
}

/// Why not all processes are in the table.
fn push_restrictions(said: &mut String, model: &Model<'_>) {
    let state = model.state;
    if !state.filter.is_empty() {
        said.push_str("filter '");
        text::push(said, state.filter.as_ref());
        said.push_str("'  ");
    }
    if !state.users.is_empty() {
        said.push_str("user ");
        text::push(said, state.users.join(",").as_ref());
        said.push_str("  ");
    }
    if !state.pids.is_empty() {
        text::append(said, format_args!("{} pids  ", state.pids.len()));
    }
    if state.hide_idle {
        said.push_str("busy  ");
    }
    if !said.is_empty() {
        text::append(said, format_args!("{} shown  = all  ", model.order.len()));
    }
}

fn draw_menu(pen: &mut Pen<'_>, area: Rect, menu: &Menu) -> (Rect, usize) {
    let lines = menu.lines();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let shown = usize::from(area.height.saturating_sub(2));
    let first = (menu.at + 1).saturating_sub(shown.max(1));
    draw_box(pen, area, &menu.title(), &lines, first, Some(menu.at))
}

/// A box in the middle with lines from `first` on; returns where they are and which is the first.
fn draw_box(
    pen: &mut Pen<'_>,
    area: Rect,
    title: &str,
    lines: &[&str],
    first: usize,
    chosen: Option<usize>,
) -> (Rect, usize) {
    let widest = lines.iter().map(|line| width(line)).max();
    let widest = widest.unwrap_or_default().max(width(title) + 2);
    let width = widest.saturating_add(4).min(area.width);
    let height = u16::try_from(lines.len() + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let outer = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    pen.frame(outer, title);
    let inner = Rect {
        x: outer.x + 2,
        y: outer.y + 1,
        width: width.saturating_sub(4),
        height: height.saturating_sub(2),
    };
    let first = first.min(last_first(lines.len(), inner.height));
    let visible = lines.iter().enumerate().skip(first);
    for ((at, line), y) in visible.zip(inner.y..inner.bottom()) {
        let place = Rect {
            y,
            height: 1,
            ..inner
        };
        let style = if chosen == Some(at) {
            pen.fill(place, pen.theme.selected());
            pen.theme.selected()
        } else {
            Style::new()
        };
        pen.put(place, line, style);
    }
    (inner, first)
}
