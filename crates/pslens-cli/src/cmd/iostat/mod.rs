//! `pslens iostat`: what CPUs and disks do.

mod cpu;
mod row;

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use pslens::counters::Counters;
use pslens::disk::IoCounters;
use serde::Serialize;

use self::row::Row;
use crate::args::{LEGEND, seconds};
use crate::context::Context;
use crate::exit::{Exit, Failure, Result};
use crate::listing::{self, Named, View};
use crate::output::{self, Cell, Sizes, json, time};
use crate::spelling;

/// What CPUs did, and how much disks read and wrote.
///
/// The first report is about the time since boot. With INTERVAL others follow, each about the time since
/// the one before it. Without DEVICE, disks that were ever used, without their partitions.
///
/// A request that waits in a queue counts as being under way. Averages of nothing (R_AWAIT when nothing was
/// read) are unknown, where iostat(1) prints 0. %IRQ and %SOFT are parts of its %system. A counter that
/// falls, because a driver was loaded anew, makes everything of its disk unknown for one report.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true, after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print help.
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// Names of disks (ALL: those that were never used too); then the seconds between reports, and how many.
    #[arg(
        value_name = "DEVICE... [INTERVAL [COUNT",
        allow_negative_numbers = true
    )]
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
    let only_cpu = args.cpu && !args.device;
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
        report.before = Some(Reading::now(only_cpu)?);
        std::thread::sleep(interval);
    }
    let views = Views::of(args, context)?;
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
        std::num::NonZeroU64::new(unit).map(Sizes::Whole)
    }
}

/// The words without a hyphen: names of disks, and numbers.
#[derive(Debug, Default, PartialEq)]
struct Words {
    disks: Vec<String>,
    interval: Option<Duration>,
    count: Option<u64>,
}

impl Words {
    fn understood(typed: &[String]) -> std::result::Result<Self, String> {
        let mut words = Self::default();
        for word in typed {
            let is_number =
                word.starts_with(|first: char| first.is_ascii_digit() || "-.".contains(first));
            match (is_number, words.interval, words.count) {
                (false, ..) => words.disks.push(device(word).to_owned()),
                (true, None, _) => {
                    let wrong = |accepted| format!("invalid INTERVAL '{word}': {accepted}");
                    words.interval = Some(seconds(word).map_err(wrong)?);
                }
                (true, Some(_), None) => {
                    let count = word.parse().ok().filter(|count| *count > 0);
                    let wrong = || format!("invalid COUNT '{word}': accepted: a number from 1 on");
                    words.count = Some(count.ok_or_else(wrong)?);
                }
                (true, Some(_), Some(_)) => {
                    return Err(format!(
                        "'{word}' follows INTERVAL and COUNT; accepted: two numbers"
                    ));
                }
            }
        }
        Ok(words)
    }
}

/// Devices are named with and without their directory.
fn device(typed: &str) -> &str {
    typed.strip_prefix("/dev/").unwrap_or(typed)
}

/// The disks that were asked for; none means those that were ever used.
#[derive(Debug)]
struct Wanted {
    disks: Vec<String>,
    /// Disks with their partitions.
    families: Vec<String>,
}

impl Wanted {
    fn wants(&self, name: &str, disk: &IoCounters) -> bool {
        if self.disks.is_empty() && self.families.is_empty() {
            return !disk.is_partition && disk.fields().iter().any(|counter| *counter > 0);
        }
        let is_named = |wanted: &String| match &**wanted {
            "ALL" => !disk.is_partition,
            wanted => wanted == name,
        };
        let is_of_family = |wanted: &String| {
            let wanted = device(wanted);
            wanted == "ALL" || wanted == name || (disk.is_partition && is_part_of(name, wanted))
        };
        self.disks.iter().any(is_named) || self.families.iter().any(is_of_family)
    }

    /// Those that are not there.
    fn missing<'a>(&'a self, disks: &BTreeMap<String, IoCounters>) -> Vec<&'a str> {
        let all = self.disks.iter().chain(&self.families);
        all.map(|name| device(name))
            .filter(|name| *name != "ALL" && !disks.contains_key(*name))
            .collect()
    }
}

/// Partitions are called `sda1`, and `nvme0n1p1` where the name of the disk ends with a digit.
fn is_part_of(partition: &str, disk: &str) -> bool {
    let number = partition.strip_prefix(disk).and_then(|rest| {
        if disk.ends_with(|last: char| last.is_ascii_digit()) {
            rest.strip_prefix('p')
        } else {
            Some(rest)
        }
    });
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// Counters at a moment.
#[derive(Debug)]
struct Reading {
    at: Instant,
    cpu: pslens::cpu::Times,
    disks: BTreeMap<String, IoCounters>,
}

impl Reading {
    fn now(only_cpu: bool) -> Result<Self> {
        Ok(Self {
            cpu: pslens::cpu::times()?,
            disks: if only_cpu {
                BTreeMap::new()
            } else {
                pslens::disk::io_counters_per_disk()?
            },
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
        Ok(match (args.cpu, args.device) {
            (true, false) => Self {
                cpu: Some(args.table.view(context)?),
                disks: None,
            },
            (cpu, device) => {
                let disks: View<_> = args.table.view(context)?;
                let cpu = cpu == device && !disks.is_csv();
                Self {
                    cpu: cpu.then(View::default),
                    disks: Some(disks),
                }
            }
        })
    }

    fn are_csv(&self) -> bool {
        self.cpu.as_ref().is_some_and(View::is_csv) || self.disks.as_ref().is_some_and(View::is_csv)
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
        let reading = Reading::now(views.disks.is_none())?;
        if views.disks.is_some() {
            self.note_missing(&reading);
        }
        let before = self.before.as_ref();
        let cpu = vec![cpu::Row::between(
            before.map(|before| &before.cpu),
            &reading.cpu,
        )];
        let elapsed = match before {
            Some(before) => Some(reading.at - before.at),
            None => since_boot(context)?,
        };
        let mut disks = self.disks(&reading, elapsed);
        self.before = Some(reading);
        if args.omit_idle {
            disks.retain(|disk| !disk.is_idle());
        }
        let cpu = views
            .cpu
            .as_ref()
            .map(|view| (view, view.arrange(cpu, &context.clock)));
        let disks = views
            .disks
            .as_ref()
            .map(|view| (view, view.arrange(disks, &context.clock)));
        if context.json {
            let cpu = cpu.iter().flat_map(|(_, rows)| rows).map(Object::Cpu);
            let disks = disks.iter().flat_map(|(_, rows)| rows).map(Object::Disk);
            json::write(cpu.chain(disks), &mut &mut *out)?;
            return Ok(());
        }
        if args.time && !views.are_csv() {
            let now = context
                .clock
                .now
                .map_or(Cell::Unknown, |now| Cell::Time(now, time::Style::Full));
            let mut line = String::new();
            now.push(&mut line, context.layout, &context.clock);
            writeln!(out, "{line}")?;
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

    fn disks(&self, reading: &Reading, elapsed: Option<Duration>) -> Vec<Row> {
        let wanted = reading
            .disks
            .iter()
            .filter(|(name, disk)| self.wanted.wants(name, disk));
        let row = |(name, disk): (&String, &IoCounters)| {
            match self
                .before
                .as_ref()
                .and_then(|before| before.disks.get(name))
            {
                Some(before) => Row::between(name, before, disk, elapsed),
                // All that it ever did was since boot, or since the report before.
                None => Row::since_it_is_there(name, disk, elapsed),
            }
        };
        wanted.map(row).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &str) -> std::result::Result<Words, String> {
        let typed: Vec<String> = typed.split_whitespace().map(str::to_owned).collect();
        Words::understood(&typed)
    }

    #[test]
    fn disks_and_numbers_stand_in_any_order() {
        let check = |typed: &str, disks: &[&str], interval: Option<f64>, count: Option<u64>| {
            let expect = Words {
                disks: disks.iter().map(|&disk| disk.to_owned()).collect(),
                interval: interval.map(Duration::from_secs_f64),
                count,
            };
            assert_eq!(words(typed), Ok(expect), "{typed}");
        };
        check("", &[], None, None);
        check("1", &[], Some(1.0), None);
        check("0.5 3", &[], Some(0.5), Some(3));
        check("sda /dev/sdb 2 1", &["sda", "sdb"], Some(2.0), Some(1));
        check("2 1 sda", &["sda"], Some(2.0), Some(1));
    }

    #[test]
    fn wrong_numbers_are_told_what_is_accepted() {
        for (typed, part) in [
            ("0", "INTERVAL"),
            ("-1", "INTERVAL"),
            ("1s", "INTERVAL"),
            ("1 0", "COUNT"),
            ("1 1.5", "COUNT"),
            ("1 2 3", "two numbers"),
        ] {
            let wrong = words(typed).unwrap_err();
            assert!(
                wrong.contains(part) && wrong.contains("accepted: "),
                "{typed}: {wrong}"
            );
        }
    }

    #[test]
    fn partitions_are_told_by_their_names() {
        for (partition, disk) in [("sda1", "sda"), ("sda12", "sda"), ("nvme0n1p2", "nvme0n1")] {
            assert!(is_part_of(partition, disk), "{partition} {disk}");
        }
        for (other, disk) in [
            ("sdaa1", "sda"),
            ("sda", "sda"),
            ("sdb1", "sda"),
            ("nvme0n10", "nvme0n1"),
            ("nvme0n1p", "nvme0n1"),
        ] {
            assert!(!is_part_of(other, disk), "{other} {disk}");
        }
    }

    #[test]
    fn what_is_shown_is_what_was_asked_for() {
        let disk = |read_count: u64, is_partition: bool| {
            let mut disk = IoCounters::default();
            (disk.read_count, disk.is_partition) = (read_count, is_partition);
            disk
        };
        let disks = BTreeMap::from([
            ("loop0".to_owned(), disk(0, false)),
            ("sda".to_owned(), disk(1, false)),
            ("sda1".to_owned(), disk(1, true)),
            ("sdb".to_owned(), disk(1, false)),
        ]);
        let check = |named: &[&str], families: &[&str], expect: &str| {
            let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
            let wanted = Wanted {
                disks: owned(named),
                families: owned(families),
            };
            let shown = disks.iter().filter(|(name, disk)| wanted.wants(name, disk));
            let shown: Vec<&str> = shown.map(|(name, _)| &**name).collect();
            assert_eq!(shown.join(" "), expect);
        };
        check(&[], &[], "sda sdb");
        check(&["sda1"], &[], "sda1");
        check(&["ALL"], &[], "loop0 sda sdb");
        check(&[], &["sda"], "sda sda1");
        check(&["sdb"], &["/dev/sda"], "sda sda1 sdb");
        check(&[], &["ALL"], "loop0 sda sda1 sdb");
    }
}
