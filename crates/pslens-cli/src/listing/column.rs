//! What stands in a column, and how the user's names of columns are understood.

use crate::context::Clock;
use crate::output::{Align, Cell};
use crate::spelling;

/// A column of a table of `Row`s, under the name that the user gave it.
pub(crate) trait Column: Clone {
    type Row;

    /// The column that is called so, or why there is none and which there are.
    fn find(typed: &str) -> Result<Self, String>;

    fn heading(&self) -> &str;

    /// Its name in files: as `--sort` and `--filter` have it.
    fn name(&self) -> &str;

    fn align(&self) -> Align;

    fn cell<'a>(&self, row: &'a Self::Row, clock: &Clock) -> Cell<'a>;
}

/// A row of a table whose columns are written down in a list.
pub(crate) trait Listed: Sized + 'static {
    /// Every column there is, in the order in which they are shown.
    const COLUMNS: &'static [Named<Self>];
}

/// How a cell is got out of a row.
pub(crate) type Show<Row> = for<'a> fn(&'a Row, &Clock) -> Cell<'a>;

/// A column of such a list.
#[derive(Debug)]
pub(crate) struct Named<Row: 'static> {
    name: &'static str,
    heading: &'static str,
    align: Align,
    /// It is there without being asked for.
    shown: bool,
    cell: Show<Row>,
}

impl<Row> Named<Row> {
    /// Words. The `name` is psutil's, where psutil has one.
    pub(crate) const fn text(name: &'static str, heading: &'static str, cell: Show<Row>) -> Self {
        Self {
            name,
            heading,
            align: Align::Left,
            shown: true,
            cell,
        }
    }

    /// Numbers.
    pub(crate) const fn number(name: &'static str, heading: &'static str, cell: Show<Row>) -> Self {
        Self {
            align: Align::Right,
            ..Self::text(name, heading, cell)
        }
    }

    /// Only shown if the user asks for it.
    pub(crate) const fn on_demand(self) -> Self {
        Self {
            shown: false,
            ..self
        }
    }
}

/// The columns that are shown if none are named.
pub(crate) fn usual<Row: Listed>() -> Vec<&'static Named<Row>> {
    Row::COLUMNS.iter().filter(|column| column.shown).collect()
}

/// The columns with these names.
pub(crate) fn named<Row: Listed>(names: &[&str]) -> Vec<&'static Named<Row>> {
    let column = |name: &&str| Row::COLUMNS.iter().find(|column| column.name == *name);
    names.iter().filter_map(column).collect()
}

impl<Row: Listed> Column for &'static Named<Row> {
    type Row = Row;

    fn find(typed: &str) -> Result<Self, String> {
        let columns = Row::COLUMNS;
        let found = columns
            .iter()
            .find(|column| column.name == typed)
            .or_else(|| {
                columns
                    .iter()
                    .find(|column| !typed.is_empty() && column.heading.eq_ignore_ascii_case(typed))
            });
        found.ok_or_else(|| {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            let meant = spelling::suggestion(typed, names.iter().copied());
            format!("no such column{meant} Accepted: {}", names.join(", "))
        })
    }

    fn heading(&self) -> &str {
        self.heading
    }

    fn name(&self) -> &str {
        self.name
    }

    fn align(&self) -> Align {
        self.align
    }

    fn cell<'a>(&self, row: &'a Row, clock: &Clock) -> Cell<'a> {
        (self.cell)(row, clock)
    }
}
