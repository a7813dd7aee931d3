//! `pslens df`: file systems and how full they are.

mod ask;
mod row;

use std::ffi::OsString;
use std::io::Write;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use pslens::disk::{self, Partition};

use self::ask::{Ask, ask_all, holding};
use self::row::Row;
use crate::args::{LEGEND, seconds};
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::listing::{self, Column, Named, View};
use crate::output::{self, Sizes};
use crate::spelling;

/// File systems, their sizes and how full they are.
///
/// Without PATH, those on disks, USB sticks and the like; -a lists everything that is mounted, -t what is
/// of a type. AVAIL is what ordinary users can still write, and USE% their share, as in df(1); the reserve
/// for root is in neither. A file system that does not answer in time (a dead NFS server) is shown without
/// sizes and noted on stderr, and holds up nothing else.
///
/// Sizes are for people, unless a unit is chosen: then they are numbers of it, rounded up.
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
    /// Show file systems of these types, wherever they are.
    #[arg(
        short = 't',
        long = "type",
        value_name = "TYPE,...",
        value_delimiter = ','
    )]
    types: Vec<OsString>,
    /// Show no file systems of these types.
    #[arg(short = 'x', long, value_name = "TYPE,...", value_delimiter = ',')]
    exclude_type: Vec<OsString>,
    /// Show no file systems of other machines, and do not ask them either.
    #[arg(short, long)]
    local: bool,
    /// Show how many files there can be and are, not bytes.
    #[arg(short, long)]
    inodes: bool,
    /// Show these columns, by the names that df(1) has for them (or ours): without FIELD all.
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',', num_args = 0.., require_equals = true, default_missing_values = FIELDS.map(|(theirs, _)| theirs), value_parser = field, conflicts_with_all = ["columns", "inodes"])]
    output: Vec<&'static Named<Row>>,
    /// Show a last line with the sum of the others.
    #[arg(long)]
    total: bool,
    /// How long a file system may take to answer.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds, allow_hyphen_values = true)]
    timeout: Duration,
    #[command(flatten)]
    unit: Unit,
    /// Show types, which are shown anyway.
    #[arg(short = 'T', long)]
    print_type: bool,
    /// A line for each file system, as without it.
    #[arg(short = 'P', long)]
    portability: bool,
    #[command(flatten)]
    table: listing::Options,
}

/// At most one of them.
#[derive(Debug, clap::Args)]
#[group(multiple = false, conflicts_with = "bytes")]
struct Unit {
    /// With a letter each, K, M, G, in powers of 1024; which is how they are printed anyway.
    #[arg(short = 'h', long, visible_alias = "human-readable")]
    human: bool,
    /// With a letter each, in powers of 1000.
    #[arg(short = 'H', long)]
    si: bool,
    /// In K, of 1024 bytes.
    #[arg(short = 'k')]
    kibi: bool,
    /// In M, of 1024 K.
    #[arg(short = 'm')]
    mebi: bool,
    /// In units of SIZE bytes: 512, 4K, M, GB (K is 1024, KB 1000, and so on).
    #[arg(short = 'B', long, value_name = "SIZE", value_parser = block_size, allow_hyphen_values = true)]
    block_size: Option<NonZeroU64>,
}

const EXAMPLES: &str = "\
Examples:
  pslens df                      file systems on disks
  pslens df -a                   all
  pslens df .                    the one that holds this directory
  pslens df -t tmpfs,ramfs -m    those in memory, in M
  pslens df -i --total           files, and their sum
  pslens df --json --timeout 0.5
  pslens df --filter 'percent>90' --sort -used

Columns: device, fstype, total, used, free, percent, mountpoint; inodes.total,
inodes.used, inodes.free, inodes.percent (with -i) and opts on demand. df(1)
without options lists file systems that are not on disks too, and rounds
percentages up.
With --procfs of another system sizes are unknown: only the running system can
be asked for them.
In tables - is unknown, ? is denied (ask as root).
Exit status: 0 done, 1 a PATH or TYPE does not exist, 2 wrong usage, 3 denied, 4
a file system did not answer or refused to, 5 other failures.";

/// What df(1) calls the columns.
const FIELDS: [(&str, &str); 11] = [
    ("source", "device"),
    ("fstype", "fstype"),
    ("itotal", "inodes.total"),
    ("iused", "inodes.used"),
    ("iavail", "inodes.free"),
    ("ipcent", "inodes.percent"),
    ("size", "total"),
    ("used", "used"),
    ("avail", "free"),
    ("pcent", "percent"),
    ("target", "mountpoint"),
];

fn field(typed: &str) -> std::result::Result<&'static Named<Row>, String> {
    let ours = FIELDS.iter().find(|(theirs, _)| *theirs == typed);
    Column::find(ours.map_or(typed, |(_, ours)| ours))
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let mut view: View<&Named<Row>> = args.table.view(context)?;
    if !args.output.is_empty() {
        view = view.showing(args.output.clone());
    }
    let sizes = args.unit.sizes();
    args.table.repeat(context, |context, out| {
        answer(args, &view, &context.with_sizes(sizes), out)
    })
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
        ask_all(args.mounted(&mut exit)?, &ask, &mut exit)
    } else {
        let mut rows = holding(&args.paths, &ask, &mut exit)?;
        rows.retain(|row| row.partition().is_some_and(|found| args.wants(found)));
        if rows.is_empty() && exit == Exit::Success {
            output::note("df: no PATH is on a file system that -t, -x and -l leave");
            exit = Exit::NotFound;
        }
        rows
    };
    let mut rows = view.arrange(rows, &context.clock);
    if args.total {
        rows.push(Row::sum(&rows));
    }
    let usual = if args.inodes {
        listing::named(INODES)
    } else {
        listing::usual::<Row>()
    };
    view.write(&rows, &usual, |row| row, context, out)?;
    Ok(exit)
}

/// The columns of -i.
const INODES: &[&str] = &[
    "device",
    "fstype",
    "inodes.total",
    "inodes.used",
    "inodes.free",
    "inodes.percent",
    "mountpoint",
];

impl Args {
    /// What is mounted and wanted.
    fn mounted(&self, exit: &mut Exit) -> Result<Vec<Partition>> {
        let everywhere = self.all || !self.types.is_empty();
        let mut mounted = if everywhere {
            disk::partitions_all()?
        } else {
            disk::partitions()?
        };
        if mounted.is_empty() && !everywhere {
            output::note("no file system here is on a disk of its own; -a shows all");
        }
        for wanted in &self.types {
            if !mounted.iter().any(|found| found.fstype == *wanted) {
                let types = mounted.iter().filter_map(|found| found.fstype.to_str());
                let wanted = wanted.to_string_lossy();
                let meant = spelling::suggestion(&wanted, types);
                output::note(&format!(
                    "df: -t: nothing of type '{wanted}' is mounted{meant}"
                ));
                *exit = Exit::NotFound;
            }
        }
        mounted.retain(|found| self.wants(found));
        Ok(mounted)
    }

    fn wants(&self, partition: &Partition) -> bool {
        (self.types.is_empty() || self.types.contains(&partition.fstype))
            && !self.exclude_type.contains(&partition.fstype)
            && !(self.local && is_remote(partition))
    }
}

/// Whether its files are on another machine, as far as names tell.
fn is_remote(partition: &Partition) -> bool {
    const TYPES: &[&str] = &[
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "orangefs",
        "smb3",
        "smbfs",
    ];
    let device = partition.device.as_ref();
    let device = device.map_or(&b""[..], |device| device.as_encoded_bytes());
    // `nas:/home`, `//nas/home`; but `/dev/disk/by-path/pci-0000:00` is here.
    let named_so =
        device.starts_with(b"//") || (device.contains(&b':') && !device.starts_with(b"/"));
    named_so || TYPES.iter().any(|known| partition.fstype == *known)
}

impl Unit {
    /// What was chosen, if anything was.
    fn sizes(&self) -> Option<Sizes> {
        let unit = match self {
            Self { human: true, .. } => return Some(Sizes::Human),
            Self { si: true, .. } => return Some(Sizes::Si),
            Self { kibi: true, .. } => NonZeroU64::new(1 << 10),
            Self { mebi: true, .. } => NonZeroU64::new(1 << 20),
            Self { block_size, .. } => *block_size,
        };
        unit.map(Sizes::Begun)
    }
}

/// A number of bytes, a unit, or both.
fn block_size(text: &str) -> std::result::Result<NonZeroU64, String> {
    let unit = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let number = match text.strip_suffix(unit) {
        Some("") if !unit.is_empty() => Some(1),
        number => number.and_then(|number| number.parse::<u64>().ok()),
    };
    let base = match unit.get(1..) {
        None | Some("" | "iB") => Some(1024_u64),
        Some("B") => Some(1000),
        Some(_) => None,
    };
    let power = match unit.chars().next() {
        None => Some(0),
        Some(letter) => "KMGTPE"
            .find(letter.to_ascii_uppercase())
            .and_then(|at| u32::try_from(at + 1).ok()),
    };
    let size = || number?.checked_mul(base?.checked_pow(power?)?);
    size().and_then(NonZeroU64::new).ok_or_else(|| {
        "accepted: a number of bytes more than 0, one of K M G T P E (powers of 1024) or KB MB GB TB \
         PB EB (of 1000), or both, such as 512, M, 4KB"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::row::Answer;
    use super::*;

    fn mount(mountpoint: &str, fstype: &str) -> Partition {
        let mut partition = Partition::default();
        partition.mountpoint = mountpoint.into();
        partition.fstype = fstype.into();
        partition
    }

    #[test]
    fn a_dead_mount_is_a_row_and_a_hostile_name_stays_one() {
        let rows = [
            Row::new(mount("/a\nb\x1b[2J", "nfs4"), Answer::Unknown),
            Row::new(mount("/secret", "fuse.x"), Answer::Denied),
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

    #[test]
    fn block_sizes_are_those_of_df() {
        let check = |text: &str, expect: u64| {
            assert_eq!(block_size(text).map(NonZeroU64::get), Ok(expect), "{text}");
        };
        check("1", 1);
        check("512", 512);
        check("K", 1024);
        check("k", 1024);
        check("1K", 1024);
        check("1KiB", 1024);
        check("KB", 1000);
        check("4MB", 4_000_000);
        check("2G", 2 << 30);
        check("E", 1 << 60);
        for wrong in [
            "", "0", "0K", "-1", "1.5K", "KK", "1X", "B", "16E", "1 K", "½",
        ] {
            assert!(block_size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn fields_are_those_of_df_and_ours() {
        for (theirs, ours) in FIELDS {
            assert_eq!(field(theirs).unwrap().name(), ours);
            assert_eq!(field(ours).unwrap().name(), ours);
        }
        assert!(field("file").is_err());
    }

    #[test]
    fn what_is_elsewhere_is_told_by_its_type_or_its_device() {
        let check = |device: &str, fstype: &str, expect: bool| {
            let mut partition = mount("/mnt", fstype);
            partition.device = Some(device.into());
            assert_eq!(is_remote(&partition), expect, "{device} {fstype}");
        };
        check("/dev/sda1", "ext4", false);
        check("/dev/disk/by-path/pci-0000:00", "ext4", false);
        check("tmpfs", "tmpfs", false);
        check("nas:/home", "nfs4", true);
        check("//nas/home", "cifs", true);
        check("me@nas:", "fuse.sshfs", true);
        check("somewhere:volume", "fuse.other", true);
        check("/nas", "nfs", true);
    }
}
