//! The rows: names, budgets, what is needed, who takes part.

use anyhow::{Result, ensure};

use crate::contenders::{World, floor, netstat2, procfs, pslens, python, sysinfo};
use crate::measure::{Budget, Contender, Row, Tolerance, Who};
use crate::python::Drivers;

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
    budget: Option<f64>,
    /// What pslens may cost from Python.
    python: Budget,
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
    python: Budget,
) -> Definition {
    Definition {
        name,
        what,
        needs,
        budget,
        python,
        tolerance: Tolerance::EXACT,
        fixed_repetitions: None,
        max_rounds: None,
        notes: &[],
    }
}

/// From Python: so many times as fast as psutil.
const fn times_psutil(times: f64) -> Budget {
    Budget {
        ours: Who::PslensPy,
        rival: Who::Psutil,
        most: Some(1.0 / times),
    }
}

/// From Python: so many times what the floor costs.
const fn floor_times(times: f64) -> Budget {
    Budget {
        ours: Who::PslensPy,
        rival: Who::Floor,
        most: Some(times),
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
        ..row(
            "pids",
            "ids of all processes",
            Needs::Processes,
            Some(1.1),
            floor_times(1.25),
        )
    },
    Definition {
        tolerance: TABLE,
        notes: &["sysinfo: no num_threads"],
        ..row(
            "table-stat",
            "pid ppid name status cpu_times num_threads create_time",
            Needs::Processes,
            Some(1.15),
            times_psutil(9.0),
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
            times_psutil(5.0),
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
            times_psutil(5.0),
        )
    },
    Definition {
        ..row(
            "children",
            "all descendants of the parent of the N",
            Needs::Processes,
            Some(1.2),
            times_psutil(4.0),
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
            times_psutil(2.5),
        )
    },
    Definition {
        tolerance: Tolerance {
            rows: 0.01,
            sums: &[("ports", 0.01), ("established", 0.01), ("owned", 1.0)],
        },
        notes: &["psutil always looks for owners"],
        ..row(
            "tcp",
            "TCP connections without owners",
            Needs::Sockets,
            Some(1.15),
            times_psutil(7.0),
        )
    },
    row(
        "memory-maps",
        "mappings of one process",
        Needs::Mappings,
        Some(1.25),
        times_psutil(6.0),
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
            times_psutil(1.2),
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
            times_psutil(5.0),
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
            times_psutil(2.0),
        )
    },
    row(
        "net-io",
        "counters of every interface",
        Needs::OneProcess,
        Some(1.3),
        times_psutil(5.0),
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
            times_psutil(5.0),
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
            times_psutil(6.0),
        )
    },
    Definition {
        tolerance: Tolerance {
            rows: 0.0,
            sums: &[("create_time", 1e-9), ("uss", 0.02)],
        },
        ..row(
            "as-dict",
            "everything that psutil's as_dict has, of one process",
            Needs::OneProcess,
            None,
            times_psutil(8.0),
        )
    },
    row(
        "pid-exists",
        "whether a process exists",
        Needs::OneProcess,
        None,
        times_psutil(15.0),
    ),
    row(
        "is-running",
        "whether it is still the same one",
        Needs::OneProcess,
        None,
        times_psutil(4.0),
    ),
    Definition {
        fixed_repetitions: Some(3),
        ..row(
            "exit-latency",
            "exit of a process that is not a child -> wait returns",
            Needs::Exits,
            Some(1.2),
            floor_times(1.3),
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
            times_psutil(10.0),
        )
    },
    Definition {
        fixed_repetitions: Some(3),
        ..row(
            "import",
            "of the Python package, in an interpreter that has imported nothing",
            Needs::OneProcess,
            None,
            times_psutil(3.0),
        )
    },
];

/// Puts the contenders of a row together.
pub fn build<'a>(
    definition: &'static Definition,
    size: usize,
    world: &'a World,
    drivers: &Drivers,
    takes_part: impl Fn(Who) -> bool,
) -> Result<Row<'a>> {
    let name = definition.name;
    let mut contenders: Vec<(Who, Box<dyn Contender + 'a>)> = Vec::new();
    for who in Who::ALL.into_iter().filter(|who| takes_part(*who)) {
        let entry = match who {
            Who::Psutil | Who::PslensPy => drivers
                .of(who)
                .and_then(|driver| python::entry(name, world, driver)),
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
    let told = |ours, rival| Budget {
        ours,
        rival,
        most: None,
    };
    let mut budgets = vec![
        Budget {
            most: definition.budget,
            ..told(Who::Pslens, Who::Floor)
        },
        definition.python,
        // What naming things for Python adds.
        told(Who::PslensPy, Who::Pslens),
    ];
    if definition.python.rival == Who::Psutil {
        // What could be had at best.
        budgets.push(told(Who::Floor, Who::Psutil));
    }
    let mut notes: Vec<String> = definition.notes.iter().map(ToString::to_string).collect();
    if name == "import" {
        notes.extend(import_notes(drivers)?);
    }
    Ok(Row {
        name,
        size: size as u64,
        budgets,
        tolerance: definition.tolerance,
        fixed_repetitions: definition.fixed_repetitions,
        max_rounds: definition.max_rounds,
        contenders,
        notes,
    })
}

/// Which files of the kernel the imports open. Ours must open none.
fn import_notes(drivers: &Drivers) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for who in [Who::Psutil, Who::PslensPy] {
        let Some(driver) = drivers.of(who) else {
            continue;
        };
        let name = who.name();
        match driver.kernel_files_of_import()? {
            None => notes.push(format!("{name}: files not looked at, there is no strace")),
            Some(files) if files.is_empty() => {
                notes.push(format!("{name}: opens no file of /proc or /sys"));
            }
            Some(files) => {
                let files: Vec<_> = files.into_iter().collect();
                let files = files.join(" ");
                ensure!(who == Who::Psutil, "import: {name} opens {files}");
                notes.push(format!("{name}: opens {files}"));
            }
        }
    }
    Ok(notes)
}
