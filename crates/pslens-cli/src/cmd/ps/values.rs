//! What `ps` shows of a process: every column, what has to be read for it, and its cell.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use pslens::host;
use pslens::process::{
    Attribute, AttributeSet, CpuTimes, Field, Ids, Info, IoPriority, MemoryFootprint, MemoryInfo,
    MemoryInfoEx, Status,
};

use crate::context::Clock;
use crate::letters::letter;
use crate::output::time::Style;
use crate::output::{Align, Cell};
use crate::system::nice;

/// A column with one value.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) name: &'static str,
    pub(super) align: Align,
    pub(super) needs: AttributeSet,
    pub(super) cell: for<'a> fn(&'a Info, &Clock) -> Cell<'a>,
}

/// An attribute that is a record of several values.
#[derive(Debug)]
pub(super) struct Compound {
    pub(super) attribute: Attribute,
    pub(super) parts: &'static [&'static str],
    /// A [`Cell::Parts`] in the order of `parts`, or why there is none.
    pub(super) cell: for<'a> fn(&'a Info) -> Cell<'a>,
}

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

pub(super) static VALUES: &[Value] = &[
    number(
        "%cpu",
        needs(&[Attribute::CpuTimes, Attribute::CreateTime]),
        lifetime_percent,
    ),
    number("bsdtime", needs(&[Attribute::CpuTimes]), |info, _| {
        Cell::of(&info.cpu_times, |times| {
            Some(Cell::CpuMinutes(times.total()))
        })
    }),
    number(
        "c",
        needs(&[Attribute::CpuTimes, Attribute::CreateTime]),
        |info, clock| match lifetime_percent(info, clock) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of a life is neither large nor negative"
            )]
            Cell::Percent(percent) => Cell::Count(percent as u64),
            missing => missing,
        },
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
    text(
        "euser",
        needs(&[Attribute::Uids, Attribute::Username]),
        |info, _| effective_user(info),
    ),
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
        Cell::of(&info.nice, |nice| Some(nice::cell(*nice)))
    }),
    number("num_fds", needs(&[Attribute::NumFds]), |info, _| {
        Cell::of(&info.num_fds, |number| Some(count(*number)))
    }),
    number("num_handles", needs(&[Attribute::NumHandles]), |info, _| {
        Cell::of(&info.num_handles, |number| Some(count(*number)))
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
    text(
        "stat",
        needs(&[Attribute::Status, Attribute::Nice, Attribute::NumThreads]),
        |info, _| Cell::of(&info.status, |status| marked(*status, info)),
    ),
    text("state", needs(&[Attribute::Status]), |info, _| {
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

pub(super) static COMPOUNDS: &[Compound] = &[
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

/// The name of the user whose rights the process has; the number if nobody knows one.
fn effective_user(info: &Info) -> Cell<'_> {
    // Where users have no numbers the one whose rights it has is the only one that is told.
    if matches!(info.uids, Field::Unsupported) {
        return Cell::of(&info.username, |name| Some(Cell::text(name)));
    }
    Cell::of(&info.uids, |uids| {
        if uids.real == uids.effective {
            return Some(Cell::of(&info.username, |name| Some(Cell::text(name))));
        }
        let name = host::user_name(uids.effective).ok().flatten();
        Some(name.map_or_else(|| owned(uids.effective.to_string()), Cell::owned))
    })
}

/// The letter of the status with those of the marks of `ps` that can be told: `<` ahead of others, `N`
/// behind them, `l` several threads.
fn marked(status: Status, info: &Info) -> Option<Cell<'static>> {
    let letter = letter(status)?;
    let nice = match info.nice.value().map(|nice| nice::compare(*nice)) {
        Some(Ordering::Less) => "<",
        Some(Ordering::Greater) => "N",
        _ => "",
    };
    let threads = match info.num_threads.value() {
        Some(2..) => "l",
        _ => "",
    };
    if nice.is_empty() && threads.is_empty() {
        return Some(Cell::word(letter));
    }
    Some(owned([letter, nice, threads].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_are_written_as_ranges() {
        let check = |cpus: &[u32], expect: &str| assert_eq!(ranges(cpus), expect);
        check(&[], "");
        check(&[0], "0");
        check(&[0, 1, 2, 3, 8], "0-3,8");
        check(&[u32::MAX, 0], "4294967295,0");
    }
}
