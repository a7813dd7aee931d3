//! `--filter`: which rows are wanted.

use std::cmp::Ordering;

use regex::Regex;

use super::column::Column;
use crate::context::Clock;
use crate::output::{Cell, Layout, text};

/// A column, and what must hold of its value.
#[derive(Debug, Clone)]
pub(super) struct Filter<C> {
    pub(super) column: C,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Order {
        /// The orders that are wanted.
        wanted: &'static [Ordering],
        /// What was typed, and as a number in base units if it is one.
        value: String,
        number: Option<f64>,
    },
    Pattern {
        pattern: Regex,
        wanted: bool,
    },
}

/// The longer ones first: `<=` begins with `<`.
const OPERATORS: [(&str, &[Ordering]); 7] = [
    ("==", &[Ordering::Equal]),
    ("!=", &[Ordering::Less, Ordering::Greater]),
    ("<=", &[Ordering::Less, Ordering::Equal]),
    (">=", &[Ordering::Greater, Ordering::Equal]),
    ("=", &[Ordering::Equal]),
    ("<", &[Ordering::Less]),
    (">", &[Ordering::Greater]),
];

const ACCEPTED: &str =
    "accepted: COLUMN, one of = != < <= > >= ~ !~, and a value or (after ~) a regular expression";

impl<C: Column> Filter<C> {
    pub(super) fn parse(typed: &str) -> Result<Self, String> {
        let at = typed
            .find(['=', '!', '<', '>', '~'])
            .ok_or_else(|| format!("this compares nothing; {ACCEPTED}"))?;
        let (name, rest) = typed.split_at(at);
        let column = C::find(name.trim())?;
        if let Some((pattern, wanted)) = match (rest.strip_prefix('~'), rest.strip_prefix("!~")) {
            (Some(pattern), _) => Some((pattern, true)),
            (None, Some(pattern)) => Some((pattern, false)),
            (None, None) => None,
        } {
            let pattern = Regex::new(pattern.trim()).map_err(|error| {
                // The first line of these is a heading, the last says what is wrong.
                let error = error.to_string();
                let reason = error.lines().last().unwrap_or_default();
                format!("not a regular expression: {}", reason.trim())
            })?;
            let test = Test::Pattern { pattern, wanted };
            return Ok(Self { column, test });
        }
        for (operator, wanted) in OPERATORS {
            if let Some(value) = rest.strip_prefix(operator) {
                let value = value.trim().to_owned();
                let number = number(&value);
                let test = Test::Order {
                    wanted,
                    value,
                    number,
                };
                return Ok(Self { column, test });
            }
        }
        Err(format!("no such comparison; {ACCEPTED}"))
    }

    /// What is not known is not wanted, whatever was asked.
    pub(super) fn accepts(&self, row: &C::Row, clock: &Clock) -> bool {
        let cell = self.column.cell(row, clock);
        if cell.is_missing() {
            return false;
        }
        match &self.test {
            Test::Pattern { pattern, wanted } => {
                pattern.is_match(&written(&cell, clock)) == *wanted
            }
            Test::Order {
                wanted,
                value,
                number,
            } => match (cell.number(), number) {
                (Some(found), Some(number)) => found
                    .partial_cmp(number)
                    .is_some_and(|order| wanted.contains(&order)),
                _ => wanted.contains(&written(&cell, clock).as_str().cmp(value)),
            },
        }
    }
}

/// The text of a cell, as tables have it.
fn written(cell: &Cell<'_>, clock: &Clock) -> String {
    let mut out = String::new();
    match cell {
        Cell::Text(found) => text::push(&mut out, found),
        other => other.push(&mut out, Layout::RAW, clock),
    }
    out
}

/// A number with or without a unit: `1.5G` is bytes, `90s`, `5m`, `2h`, `3d` seconds, `10%` percent.
fn number(text: &str) -> Option<f64> {
    let digits =
        text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '%');
    let unit = text.get(digits.len()..)?;
    let factor = match unit {
        "" | "%" | "B" | "s" => 1.0,
        "K" | "KiB" | "k" => 1024.0,
        "M" | "MiB" => 1024.0 * 1024.0,
        "G" | "GiB" => 1024.0 * 1024.0 * 1024.0,
        "T" | "TiB" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let number: f64 = digits.trim_end().parse().ok()?;
    number.is_finite().then_some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::super::column::{Listed, Named};
    use super::*;

    #[derive(Debug)]
    struct Row(Option<u64>, &'static str);

    impl Listed for Row {
        const COLUMNS: &'static [Named<Self>] = &[
            Named::number("rss", "RSS", |row, _| Cell::bytes(row.0)),
            Named::text("name", "NAME", |row, _| Cell::text(row.1)),
        ];
    }

    fn accepts(filter: &str, row: &Row) -> bool {
        let filter: Filter<&'static Named<Row>> = Filter::parse(filter).unwrap();
        filter.accepts(row, &Clock::at(None))
    }

    #[test]
    fn comparisons_know_units_and_text() {
        let row = Row(Some(2 << 20), "nginx");
        for holds in [
            "rss=2M",
            "rss>1.5M",
            "rss >= 2097152",
            "rss<1G",
            "rss!=1",
            "name=nginx",
            "name ~ ^ng",
            "name!~apache",
            "name!=apache",
            "NAME>n",
            "rss==2M",
        ] {
            assert!(accepts(holds, &row), "{holds}");
        }
        for fails in [
            "rss<2M",
            "rss>2M",
            "name~^x",
            "name!~x$",
            "name=NGINX",
            "rss!=2M",
        ] {
            assert!(!accepts(fails, &row), "{fails}");
        }
    }

    #[test]
    fn what_is_unknown_is_never_wanted() {
        let row = Row(None, "");
        for filter in ["rss=0", "rss!=0", "rss<1", "rss~.", "rss!~."] {
            assert!(!accepts(filter, &row), "{filter}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        let refused = |typed: &str| Filter::<&'static Named<Row>>::parse(typed).unwrap_err();
        assert!(refused("rss").contains("accepted: COLUMN"));
        assert!(refused("rs>1").contains("did you mean 'rss'?"));
        assert!(refused("name~(").contains("regular expression"));
        assert!(refused("name!x").contains("no such comparison"));
    }
}
