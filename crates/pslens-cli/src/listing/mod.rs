//! Tables that can be sorted, filtered, cut, repeated, and written in three forms.
//!
//! A tool that prints rows says what its columns are ([`Listed`]), takes [`Options`] among its arguments,
//! and gives its rows to a [`View`].

mod column;
mod filter;
mod watch;

use std::cmp::Ordering;
use std::io::Write;
use std::time::Duration;

use serde::Serialize;

pub(crate) use self::column::{Column, Listed, Named, named, usual};
use self::filter::Filter;
pub(crate) use self::watch::Watch;
use crate::context::{Clock, Context};
use crate::exit::{Exit, Failure, Result};
use crate::output::{Cell, Layout, Table, csv, json};

/// What can be asked of every table.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Options of tables")]
pub(crate) struct Options {
    /// Sort by these columns, which need not be shown; - in front sorts downwards. Unknown comes last.
    #[arg(
        long,
        value_name = "[-]COL,...",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    sort: Vec<String>,
    /// Only rows of which this holds: 'rss>100M', 'name~^ng', 'status!=sleeping'. May be repeated.
    ///
    /// A column, then = != < <= > >= and a value (with a unit: K M G T, s m h d, %), or ~ !~ and a regular
    /// expression. All of them must hold. What is unknown is never wanted.
    #[arg(long, value_name = "COND", allow_hyphen_values = true)]
    filter: Vec<String>,
    /// Only the first N rows.
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Show these columns.
    #[arg(long, value_name = "COL,...", value_delimiter = ',')]
    columns: Vec<String>,
    /// Print comma-separated values: base units, nothing for what is unknown.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    watch: Watch,
}

impl Options {
    /// Understands the names of columns.
    pub(crate) fn view<C: Column>(&self, context: &Context) -> Result<View<C>> {
        if self.csv && context.json {
            let message = "--csv and --json are two forms; choose one".to_owned();
            return Err(Failure::message(Exit::Usage, message));
        }
        let each = |option: &'static str, typed: &[String]| -> Result<Vec<C>> {
            typed.iter().map(|typed| find(option, typed)).collect()
        };
        let mut view = View {
            columns: each("--columns", &self.columns)?,
            top: self.top,
            csv: self.csv,
            ..View::default()
        };
        for typed in &self.sort {
            let (downwards, name) = match typed.split_at_checked(1) {
                Some(("-", name)) => (true, name),
                Some(("+", name)) => (false, name),
                _ => (false, typed.as_str()),
            };
            let column = C::find(name).map_err(|wrong| refused("--sort", typed, &wrong))?;
            view.sort.push(SortKey { column, downwards });
        }
        for typed in &self.filter {
            let filter =
                Filter::parse(typed).map_err(|wrong| refused("--filter", typed, &wrong))?;
            view.filters.push(filter);
        }
        Ok(view)
    }

    /// How long the pauses between the answers are, if there are several.
    pub(crate) const fn interval(&self) -> Option<Duration> {
        self.watch.interval()
    }

    /// The same, answering as often as the tool's own options say, if they do: one answer below the other.
    pub(crate) fn repeated(&self, interval: Option<Duration>, times: Option<u64>) -> Self {
        Self {
            watch: self.watch.or(interval, times),
            ..self.clone()
        }
    }

    /// Answers once, or again and again.
    pub(crate) fn repeat(
        &self,
        context: &Context,
        once: impl FnMut(&Context, &mut dyn Write) -> Result<Exit>,
    ) -> Result<Exit> {
        self.watch.repeat(context, once)
    }
}

fn find<C: Column>(option: &'static str, typed: &str) -> Result<C> {
    C::find(typed).map_err(|wrong| refused(option, typed, &wrong))
}

fn refused(option: &'static str, typed: &str, wrong: &str) -> Failure {
    let message = format!("invalid value '{typed}' for '{option}': {wrong}");
    Failure::message(Exit::Usage, message)
}

/// A column to sort by, and which way.
#[derive(Debug, Clone)]
struct SortKey<C> {
    column: C,
    downwards: bool,
}

/// Which rows of a table are wanted, in which order and form.
#[derive(Debug, Clone)]
pub(crate) struct View<C> {
    /// Those that were named; none means the usual ones.
    columns: Vec<C>,
    sort: Vec<SortKey<C>>,
    filters: Vec<Filter<C>>,
    top: Option<usize>,
    csv: bool,
    /// Lines go beyond the edge of the terminal.
    uncut: bool,
}

impl<C> Default for View<C> {
    /// Everything, as a table.
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            sort: Vec::new(),
            filters: Vec::new(),
            top: None,
            csv: false,
            uncut: false,
        }
    }
}

impl<C: Column> View<C> {
    /// The columns that were named.
    pub(crate) fn named(&self) -> &[C] {
        &self.columns
    }

    /// The same with these columns.
    pub(crate) fn showing(self, columns: Vec<C>) -> Self {
        Self { columns, ..self }
    }

    /// True if the rows are wanted as a file of columns, or which columns was said: then a tool that has
    /// another form for people writes a table.
    pub(crate) const fn is_tabular(&self) -> bool {
        self.csv || !self.columns.is_empty()
    }

    /// The same, and no line is cut at the edge of the terminal.
    pub(crate) fn uncut(self, uncut: bool) -> Self {
        Self { uncut, ..self }
    }

    /// What must be known of every row: of columns that are sorted or filtered by.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &C> {
        let sort = self.sort.iter().map(|key| &key.column);
        sort.chain(self.filters.iter().map(|filter| &filter.column))
    }

    /// True if comma-separated values were asked for.
    pub(crate) const fn is_csv(&self) -> bool {
        self.csv
    }

    /// True if the order of the rows was asked for.
    pub(crate) const fn is_sorted(&self) -> bool {
        !self.sort.is_empty()
    }

    /// Those rows that are wanted, in the order that was asked for.
    pub(crate) fn arrange(&self, mut rows: Vec<C::Row>, clock: &Clock) -> Vec<C::Row> {
        if !self.filters.is_empty() {
            rows.retain(|row| self.filters.iter().all(|filter| filter.accepts(row, clock)));
        }
        if !self.sort.is_empty() {
            rows = self.sorted(rows, clock);
        }
        if let Some(top) = self.top {
            rows.truncate(top);
        }
        rows
    }

    fn sorted(&self, rows: Vec<C::Row>, clock: &Clock) -> Vec<C::Row> {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let keys: Vec<Vec<Cell<'_>>> = rows
            .iter()
            .map(|row| {
                let keys = self.sort.iter();
                keys.map(|key| key.column.cell(row, clock)).collect()
            })
            .collect();
        // Stable: equal ones stay in their order.
        order.sort_by(|&a, &b| self.compare(keys.get(a), keys.get(b)));
        drop(keys);
        let mut rows: Vec<Option<C::Row>> = rows.into_iter().map(Some).collect();
        let taken = order.into_iter().filter_map(|at| rows.get_mut(at)?.take());
        taken.collect()
    }

    fn compare(&self, a: Option<&Vec<Cell<'_>>>, b: Option<&Vec<Cell<'_>>>) -> Ordering {
        let cells = a.into_iter().flatten().zip(b.into_iter().flatten());
        self.sort
            .iter()
            .zip(cells)
            .map(|(key, (a, b))| a.compare(b, key.downwards))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Writes the rows: as JSON objects, comma-separated values, or a table with the columns that were
    /// named, or else the `usual` ones.
    pub(crate) fn write<'a, T: Serialize>(
        &self,
        rows: &'a [C::Row],
        usual: &[C],
        object: impl FnMut(&'a C::Row) -> T,
        context: &Context,
        mut out: &mut dyn Write,
    ) -> Result<()> {
        let columns = match self.columns.as_slice() {
            [] => usual,
            named => named,
        };
        let clock = &context.clock;
        if context.json {
            json::write(rows.iter().map(object), &mut out)?;
        } else if self.csv {
            let names: Vec<&str> = columns.iter().map(Column::name).collect();
            let header = context.layout.header.then_some(&*names);
            let cells = |row| {
                columns
                    .iter()
                    .map(|column| column.cell(row, clock))
                    .collect()
            };
            csv::write(header, rows.iter().map(cells), &mut out)?;
        } else {
            let headings = columns
                .iter()
                .map(|column| (column.heading(), column.align()));
            let mut table = Table::new(headings);
            for row in rows {
                for column in columns {
                    table.cell(|text| column.cell(row, clock).push(text, context.layout, clock));
                }
            }
            let layout = Layout {
                // Columns that have no headings have no line of them.
                header: context.layout.header && columns.iter().any(|c| !c.heading().is_empty()),
                width: context.layout.width.filter(|_| !self.uncut),
                ..context.layout
            };
            table.write(layout, &mut out)?;
        }
        Ok(())
    }
}

impl<Row: Listed + Serialize> View<&'static Named<Row>> {
    /// Arranges and writes rows whose own serde form is their JSON.
    pub(crate) fn show(
        &self,
        rows: Vec<Row>,
        context: &Context,
        out: &mut dyn Write,
    ) -> Result<()> {
        let rows = self.arrange(rows, &context.clock);
        self.write(&rows, &usual::<Row>(), |row| row, context, out)
    }
}
