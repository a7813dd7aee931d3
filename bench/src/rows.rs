//! The rows: names, budgets, what is needed, who takes part.

use std::rc::Rc;

use anyhow::Result;

use crate::contenders::{World, floor, kill_settled, netstat2, procfs, pslens, sysinfo};
use crate::measure::{Answer, Contender, Row, Tolerance, Who, self_timed};
use crate::psutil::{Psutil, PsutilRow};

/// What has to run beside the bench for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Measured at every size of `--processes`.
    Processes,
    /// One sleeping process.
    OneProcess,
    /// 1,000 sleeping processes.
    Thousand,
    Sockets,
    Mappings,
    Exits,
}

/// A row before it is built.
pub struct Definition {
    pub name: &'static str,
    pub what: &'static str,
    pub needs: Needs,
    /// Multiple of the floor that pslens may cost.
    pub budget: Option<f64>,
    tolerance: Tolerance,
    fixed_repetitions: Option<u32>,
    max_rounds: Option<u32>,
    notes: &'static [&'static str],
}

const fn row(
    name: &'static str,
    what: &'static str,
    needs: Needs,
    budget: Option<f64>,
) -> Definition {
    Definition {
        name,
        what,
        needs,
        budget,
        tolerance: Tolerance::EXACT,
        fixed_repetitions: None,
        max_rounds: None,
        notes: &[],
    }
}

/// The machine's other processes come and go; ours do not.
const TABLE: Tolerance = Tolerance {
    rows: 0.0,
    sums: &[("others", 0.3), ("create_time", 1e-9), ("rss", 0.02)],
};

pub const ROWS: &[Definition] = &[
    Definition {
        tolerance: TABLE,
        ..row("pids", "ids of all processes", Needs::Processes, Some(1.1))
    },
    Definition {
        tolerance: TABLE,
        notes: &["sysinfo: no num_threads"],
        ..row(
            "table-stat",
            "pid ppid name status cpu_times num_threads create_time",
            Needs::Processes,
            Some(1.15),
        )
    },
    Definition {
        tolerance: TABLE,
        notes: &["sysinfo: no num_threads; user names listed outside the measured time"],
        ..row(
            "table",
            "the same + rss (exact) uids username",
            Needs::Processes,
            Some(1.15),
        )
    },
    Definition {
        tolerance: TABLE,
        notes: &["psutil 7.2.2 leaves kernel threads out (environ)"],
        ..row(
            "table-full",
            "the same + cmdline exe num_fds io_counters environ",
            Needs::Processes,
            Some(1.15),
        )
    },
    Definition {
        ..row(
            "children",
            "all descendants of the parent of the N",
            Needs::Processes,
            Some(1.2),
        )
    },
    Definition {
        tolerance: Tolerance {
            rows: 0.01,
            sums: &[("ports", 0.01), ("established", 0.01)],
        },
        ..row(
            "tcp-owners",
            "TCP connections with owners",
            Needs::Sockets,
            Some(1.15),
        )
    },
    Definition {
        tolerance: Tolerance {
            rows: 0.01,
            sums: &[("ports", 0.01), ("established", 0.01), ("owned", 1.0)],
        },
        ..row(
            "tcp",
            "TCP connections without owners",
            Needs::Sockets,
            Some(1.15),
        )
    },
    row(
        "memory-maps",
        "mappings of one process",
        Needs::Mappings,
        Some(1.25),
    ),
    Definition {
        tolerance: Tolerance {
            rows: 0.0,
            sums: &[("pss", 0.05), ("uss", 0.02)],
        },
        ..row(
            "memory-full",
            "rss vms uss pss swap of that process",
            Needs::Mappings,
            Some(1.25),
        )
    },
    Definition {
        tolerance: Tolerance {
            rows: 0.0,
            sums: &[("available", 0.05), ("slab", 0.05)],
        },
        ..row(
            "virtual-memory",
            "memory of the machine",
            Needs::OneProcess,
            Some(1.3),
        )
    },
    Definition {
        tolerance: Tolerance {
            rows: 0.0,
            sums: &[("user", 0.01), ("idle", 0.01)],
        },
        notes: &["procfs decodes all of /proc/stat"],
        ..row(
            "cpu-times",
            "CPU times of the machine",
            Needs::OneProcess,
            Some(1.3),
        )
    },
    row(
        "net-io",
        "counters of every interface",
        Needs::OneProcess,
        Some(1.3),
    ),
    Definition {
        tolerance: Tolerance {
            rows: 0.0,
            sums: &[("reads", 0.01)],
        },
        ..row(
            "disk-io",
            "counters of every disk",
            Needs::OneProcess,
            Some(1.3),
        )
    },
    Definition {
        tolerance: Tolerance {
            rows: 0.0,
            sums: &[("create_time", 1e-9)],
        },
        notes: &[
            "psutil has no page_faults (9 attributes); sysinfo has no num_threads, cpu_num, terminal, page_faults",
        ],
        ..row(
            "oneshot",
            "ppid name status cpu_times create_time num_threads cpu_num terminal page_faults memory_info of one process",
            Needs::OneProcess,
            Some(1.2),
        )
    },
    row(
        "pid-exists",
        "whether a process exists",
        Needs::OneProcess,
        None,
    ),
    row(
        "is-running",
        "whether it is still the same one",
        Needs::OneProcess,
        None,
    ),
    Definition {
        fixed_repetitions: Some(3),
        ..row(
            "exit-latency",
            "exit of a process that is not a child -> wait returns",
            Needs::Exits,
            Some(1.2),
        )
    },
    Definition {
        fixed_repetitions: Some(1),
        max_rounds: Some(3),
        ..row(
            "waiting-cpu",
            "processor time of waiting 2 s for 1,000 processes",
            Needs::Thousand,
            Some(1.2),
        )
    },
];

/// Puts the contenders of a row together.
pub fn build<'a>(
    definition: &'static Definition,
    size: usize,
    world: &'a World,
    psutil: Option<&Rc<Psutil>>,
    without: &[String],
) -> Result<Row<'a>> {
    let name = definition.name;
    let mut contenders: Vec<(Who, Box<dyn Contender + 'a>)> = Vec::new();
    for who in Who::ALL {
        if without.iter().any(|left_out| left_out == who.name()) {
            continue;
        }
        let entry = match who {
            Who::Psutil => psutil.and_then(|psutil| psutil_entry(name, world, psutil)),
            Who::Sysinfo => sysinfo::entry(name, world),
            Who::Procfs => procfs::entry(name, world),
            Who::Netstat2 => netstat2::entry(name, world),
            Who::Floor => floor::entry(name, world),
            Who::Pslens => pslens::entry(name, world),
        };
        if let Some(entry) = entry {
            contenders.push((who, entry));
        }
    }
    Ok(Row {
        name,
        size: size as u64,
        budget: definition.budget,
        tolerance: definition.tolerance,
        fixed_repetitions: definition.fixed_repetitions,
        max_rounds: definition.max_rounds,
        contenders,
        notes: definition
            .notes
            .iter()
            .map(|note| (*note).to_owned())
            .collect(),
    })
}

fn psutil_entry<'a>(
    row: &'static str,
    world: &'a World,
    psutil: &Rc<Psutil>,
) -> Option<Box<dyn Contender + 'a>> {
    let psutil = Rc::clone(psutil);
    Some(match row {
        // psutil always looks for owners.
        "tcp" => return None,
        "exit-latency" => {
            let exits = world.exits.as_ref()?;
            self_timed(move || {
                let pid = exits.spawn()?;
                let mut killed = std::time::Duration::ZERO;
                let seen = psutil.exit_seen(pid, || {
                    killed = kill_settled(pid)?;
                    Ok(())
                })?;
                anyhow::ensure!(
                    seen > killed,
                    "the wait returned before the process was killed"
                );
                Ok((seen - killed, Answer::rows(1)))
            })
        }
        "waiting-cpu" => self_timed(move || {
            let (spent, alive) = psutil.wait_many(world.members(), crate::contenders::WAITING)?;
            Ok((spent, Answer::rows(alive)))
        }),
        _ => Box::new(PsutilRow {
            psutil,
            row,
            members: world.members().to_vec(),
            pid: world.subject(row),
            ready: false,
        }),
    })
}
