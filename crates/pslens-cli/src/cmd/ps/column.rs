//! The columns of `ps`: their names, what they need, and what they show.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use pslens::process::{
    Attribute, AttributeSet, CpuTimes, Field, Ids, Info, IoPriority, MemoryFootprint, MemoryInfo,
    MemoryInfoEx, Status,
};

use super::Row;
use crate::context::Clock;
use crate::listing;
use crate::output::time::Style;
use crate::output::{Align, Cell};
use crate::spelling;

/// A column under the name that the user gave it.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// As it was typed.
    name: String,
    heading: String,
    shows: Shows,
}

#[derive(Debug, Clone, Copy)]
enum Shows {
    Value(&'static Value),
    /// All parts of an attribute that has parts.
    Whole(&'static Compound),
    Part(&'static Compound, usize),
}

/// A column with one value.
#[derive(Debug)]
struct Value {
    name: &'static str,
    align: Align,
    needs: AttributeSet,
    cell: for<'a> fn(&'a Info, &Clock) -> Cell<'a>,
}

/// An attribute that is a record of several values.
#[derive(Debug)]
struct Compound {
    attribute: Attribute,
    parts: &'static [&'static str],
    /// A [`Cell::Parts`] in the order of `parts`, or why there is none.
    cell: for<'a> fn(&'a Info) -> Cell<'a>,
}

/// Names that `ps` has for columns of ours.
const ALIASES: &[(&str, &str)] = &[
    ("%mem", "memory_percent"),
    ("args", "command"),
    ("cmd", "command"),
    ("comm", "name"),
    ("cputime", "time"),
    ("egid", "gids.effective"),
    ("euid", "uids.effective"),
    ("gid", "gids.effective"),
    ("maj_flt", "page_faults.major"),
    ("majflt", "page_faults.major"),
    ("min_flt", "page_faults.minor"),
    ("minflt", "page_faults.minor"),
    ("ni", "nice"),
    ("nlwp", "num_threads"),
    ("pcpu", "%cpu"),
    ("pmem", "memory_percent"),
    ("psr", "cpu_num"),
    ("pss", "memory_footprint.pss"),
    ("rgid", "gids.real"),
    ("rss", "memory_info.rss"),
    ("rssize", "memory_info.rss"),
    ("rsz", "memory_info.rss"),
    ("ruid", "uids.real"),
    ("ruser", "username"),
    ("s", "stat"),
    ("sgid", "gids.saved"),
    ("start", "started"),
    ("start_time", "started"),
    ("state", "stat"),
    ("stime", "started"),
    ("suid", "uids.saved"),
    ("svuid", "uids.saved"),
    ("thcount", "num_threads"),
    ("tname", "tty"),
    ("tt", "tty"),
    ("ucmd", "name"),
    ("ucomm", "name"),
    ("uid", "uids.effective"),
    ("uname", "username"),
    ("user", "username"),
    ("uss", "memory_footprint.uss"),
    ("vms", "memory_info.vms"),
    ("vsize", "memory_info.vms"),
    ("vsz", "memory_info.vms"),
];

const fn needs(attributes: &[Attribute]) -> AttributeSet {
    AttributeSet::of(attributes)
}

const fn text(
    name: &'static str,
    needs: AttributeSet,
    cell: for<'a> fn(&'a Info, &Clock) -> Cell<'a>,
) -> Value {
    Value {
        name,
        align: Align::Left,
        needs,
        cell,
    }
}

const fn number(
    name: &'static str,
    needs: AttributeSet,
    cell: for<'a> fn(&'a Info, &Clock) -> Cell<'a>,
) -> Value {
    Value {
        name,
        align: Align::Right,
        needs,
        cell,
    }
}

static VALUES: &[Value] = &[
    number(
        "%cpu",
        needs(&[Attribute::CpuTimes, Attribute::CreateTime]),
        lifetime_percent,
    ),
    text("cmdline", needs(&[Attribute::Cmdline]), |info, _| {
        Cell::of(&info.cmdline, |words| Some(joined(words.iter())))
    }),
    text(
        "command",
        needs(&[Attribute::Cmdline, Attribute::Name, Attribute::Status]),
        |info, _| command(info),
    ),
    text(
        "cpu_affinity",
        needs(&[Attribute::CpuAffinity]),
        |info, _| Cell::of(&info.cpu_affinity, |cpus| Some(owned(ranges(cpus)))),
    ),
    number("cpu_num", needs(&[Attribute::CpuNum]), |info, _| {
        Cell::of(&info.cpu_num, |cpu| cpu.map(count))
    }),
    number("cpu_percent", needs(&[Attribute::CpuPercent]), |info, _| {
        Cell::of(&info.cpu_percent, |percent| percent.map(Cell::Percent))
    }),
    text("create_time", needs(&[Attribute::CreateTime]), |info, _| {
        started(info, Style::Full)
    }),
    text("cwd", needs(&[Attribute::Cwd]), |info, _| {
        Cell::of(&info.cwd, |path| path.as_ref().map(Cell::text))
    }),
    text("environ", needs(&[Attribute::Environ]), |info, _| {
        Cell::of(&info.environ, |variables| {
            let mut line = OsString::new();
            for (name, value) in variables {
                if !line.is_empty() {
                    line.push(" ");
                }
                line.push(name);
                line.push("=");
                line.push(value);
            }
            Some(Cell::Text(Cow::Owned(line)))
        })
    }),
    number("etime", needs(&[Attribute::CreateTime]), |info, clock| {
        elapsed(info, clock).map_or_else(|missing| missing, Cell::Elapsed)
    }),
    number("etimes", needs(&[Attribute::CreateTime]), |info, clock| {
        elapsed(info, clock).map_or_else(|missing| missing, |time| Cell::Count(time.as_secs()))
    }),
    text("exe", needs(&[Attribute::Exe]), |info, _| {
        Cell::of(&info.exe, |path| path.as_ref().map(Cell::text))
    }),
    text("lstart", needs(&[Attribute::CreateTime]), |info, _| {
        started(info, Style::Long)
    }),
    number("memory_maps", needs(&[Attribute::MemoryMaps]), |info, _| {
        Cell::of(&info.memory_maps, |list| Some(length(list)))
    }),
    number(
        "memory_percent",
        needs(&[Attribute::MemoryPercent]),
        |info, _| {
            Cell::of(&info.memory_percent, |percent| {
                Some(Cell::Percent(*percent))
            })
        },
    ),
    text("name", needs(&[Attribute::Name]), |info, _| {
        Cell::of(&info.name, |name| Some(Cell::text(name)))
    }),
    number(
        "net_connections",
        needs(&[Attribute::NetConnections]),
        |info, _| Cell::of(&info.net_connections, |list| Some(length(list))),
    ),
    number("nice", needs(&[Attribute::Nice]), |info, _| {
        Cell::of(&info.nice, |nice| Some(Cell::Number(i64::from(*nice))))
    }),
    number("num_fds", needs(&[Attribute::NumFds]), |info, _| {
        Cell::of(&info.num_fds, |number| Some(count(*number)))
    }),
    number("num_threads", needs(&[Attribute::NumThreads]), |info, _| {
        Cell::of(&info.num_threads, |number| Some(count(*number)))
    }),
    number("open_files", needs(&[Attribute::OpenFiles]), |info, _| {
        Cell::of(&info.open_files, |list| Some(length(list)))
    }),
    number("pid", needs(&[]), |info, _| count(info.pid().as_u32())),
    number("ppid", needs(&[Attribute::Ppid]), |info, _| {
        Cell::of(&info.ppid, |ppid| Some(count(ppid.as_u32())))
    }),
    text("started", needs(&[Attribute::CreateTime]), |info, _| {
        started(info, Style::Short)
    }),
    text("stat", needs(&[Attribute::Status]), |info, _| {
        Cell::of(&info.status, |status| letter(*status).map(Cell::word))
    }),
    text("status", needs(&[Attribute::Status]), |info, _| {
        Cell::of(&info.status, |status| match status {
            // psutil's word for it is "?", which means denied here.
            Status::Unknown => None,
            status => Some(Cell::word(status.as_str())),
        })
    }),
    text("terminal", needs(&[Attribute::Terminal]), |info, _| {
        Cell::of(&info.terminal, |path| path.as_ref().map(Cell::text))
    }),
    number("threads", needs(&[Attribute::Threads]), |info, _| {
        Cell::of(&info.threads, |list| Some(length(list)))
    }),
    number("time", needs(&[Attribute::CpuTimes]), |info, _| {
        Cell::of(&info.cpu_times, |times| Some(Cell::CpuTime(times.total())))
    }),
    text("tty", needs(&[Attribute::Terminal]), |info, _| {
        Cell::of(&info.terminal, |path| {
            let path: &Path = path.as_ref()?;
            Some(Cell::text(path.strip_prefix("/dev").unwrap_or(path)))
        })
    }),
    text("username", needs(&[Attribute::Username]), |info, _| {
        Cell::of(&info.username, |name| Some(Cell::text(name)))
    }),
];

const MEMORY_INFO: [&str; 5] = ["rss", "vms", "shared", "text", "data"];

static COMPOUNDS: &[Compound] = &[
    Compound {
        attribute: Attribute::CpuTimes,
        parts: &[
            "user",
            "system",
            "children_user",
            "children_system",
            "iowait",
        ],
        cell: |info| parts(&info.cpu_times, cpu_times),
    },
    Compound {
        attribute: Attribute::Gids,
        parts: &["real", "effective", "saved"],
        cell: |info| parts(&info.gids, |gids| ids(*gids)),
    },
    Compound {
        attribute: Attribute::IoCounters,
        parts: &[
            "read_count",
            "write_count",
            "read_bytes",
            "write_bytes",
            "read_chars",
            "write_chars",
        ],
        cell: |info| {
            parts(&info.io_counters, |io| {
                vec![
                    Cell::Count(io.read_count),
                    Cell::Count(io.write_count),
                    bytes(io.read_bytes),
                    bytes(io.write_bytes),
                    bytes(io.read_chars),
                    bytes(io.write_chars),
                ]
            })
        },
    },
    Compound {
        attribute: Attribute::Ionice,
        parts: &["ioclass", "value"],
        cell: |info| parts(&info.ionice, |priority| ionice(*priority)),
    },
    Compound {
        attribute: Attribute::MemoryFootprint,
        parts: &["uss", "pss", "swap"],
        cell: |info| parts(&info.memory_footprint, footprint),
    },
    Compound {
        attribute: Attribute::MemoryFullInfo,
        parts: &["rss", "vms", "shared", "text", "data", "uss", "pss", "swap"],
        cell: |info| {
            parts(&info.memory_full_info, |full| {
                [memory_info(&full.info), footprint(&full.footprint)].concat()
            })
        },
    },
    Compound {
        attribute: Attribute::MemoryInfo,
        parts: &MEMORY_INFO,
        cell: |info| parts(&info.memory_info, memory_info),
    },
    Compound {
        attribute: Attribute::MemoryInfoEx,
        parts: &[
            "rss",
            "vms",
            "shared",
            "text",
            "data",
            "peak_rss",
            "peak_vms",
            "rss_anon",
            "rss_file",
            "rss_shmem",
            "swap",
            "hugetlb",
        ],
        cell: |info| parts(&info.memory_info_ex, memory_info_ex),
    },
    Compound {
        attribute: Attribute::NumCtxSwitches,
        parts: &["voluntary", "involuntary"],
        cell: |info| {
            parts(&info.num_ctx_switches, |switches| {
                vec![
                    Cell::Count(switches.voluntary),
                    switches.involuntary.map_or(Cell::Unknown, Cell::Count),
                ]
            })
        },
    },
    Compound {
        attribute: Attribute::PageFaults,
        parts: &["minor", "major"],
        cell: |info| {
            parts(&info.page_faults, |faults| {
                vec![Cell::Count(faults.minor), Cell::Count(faults.major)]
            })
        },
    },
    Compound {
        attribute: Attribute::Uids,
        parts: &["real", "effective", "saved"],
        cell: |info| parts(&info.uids, |uids| ids(*uids)),
    },
];

impl FromStr for Column {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        if typed.is_empty() {
            let accepted = "names of columns, separated by commas; ps --help lists them";
            return Err(format!("a column is missing; accepted: {accepted}"));
        }
        let shows = find(typed).ok_or_else(|| {
            let names = names();
            let known = names.iter().map(|name| &**name);
            let meant = spelling::suggestion(typed, known);
            format!("no such column{meant} Accepted: {}", names.join(", "))
        })?;
        Ok(Self {
            name: typed.to_owned(),
            heading: typed.to_uppercase(),
            shows,
        })
    }
}

fn find(typed: &str) -> Option<Shows> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == typed);
    let name = alias.map_or(typed, |(_, name)| name);
    if let Some(value) = VALUES.iter().find(|value| value.name == name) {
        return Some(Shows::Value(value));
    }
    let (whole, part) = match name.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (name, None),
    };
    let compound = COMPOUNDS
        .iter()
        .find(|compound| compound.attribute.name() == whole)?;
    match part {
        None => Some(Shows::Whole(compound)),
        Some(part) => {
            let at = compound.parts.iter().position(|name| *name == part)?;
            Some(Shows::Part(compound, at))
        }
    }
}

/// Every name that is accepted: ours in alphabetical order, then those of `ps`.
fn names() -> Vec<String> {
    let mut names: Vec<String> = VALUES.iter().map(|value| value.name.to_owned()).collect();
    for compound in COMPOUNDS {
        let whole = compound.attribute.name();
        names.push(whole.to_owned());
        names.extend(compound.parts.iter().map(|part| format!("{whole}.{part}")));
    }
    names.sort();
    names.extend(ALIASES.iter().map(|(alias, _)| (*alias).to_owned()));
    names
}

impl Column {
    /// `others` and what this column needs.
    pub(super) fn needs(&self, others: AttributeSet) -> AttributeSet {
        match self.shows {
            Shows::Value(value) => value.needs.iter().fold(others, AttributeSet::with),
            Shows::Whole(compound) | Shows::Part(compound, _) => others.with(compound.attribute),
        }
    }

    /// Whether the branches of a tree are drawn in this column.
    pub(super) fn names_the_process(&self) -> bool {
        matches!(self.shows, Shows::Value(value)
            if matches!(value.name, "command" | "cmdline" | "name" | "exe"))
    }

    fn of<'a>(&self, info: &'a Info, clock: &Clock) -> Cell<'a> {
        match self.shows {
            Shows::Value(value) => (value.cell)(info, clock),
            Shows::Whole(compound) => (compound.cell)(info),
            Shows::Part(compound, at) => match (compound.cell)(info) {
                Cell::Parts(mut parts) if at < parts.len() => parts.swap_remove(at),
                missing => missing,
            },
        }
    }
}

impl listing::Column for Column {
    type Row = Row;

    fn find(typed: &str) -> Result<Self, String> {
        typed.parse()
    }

    fn heading(&self) -> &str {
        &self.heading
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn align(&self) -> Align {
        match self.shows {
            Shows::Value(value) => value.align,
            Shows::Whole(_) | Shows::Part(..) => Align::Right,
        }
    }

    fn cell<'a>(&self, row: &'a Row, clock: &Clock) -> Cell<'a> {
        match self.of(&row.info, clock) {
            Cell::Text(name) if !row.branch.is_empty() && self.names_the_process() => {
                let mut line = OsString::from(&row.branch);
                line.push(&name);
                Cell::owned(line)
            }
            cell => cell,
        }
    }
}

fn parts<T>(field: &Field<T>, split: impl FnOnce(&T) -> Vec<Cell<'static>>) -> Cell<'_> {
    Cell::of(field, |value| Some(Cell::Parts(split(value))))
}

fn count(number: u32) -> Cell<'static> {
    Cell::Count(u64::from(number))
}

fn length<T>(list: &[T]) -> Cell<'static> {
    u64::try_from(list.len()).map_or(Cell::Unknown, Cell::Count)
}

fn bytes(bytes: Option<u64>) -> Cell<'static> {
    bytes.map_or(Cell::Unknown, Cell::Bytes)
}

fn ids(ids: Ids) -> Vec<Cell<'static>> {
    vec![count(ids.real), count(ids.effective), count(ids.saved)]
}

fn ionice(priority: IoPriority) -> Vec<Cell<'static>> {
    let class = count(u32::from(priority.class()));
    let level = priority.level().map(|level| count(u32::from(level.get())));
    vec![class, level.unwrap_or(Cell::Unknown)]
}

fn cpu_times(times: &CpuTimes) -> Vec<Cell<'static>> {
    let known = [Some(times.user), Some(times.system)];
    let rest = [times.children_user, times.children_system, times.iowait];
    let all = known.into_iter().chain(rest);
    all.map(|time| time.map_or(Cell::Unknown, Cell::Seconds))
        .collect()
}

fn memory_info(memory: &MemoryInfo) -> Vec<Cell<'static>> {
    vec![
        Cell::Bytes(memory.rss),
        Cell::Bytes(memory.vms),
        bytes(memory.shared),
        bytes(memory.text),
        bytes(memory.data),
    ]
}

fn memory_info_ex(memory: &MemoryInfoEx) -> Vec<Cell<'static>> {
    let mut cells = memory_info(&memory.info);
    cells.extend(
        [
            memory.peak_rss,
            memory.peak_vms,
            memory.rss_anon,
            memory.rss_file,
            memory.rss_shmem,
            memory.swap,
            memory.hugetlb,
        ]
        .map(bytes),
    );
    cells
}

fn footprint(memory: &MemoryFootprint) -> Vec<Cell<'static>> {
    vec![
        Cell::Bytes(memory.uss),
        bytes(memory.pss),
        bytes(memory.swap),
    ]
}

fn started(info: &Info, style: Style) -> Cell<'_> {
    Cell::of(&info.create_time, |time| Some(Cell::Time(*time, style)))
}

/// How long the process exists, or why that is not known.
fn elapsed<'a>(info: &'a Info, clock: &Clock) -> Result<Duration, Cell<'a>> {
    let mut found = None;
    let missing = Cell::of(&info.create_time, |start| {
        // Times of start are rounded; one that is just ahead of the clock is now.
        found = clock
            .now
            .map(|now| now.duration_since(*start).unwrap_or_default());
        None
    });
    found.ok_or(missing)
}

/// CPU time as a share of the life of the process, as `ps` has it.
fn lifetime_percent<'a>(info: &'a Info, clock: &Clock) -> Cell<'a> {
    let life = match elapsed(info, clock) {
        Ok(life) => life.as_secs_f64(),
        Err(missing) => return missing,
    };
    Cell::of(&info.cpu_times, |times| {
        let used = times.total().as_secs_f64();
        (life > 0.0).then(|| Cell::Percent(used / life * 100.0))
    })
}

/// The arguments with blanks between; the name in brackets if there are none, as `ps` has it.
fn command(info: &Info) -> Cell<'_> {
    let zombie = matches!(info.status.value(), Some(Status::Zombie));
    match &info.cmdline {
        Field::Value(words) if !words.is_empty() && !zombie => joined(words.iter()),
        Field::Denied if !zombie => Cell::Denied,
        Field::Failed(_) => Cell::Failed,
        _ => Cell::of(&info.name, |name| {
            let mut shown = OsString::from("[");
            shown.push(name);
            shown.push(if zombie { "] <defunct>" } else { "]" });
            Some(Cell::Text(Cow::Owned(shown)))
        }),
    }
}

fn joined<'a>(mut words: impl ExactSizeIterator<Item = &'a OsString>) -> Cell<'a> {
    let first = words.next().map_or(OsStr::new(""), |word| word);
    if words.len() == 0 {
        return Cell::text(first);
    }
    let mut line = first.to_owned();
    for word in words {
        line.push(" ");
        line.push(word);
    }
    Cell::Text(Cow::Owned(line))
}

fn owned(text: String) -> Cell<'static> {
    Cell::Text(Cow::Owned(text.into()))
}

/// `0-3,8`, as the kernel and `taskset` write lists of CPUs.
fn ranges(cpus: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &cpu in cpus {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(cpu) => *last = cpu,
            _ => ranges.push((cpu, cpu)),
        }
    }
    let words: Vec<String> = ranges
        .into_iter()
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        })
        .collect();
    words.join(",")
}

/// The letter that `ps` and the kernel have for a status.
const fn letter(status: Status) -> Option<&'static str> {
    Some(match status {
        Status::Running => "R",
        Status::Sleeping => "S",
        Status::DiskSleep => "D",
        Status::Stopped => "T",
        Status::TracingStop => "t",
        Status::Zombie => "Z",
        Status::Dead => "X",
        Status::WakeKill => "K",
        Status::Waking => "W",
        Status::Parked => "P",
        Status::Idle => "I",
        Status::Locked => "L",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_has_a_column_that_asks_for_it() {
        for attribute in Attribute::ALL {
            let column: Column = attribute.name().parse().unwrap();
            let needs = column.needs(AttributeSet::EMPTY);
            let expect = match attribute {
                Attribute::Pid => AttributeSet::EMPTY,
                other => AttributeSet::of(&[*other]),
            };
            assert_eq!(needs, expect, "{attribute}");
        }
    }

    #[test]
    fn every_name_that_is_offered_is_accepted_and_is_there_once() {
        let mut names = names();
        for name in &names {
            assert!(name.parse::<Column>().is_ok(), "{name}");
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_misspelt_column_is_told_the_nearest_and_what_is_accepted() {
        let check = |typed: &str, meant: &str| {
            let message = typed.parse::<Column>().unwrap_err();
            assert!(message.contains(meant), "{message}");
            assert!(message.contains("Accepted: %cpu, cmdline, "), "{message}");
        };
        check("usrname", "did you mean 'username'?");
        check("memory_info.rrs", "did you mean 'memory_info.rss'?");
        check("cpu_time.user", "did you mean 'cpu_times.user'?");
        check("zzz", "no such column. Accepted");
    }

    #[test]
    fn cpus_are_written_as_ranges() {
        let check = |cpus: &[u32], expect: &str| assert_eq!(ranges(cpus), expect);
        check(&[], "");
        check(&[0], "0");
        check(&[0, 1, 2, 3, 8], "0-3,8");
        check(&[u32::MAX, 0], "4294967295,0");
    }
}
