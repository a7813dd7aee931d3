//! The columns of the process table: what they need, what they show, and which of them fit.

use std::borrow::Cow;
use std::ffi::OsString;
use std::time::Duration;

use pslens::process::{Attribute, AttributeSet, Field, Info};

use super::sample::{ALWAYS, Answer, Row};
use crate::context::Clock;
use crate::letters::letter;
use crate::output::text::append;
use crate::output::{Align, Cell, Layout};
use crate::spelling;
use crate::system::nice;

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    /// As `-o` takes it: psutil's name, where psutil has one.
    pub(super) name: &'static str,
    pub(super) heading: &'static str,
    pub(super) align: Align,
    pub(super) width: u16,
    /// The lower, the narrower the screen may be that it is still on.
    rank: u8,
    needs: &'static [Attribute],
    cell: for<'a> fn(&'a Row, Style) -> Cell<'a>,
}

/// What the user chose about values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Arguments, not names.
    pub(super) command_line: bool,
    /// How many CPUs are 100 percent: one, or all of them.
    pub(super) cpus: f64,
}

/// In the order in which they are shown.
pub(super) static COLUMNS: [Column; 15] = [
    number("pid", "PID", 7, 0, &[], |row, _| {
        Cell::Count(row.info.pid().as_u32().into())
    }),
    number("ppid", "PPID", 7, 10, &[Attribute::Ppid], |row, _| {
        Cell::of(&row.info.ppid, |ppid| {
            Some(Cell::Count(ppid.as_u32().into()))
        })
    }),
    Column {
        align: Align::Left,
        ..number(
            "username",
            "USER",
            8,
            3,
            &[Attribute::Username],
            |row, _| Cell::of(&row.info.username, |name| Some(Cell::text(name))),
        )
    },
    number("nice", "NI", 3, 7, &[Attribute::Nice], |row, _| {
        Cell::of(&row.info.nice, |nice| Some(nice::cell(*nice)))
    }),
    number(
        "num_threads",
        "THR",
        4,
        9,
        &[Attribute::NumThreads],
        |row, _| {
            Cell::of(&row.info.num_threads, |threads| {
                Some(Cell::Count((*threads).into()))
            })
        },
    ),
    number("vms", "VIRT", 5, 6, &[Attribute::MemoryInfo], |row, _| {
        Cell::of(&row.info.memory_info, |memory| {
            Some(Cell::Bytes(memory.vms))
        })
    }),
    number("rss", "RES", 5, 5, &[Attribute::MemoryInfo], |row, _| {
        Cell::of(&row.info.memory_info, |memory| {
            Some(Cell::Bytes(memory.rss))
        })
    }),
    number("shared", "SHR", 5, 8, &[Attribute::MemoryInfo], |row, _| {
        Cell::of(&row.info.memory_info, |memory| {
            memory.shared.map(Cell::Bytes)
        })
    }),
    Column {
        align: Align::Left,
        ..number("status", "S", 1, 2, &[Attribute::Status], |row, _| {
            Cell::of(&row.info.status, |status| letter(*status).map(Cell::word))
        })
    },
    number(
        "cpu_percent",
        "%CPU",
        5,
        0,
        &[Attribute::CpuPercent],
        |row, style| {
            Cell::of(&row.info.cpu_percent, |percent| {
                percent.map(|percent| Cell::Percent(percent / style.cpus))
            })
        },
    ),
    number(
        "memory_percent",
        "%MEM",
        5,
        1,
        &[Attribute::MemoryPercent],
        |row, _| {
            Cell::of(&row.info.memory_percent, |percent| {
                Some(Cell::Percent(*percent))
            })
        },
    ),
    number(
        "cpu_times",
        "TIME",
        8,
        4,
        &[Attribute::CpuTimes],
        |row, _| {
            Cell::of(&row.info.cpu_times, |times| {
                Some(Cell::CpuTime(times.total()))
            })
        },
    ),
    number(
        "read_rate",
        "READ/s",
        7,
        11,
        &[Attribute::IoCounters],
        |row, _| rate(row.disk.read),
    ),
    number(
        "write_rate",
        "WRITE/s",
        7,
        12,
        &[Attribute::IoCounters],
        |row, _| rate(row.disk.written),
    ),
    Column {
        align: Align::Left,
        ..number(
            "command",
            "COMMAND",
            0,
            0,
            &[Attribute::Name],
            |row, style| command(&row.info, style.command_line),
        )
    },
];

const fn number(
    name: &'static str,
    heading: &'static str,
    width: u16,
    rank: u8,
    needs: &'static [Attribute],
    cell: for<'a> fn(&'a Row, Style) -> Cell<'a>,
) -> Column {
    Column {
        name,
        heading,
        align: Align::Right,
        width,
        rank,
        needs,
        cell,
    }
}

/// Names that top(1), htop(1) and ps(1) have for them.
const ALIASES: [(&str, &str); 9] = [
    ("time+", "cpu_times"),
    ("args", "command"),
    ("cmd", "command"),
    ("name", "command"),
    ("res", "rss"),
    ("%mem", "memory_percent"),
    ("thr", "num_threads"),
    ("nlwp", "num_threads"),
    ("vsz", "vms"),
];

/// The column that is called so. The name must be one of [`COLUMNS`].
pub(super) fn named(name: &str) -> &'static Column {
    let found = COLUMNS.iter().find(|column| column.name == name);
    found.unwrap_or(&COLUMNS[0])
}

/// The column that the user means.
pub(super) fn find(typed: &str) -> Result<&'static Column, String> {
    let lower = typed.to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == lower);
    let name = alias.map_or(&*lower, |(_, name)| name);
    let found = COLUMNS
        .iter()
        .find(|column| column.name == name || column.heading.eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        let meant = spelling::suggestion(typed, names.iter().copied());
        format!("no such column{meant} Accepted: {}", names.join(", "))
    })
}

/// The columns that a screen so wide has room for. The command keeps as much as makes it readable.
pub(super) fn fitting(width: u16) -> Vec<&'static Column> {
    let command = if width < 100 { 16 } else { 40 };
    let mut ranked: Vec<&Column> = COLUMNS.iter().collect();
    ranked.sort_by_key(|column| column.rank);
    let mut left = width.saturating_sub(command);
    let mut chosen = vec!["command"];
    for column in ranked.into_iter().filter(|column| column.width > 0) {
        // Of those that are less important none is shown instead.
        let Some(rest) = left.checked_sub(column.width + 1) else {
            break;
        };
        left = rest;
        chosen.push(column.name);
    }
    let shown = COLUMNS.iter();
    shown
        .filter(|column| chosen.contains(&column.name))
        .collect()
}

/// What has to be read to show and sort by `columns`.
pub(super) fn needs(columns: &[&Column], command_line: bool) -> AttributeSet {
    let needed = columns.iter().flat_map(|column| column.needs);
    let set = needed.fold(ALWAYS, |set, attribute| set.with(*attribute));
    if command_line {
        set.with(Attribute::Cmdline)
    } else {
        set
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Column {
    pub(super) fn cell<'a>(&self, row: &'a Row, style: Style) -> Cell<'a> {
        (self.cell)(row, style)
    }

    /// What is sorted by it for the first time starts with the largest numbers, or with A.
    pub(super) fn is_downwards_at_first(&self) -> bool {
        self.align == Align::Right && !matches!(self.name, "pid" | "ppid" | "nice")
    }

    /// The branches of the tree are drawn in it.
    pub(super) fn names_the_process(&self) -> bool {
        self.name == "command"
    }
}

/// Appends what a cell shows. The clock is not asked: no column has a point in time.
pub(super) fn push(out: &mut String, cell: &Cell<'_>, layout: Layout) {
    match cell {
        Cell::CpuTime(time) => push_cpu_time(out, *time),
        cell => cell.push(out, layout, &Clock::at(None)),
    }
}

/// `12:34:56`, from a day on `1d02:03`: never wider than eight.
fn push_cpu_time(out: &mut String, time: Duration) {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match days {
        0 => append(
            out,
            format_args!("{hours:02}:{minutes:02}:{:02}", seconds % 60),
        ),
        1..100 => append(out, format_args!("{days}d{hours:02}:{minutes:02}")),
        _ => append(out, format_args!("{days}d{hours:02}h")),
    }
}

fn rate(rate: Answer<f64>) -> Cell<'static> {
    rate.map_or_else(Cell::from, Cell::BytesRate)
}

/// The name, or the arguments with blanks between; in brackets the name of what has none.
pub(super) fn command(info: &Info, line: bool) -> Cell<'_> {
    let name = || Cell::of(&info.name, |name| Some(Cell::text(name)));
    if !line {
        return name();
    }
    match &info.cmdline {
        Field::Value(words) if !words.is_empty() => {
            let mut joined = OsString::new();
            for word in words {
                if !joined.is_empty() {
                    joined.push(" ");
                }
                joined.push(word);
            }
            Cell::Text(Cow::Owned(joined))
        }
        Field::Value(_) | Field::Zombie => Cell::of(&info.name, |name| {
            let mut shown = OsString::from("[");
            shown.push(name);
            shown.push("]");
            Some(Cell::owned(shown))
        }),
        // The name is better than nothing, also while the arguments have not been read yet.
        _ => name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_most_is_on_the_narrowest_screens() {
        let check = |width: u16, expect: &str| {
            let names: Vec<&str> = fitting(width).iter().map(|column| column.heading).collect();
            assert_eq!(names.join(" "), expect, "{width}");
        };
        check(0, "COMMAND");
        check(40, "PID S %CPU %MEM COMMAND");
        check(80, "PID USER NI VIRT RES SHR S %CPU %MEM TIME COMMAND");
        check(
            200,
            "PID PPID USER NI THR VIRT RES SHR S %CPU %MEM TIME READ/s WRITE/s COMMAND",
        );
    }

    #[test]
    fn columns_are_found_by_each_of_their_names() {
        for (typed, name) in [
            ("pid", "pid"),
            ("%CPU", "cpu_percent"),
            ("TIME+", "cpu_times"),
            ("RES", "rss"),
            ("rss", "rss"),
            ("s", "status"),
        ] {
            assert_eq!(find(typed).unwrap().name, name);
        }
        for (_, name) in ALIASES {
            assert_eq!(named(name).name, name);
        }
        let refused = find("cpu_percnt").unwrap_err();
        assert!(refused.contains("did you mean 'cpu_percent'?"), "{refused}");
    }

    #[test]
    fn cpu_time_fits_its_column() {
        let check = |seconds: u64, expect: &str| {
            let mut out = String::new();
            push_cpu_time(&mut out, Duration::from_secs(seconds));
            assert_eq!(out, expect);
            assert!(out.len() <= usize::from(named("cpu_times").width));
        };
        check(59, "00:00:59");
        check(86_399, "23:59:59");
        check(86_400, "1d00:00");
        check(99 * 86_400 + 3_660, "99d01:01");
        check(9_999 * 86_400, "9999d00h");
    }
}
