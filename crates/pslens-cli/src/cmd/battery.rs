//! `pslens battery`: how full the batteries are, and how long they last.

use std::io::Write;

use pslens::sensors::{self, Battery, BatteryStatus, TimeLeft};
use serde::Serialize;

use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::listing::{self, Listed, Named, View};
use crate::output::{self, Cell};

/// Batteries: how full they are, and how long they will last.
///
/// LEFT is how long it lasts if as much is drawn as now; with external power that is unlimited. Batteries of
/// a mouse, a headset and the like are peripheral: they do not power this machine.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens battery
  pslens battery --filter is_peripheral=no
  pslens battery --json --watch 60

Columns: name, percent, secsleft, power_plugged, status, is_peripheral.
In tables - is unknown.
Exit status: 0 done, 1 there is no battery, 2 wrong usage, 3 denied, 5 other
failures.";

/// A line of the answer.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Row(Battery);

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<&'static Named<Row>> = args.table.view(context)?;
    args.table
        .repeat(context, |context, out| answer(&view, context, out))
}

fn answer(
    view: &View<&'static Named<Row>>,
    context: &Context,
    out: &mut dyn Write,
) -> Result<Exit> {
    let rows: Vec<Row> = sensors::batteries()?.into_iter().map(Row).collect();
    let mut exit = Exit::Success;
    if rows.is_empty() {
        output::note("battery: there is no battery");
        exit = Exit::NotFound;
    }
    if !rows.is_empty() || context.json {
        view.show(rows, context, out)?;
    }
    Ok(exit)
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("name", "NAME", |row, _| Cell::text(&row.0.name)),
        Named::number("percent", "FULL%", |row, _| {
            row.0.percent.map_or(Cell::Unknown, Cell::Percent)
        }),
        Named::number("secsleft", "LEFT", |row, _| match row.0.time_left {
            TimeLeft::Remaining(time) => Cell::Elapsed(time),
            TimeLeft::Unlimited => Cell::word("unlimited"),
            _ => Cell::Unknown,
        }),
        Named::text("power_plugged", "PLUGGED", |row, _| {
            row.0.power_plugged.map_or(Cell::Unknown, yes_or_no)
        }),
        Named::text("status", "STATUS", |row, _| status(row.0.status)),
        Named::text("is_peripheral", "PERIPHERAL", |row, _| {
            yes_or_no(row.0.is_peripheral)
        }),
    ];
}

fn yes_or_no(value: bool) -> Cell<'static> {
    Cell::word(if value { "yes" } else { "no" })
}

/// As JSON has it.
fn status(status: BatteryStatus) -> Cell<'static> {
    Cell::word(match status {
        BatteryStatus::Charging => "charging",
        BatteryStatus::Discharging => "discharging",
        BatteryStatus::NotCharging => "not-charging",
        BatteryStatus::Full => "full",
        _ => return Cell::Unknown,
    })
}
