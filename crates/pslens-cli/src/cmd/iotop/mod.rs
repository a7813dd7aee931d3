//! `pslens iotop`: which processes read and write.

mod looks;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::Write;
use std::num::NonZeroU64;
use std::time::Duration;

use pslens::Pid;
use pslens::process::{Attribute, AttributeSet, Field, Info, IoPriority};
use serde::Serialize;

use self::looks::{Activity, Look, Looks};
use crate::args::{LEGEND, pid, seconds};
use crate::context::Context;
use crate::exit::{Exit, Result, explained};
use crate::listing::{self, Listed, Named, View};
use crate::output::{self, Cell, Sizes, time};
use crate::select;

/// What processes read from disks and write to them, per second; those who do most come first.
///
/// Once, about one second from now, unless -b, -d, -n or --watch ask for more. READ is what had to be fetched
/// from disks, WRITE what will have to be written to them, also if the file is deleted before. Threads count
/// as their process. A process that has ended since the last look is missing with what it did. IO% is the
/// share of the time in which its main thread waited for a disk: unknown unless the kernel counts it
/// (sysctl kernel.task_delayacct=1).
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Show only processes that did something.
    #[arg(short, long)]
    only: bool,
    /// Answer every second, until interrupted or as often as -n says.
    #[arg(short, long)]
    batch: bool,
    /// Stop after N answers.
    #[arg(short = 'n', long = "iter", value_name = "N", value_parser = clap::value_parser!(u64).range(1..), allow_hyphen_values = true, conflicts_with = "times")]
    iterations: Option<u64>,
    /// Answer every SECONDS, as --watch, but one answer below the other.
    #[arg(short, long, value_name = "SECONDS", value_parser = seconds, allow_hyphen_values = true, conflicts_with = "watch")]
    delay: Option<Duration>,
    /// Show these processes.
    #[arg(short, long = "pid", value_name = "PID,...", value_delimiter = ',', value_parser = pid, allow_hyphen_values = true)]
    pids: Vec<Pid>,
    /// Show the processes that these users started: names or numbers.
    #[arg(short, long = "user", value_name = "USER,...", value_delimiter = ',')]
    users: Vec<String>,
    /// Show processes, not threads; as without it.
    #[arg(short = 'P', long)]
    processes: bool,
    /// Show what was read and written since the first look, not per second.
    #[arg(short, long)]
    accumulated: bool,
    /// Sizes in K, of 1024 bytes.
    #[arg(short, long, conflicts_with = "bytes")]
    kilobytes: bool,
    /// Print the time above each table.
    #[arg(short, long)]
    time: bool,
    /// Names of columns above the first table only; twice: above none; three times: no totals either.
    #[arg(short, long, action = clap::ArgAction::Count)]
    quiet: u8,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens iotop                  over one second
  pslens iotop -o -d 5          every five seconds, who did something
  pslens iotop -boqqq -n 3      three times, lines only
  pslens iotop -a -u www-data --watch 10
  pslens iotop --filter 'write_bytes_per_second>1M'
  pslens iotop --json           for a program

Columns: pid, ionice, username, read_bytes_per_second [READ/S],
write_bytes_per_second [WRITE/S], iowait_percent [IO%], command; with -a
read_bytes and write_bytes for those per second; name on demand.
Without -b iotop(1) is interactive; for that there is pslens top. What is swapped
in is not told by process.
In tables - is unknown, ? is denied (ask as root).
Exit status: 0 done, 1 a PID or USER does not exist, 2 wrong usage, 3 denied, 4
some processes could not be looked at, 5 other failures.";

const ATTRIBUTES: AttributeSet = AttributeSet::of(&[
    Attribute::Cmdline,
    Attribute::CpuTimes,
    Attribute::IoCounters,
    Attribute::Ionice,
    Attribute::Name,
    Attribute::Uids,
    Attribute::Username,
]);

/// A line of the answer: what is known of the process, and what it did meanwhile.
#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    info: Info,
    #[serde(flatten)]
    activity: Activity,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    const SECOND: Duration = Duration::from_secs(1);
    let view: View<&Named<Row>> = args.table.view(context)?;
    let users = select::user_ids("iotop", &args.users)?;
    let again = args.batch || args.iterations.is_some();
    let usual = (again && args.table.interval().is_none()).then_some(SECOND);
    let table = args.table.repeated(args.delay.or(usual), args.iterations);
    let mut report = Report {
        args,
        users,
        looks: Looks::default(),
        answers: 0,
        exit: Exit::Success,
    };
    report.looks.look(ATTRIBUTES, args.accumulated)?;
    std::thread::sleep(table.interval().unwrap_or(SECOND));
    table.repeat(context, |context, out| report.next(&view, context, out))
}

/// Answer after answer.
struct Report<'a> {
    args: &'a Args,
    users: Vec<u32>,
    looks: Looks,
    answers: u64,
    exit: Exit,
}

impl Report<'_> {
    fn next(
        &mut self,
        view: &View<&'static Named<Row>>,
        context: &Context,
        out: &mut dyn Write,
    ) -> Result<Exit> {
        let args = self.args;
        let mut look = self.looks.look(ATTRIBUTES, args.accumulated)?;
        if self.answers == 0 {
            self.note_what_is_missing(&look);
        }
        look.processes.retain(|(info, _)| self.wants(info));
        let kilobytes = NonZeroU64::new(1024).filter(|_| args.kilobytes);
        let mut context = context.with_sizes(kilobytes.map(Sizes::Whole));
        context.layout.header &= match args.quiet {
            0 => true,
            1 => self.answers == 0,
            _ => false,
        };
        self.answers += 1;
        if !context.json && !view.is_csv() {
            if args.time {
                writeln!(out, "{}", time::present(&context.clock))?;
            }
            if args.quiet < 3 {
                writeln!(out, "{}", totals(&look, &context))?;
            }
        }
        if args.only {
            look.processes.retain(|(_, activity)| activity.is_any());
        }
        if !view.is_sorted() {
            // Stable: the others stay in the order of their numbers.
            let most = |(_, activity): &(Info, Activity)| Reverse(activity.bytes());
            look.processes.sort_by_key(most);
        }
        let rows = look.processes.into_iter();
        let rows = rows.map(|(info, activity)| Row { info, activity });
        let rows = view.arrange(rows.collect(), &context.clock);
        let names = if args.accumulated { SUMS } else { RATES };
        view.write(&rows, &listing::named(names), |row| row, &context, out)?;
        Ok(self.exit)
    }

    fn wants(&self, info: &Info) -> bool {
        let started_by = |users: &[u32]| {
            let user = info.uids.value().map(|uids| uids.real);
            user.is_some_and(|user| users.contains(&user))
        };
        match (self.args.pids.as_slice(), self.users.as_slice()) {
            ([], []) => true,
            (pids, users) => pids.contains(&info.pid()) || started_by(users),
        }
    }

    /// Says once who is not there and how many do not let themselves be looked at.
    fn note_what_is_missing(&mut self, look: &Look) {
        let wanted = || look.processes.iter().filter(|(info, _)| self.wants(info));
        let denied = wanted().filter(|(info, _)| matches!(info.io_counters, Field::Denied));
        let (denied, all) = (denied.count(), wanted().count());
        let there = |pid: &Pid| look.processes.iter().any(|(info, _)| info.pid() == *pid);
        let missing: BTreeSet<Pid> = self
            .args
            .pids
            .iter()
            .copied()
            .filter(|pid| !there(pid))
            .collect();
        if denied > 0 {
            output::note(&format!(
                "iotop: what {denied} of {all} processes read and write is denied (ask as root); they are \
                 not in the totals"
            ));
            self.exit = Exit::PartlyFailed;
        }
        if let Some(error) = &look.failure {
            output::note(&format!("iotop: {}", explained(error)));
            self.exit = Exit::PartlyFailed;
        }
        for pid in missing {
            output::note(&format!("iotop: there is no process {pid}"));
            self.exit = Exit::NotFound;
        }
    }
}

/// The columns.
const RATES: &[&str] = &[
    "pid",
    "ionice",
    "username",
    "read_bytes_per_second",
    "write_bytes_per_second",
    "iowait_percent",
    "command",
];

/// Those of -a.
const SUMS: &[&str] = &[
    "pid",
    "ionice",
    "username",
    "read_bytes",
    "write_bytes",
    "iowait_percent",
    "command",
];

/// What everybody did who is wanted and may be looked at.
fn totals(look: &Look, context: &Context) -> String {
    let mut line = String::from("Total DISK READ: ");
    let mut push = |rate: fn(&Activity) -> Option<f64>, unit| {
        let rates = look
            .processes
            .iter()
            .filter_map(|(_, activity)| rate(activity));
        let sum = Cell::quotient(rates.reduce(|sum, rate| sum + rate), Cell::BytesRate);
        sum.push(&mut line, context.layout, &context.clock);
        line.push_str(unit);
    };
    push(
        |activity| activity.read_bytes_per_second,
        "/s | Total DISK WRITE: ",
    );
    push(|activity| activity.write_bytes_per_second, "/s");
    line
}

impl Row {
    /// What came of the counters says whether it is denied.
    fn done(&self, cell: Cell<'static>) -> Cell<'_> {
        Cell::of(&self.info.io_counters, |_| Some(cell))
    }
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::number("pid", "PID", |row: &Self, _| {
            Cell::Count(row.info.pid().as_u32().into())
        }),
        Named::text("ionice", "PRIO", |row, _| {
            Cell::of(&row.info.ionice, |priority| {
                Some(Cell::owned(short(*priority)))
            })
        }),
        Named::text("username", "USER", |row, _| {
            Cell::of(&row.info.username, |name| Some(Cell::text(name)))
        }),
        Named::number("read_bytes_per_second", "READ/S", |row, _| {
            row.done(Cell::quotient(
                row.activity.read_bytes_per_second,
                Cell::BytesRate,
            ))
        }),
        Named::number("write_bytes_per_second", "WRITE/S", |row, _| {
            row.done(Cell::quotient(
                row.activity.write_bytes_per_second,
                Cell::BytesRate,
            ))
        }),
        Named::number("read_bytes", "READ", |row, _| {
            row.done(Cell::bytes(row.activity.read_bytes))
        }),
        Named::number("write_bytes", "WRITTEN", |row, _| {
            row.done(Cell::bytes(row.activity.write_bytes))
        }),
        Named::number("iowait_percent", "IO%", |row, _| {
            Cell::quotient(row.activity.iowait_percent, Cell::Percent)
        }),
        Named::text("name", "NAME", |row, _| {
            Cell::of(&row.info.name, |name| Some(Cell::text(name)))
        }),
        Named::text("command", "COMMAND", |row, _| {
            Cell::owned(select::command(&row.info))
        }),
    ];
}

/// `rt/0`, `be/4`, `idle`, as iotop(1) has it; `none` where it derives one from the niceness.
fn short(priority: IoPriority) -> String {
    match priority {
        IoPriority::Realtime(level) => format!("rt/{}", level.get()),
        IoPriority::BestEffort(level) => format!("be/{}", level.get()),
        IoPriority::Idle => "idle".to_owned(),
        _ => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_an_answer_is_there() {
        for names in [RATES, SUMS] {
            assert_eq!(listing::named::<Row>(names).len(), names.len());
        }
    }
}
