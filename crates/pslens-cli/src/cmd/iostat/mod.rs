//! `pslens iostat`: what CPUs and disks do.

mod cpu;
mod row;
mod wanted;

use std::collections::BTreeMap;
use std::io::Write;
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use pslens::disk::IoCounters;
use serde::Serialize;

use self::row::Row;
use self::wanted::{Wanted, Words};
use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::listing::{self, Named, View};
use crate::output::{self, Sizes, json, time};
use crate::spelling;

/// What CPUs did, and how much disks read and wrote.
///
/// The first report is about the time since boot. With INTERVAL others follow, each about the time since
/// the one before it. Without DEVICE, disks that were ever used, without their partitions.
///
/// A request that waits in a queue counts as being under way. Averages of nothing (R_AWAIT when nothing was
/// read) are unknown, where iostat(1) prints 0. What it calls %system is %SYSTEM, %IRQ and %SOFT together. A
/// counter that falls, because a driver was loaded anew, makes everything of its disk unknown for one
/// report.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true, after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print help.
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// Names of disks (ALL: those that were never used too); then the seconds between reports, and how many.
    #[arg(value_name = "DEVICE|INTERVAL|COUNT", allow_negative_numbers = true)]
    words: Vec<String>,
    /// Show the CPUs only, unless -d is there too.
    #[arg(short, long)]
    cpu: bool,
    /// Show the disks only, unless -c is there too.
    #[arg(short, long)]
    device: bool,
    /// Show all that is known of each disk: how long requests took, how large they were, how many waited.
    #[arg(short = 'x', long)]
    extended: bool,
    /// Show these disks with their partitions; ALL: all of them.
    #[arg(short = 'p', long, value_name = "DEVICE,...", value_delimiter = ',')]
    partitions: Vec<String>,
    /// Leave out the report about the time since boot.
    #[arg(short = 'y', long)]
    omit_first: bool,
    /// Leave out disks that did nothing meanwhile.
    #[arg(short = 'z', long)]
    omit_idle: bool,
    /// Print the time above each table.
    #[arg(short, long)]
    time: bool,
    #[command(flatten)]
    unit: Unit,
    #[command(flatten)]
    table: listing::Options,
}

/// At most one of them.
#[derive(Debug, clap::Args)]
#[group(multiple = false, conflicts_with = "bytes")]
struct Unit {
    /// Sizes with a letter each, K, M, G; which is how they are printed anyway.
    #[arg(short = 'h', long)]
    human: bool,
    /// Sizes in K, of 1024 bytes.
    #[arg(short)]
    kibi: bool,
    /// Sizes in M, of 1024 K.
    #[arg(short)]
    mebi: bool,
}

const EXAMPLES: &str = "\
Examples:
  pslens iostat                   since boot
  pslens iostat -x 1 3            three reports, a second apart
  pslens iostat -dxy 1 sda        one disk, from now on
  pslens iostat -p sda -k         a disk and its partitions, in K
  pslens iostat -yz --sort -busy_percent --watch 2
  pslens iostat --json -y 1 1     of one second, for a program

Columns, of a disk: name; tps (requests per second); read_count_per_second
[R/S], read_bytes_per_second [RB/S], read_merged_count_per_second [RRQM/S],
read_merged_percent, read_await (shown in ms), read_size [RAREQ-SZ]; the same
of write and, but merges, of discard; flush_count_per_second, flush_await;
queue_length [AQU-SZ], busy_percent [%UTIL]; read_bytes, write_bytes,
discard_bytes (in the time of the report). With -c, of the CPUs: user, nice,
system, irq, softirq, iowait, steal, idle; guest and guest_nice on demand.
--csv has the disks only, with -c the CPUs only.
With --procfs of another system how long it was up is unknown, and so are rates.
In tables - is unknown: not counted by this kernel, or an average of nothing.
Exit status: 0 done, 1 a DEVICE does not exist, 2 wrong usage, 3 denied, 5 other
failures.";

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let words = Words::understood(&args.words).map_err(usage)?;
    if words.interval.is_some() && args.table.interval().is_some() {
        return Err(usage(
            "--watch and INTERVAL are the same; choose one".to_owned(),
        ));
    }
    let table = args.table.repeated(words.interval, words.count);
    let interval = table.interval();
    let views = Views::of(args, context)?;
    let mut report = Report {
        wanted: Wanted {
            disks: words.disks,
            families: args.partitions.clone(),
        },
        before: None,
        exit: Exit::Success,
    };
    if args.omit_first {
        let interval = interval.ok_or_else(|| {
            usage("-y leaves out the first report; say at which INTERVAL others follow".to_owned())
        })?;
        report.before = Some(Reading::now(&views)?);
        std::thread::sleep(interval);
    }
    table.repeat(context, |context, out| {
        let context = context.with_sizes(args.unit.sizes());
        report.next(args, &views, &context, out)?;
        if interval.is_some() && !context.json && !views.are_csv() {
            writeln!(out)?;
        }
        Ok(report.exit)
    })
}

fn usage(message: String) -> Failure {
    Failure::message(Exit::Usage, format!("iostat: {message}"))
}

impl Unit {
    /// What was chosen, if anything was.
    fn sizes(&self) -> Option<Sizes> {
        let unit = match self {
            Self { kibi: true, .. } => 1 << 10,
            Self { mebi: true, .. } => 1 << 20,
            Self { human, .. } => return human.then_some(Sizes::Human),
        };
        NonZeroU64::new(unit).map(Sizes::Whole)
    }
}

/// Counters at a moment.
#[derive(Debug)]
struct Reading {
    at: Instant,
    cpu: pslens::cpu::Times,
    disks: BTreeMap<String, IoCounters>,
}

impl Reading {
    fn now(views: &Views) -> Result<Self> {
        let disks = views.disks.as_ref();
        let disks = disks.map(|_| pslens::disk::io_counters_per_disk());
        Ok(Self {
            cpu: pslens::cpu::times()?,
            disks: disks.transpose()?.unwrap_or_default(),
            at: Instant::now(),
        })
    }
}

/// How the two tables are wanted. What is said of columns is about the CPUs with -c, else about the disks.
struct Views {
    cpu: Option<View<&'static Named<cpu::Row>>>,
    disks: Option<View<&'static Named<Row>>>,
}

impl Views {
    fn of(args: &Args, context: &Context) -> Result<Self> {
        if args.cpu && !args.device {
            return Ok(Self {
                cpu: Some(args.table.view(context)?),
                disks: None,
            });
        }
        let disks: View<_> = args.table.view(context)?;
        // One file holds one table.
        let cpu = (args.cpu || !args.device) && !disks.is_csv();
        Ok(Self {
            cpu: cpu.then(View::default),
            disks: Some(disks),
        })
    }

    fn are_csv(&self) -> bool {
        self.cpu.as_ref().is_some_and(View::is_csv) || self.disks.as_ref().is_some_and(View::is_csv)
    }

    fn write(
        &self,
        args: &Args,
        (cpu, disks): (cpu::Row, Vec<Row>),
        context: &Context,
        out: &mut dyn Write,
    ) -> Result<()> {
        let clock = &context.clock;
        let cpu = self
            .cpu
            .as_ref()
            .map(|view| (view, view.arrange(vec![cpu], clock)));
        let disks = self
            .disks
            .as_ref()
            .map(|view| (view, view.arrange(disks, clock)));
        if context.json {
            let cpu = cpu.iter().flat_map(|(_, rows)| rows).map(Object::Cpu);
            let disks = disks.iter().flat_map(|(_, rows)| rows).map(Object::Disk);
            return Ok(json::write(cpu.chain(disks), out)?);
        }
        if args.time && !self.are_csv() {
            writeln!(out, "{}", time::present(clock))?;
        }
        if let Some((view, rows)) = &cpu {
            view.write(rows, &listing::usual::<cpu::Row>(), |row| row, context, out)?;
        }
        if cpu.is_some() && disks.is_some() {
            writeln!(out)?;
        }
        if let Some((view, rows)) = &disks {
            let names = if args.extended {
                row::EXTENDED
            } else {
                row::SHORT
            };
            view.write(rows, &listing::named(names), |row| row, context, out)?;
        }
        Ok(())
    }
}

/// An object of the JSON answer.
#[derive(Serialize)]
#[serde(untagged)]
enum Object<'a> {
    Cpu(&'a cpu::Row),
    Disk(&'a Row),
}

/// Report after report.
struct Report {
    wanted: Wanted,
    /// The reading of the one before.
    before: Option<Reading>,
    exit: Exit,
}

impl Report {
    fn next(
        &mut self,
        args: &Args,
        views: &Views,
        context: &Context,
        out: &mut dyn Write,
    ) -> Result<()> {
        let reading = Reading::now(views)?;
        if views.disks.is_some() {
            self.note_missing(&reading);
        }
        let rows = self.rows(&reading, args, context)?;
        self.before = Some(reading);
        views.write(args, rows, context, out)
    }

    fn rows(
        &self,
        reading: &Reading,
        args: &Args,
        context: &Context,
    ) -> Result<(cpu::Row, Vec<Row>)> {
        let before = self.before.as_ref();
        let cpu = cpu::Row::between(before.map(|before| &before.cpu), &reading.cpu);
        let elapsed = match before {
            Some(before) => Some(reading.at - before.at),
            None => since_boot(context)?,
        };
        let row = |(name, disk): (&String, &IoCounters)| {
            match before.and_then(|before| before.disks.get(name)) {
                Some(before) => Row::between(name, before, disk, elapsed),
                // All that it ever did was since boot, or since the report before.
                None => Row::since_it_is_there(name, disk, elapsed),
            }
        };
        let disks = reading.disks.iter();
        let mut disks: Vec<Row> = disks
            .filter(|(name, disk)| self.wanted.wants(name, disk))
            .map(row)
            .collect();
        if args.omit_idle {
            disks.retain(|disk| !disk.is_idle());
        }
        Ok((cpu, disks))
    }

    /// Says once which disks are not there.
    fn note_missing(&mut self, reading: &Reading) {
        if self.exit == Exit::NotFound {
            return;
        }
        for name in self.wanted.missing(&reading.disks) {
            let meant = spelling::suggestion(name, reading.disks.keys().map(String::as_str));
            output::note(&format!("iostat: there is no disk '{name}'{meant}"));
            self.exit = Exit::NotFound;
        }
    }
}

/// `None` if nobody knows, under another root.
fn since_boot(context: &Context) -> Result<Option<Duration>> {
    let Some(now) = context.clock.now else {
        return Ok(None);
    };
    let boot = pslens::host::boot_time()?;
    Ok(now.duration_since(boot).ok())
}
