//! `pslens free`: how much memory is used.

use std::io::Write;
use std::num::NonZeroU64;
use std::time::Duration;

use pslens::memory::{self, SwapMemory, VirtualMemory};
use serde::Serialize;

use crate::args::{LEGEND, seconds};
use crate::context::Context;
use crate::exit::{Exit, Result, explained};
use crate::listing::{self, Listed, Named, View};
use crate::output::{self, Cell, Sizes};

/// How much memory and swap is used and free.
///
/// TOTAL is what the kernel can give out, AVAILABLE what programs could get without swapping, USED the
/// difference of the two (free(1) before procps 4.0.2 subtracted free memory and caches instead, which
/// counts shared memory as free). BUFF/CACHE is the block cache, the page cache and the part of the
/// kernel's own caches that can be taken back; SHARED (mostly tmpfs) is a part of it that cannot be.
/// Columns overlap and do not add up.
///
/// Sizes are for people, unless a unit is chosen: then they are whole numbers of it, rounded down.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true, after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print help.
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,
    #[command(flatten)]
    unit: Unit,
    /// Units are powers of 1000, not of 1024.
    #[arg(long, conflicts_with_all = ["in_bytes", "bytes"])]
    si: bool,
    /// Show the block cache and the page cache each in a column of its own.
    #[arg(short, long)]
    wide: bool,
    /// Show a line with the sum of memory and swap.
    #[arg(short = 't', long)]
    total: bool,
    /// Answer again every SECONDS, as --watch, but one answer below the other.
    #[arg(short, long = "seconds", value_name = "SECONDS", value_parser = seconds, allow_hyphen_values = true, conflicts_with = "watch")]
    seconds: Option<Duration>,
    /// Stop after N answers, as --times; every second if -s says nothing else.
    #[arg(short, long = "count", value_name = "N", value_parser = clap::value_parser!(u64).range(1..), allow_hyphen_values = true, conflicts_with_all = ["watch", "times"])]
    count: Option<u64>,
    #[command(flatten)]
    table: listing::Options,
}

/// At most one of them. Those with -bi- in their names are powers of 1024.
#[derive(Debug, clap::Args)]
#[group(multiple = false, conflicts_with = "bytes")]
struct Unit {
    /// Sizes in bytes, as --bytes.
    #[arg(short = 'b')]
    in_bytes: bool,
    /// In K, of 1024 bytes.
    #[arg(short, long)]
    kibi: bool,
    /// In M, of 1024 K.
    #[arg(short, long)]
    mebi: bool,
    /// In G, of 1024 M.
    #[arg(short, long)]
    gibi: bool,
    /// In T, of 1024 G.
    #[arg(long)]
    tebi: bool,
    /// In P, of 1024 T.
    #[arg(long)]
    pebi: bool,
    /// In K, of 1000 bytes.
    #[arg(long)]
    kilo: bool,
    /// In M, of 1000 K.
    #[arg(long)]
    mega: bool,
    /// In G, of 1000 M.
    #[arg(long)]
    giga: bool,
    /// In T, of 1000 G.
    #[arg(long)]
    tera: bool,
    /// In P, of 1000 T.
    #[arg(long)]
    peta: bool,
    /// With a letter each: B, K, M, G; which is how they are printed anyway.
    #[arg(short = 'h', long)]
    human: bool,
}

const EXAMPLES: &str = "\
Examples:
  pslens free           for people
  pslens free -m        in M, of 1024 * 1024 bytes
  pslens free -b        in bytes
  pslens free -w -t     more columns, and the sum of memory and swap
  pslens free -s 2 -c 5 five answers, two seconds apart
  pslens free --json    psutil's virtual_memory() and swap_memory(), two objects

Columns: name, total, used, free, shared, buff/cache, available; buffers and
cached with -w; percent, active, inactive, slab, sin, sout on demand.
free(1) has -l and -v too: nothing here tells low from high memory, or what
was promised.
In tables - is unknown: this kernel or container does not tell, or swap does
not have it.
Exit status: 0 done, 2 wrong usage, 3 denied, 4 swap is not told, 5 other
failures.";

/// A line of the answer.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    #[serde(flatten)]
    record: Record,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Record {
    Virtual(VirtualMemory),
    Swap(SwapMemory),
    /// Of both.
    Sum {
        total: u64,
        used: u64,
        free: u64,
    },
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<&Named<Row>> = args.table.view(context)?;
    let sizes = args.unit.sizes(args.si);
    let interval = args.seconds.or(args.count.map(|_| Duration::from_secs(1)));
    let table = args.table.repeated(interval, args.count);
    table.repeat(context, |context, out| {
        let memory = memory::virtual_memory()?;
        let (swap, exit) = match memory::swap_memory() {
            Ok(swap) => (Some(swap), Exit::Success),
            Err(error) => {
                output::note(&format!("free: {}", explained(&error)));
                (None, Exit::PartlyFailed)
            }
        };
        let rows = rows(args, memory, swap);
        show(args, &view, rows, &context.with_sizes(sizes), out)?;
        Ok(exit)
    })
}

impl Unit {
    /// What was chosen, if anything was.
    fn sizes(&self, si: bool) -> Option<Sizes> {
        let base = if si { 1000 } else { 1024 };
        let units = [
            (self.in_bytes, base, 0),
            (self.kibi, base, 1),
            (self.mebi, base, 2),
            (self.gibi, base, 3),
            (self.tebi, base, 4),
            (self.pebi, base, 5),
            (self.kilo, 1000, 1),
            (self.mega, 1000, 2),
            (self.giga, 1000, 3),
            (self.tera, 1000, 4),
            (self.peta, 1000, 5),
        ];
        match units.into_iter().find(|(chosen, ..)| *chosen) {
            Some((_, base, power)) => NonZeroU64::new(base)?.checked_pow(power).map(Sizes::Whole),
            None => si.then_some(Sizes::Si),
        }
    }
}

/// Without swap where nobody knows of any, and then without a sum.
fn rows(args: &Args, memory: VirtualMemory, swap: Option<SwapMemory>) -> Vec<Row> {
    let sum = swap.as_ref().filter(|_| args.total).map(|swap| Row {
        name: "total",
        record: Record::Sum {
            total: memory.total.saturating_add(swap.total),
            used: memory.used.saturating_add(swap.used),
            free: memory.free.saturating_add(swap.free),
        },
    });
    let memory = Row {
        name: "virtual",
        record: Record::Virtual(memory),
    };
    let swap = swap.map(|swap| Row {
        name: "swap",
        record: Record::Swap(swap),
    });
    std::iter::once(memory).chain(swap).chain(sum).collect()
}

fn show(
    args: &Args,
    view: &View<&'static Named<Row>>,
    rows: Vec<Row>,
    context: &Context,
    out: &mut dyn Write,
) -> Result<()> {
    let rows = view.arrange(rows, &context.clock);
    let caches: &[&str] = if args.wide {
        &["buffers", "cached"]
    } else {
        &["buff/cache"]
    };
    let names = [
        &["name", "total", "used", "free", "shared"],
        caches,
        &["available"],
    ];
    let usual = listing::named(&names.concat());
    view.write(&rows, &usual, |row| row, context, out)
}

impl Row {
    /// What only memory has, or only swap.
    fn of_memory(&self, show: impl FnOnce(&VirtualMemory) -> Option<u64>) -> Cell<'static> {
        match &self.record {
            Record::Virtual(memory) => Cell::bytes(show(memory)),
            Record::Swap(_) | Record::Sum { .. } => Cell::Unknown,
        }
    }

    fn of_swap(&self, show: impl FnOnce(&SwapMemory) -> Option<u64>) -> Cell<'static> {
        match &self.record {
            Record::Swap(swap) => Cell::bytes(show(swap)),
            Record::Virtual(_) | Record::Sum { .. } => Cell::Unknown,
        }
    }
}

/// Both caches; what is missing of them counts as nothing, unless both are.
fn both(buffers: Option<u64>, cached: Option<u64>) -> Option<u64> {
    match (buffers, cached) {
        (Some(buffers), Some(cached)) => Some(buffers.saturating_add(cached)),
        (one, other) => one.or(other),
    }
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("name", "", |row, _| {
            Cell::word(match row.record {
                Record::Virtual(_) => "Mem:",
                Record::Swap(_) => "Swap:",
                Record::Sum { .. } => "Total:",
            })
        }),
        Named::number("total", "TOTAL", |row, _| match &row.record {
            Record::Virtual(memory) => Cell::Bytes(memory.total),
            Record::Swap(swap) => Cell::Bytes(swap.total),
            Record::Sum { total, .. } => Cell::Bytes(*total),
        }),
        Named::number("used", "USED", |row, _| match &row.record {
            Record::Virtual(memory) => Cell::Bytes(memory.used),
            Record::Swap(swap) => Cell::Bytes(swap.used),
            Record::Sum { used, .. } => Cell::Bytes(*used),
        }),
        Named::number("free", "FREE", |row, _| match &row.record {
            Record::Virtual(memory) => Cell::Bytes(memory.free),
            Record::Swap(swap) => Cell::Bytes(swap.free),
            Record::Sum { free, .. } => Cell::Bytes(*free),
        }),
        Named::number("shared", "SHARED", |row, _| {
            row.of_memory(|memory| memory.shared)
        }),
        Named::number("buff/cache", "BUFF/CACHE", |row, _| {
            row.of_memory(|memory| both(memory.buffers, memory.cached))
        }),
        Named::number("buffers", "BUFFERS", |row, _| {
            row.of_memory(|memory| memory.buffers)
        }),
        Named::number("cached", "CACHE", |row, _| {
            row.of_memory(|memory| memory.cached)
        }),
        Named::number("available", "AVAILABLE", |row, _| {
            row.of_memory(|memory| Some(memory.available))
        }),
        Named::number("percent", "USE%", |row, _| match &row.record {
            Record::Virtual(memory) => Cell::Percent(memory.percent),
            Record::Swap(swap) => Cell::Percent(swap.percent),
            Record::Sum { .. } => Cell::Unknown,
        }),
        Named::number("active", "ACTIVE", |row, _| {
            row.of_memory(|memory| memory.active)
        }),
        Named::number("inactive", "INACTIVE", |row, _| {
            row.of_memory(|memory| memory.inactive)
        }),
        Named::number("slab", "SLAB", |row, _| row.of_memory(|memory| memory.slab)),
        Named::number("sin", "SWAPPED IN", |row, _| row.of_swap(|swap| swap.sin)),
        Named::number("sout", "SWAPPED OUT", |row, _| {
            row.of_swap(|swap| swap.sout)
        }),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Tool};

    fn sizes(words: &[&str]) -> Option<Sizes> {
        let line = [&["pslens", "free"], words].concat();
        match Cli::of(line.into_iter().map(Into::into)).unwrap().tool {
            Tool::Free(args) => args.unit.sizes(args.si),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn units_are_those_of_procps() {
        let check = |words: &[&str], expect: Option<u64>| {
            let expect = expect.and_then(NonZeroU64::new).map(Sizes::Whole);
            assert_eq!(sizes(words), expect, "{words:?}");
        };
        check(&[], None);
        check(&["-h"], None);
        check(&["-b"], Some(1));
        check(&["-k"], Some(1024));
        check(&["-k", "--si"], Some(1000));
        check(&["-m"], Some(1 << 20));
        check(&["-g"], Some(1 << 30));
        check(&["--tebi"], Some(1 << 40));
        check(&["--pebi"], Some(1 << 50));
        check(&["--kilo"], Some(1000));
        check(&["--mega"], Some(1_000_000));
        check(&["--peta", "--si"], Some(1_000_000_000_000_000));
        assert_eq!(sizes(&["-h", "--si"]), Some(Sizes::Si));
    }

    #[test]
    fn a_cache_that_is_not_told_does_not_hide_the_other() {
        assert_eq!(both(Some(1), Some(2)), Some(3));
        assert_eq!(both(None, Some(2)), Some(2));
        assert_eq!(both(Some(1), None), Some(1));
        assert_eq!(both(None, None), None);
    }
}
