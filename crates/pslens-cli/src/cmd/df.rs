//! `pslens df`: file systems and how full they are.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pslens::ErrorKind;
use pslens::disk::{self, Partition, Usage};
use serde::Serialize;

use crate::args::{LEGEND, seconds};
use crate::context::Context;
use crate::exit::{Exit, Failure, Result, explained};
use crate::listing::{self, Listed, Named, View};
use crate::output::{self, Cell};

/// File systems, their sizes and how full they are.
///
/// Without PATH, those on disks, USB sticks and the like; -a lists everything that is mounted. AVAIL is
/// what ordinary users can still write, and USE% their share, as in df(1); the reserve for root is in
/// neither. A file system that does not answer in time (a dead NFS server) is shown without sizes and
/// noted on stderr, and holds up nothing else.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true, after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print help.
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// Show the file systems on which these files or directories are.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Show everything that is mounted, also memory, network, FUSE and overlay file systems.
    #[arg(short, long, conflicts_with = "paths")]
    all: bool,
    /// How long a file system may take to answer.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds, allow_hyphen_values = true)]
    timeout: Duration,
    /// Sizes in K, M, G, which is how they are printed anyway.
    #[arg(short = 'h', long, conflicts_with = "bytes")]
    human: bool,
    /// Show types, which are shown anyway.
    #[arg(short = 'T', long)]
    print_type: bool,
    #[command(flatten)]
    table: listing::Options,
}

const EXAMPLES: &str = "\
Examples:
  pslens df                      file systems on disks
  pslens df -a                   all
  pslens df .                    the one that holds this directory
  pslens df --json --timeout 0.5
  pslens df --filter 'percent>90' --sort -used

Columns: device, fstype, total, used, free, percent, mountpoint; opts on demand.
With --procfs of another system sizes are unknown: only the running system can
be asked for them.
In tables - is unknown, ? is denied (ask as root).
Exit status: 0 done, 1 a PATH does not exist, 2 wrong usage, 3 denied, 4 a file
system did not answer or refused to, 5 other failures.";

/// A line of the answer: psutil's `sdiskpart` and `sdiskusage` in one.
#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    partition: Partition,
    #[serde(flatten)]
    usage: Answer,
}

/// What a file system said about its size.
#[derive(Debug)]
enum Answer {
    Usage(Usage),
    /// Not asked, or no answer.
    Unknown,
    Denied,
}

/// How file systems are asked.
#[derive(Debug)]
struct Ask {
    timeout: Duration,
    /// The mounts are this system's, so their paths mean something.
    running: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let view: View<&Named<Row>> = args.table.view(context)?;
    args.table
        .repeat(context, |context, out| answer(args, &view, context, out))
}

fn answer(
    args: &Args,
    view: &View<&'static Named<Row>>,
    context: &Context,
    out: &mut dyn Write,
) -> Result<Exit> {
    let mut exit = Exit::Success;
    let ask = Ask {
        timeout: args.timeout,
        running: context.running,
    };
    let rows = if args.paths.is_empty() {
        let listed = if args.all {
            disk::partitions_all()?
        } else {
            disk::partitions()?
        };
        if listed.is_empty() && !args.all {
            output::note("no file system here is on a disk of its own; -a shows all");
        }
        ask_all(listed, &ask, &mut exit)
    } else {
        holding(&args.paths, &ask, &mut exit)?
    };
    view.show(rows, context, out)?;
    Ok(exit)
}

/// Asks every file system. Those that hang do so at the same time: all are asked once with a short
/// patience, and those that did not answer are then waited for together.
fn ask_all(partitions: Vec<Partition>, ask: &Ask, exit: &mut Exit) -> Vec<Row> {
    const PATIENCE: Duration = Duration::from_millis(50);
    let start = Instant::now();
    let mut rows: Vec<Row> = Vec::with_capacity(partitions.len());
    let mut late = Vec::new();
    for partition in partitions {
        let answer = usage(&partition.mountpoint, PATIENCE.min(ask.timeout), ask);
        if matches!(&answer, Err(error) if error.kind() == ErrorKind::TimedOut) {
            late.push(rows.len());
        }
        let usage = match answer {
            Err(error) if error.kind() == ErrorKind::TimedOut => Answer::Unknown,
            answer => noted(&partition.mountpoint, answer, ask, exit),
        };
        rows.push(Row { partition, usage });
    }
    for at in late {
        if let Some(row) = rows.get_mut(at) {
            let left = ask.timeout.saturating_sub(start.elapsed());
            let path = &row.partition.mountpoint;
            row.usage = noted(path, usage(path, left, ask), ask, exit);
        }
    }
    rows
}

/// The file systems that hold `paths`.
fn holding(paths: &[PathBuf], ask: &Ask, exit: &mut Exit) -> Result<Vec<Row>> {
    let mounts = disk::partitions_all()?;
    let mut rows = Vec::new();
    for path in paths {
        let answer = usage(path, ask.timeout, ask);
        let mut resolved = None;
        match &answer {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                output::note(&format!("df: '{}' does not exist", path.display()));
                *exit = Exit::NotFound;
                continue;
            }
            // The path was just walked to its end, so walking it again does not hang.
            Ok(Some(_)) => resolved = path.canonicalize().ok(),
            _ => {}
        }
        let absolute = match resolved {
            Some(resolved) => resolved,
            None => std::path::absolute(path).map_err(|error| {
                let message = format!("df: '{}': {error}", path.display());
                Failure::message(Exit::NotFound, message)
            })?,
        };
        let usage = noted(path, answer, ask, exit);
        match mount_of(&absolute, &mounts) {
            Some(partition) => rows.push(Row {
                partition: partition.clone(),
                usage,
            }),
            None => {
                let path = path.display();
                output::note(&format!("df: '{path}' is on no file system that is listed"));
                *exit = Exit::NotFound;
            }
        }
    }
    Ok(rows)
}

/// The mount that is nearest above `path`; of several on the same directory the last hides the others.
fn mount_of<'a>(path: &Path, mounts: &'a [Partition]) -> Option<&'a Partition> {
    mounts
        .iter()
        .filter(|mount| path.starts_with(&mount.mountpoint))
        .max_by_key(|mount| mount.mountpoint.components().count())
}

/// How full the file system is; `None` under another root, whose paths mean nothing here.
fn usage(path: &Path, deadline: Duration, ask: &Ask) -> pslens::Result<Option<Usage>> {
    if !ask.running {
        return Ok(None);
    }
    disk::usage_within(path, deadline).map(Some)
}

/// The cell for an answer; a failure is noted and remembered.
fn noted(path: &Path, answer: pslens::Result<Option<Usage>>, ask: &Ask, exit: &mut Exit) -> Answer {
    let error = match answer {
        Ok(Some(usage)) => return Answer::Usage(usage),
        Ok(None) => return Answer::Unknown,
        Err(error) => error,
    };
    if *exit == Exit::Success {
        *exit = Exit::PartlyFailed;
    }
    match error.kind() {
        ErrorKind::TimedOut => {
            let (path, timeout) = (path.display(), ask.timeout);
            output::note(&format!("df: '{path}' did not answer within {timeout:?}"));
            Answer::Unknown
        }
        ErrorKind::AccessDenied => {
            output::note(&explained(&error));
            Answer::Denied
        }
        _ => {
            output::note(&explained(&error));
            Answer::Unknown
        }
    }
}

impl Serialize for Answer {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        /// `sdiskusage`, all of it null where it is not known.
        #[derive(Serialize)]
        struct Known {
            total: Option<u64>,
            used: Option<u64>,
            free: Option<u64>,
            percent: Option<f64>,
        }
        let usage = self.usage();
        Known {
            total: usage.map(|usage| usage.total),
            used: usage.map(|usage| usage.used),
            free: usage.map(|usage| usage.free),
            percent: usage.and_then(|usage| usage.percent),
        }
        .serialize(serializer)
    }
}

impl Answer {
    const fn usage(&self) -> Option<&Usage> {
        match self {
            Self::Usage(usage) => Some(usage),
            Self::Unknown | Self::Denied => None,
        }
    }

    fn cell(&self, show: impl FnOnce(&Usage) -> Cell<'static>) -> Cell<'static> {
        match self {
            Self::Usage(usage) => show(usage),
            Self::Unknown => Cell::Unknown,
            Self::Denied => Cell::Denied,
        }
    }
}

impl Listed for Row {
    const COLUMNS: &'static [Named<Self>] = &[
        Named::text("device", "FILESYSTEM", |row, _| {
            Cell::some_text(row.partition.device.as_ref())
        }),
        Named::text("fstype", "TYPE", |row, _| Cell::text(&row.partition.fstype)),
        Named::number("total", "SIZE", |row, _| {
            row.usage.cell(|usage| Cell::Bytes(usage.total))
        }),
        Named::number("used", "USED", |row, _| {
            row.usage.cell(|usage| Cell::Bytes(usage.used))
        }),
        Named::number("free", "AVAIL", |row, _| {
            row.usage.cell(|usage| Cell::Bytes(usage.free))
        }),
        Named::number("percent", "USE%", |row, _| {
            let percent = |usage: &Usage| usage.percent.map_or(Cell::Unknown, Cell::Percent);
            row.usage.cell(percent)
        }),
        Named::text("opts", "OPTIONS", |row: &Self, _| {
            Cell::text(&row.partition.opts)
        })
        .on_demand(),
        Named::text("mountpoint", "MOUNTED ON", |row, _| {
            Cell::text(&row.partition.mountpoint)
        }),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(mountpoint: &str, fstype: &str) -> Partition {
        let mut partition = Partition::default();
        partition.mountpoint = mountpoint.into();
        partition.fstype = fstype.into();
        partition
    }

    #[test]
    fn a_path_is_on_the_nearest_mount_and_the_last_hides_the_others() {
        let mounts = [
            mount("/", "ext4"),
            mount("/home", "xfs"),
            mount("/home", "nfs"),
            mount("/homer", "tmpfs"),
        ];
        let check = |path: &str, expect: &str| {
            let found = mount_of(Path::new(path), &mounts).unwrap();
            assert_eq!(found.fstype, expect, "{path}");
        };
        check("/", "ext4");
        check("/hom", "ext4");
        check("/home", "nfs");
        check("/home/a/b", "nfs");
        check("/homer/x", "tmpfs");
    }

    #[test]
    fn a_dead_mount_is_a_row_and_a_hostile_name_stays_one() {
        let rows = [
            Row {
                partition: mount("/a\nb\x1b[2J", "nfs4"),
                usage: Answer::Unknown,
            },
            Row {
                partition: mount("/secret", "fuse.x"),
                usage: Answer::Denied,
            },
        ];
        let view = View::default();
        let context = Context::captured();
        let mut out = Vec::new();
        view.write(
            &rows,
            &listing::usual::<Row>(),
            |row| row,
            &context,
            &mut out,
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "- nfs4   - - - - /a\\nb\\x1b[2J\n- fuse.x ? ? ? ? /secret\n"
        );
    }
}
