//! Menus: signals for a process, columns to sort by.

use pslens::process::Signal;

use super::column::{COLUMNS, Column};
use super::state::{Move, Target};

/// A list of which one line is chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Menu {
    kind: Kind,
    /// The line that is chosen.
    pub(super) at: usize,
    /// Digits that were typed: the number of a signal.
    digits: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Signals(Target),
    Sort,
}

/// What the chosen line means.
#[derive(Debug, PartialEq)]
pub(super) enum Choice {
    Signal(Target, Signal),
    Sort(&'static Column),
}

impl Menu {
    /// Signals for a process; the one that asks it to end is chosen at first.
    pub(super) fn signals(target: Target) -> Self {
        let at = signals().position(|signal| signal == Signal::TERM);
        Self {
            kind: Kind::Signals(target),
            at: at.unwrap_or_default(),
            digits: String::new(),
        }
    }

    pub(super) fn sort(column: &Column) -> Self {
        let at = COLUMNS.iter().position(|it| it == column);
        Self {
            kind: Kind::Sort,
            at: at.unwrap_or_default(),
            digits: String::new(),
        }
    }

    pub(super) fn title(&self) -> String {
        match &self.kind {
            Kind::Signals(target) => format!("Signal for {}", target.label),
            Kind::Sort => "Sort by".to_owned(),
        }
    }

    /// The lines.
    pub(super) fn lines(&self) -> Vec<String> {
        match self.kind {
            Kind::Signals(_) => signals()
                .map(|signal| format!("{:>2} {signal}", signal.as_raw()))
                .collect(),
            Kind::Sort => COLUMNS
                .iter()
                .map(|column| format!("{:<7} {}", column.heading, column.name))
                .collect(),
        }
    }

    fn len(&self) -> usize {
        match self.kind {
            Kind::Signals(_) => signals().count(),
            Kind::Sort => COLUMNS.len(),
        }
    }

    pub(super) fn go(&mut self, to: Move, page: usize) {
        self.digits.clear();
        let last = self.len().saturating_sub(1);
        super::state::scroll(&mut self.at, to, page, last);
    }

    /// Goes to the signal with the number that is being typed.
    pub(super) fn type_digit(&mut self, digit: char) {
        let Kind::Signals(_) = self.kind else {
            return;
        };
        self.digits.push(digit);
        let numbered = |digits: &str| {
            let number = digits.parse().ok();
            signals().position(|signal| Some(signal.as_raw()) == number)
        };
        let mut found = numbered(&self.digits);
        if found.is_none() {
            // A new number begins.
            self.digits = digit.to_string();
            found = numbered(&self.digits);
        }
        self.at = found.unwrap_or(self.at);
    }

    pub(super) fn chosen(self) -> Option<Choice> {
        Some(match self.kind {
            Kind::Signals(target) => Choice::Signal(target, signals().nth(self.at)?),
            Kind::Sort => Choice::Sort(COLUMNS.get(self.at)?),
        })
    }
}

/// Those with a name, in the order of their numbers.
fn signals() -> impl Iterator<Item = Signal> {
    let mut all = Signal::NAMED.to_vec();
    all.sort();
    all.into_iter()
}
