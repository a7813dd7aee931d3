//! `pslens nettop`: what goes through the network interfaces just now.

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::{Duration, Instant};

use pslens::counters::NoWrap;
use pslens::net::{self, IoCounters};
use serde::Serialize;

use crate::args::{LEGEND, seconds};
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::listing::{self, Listed, Named, View};
use crate::output::{Cell, json};

/// What goes through each network interface, per second.
///
/// Averages over the time between two looks at the system's counters, so that the first answer takes one
/// such interval. An interface that appeared since the last look has no rates yet. Which process causes
/// the traffic is not told: the system counts by interface; `netstat -p` tells who has connections.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Look every SECONDS and answer each time until interrupted; without it once, after a second.
    #[arg(value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true, conflicts_with = "watch")]
    interval: Option<Duration>,
    /// Stop after COUNT answers.
    #[arg(value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..), allow_negative_numbers = true)]
    count: Option<u64>,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens nettop                 over one second
  pslens nettop 2 5             five times, every two seconds
  pslens nettop --watch 1 --sort -bytes_recv_per_second
  pslens nettop --columns name,bytes_recv,bytes_sent 0.1 1
  pslens nettop --json 1 1      psutil's net_io_counters(pernic=True), with rates

Columns: name, and bytes_recv_per_second, bytes_sent_per_second and the same of
packets_recv, packets_sent, errin, errout, dropin, dropout; on demand the totals
since the interface appeared, which have the names without _per_second.
In tables - is unknown, ? is denied (ask as root).
Exit status: 0 done, 2 wrong usage, 3 denied, 5 other failures.";

/// What one interface did, and has done: psutil's `snetio` and rates.
#[derive(Debug, Serialize)]
struct Row {
    #[serde(serialize_with = "json::text")]
    name: OsString,
    #[serde(flatten)]
    rates: Rates,
    #[serde(flatten)]
    totals: IoCounters,
}

/// Of each counter, per second; unknown where there was no earlier look.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Rates {
    bytes_sent_per_second: Option<f64>,
    bytes_recv_per_second: Option<f64>,
    packets_sent_per_second: Option<f64>,
    packets_recv_per_second: Option<f64>,
    errin_per_second: Option<f64>,
    errout_per_second: Option<f64>,
    dropin_per_second: Option<f64>,
    dropout_per_second: Option<f64>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let table = args.table.repeated(args.interval, args.count);
    let view: View<&Named<Row>> = table.view(context)?;
    let mut looks = Looks::default();
    looks.look()?;
    std::thread::sleep(table.interval().unwrap_or(Duration::from_secs(1)));
    table.repeat(context, |context, out| {
        view.show(looks.look()?, context, out)?;
        Ok(Exit::Success)
    })
}

/// What the counters were at the last look.
#[derive(Debug, Default)]
struct Looks {
    nowrap: NoWrap<OsString, IoCounters>,
    last: Option<(Instant, HashMap<OsString, IoCounters>)>,
}

impl Looks {
    fn look(&mut self) -> Result<Vec<Row>> {
        let mut rows = net::io_counters_per_nic()?;
        let now = Instant::now();
        self.nowrap
            .adjust(rows.iter_mut().map(|(name, counters)| (&*name, counters)));
        let before = self.last.take();
        let rates = |name: &OsString, counters: &IoCounters| {
            let (then, before) = before.as_ref()?;
            Some(Rates::of(before.get(name)?, counters, now - *then))
        };
        let answer = rows.iter().map(|(name, counters)| Row {
            name: name.clone(),
            rates: rates(name, counters).unwrap_or_default(),
            totals: *counters,
        });
        let answer = answer.collect();
        self.last = Some((now, rows.into_iter().collect()));
        Ok(answer)
    }
}

impl Rates {
    fn of(before: &IoCounters, after: &IoCounters, elapsed: Duration) -> Self {
        let seconds = elapsed.as_secs_f64();
        let rate = |counter: fn(&IoCounters) -> u64| {
            let more = counter(after).saturating_sub(counter(before));
            (seconds > 0.0).then_some(more as f64 / seconds)
        };
        Self {
            bytes_sent_per_second: rate(|counters| counters.bytes_sent),
            bytes_recv_per_second: rate(|counters| counters.bytes_recv),
            packets_sent_per_second: rate(|counters| counters.packets_sent),
            packets_recv_per_second: rate(|counters| counters.packets_recv),
            errin_per_second: rate(|counters| counters.errin),
            errout_per_second: rate(|counters| counters.errout),
            dropin_per_second: rate(|counters| counters.dropin),
            dropout_per_second: rate(|counters| counters.dropout),
        }
    }
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("name", "IFACE", |row: &Self, _| Cell::text(&row.name)),
        Named::number("bytes_recv_per_second", "RX/s", |row: &Self, _| {
            rate(row.rates.bytes_recv_per_second, Cell::BytesRate)
        }),
        Named::number("bytes_sent_per_second", "TX/s", |row: &Self, _| {
            rate(row.rates.bytes_sent_per_second, Cell::BytesRate)
        }),
        Named::number("packets_recv_per_second", "RX-PKT/s", |row: &Self, _| {
            rate(row.rates.packets_recv_per_second, Cell::Float)
        }),
        Named::number("packets_sent_per_second", "TX-PKT/s", |row: &Self, _| {
            rate(row.rates.packets_sent_per_second, Cell::Float)
        }),
        Named::number("errin_per_second", "RX-ERR/s", |row: &Self, _| {
            rate(row.rates.errin_per_second, Cell::Float)
        }),
        Named::number("errout_per_second", "TX-ERR/s", |row: &Self, _| {
            rate(row.rates.errout_per_second, Cell::Float)
        }),
        Named::number("dropin_per_second", "RX-DRP/s", |row: &Self, _| {
            rate(row.rates.dropin_per_second, Cell::Float)
        }),
        Named::number("dropout_per_second", "TX-DRP/s", |row: &Self, _| {
            rate(row.rates.dropout_per_second, Cell::Float)
        }),
        Named::number("bytes_recv", "RX-BYTES", |row: &Self, _| {
            Cell::Bytes(row.totals.bytes_recv)
        })
        .on_demand(),
        Named::number("bytes_sent", "TX-BYTES", |row: &Self, _| {
            Cell::Bytes(row.totals.bytes_sent)
        })
        .on_demand(),
        Named::number("packets_recv", "RX-OK", |row: &Self, _| {
            Cell::Count(row.totals.packets_recv)
        })
        .on_demand(),
        Named::number("packets_sent", "TX-OK", |row: &Self, _| {
            Cell::Count(row.totals.packets_sent)
        })
        .on_demand(),
        Named::number("errin", "RX-ERR", |row: &Self, _| {
            Cell::Count(row.totals.errin)
        })
        .on_demand(),
        Named::number("errout", "TX-ERR", |row: &Self, _| {
            Cell::Count(row.totals.errout)
        })
        .on_demand(),
        Named::number("dropin", "RX-DRP", |row: &Self, _| {
            Cell::Count(row.totals.dropin)
        })
        .on_demand(),
        Named::number("dropout", "TX-DRP", |row: &Self, _| {
            Cell::Count(row.totals.dropout)
        })
        .on_demand(),
    ];
}

fn rate(rate: Option<f64>, cell: fn(f64) -> Cell<'static>) -> Cell<'static> {
    rate.map_or(Cell::Unknown, cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(bytes_sent: u64, errin: u64) -> IoCounters {
        let mut counters = IoCounters::default();
        counters.bytes_sent = bytes_sent;
        counters.errin = errin;
        counters
    }

    #[test]
    fn rates_are_what_was_added_per_second() {
        let (before, after) = (counters(1000, 5), counters(4000, 6));
        let rates = Rates::of(&before, &after, Duration::from_secs(2));
        assert_eq!(rates.bytes_sent_per_second, Some(1500.0));
        assert_eq!(rates.errin_per_second, Some(0.5));
        assert_eq!(rates.packets_recv_per_second, Some(0.0));
        // Two looks at the same moment tell nothing.
        let rates = Rates::of(&before, &after, Duration::ZERO);
        assert_eq!(rates, Rates::default());
    }
}
