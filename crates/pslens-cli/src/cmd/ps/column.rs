//! A column of `ps`: under which names the user asks for it, and what it shows of a row.

use std::ffi::OsString;
use std::str::FromStr;

use pslens::process::{Attribute, AttributeSet};

use super::Row;
use super::names::{ALIASES, why_not};
use super::values::{COMPOUNDS, Compound, VALUES, Value};
use crate::context::Clock;
use crate::listing;
use crate::output::{Align, Cell, text};
use crate::spelling;

/// A column under the name that the user gave it.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// As it was typed.
    name: String,
    heading: String,
    shows: Shows,
}

#[derive(Debug, Clone, Copy)]
enum Shows {
    Value(&'static Value),
    /// All parts of an attribute that has parts.
    Whole(&'static Compound),
    Part(&'static Compound, usize),
    /// The number of the thread.
    Thread,
    /// Something that stands in a table of `ps` and that nobody here knows.
    Nothing,
}

const THREAD: &str = "lwp";

/// What `-o` is given: names of columns with commas or blanks between, `NAME=HEADING` for a heading of
/// one's own, `NAME=` for none.
#[derive(Debug, Clone)]
pub(super) struct Columns(pub(super) Vec<Column>);

impl FromStr for Columns {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let mut columns = Vec::new();
        for part in typed.split(',') {
            let mut words = part.split_whitespace().peekable();
            if words.peek().is_none() {
                let accepted = "names of columns, separated by commas; ps --help lists them";
                return Err(format!("a column is missing; accepted: {accepted}"));
            }
            for word in words {
                let column = Column::with_heading(word);
                // clap says what was typed; the user wants to know which of them is wrong.
                let named = |wrong| {
                    if word == typed {
                        wrong
                    } else {
                        format!("'{word}': {wrong}")
                    }
                };
                columns.push(column.map_err(named)?);
            }
        }
        Ok(Self(columns))
    }
}

impl FromStr for Column {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        if typed.is_empty() {
            let accepted = "names of columns, separated by commas; ps --help lists them";
            return Err(format!("a column is missing; accepted: {accepted}"));
        }
        let shows = find(typed).ok_or_else(|| {
            why_not(typed).unwrap_or_else(|| {
                let names = names();
                let known = names.iter().map(|name| &**name);
                let meant = spelling::suggestion(typed, known);
                format!("no such column{meant} Accepted: {}", names.join(", "))
            })
        })?;
        Ok(Self {
            name: typed.to_owned(),
            heading: typed.to_uppercase(),
            shows,
        })
    }
}

fn find(typed: &str) -> Option<Shows> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == typed);
    let name = alias.map_or(typed, |(_, name)| name);
    if name == THREAD {
        return Some(Shows::Thread);
    }
    if let Some(value) = VALUES.iter().find(|value| value.name == name) {
        return Some(Shows::Value(value));
    }
    let (whole, part) = match name.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (name, None),
    };
    let compound = COMPOUNDS
        .iter()
        .find(|compound| compound.attribute.name() == whole)?;
    match part {
        None => Some(Shows::Whole(compound)),
        Some(part) => {
            let at = compound.parts.iter().position(|name| *name == part)?;
            Some(Shows::Part(compound, at))
        }
    }
}

/// Every name that is accepted: ours in alphabetical order, then those of `ps`.
fn names() -> Vec<String> {
    let mut names: Vec<String> = VALUES.iter().map(|value| value.name.to_owned()).collect();
    names.push(THREAD.to_owned());
    for compound in COMPOUNDS {
        let whole = compound.attribute.name();
        names.push(whole.to_owned());
        names.extend(compound.parts.iter().map(|part| format!("{whole}.{part}")));
    }
    names.sort();
    names.extend(ALIASES.iter().map(|(alias, _)| (*alias).to_owned()));
    names
}

impl Column {
    /// `NAME`, `NAME=HEADING` or `NAME:WIDTH`; columns are as wide as they have to be, whatever WIDTH.
    fn with_heading(typed: &str) -> Result<Self, String> {
        let (name, heading) = match typed.split_once('=') {
            Some((name, heading)) => (name, Some(heading)),
            None => (typed, None),
        };
        let name = match name.rsplit_once(':') {
            Some((name, width)) if width.parse::<u32>().is_ok() => name,
            _ => name,
        };
        let column: Self = name.parse()?;
        Ok(match heading {
            Some(heading) => column.headed(heading),
            None => column,
        })
    }

    /// One that is always unknown.
    pub(super) fn nothing(heading: &str) -> Self {
        Self {
            name: heading.to_lowercase(),
            heading: heading.to_owned(),
            shows: Shows::Nothing,
        }
    }

    pub(super) fn headed(self, heading: &str) -> Self {
        let mut shown = String::new();
        text::push(&mut shown, heading.as_ref());
        Self {
            heading: shown,
            ..self
        }
    }

    /// `others` and what this column needs.
    pub(super) fn needs(&self, others: AttributeSet) -> AttributeSet {
        match self.shows {
            Shows::Value(value) => value.needs.iter().fold(others, AttributeSet::with),
            Shows::Whole(compound) | Shows::Part(compound, _) => others.with(compound.attribute),
            Shows::Thread | Shows::Nothing => others,
        }
    }

    /// Whether the list of threads is asked for itself.
    pub(super) fn shows_threads(&self) -> bool {
        self.needs(AttributeSet::EMPTY).contains(Attribute::Threads)
    }

    /// Whether the branches of a tree are drawn in this column.
    pub(super) fn names_the_process(&self) -> bool {
        matches!(self.shows, Shows::Value(value)
            if matches!(value.name, "command" | "cmdline" | "name" | "exe"))
    }

    fn of<'a>(&self, row: &'a Row, clock: &Clock) -> Cell<'a> {
        let info = &row.info;
        match self.shows {
            Shows::Value(value) => (value.cell)(info, clock),
            Shows::Whole(compound) => (compound.cell)(info),
            Shows::Part(compound, at) => match (compound.cell)(info) {
                Cell::Parts(mut parts) if at < parts.len() => parts.swap_remove(at),
                missing => missing,
            },
            Shows::Thread => {
                Cell::Count(u64::from(row.thread.unwrap_or_else(|| info.pid().as_u32())))
            }
            Shows::Nothing => Cell::Unknown,
        }
    }
}

impl listing::Column for Column {
    type Row = Row;

    fn find(typed: &str) -> Result<Self, String> {
        typed.parse()
    }

    fn heading(&self) -> &str {
        &self.heading
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn align(&self) -> Align {
        match self.shows {
            Shows::Value(value) => value.align,
            Shows::Whole(_) | Shows::Part(..) | Shows::Thread | Shows::Nothing => Align::Right,
        }
    }

    fn cell<'a>(&self, row: &'a Row, clock: &Clock) -> Cell<'a> {
        match self.of(row, clock) {
            Cell::Text(name) if !row.branch.is_empty() && self.names_the_process() => {
                let mut line = OsString::from(&row.branch);
                line.push(&name);
                Cell::owned(line)
            }
            cell => cell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_has_a_column_that_asks_for_it() {
        for attribute in Attribute::ALL {
            let column: Column = attribute.name().parse().unwrap();
            let needs = column.needs(AttributeSet::EMPTY);
            let expect = match attribute {
                Attribute::Pid => AttributeSet::EMPTY,
                other => AttributeSet::of(&[*other]),
            };
            assert_eq!(needs, expect, "{attribute}");
        }
    }

    #[test]
    fn every_name_that_is_offered_is_accepted_and_is_there_once() {
        let mut names = names();
        for name in &names {
            assert!(name.parse::<Column>().is_ok(), "{name}");
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_misspelt_column_is_told_the_nearest_and_what_is_accepted() {
        let check = |typed: &str, meant: &str| {
            let message = typed.parse::<Column>().unwrap_err();
            assert!(message.contains(meant), "{message}");
            assert!(message.contains("Accepted: %cpu, bsdtime, "), "{message}");
        };
        check("usrname", "did you mean 'username'?");
        check("memory_info.rrs", "did you mean 'memory_info.rss'?");
        check("cpu_time.user", "did you mean 'cpu_times.user'?");
        check("zzz", "no such column. Accepted");
        let message = "wchan".parse::<Column>().unwrap_err();
        assert!(message.ends_with("the nearest is 'status'"), "{message}");
    }

    #[test]
    fn lists_have_commas_or_blanks_and_headings_of_ones_own() {
        let check = |typed: &str, expect: &[(&str, &str)]| {
            let Columns(columns) = typed.parse().unwrap();
            let found: Vec<(&str, &str)> = columns
                .iter()
                .map(|column| (&*column.name, &*column.heading))
                .collect();
            assert_eq!(found, expect, "{typed}");
        };
        check("pid,comm", &[("pid", "PID"), ("comm", "COMM")]);
        check(" pid comm", &[("pid", "PID"), ("comm", "COMM")]);
        check("pid, comm", &[("pid", "PID"), ("comm", "COMM")]);
        check("pid=,comm=Name", &[("pid", ""), ("comm", "Name")]);
        check("user:20,rss:8=Size", &[("user", "USER"), ("rss", "Size")]);
        check("pid=\x1b[1m", &[("pid", "\\x1b[1m")]);
        for wrong in [
            "",
            ",",
            " ",
            "pid,",
            ",pid",
            "pid,,comm",
            "pid:x",
            "=X",
            ":5",
        ] {
            assert!(wrong.parse::<Columns>().is_err(), "{wrong}");
        }
    }
}
