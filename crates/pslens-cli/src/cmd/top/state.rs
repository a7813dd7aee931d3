//! What the user chose. Everything here is pure: an action and what is on the screen go in, the new state
//! and perhaps an effect come out.

use std::time::Duration;

use pslens::process::Signal;
use pslens::{Pid, Process};

use super::column::{self, Column};
use super::detail::Tab;
use super::menu::{self, Menu};
use super::sample::Row;
use super::table::Place;
use crate::args::seconds;
use crate::output::text;
use crate::system::nice;

/// What a key or a click in the table means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Action {
    Quit,
    Suspend,
    Redraw,
    Help,
    Freeze,
    /// By the column with this name; the other way round if it is that one already.
    Sort(&'static str),
    SortMenu,
    SortLeft,
    SortRight,
    Reverse,
    Tree,
    CommandLine,
    HideIdle,
    Irix,
    Cores,
    Filter,
    User,
    Delay,
    SignalMenu,
    Renice,
    NiceBy(i32),
    Detail,
    ClearFilters,
    Back,
    Move(Move),
}

/// Where the selection goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    By(isize),
    Page(isize),
    Home,
    End,
    /// To the row with this place in the table.
    To(usize),
}

/// What is not done by changing the state.
#[derive(Debug, PartialEq)]
pub(super) enum Effect {
    Quit,
    Suspend,
    Redraw,
    Signal(Target, Signal),
    Nice(Target, i32),
}

/// A process that something will be done to. The handle is the row's: nobody else who gets the number is
/// meant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    pub(super) process: Process,
    /// Number and name, as they are told.
    pub(super) label: String,
    pub(super) nice: Option<i32>,
}

impl Target {
    fn of(row: &Row) -> Self {
        let mut label = format!("{} (", row.info.pid());
        match row.info.name.value() {
            Some(name) => text::push(&mut label, name),
            None => label.push('-'),
        }
        label.push(')');
        Self {
            process: row.info.process.clone(),
            label,
            nice: row.info.nice.value().copied(),
        }
    }
}

/// What lies over the screen and gets the keys.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Overlay {
    /// The filter, as it is typed.
    Filter,
    Prompt(Question, String),
    Menu(Menu),
    /// Scrolled by so many lines.
    Help(usize),
}

/// What a line is typed for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Question {
    Delay,
    User,
    Nice(Target),
}

/// The view of one process.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Inspected {
    pub(super) target: Target,
    pub(super) tab: Tab,
    pub(super) scroll: usize,
}

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sort {
    pub(super) column: &'static Column,
    pub(super) downwards: bool,
}

impl Sort {
    /// As a column is sorted at first.
    pub(super) fn by(column: &'static Column) -> Self {
        Self {
            column,
            downwards: column.is_downwards_at_first(),
        }
    }
}

/// What is said on the last line until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) text: String,
    pub(super) failed: bool,
}

/// Everything that the user chose.
#[derive(Debug)]
pub(super) struct State {
    pub(super) sort: Sort,
    pub(super) filter: String,
    pub(super) users: Vec<String>,
    pub(super) pids: Vec<Pid>,
    pub(super) tree: bool,
    pub(super) command_line: bool,
    pub(super) hide_idle: bool,
    /// CPU use in percent of one CPU; otherwise of all.
    pub(super) irix: bool,
    /// Each CPU is shown, not only all together.
    pub(super) cores: bool,
    pub(super) frozen: bool,
    pub(super) delay: Duration,
    /// The process that is selected; the selection stays with it.
    pub(super) selected: Option<Process>,
    /// Where it is in the table.
    pub(super) cursor: Option<usize>,
    /// The first row of the table that is on the screen.
    pub(super) scroll: usize,
    pub(super) inspected: Option<Inspected>,
    pub(super) overlay: Option<Overlay>,
    pub(super) message: Option<Message>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            sort: Sort::by(column::named("cpu_percent")),
            filter: String::new(),
            users: Vec::new(),
            pids: Vec::new(),
            tree: false,
            command_line: false,
            hide_idle: false,
            irix: true,
            cores: true,
            frozen: false,
            delay: Duration::from_secs(2),
            selected: None,
            cursor: None,
            scroll: 0,
            inspected: None,
            overlay: None,
            message: None,
        }
    }
}

/// What is on the screen while an action is carried out.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) rows: &'a [Row],
    pub(super) order: &'a [Place],
    pub(super) columns: &'a [&'static Column],
    /// How many rows of the table fit.
    pub(super) page: usize,
    /// How many lines the view of a process has.
    pub(super) lines: usize,
    /// How many lines the screen has.
    pub(super) height: usize,
}

impl View<'_> {
    fn row(&self, at: usize) -> Option<&Row> {
        self.rows.get(self.order.get(at)?.row)
    }
}

impl State {
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message {
            text: text.into(),
            failed: false,
        });
    }

    pub(super) fn complain(&mut self, text: impl Into<String>) {
        self.message = Some(Message {
            text: text.into(),
            failed: true,
        });
    }

    /// Does what a key in the table or in the view of a process means.
    pub(super) fn act(&mut self, action: Action, view: &View<'_>) -> Option<Effect> {
        match action {
            Action::Quit => return Some(Effect::Quit),
            Action::Suspend => return Some(Effect::Suspend),
            Action::Redraw => return Some(Effect::Redraw),
            Action::Help => self.overlay = Some(Overlay::Help(0)),
            Action::Freeze => self.frozen = !self.frozen,
            Action::Sort(name) => self.sort_by(column::named(name)),
            Action::SortMenu => self.overlay = Some(Overlay::Menu(Menu::sort(self.sort.column))),
            Action::SortLeft => self.sort_beside(-1, view.columns),
            Action::SortRight => self.sort_beside(1, view.columns),
            Action::Reverse => self.sort.downwards = !self.sort.downwards,
            Action::Tree => self.tree = !self.tree,
            Action::CommandLine => self.command_line = !self.command_line,
            Action::HideIdle => {
                self.hide_idle = !self.hide_idle;
                self.say(match self.hide_idle {
                    true => "processes that used no CPU time are left out",
                    false => "all processes are shown",
                });
            }
            Action::Irix => {
                self.irix = !self.irix;
                self.say(match self.irix {
                    true => "%CPU: 100 is one CPU",
                    false => "%CPU: 100 is all CPUs together",
                });
            }
            Action::Cores => self.cores = !self.cores,
            Action::Filter => self.overlay = Some(Overlay::Filter),
            Action::User => self.ask(Question::User),
            Action::Delay => self.ask(Question::Delay),
            Action::SignalMenu => {
                if let Some(target) = self.target(view) {
                    self.overlay = Some(Overlay::Menu(Menu::signals(target)));
                }
            }
            Action::Renice => {
                if let Some(target) = self.target(view) {
                    self.ask(Question::Nice(target));
                }
            }
            Action::NiceBy(step) => {
                let target = self.target(view)?;
                let Some(nice) = target.nice else {
                    self.complain(format!("{}: its nice value is not known", target.label));
                    return None;
                };
                return Some(Effect::Nice(target, nice::stepped(nice, step)));
            }
            Action::Detail => {
                if self.inspected.is_none() {
                    self.inspected = self.target(view).map(|target| Inspected {
                        target,
                        tab: Tab::Overview,
                        scroll: 0,
                    });
                }
            }
            Action::ClearFilters => {
                self.filter.clear();
                self.users.clear();
                self.pids.clear();
                self.hide_idle = false;
                self.say("all processes are shown");
            }
            Action::Back => {
                if self.inspected.take().is_none() {
                    self.selected = None;
                    self.cursor = None;
                    self.scroll = 0;
                }
            }
            Action::Move(to) => match &mut self.inspected {
                Some(inspected) => {
                    let last = view.lines.saturating_sub(view.page);
                    scroll(&mut inspected.scroll, to, view.page, last);
                }
                None => self.select(to, view),
            },
        }
        None
    }

    /// The process that is meant: the one that is looked at, the selected one, or else the first.
    fn target(&mut self, view: &View<'_>) -> Option<Target> {
        if let Some(inspected) = &self.inspected {
            return Some(inspected.target.clone());
        }
        if self.cursor.is_none() {
            self.select(Move::To(self.scroll), view);
        }
        let target = self.cursor.and_then(|at| view.row(at)).map(Target::of);
        if target.is_none() {
            self.complain("there is no process here");
        }
        target
    }

    /// Selects a row of the table.
    fn select(&mut self, to: Move, view: &View<'_>) {
        let last = view.order.len().saturating_sub(1);
        let page = isize::try_from(view.page.max(1)).unwrap_or(1);
        let at = match (to, self.cursor) {
            (Move::To(at), _) => at,
            (Move::Home, _) => 0,
            (Move::End, _) => last,
            // The first step downwards is onto the first row.
            (Move::By(1..), None) => self.scroll,
            (Move::By(step), at) => at.unwrap_or_default().saturating_add_signed(step),
            (Move::Page(pages), at) => {
                let at = at.unwrap_or(self.scroll);
                at.saturating_add_signed(pages.saturating_mul(page))
            }
        };
        let at = at.min(last);
        self.cursor = view.row(at).map(|row| {
            self.selected = Some(row.info.process.clone());
            at
        });
        self.keep_in_sight(view);
    }

    /// Finds the selected process again after the rows have changed. If it is gone, its neighbour takes
    /// its place.
    pub(super) fn settle(&mut self, view: &View<'_>) {
        if let Some(selected) = &self.selected {
            let mut order = view.order.iter();
            let found = order.position(|place| {
                let row = view.rows.get(place.row);
                row.is_some_and(|row| row.info.process == *selected)
            });
            match found {
                Some(at) => self.cursor = Some(at),
                None => self.select(Move::To(self.cursor.unwrap_or_default()), view),
            }
        }
        self.keep_in_sight(view);
    }

    fn keep_in_sight(&mut self, view: &View<'_>) {
        let most = view.order.len().saturating_sub(view.page);
        self.scroll = self.scroll.min(most);
        if let Some(at) = self.cursor {
            let lowest = (at + 1).saturating_sub(view.page);
            self.scroll = self.scroll.clamp(lowest, at.max(lowest));
        }
    }

    fn sort_by(&mut self, column: &'static Column) {
        if self.sort.column == column {
            self.sort.downwards = !self.sort.downwards;
        } else {
            self.sort = Sort::by(column);
        }
    }

    /// Sorts by the column beside the present one.
    fn sort_beside(&mut self, step: isize, columns: &[&'static Column]) {
        let at = columns.iter().position(|it| *it == self.sort.column);
        let next = at.unwrap_or_default().saturating_add_signed(step);
        if let Some(column) = columns.get(next).filter(|it| **it != self.sort.column) {
            self.sort = Sort::by(column);
        }
    }

    fn ask(&mut self, question: Question) {
        self.overlay = Some(Overlay::Prompt(question, String::new()));
    }

    /// A character for the line that is typed.
    pub(super) fn type_character(&mut self, character: char) {
        if let Some(line) = self.line() {
            line.push(character);
        }
    }

    pub(super) fn erase_character(&mut self) {
        if let Some(line) = self.line() {
            line.pop();
        }
    }

    pub(super) fn erase_line(&mut self) {
        if let Some(line) = self.line() {
            line.clear();
        }
    }

    fn line(&mut self) -> Option<&mut String> {
        match &mut self.overlay {
            Some(Overlay::Filter) => Some(&mut self.filter),
            Some(Overlay::Prompt(_, line)) => Some(line),
            _ => None,
        }
    }

    /// Closes what lies over the screen without doing anything. A filter that was being typed goes.
    pub(super) fn cancel(&mut self) {
        if self.overlay.take() == Some(Overlay::Filter) {
            self.filter.clear();
        }
    }

    /// Does what the line that was typed says, or the line of the menu that is chosen.
    pub(super) fn accept(&mut self) -> Option<Effect> {
        match self.overlay.take()? {
            Overlay::Filter | Overlay::Help(_) => None,
            Overlay::Menu(menu) => match menu.chosen()? {
                menu::Choice::Signal(target, signal) => Some(Effect::Signal(target, signal)),
                menu::Choice::Sort(column) => {
                    self.sort_by(column);
                    None
                }
            },
            Overlay::Prompt(_, line) if line.trim().is_empty() => None,
            Overlay::Prompt(question, line) => self.answer(question, line.trim()),
        }
    }

    fn answer(&mut self, question: Question, line: &str) -> Option<Effect> {
        match question {
            Question::Delay => match seconds(line) {
                Ok(delay) => self.delay = delay,
                Err(accepted) => self.complain(format!("'{line}': {accepted}")),
            },
            Question::User => {
                self.users = match line {
                    "*" => Vec::new(),
                    users => users
                        .split(',')
                        .map(|user| user.trim().to_owned())
                        .collect(),
                };
            }
            Question::Nice(target) => match nice::parse(line) {
                Ok(nice) => return Some(Effect::Nice(target, nice)),
                Err(accepted) => self.complain(format!("'{line}': {accepted}")),
            },
        }
        None
    }
}

/// Moves a place in a list, which goes up to `last`.
pub(super) fn scroll(at: &mut usize, to: Move, page: usize, last: usize) {
    let page = isize::try_from(page.max(1)).unwrap_or(1);
    let next = match to {
        Move::By(lines) => at.saturating_add_signed(lines),
        Move::Page(pages) => at.saturating_add_signed(pages.saturating_mul(page)),
        Move::Home => 0,
        Move::End => last,
        Move::To(line) => line,
    };
    *at = next.min(last);
}
