//! `pslens pmap`: what is mapped where in the memory of processes.

use std::ffi::OsString;
use std::num::ParseIntError;
use std::path::Path;

use pslens::process::{Attribute, AttributeSet, Field, MapAddress, MemoryMap, memory};
use pslens::{Pid, Process};
use serde::Serialize;

use crate::args::{LEGEND, pid};
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::listing::{self, Column, Listed, Named, View};
use crate::output::{Cell, text};
use crate::targets::Found;

/// What is mapped where in the memory of processes, and how much of it is resident.
///
/// MODE is read, write, execute and shared. RSS is memory that is there, DIRTY the part of it that was
/// written to; PSS counts shared memory in shares. Mappings without a file are called as the kernel does:
/// [heap], [stack], [vdso], [anon]. The total is of the rows that are shown.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The processes.
    #[arg(value_name = "PID", required = true, value_delimiter = ',', value_parser = pid)]
    pids: Vec<Pid>,
    /// Show how much is resident and dirty.
    #[arg(short = 'x', long)]
    extended: bool,
    /// Show everything that is known.
    #[arg(short = 'X', long, action = clap::ArgAction::Count, conflicts_with = "extended")]
    all: u8,
    /// Leave out the command line, the names of the columns and the total.
    #[arg(short, long)]
    quiet: bool,
    /// Show whole paths instead of names of files.
    #[arg(short = 'p', long)]
    show_path: bool,
    /// Only mappings between these addresses, in hexadecimal.
    #[arg(short = 'A', long, value_name = "LOW[,HIGH]", value_parser = range)]
    range: Option<Range>,
    /// Add up the mappings of the same file, as psutil does.
    #[arg(short, long)]
    grouped: bool,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens pmap 812
  pslens pmap -x 812 --sort -rss --top 10
  pslens pmap -x 812 --filter 'path~\\.so' --bytes
  pslens pmap -Xg 812                        by file, in all ways to count
  pslens pmap -p --json 812 813

Columns: address, size, mode, path; with -x rss and dirty; with -X all of pss,
shared_clean, shared_dirty, private_clean, private_dirty, referenced, anonymous,
swap; on demand pid. Sizes are in K, M, G; --bytes for bytes.
Unlike in pmap(1) columns have names without -x too, and offsets and devices
(-d) are not known. --csv has whole paths, no
totals, and a column pid.

In tables - is unknown, ? is denied (ask as root).
Exit status: 0 done, 1 a PID does not exist, 2 wrong usage, 3 denied, 4 some of
the processes could not be looked at, 5 other failures (a zombie has no memory).";

/// Addresses: the first, and the first after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    low: u64,
    high: u64,
}

fn range(typed: &str) -> std::result::Result<Range, String> {
    let address = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16);
    let both = match typed.split_once(',') {
        Some((low, high)) => address(low).and_then(|low| Ok((low, address(high)?))),
        // One address is that of the mapping around it.
        None => address(typed).map(|low| (low, low.saturating_add(1))),
    };
    both.map_err(|_: ParseIntError| ())
        .and_then(|(low, high)| (low < high).then_some(Range { low, high }).ok_or(()))
        .map_err(|()| "accepted: LOW or LOW,HIGH, in hexadecimal, LOW below HIGH".to_owned())
}

impl Range {
    fn touches(self, at: MapAddress) -> bool {
        at.start < self.high && self.low < at.end
    }
}

/// A mapping, or the sum of several.
#[derive(Debug, Clone, Serialize)]
struct Row {
    pid: Pid,
    #[serde(flatten)]
    map: MemoryMap,
    /// The path, or as much of it as is wanted.
    #[serde(skip)]
    shown: OsString,
    #[serde(skip)]
    is_total: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<&Named<Row>> = args.table.view(context)?;
    // A program has a use for whole paths only.
    let whole = args.show_path || view.is_csv();
    let in_one = context.json || view.is_csv();
    let usual = args.columns(view.is_csv());
    let shown = match view.named() {
        [] => &usual,
        named => named,
    };
    let has_address = shown.iter().any(|column| column.name() == "address");
    args.table.repeat(context, |context, out| {
        let found = Found::by_pid(&args.pids).each("pmap", |process| maps(args, whole, process));
        let mut context = context.now();
        context.layout.header &= !args.quiet;
        if in_one {
            let all = found.done().flat_map(|(_, rows)| rows.iter().cloned());
            let rows = view.arrange(all.collect(), &context.clock);
            view.write(&rows, &usual, |row| row, &context, out)?;
        } else {
            for (at, (pid, rows)) in found.done().enumerate() {
                if at > 0 {
                    writeln!(out)?;
                }
                if !args.quiet {
                    writeln!(out, "{}", heading(pid))?;
                }
                let mut rows = view.arrange(rows.clone(), &context.clock);
                if !args.quiet {
                    rows.push(total(pid, &rows, has_address));
                }
                view.write(&rows, &usual, |row| row, &context, out)?;
            }
        }
        Ok(found.exit)
    })
}

impl Args {
    /// The columns that are shown if none are named.
    fn columns(&self, with_pid: bool) -> Vec<&'static Named<Row>> {
        let wanted = |name: &str| match name {
            "pid" => with_pid,
            "address" | "mode" => !self.grouped,
            "size" | "path" => true,
            "rss" => self.extended || self.all > 0,
            "dirty" => self.extended,
            _ => self.all > 0,
        };
        let columns = Row::COLUMNS.iter();
        columns.filter(|column| wanted(column.name())).collect()
    }
}

/// The mappings of a process that are wanted.
fn maps(args: &Args, whole: bool, process: &Process) -> pslens::Result<Vec<Row>> {
    let mut maps = process.memory_maps()?;
    if let Some(range) = args.range {
        maps.retain(|map| map.address.is_some_and(|at| range.touches(at)));
    }
    if args.grouped {
        maps = memory::group(&maps);
    }
    let row = |map: MemoryMap| Row {
        pid: process.pid(),
        shown: shown(&map, whole),
        map,
        is_total: false,
    };
    Ok(maps.into_iter().map(row).collect())
}

fn shown(map: &MemoryMap, whole: bool) -> OsString {
    let name = Path::new(&map.path).file_name();
    match name.filter(|_| !whole) {
        Some(name) => name.to_owned(),
        None => map.path.clone(),
    }
}

/// The sum of `rows`. It says so in place of the address, or else of the path.
fn total(pid: Pid, rows: &[Row], has_address: bool) -> Row {
    let nameless = rows.iter().map(|row| {
        let mut map = row.map.clone();
        map.path = OsString::new();
        map
    });
    let mut sums = memory::group(&nameless.collect::<Vec<_>>());
    Row {
        pid,
        map: sums.pop().unwrap_or_default(),
        shown: if has_address { " " } else { "total" }.into(),
        is_total: true,
    }
}

/// The process by its command line; by its name if it has none.
fn heading(pid: Pid) -> String {
    let wanted = AttributeSet::of(&[Attribute::Cmdline, Attribute::Name]);
    let mut line = format!("{pid}:   ");
    // The mappings have been read: that it is gone since then is no failure.
    let Ok(info) = Process::new(pid).and_then(|process| process.info(wanted)) else {
        return line;
    };
    match (&info.cmdline, &info.name) {
        (Field::Value(words), _) if !words.is_empty() => {
            text::push(&mut line, &words.join(" ".as_ref()));
        }
        (_, Field::Value(name)) => {
            line.push('[');
            text::push(&mut line, name);
            line.push(']');
        }
        _ => {}
    }
    line
}

impl Row {
    fn address(&self) -> Cell<'static> {
        match self.map.address {
            Some(at) => Cell::owned(format!("{:016x}", at.start)),
            None if self.is_total => Cell::word("total"),
            None => Cell::Unknown,
        }
    }

    fn mode(&self) -> Cell<'static> {
        let Some(at) = self.map.address else {
            return Cell::word(if self.is_total { " " } else { "-" });
        };
        let letter = |has: bool, letter: char| if has { letter } else { '-' };
        let mode = [
            letter(at.read, 'r'),
            letter(at.write, 'w'),
            letter(at.execute, 'x'),
            letter(at.shared, 's'),
        ];
        Cell::owned(String::from_iter(mode))
    }

    /// What was written to and is not on disk.
    fn dirty(&self) -> Option<u64> {
        Some(
            self.map
                .shared_dirty?
                .saturating_add(self.map.private_dirty?),
        )
    }
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::number("pid", "PID", |row, _| Cell::count(Some(row.pid.as_u32()))),
        Named::text("address", "ADDRESS", |row, _| row.address()),
        Named::number("size", "SIZE", |row, _| Cell::Bytes(row.map.size)),
        Named::number("rss", "RSS", |row, _| Cell::Bytes(row.map.rss)),
        Named::number("dirty", "DIRTY", |row, _| Cell::bytes(row.dirty())),
        Named::number("pss", "PSS", |row, _| Cell::bytes(row.map.pss)),
        Named::number("shared_clean", "SHARED_CLEAN", |row, _| {
            Cell::bytes(row.map.shared_clean)
        }),
        Named::number("shared_dirty", "SHARED_DIRTY", |row, _| {
            Cell::bytes(row.map.shared_dirty)
        }),
        Named::number("private_clean", "PRIVATE_CLEAN", |row, _| {
            Cell::bytes(row.map.private_clean)
        }),
        Named::number("private_dirty", "PRIVATE_DIRTY", |row, _| {
            Cell::bytes(row.map.private_dirty)
        }),
        Named::number("referenced", "REFERENCED", |row, _| {
            Cell::bytes(row.map.referenced)
        }),
        Named::number("anonymous", "ANONYMOUS", |row, _| {
            Cell::bytes(row.map.anonymous)
        }),
        Named::number("swap", "SWAP", |row, _| Cell::bytes(row.map.swap)),
        Named::text("mode", "MODE", |row, _| row.mode()),
        Named::text("path", "MAPPING", |row, _| Cell::text(&row.shown)),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_hexadecimal_and_hold_something() {
        let check = |typed: &str, low: u64, high: u64| {
            assert_eq!(range(typed), Ok(Range { low, high }), "{typed}");
        };
        check("1000,2000", 0x1000, 0x2000);
        check("0x7fff00,0x7fffff", 0x7fff00, 0x7fffff);
        check("ff", 0xff, 0x100);
        for wrong in ["", ",", "x", "2000,1000", "5,5", "1,2,3", "-1"] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_range_touches_what_it_overlaps() {
        let mut at = MapAddress::default();
        (at.start, at.end) = (0x1000, 0x2000);
        let check = |typed: &str, expect: bool| {
            assert_eq!(range(typed).unwrap().touches(at), expect, "{typed}");
        };
        check("1000", true);
        check("1fff", true);
        check("2000", false);
        check("0,1000", false);
        check("0,1001", true);
        check("1800,1900", true);
    }
}
