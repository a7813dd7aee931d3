//! `pslens sensors`: temperatures and fans.

use std::io::Write;
use std::path::PathBuf;

use pslens::sensors::{self, Chip, Fan, Temperature};
use serde::Serialize;

use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::listing::{self, Listed, Named, View};
use crate::output::{self, Cell, json};

/// Temperatures and fans, by the chip that measures them.
///
/// HIGH and CRITICAL are the limits that the chip has for a temperature. What a sensor says is shown as it
/// is: inputs to which nothing is connected show constant nonsense.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Temperatures in degrees Fahrenheit; in JSON they are always in degrees Celsius.
    #[arg(short, long)]
    fahrenheit: bool,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens sensors
  pslens sensors --filter sensor=temperature --sort -current --top 3
  pslens sensors --filter chip~core -f
  pslens sensors --json --watch 5

Columns: chip, label, sensor, current, unit, high, critical; path on demand.
In tables - is unknown. Windows tells of no sensors: exit status 5.
Exit status: 0 done, 1 there are no sensors, 2 wrong usage, 3 denied, 5 other
failures.";

/// A line of the answer.
#[derive(Debug, Serialize)]
struct Row {
    chip: String,
    #[serde(serialize_with = "json::text")]
    path: PathBuf,
    #[serde(flatten)]
    reading: Reading,
    #[serde(skip)]
    fahrenheit: bool,
}

/// What a sensor says. A fan has no limits.
#[derive(Debug, Serialize)]
#[serde(tag = "sensor", rename_all = "lowercase")]
enum Reading {
    Temperature(Temperature),
    Fan {
        #[serde(flatten)]
        fan: Fan,
        high: (),
        critical: (),
    },
}

impl From<Temperature> for Reading {
    fn from(temperature: Temperature) -> Self {
        Self::Temperature(temperature)
    }
}

impl From<Fan> for Reading {
    fn from(fan: Fan) -> Self {
        let (high, critical) = ((), ());
        Self::Fan {
            fan,
            high,
            critical,
        }
    }
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<&'static Named<Row>> = args.table.view(context)?;
    args.table
        .repeat(context, |context, out| answer(args, &view, context, out))
}

fn answer(
    args: &Args,
    view: &View<&'static Named<Row>>,
    context: &Context,
    out: &mut dyn Write,
) -> Result<Exit> {
    let fahrenheit = args.fahrenheit;
    let mut fans = sensors::fans()?;
    let mut rows: Vec<Row> = Vec::new();
    for chip in sensors::temperatures()? {
        // The fans of a chip below its temperatures.
        let (its, others): (Vec<_>, Vec<_>) =
            fans.into_iter().partition(|fans| fans.path == chip.path);
        fans = others;
        rows.extend(rows_of(chip, fahrenheit));
        rows.extend(its.into_iter().flat_map(|chip| rows_of(chip, fahrenheit)));
    }
    rows.extend(fans.into_iter().flat_map(|chip| rows_of(chip, fahrenheit)));
    let mut exit = Exit::Success;
    if rows.is_empty() {
        output::note("sensors: this machine has none that can be read");
        exit = Exit::NotFound;
    }
    if !rows.is_empty() || context.json {
        view.show(rows, context, out)?;
    }
    Ok(exit)
}

fn rows_of<R: Into<Reading>>(chip: Chip<R>, fahrenheit: bool) -> impl Iterator<Item = Row> {
    chip.readings.into_iter().map(move |reading| Row {
        chip: chip.name.clone(),
        path: chip.path.clone(),
        reading: reading.into(),
        fahrenheit,
    })
}

impl Row {
    fn label(&self) -> Option<&String> {
        match &self.reading {
            Reading::Temperature(temperature) => temperature.label.as_ref(),
            Reading::Fan { fan, .. } => fan.label.as_ref(),
        }
    }

    fn current(&self) -> Cell<'static> {
        match &self.reading {
            Reading::Temperature(temperature) => self.degrees(Some(temperature.current_celsius)),
            Reading::Fan { fan, .. } => Cell::Count(fan.current_rpm),
        }
    }

    /// A temperature of the chip, if this is about one and the chip has it, in the unit that is shown.
    fn limit(&self, which: impl Fn(&Temperature) -> Option<f64>) -> Cell<'static> {
        match &self.reading {
            Reading::Temperature(temperature) => self.degrees(which(temperature)),
            Reading::Fan { .. } => Cell::Unknown,
        }
    }

    fn degrees(&self, celsius: Option<f64>) -> Cell<'static> {
        match celsius {
            Some(celsius) if self.fahrenheit => Cell::Float(celsius * 1.8 + 32.0),
            Some(celsius) => Cell::Float(celsius),
            None => Cell::Unknown,
        }
    }
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("chip", "CHIP", |row, _| Cell::text(&row.chip)),
        Named::text("label", "LABEL", |row, _| Cell::some_text(row.label())),
        Named::text("sensor", "SENSOR", |row, _| match row.reading {
            Reading::Temperature(_) => Cell::word("temperature"),
            Reading::Fan { .. } => Cell::word("fan"),
        }),
        Named::number("current", "CURRENT", |row, _| row.current()),
        Named::text("unit", "UNIT", |row, _| match row.reading {
            Reading::Temperature(_) if row.fahrenheit => Cell::word("F"),
            Reading::Temperature(_) => Cell::word("C"),
            Reading::Fan { .. } => Cell::word("rpm"),
        }),
        Named::number("high", "HIGH", |row, _| row.limit(|of| of.high_celsius)),
        Named::number("critical", "CRITICAL", |row, _| {
            row.limit(|of| of.critical_celsius)
        }),
        Named::text("path", "PATH", |row: &Self, _| Cell::text(&row.path)).on_demand(),
    ];
}
