//! The floor's side of every row.

use std::cell::RefCell;

use super::{Entry, Term, WAITING, World, exit_latency, number, table_answer, truth, waiting_cost};
use crate::floor::table::{Extent, More, Record, Table};
use crate::floor::{host, memory, net, one};
use crate::measure::{Answer, native, self_timed};

pub fn entry<'a>(row: &str, world: &'a World) -> Entry<'a> {
    let pid = world.subject(row);
    let mut table = Table::new();
    let mut small = vec![0_u8; 64 * 1024];
    Some(match row {
        "pids" => native(
            move || table.pids(),
            |pids| {
                table_answer(
                    world,
                    pids.iter(),
                    |pid| *pid,
                    &[("pid", &|pid| number(*pid))],
                )
            },
        ),
        "table-stat" => native(
            move || table.all(Extent::Stat),
            |records| records_answer(world, records, Extent::Stat),
        ),
        "table" => native(
            move || table.all(Extent::Exact),
            |records| records_answer(world, records, Extent::Exact),
        ),
        "table-full" => native(
            move || table.all(Extent::Full),
            |records| records_answer(world, records, Extent::Full),
        ),
        "tcp" => {
            let mut net = net::Net::new();
            native(
                move || net.tcp(),
                move |connections| tcp_answer(connections, pid),
            )
        }
        "tcp-owners" => {
            let mut net = net::Net::new();
            native(
                move || net.tcp_with_owners(),
                move |connections| tcp_answer(connections, pid),
            )
        }
        "memory-maps" => native(
            move || memory::mappings(pid, &mut small),
            |mappings| {
                let sum = |index: usize| {
                    mappings
                        .iter()
                        .map(|mapping| mapping.values[index])
                        .sum::<u64>()
                };
                Answer::rows(mappings.len())
                    .with("size", number(sum(0)))
                    .with("rss", number(sum(1)))
                    .with("private", number(sum(5) + sum(6)))
                    .with(
                        "path",
                        mappings
                            .iter()
                            .filter(|m| m.path.first() != Some(&b'['))
                            .map(|m| number(m.path.len()))
                            .sum(),
                    )
            },
        ),
        "memory-full" => native(
            move || memory::full(pid, &mut small),
            |full| {
                Answer::rows(1)
                    .with("rss", number(full[0]))
                    .with("vms", number(full[1]))
                    .with("uss", number(full[7]))
                    .with("pss", number(full[8]))
                    .with("swap", number(full[9]))
            },
        ),
        "virtual-memory" => native(
            move || host::memory(&mut small),
            |memory| {
                Answer::rows(1)
                    .with("total", number(memory.total))
                    .with("available", number(memory.available))
                    .with("slab", number(memory.slab))
            },
        ),
        "cpu-times" => native(
            move || host::cpu_times(&mut small),
            |times| {
                Answer::rows(1)
                    .with("user", times[0])
                    .with("idle", times[3])
            },
        ),
        "net-io" => native(
            move || host::interfaces(&mut small),
            |interfaces| {
                Answer::rows(interfaces.len())
                    .with(
                        "name",
                        interfaces.iter().map(|i| number(i.name.len())).sum(),
                    )
                    .with(
                        "received",
                        interfaces.iter().map(|i| number(i.counters[1])).sum(),
                    )
            },
        ),
        "disk-io" => native(
            move || host::disks(&mut small),
            |disks| {
                Answer::rows(disks.len())
                    .with(
                        "name",
                        disks.iter().map(|disk| number(disk.name.len())).sum(),
                    )
                    .with(
                        "reads",
                        disks.iter().map(|disk| number(disk.counters[0])).sum(),
                    )
            },
        ),
        "oneshot" => native(
            move || one::ten(pid, &mut small),
            |ten| {
                Answer::rows(1)
                    .with("ppid", number(ten.stat.ppid))
                    .with("name", number(ten.stat.name.len()))
                    .with("create_time", ten.create_time)
                    .with("threads", number(ten.stat.threads))
                    .with("terminal", f64::from(u8::from(ten.terminal.is_some())))
                    .with("rss", number(ten.memory[0]))
                    .with("vms", number(ten.memory[1]))
            },
        ),
        "pid-exists" => native(move || one::exists(pid), truth),
        "is-running" => {
            let inode = one::inode(pid).ok()?;
            native(move || one::is_running(pid, inode), truth)
        }
        "children" => native(
            move || table.descendants(pid),
            |children| {
                Answer::rows(children.len())
                    .with("pid", children.iter().map(|child| number(child.0)).sum())
            },
        ),
        "exit-latency" => {
            let exits = world.exits.as_ref()?;
            self_timed(move || exit_latency(exits, one::wait))
        }
        "waiting-cpu" => self_timed(move || {
            waiting_cost(|| {
                let pids = world.members();
                Ok(pids.len() - one::wait_many(pids, WAITING)?)
            })
        }),
        _ => return None,
    })
}

fn records_answer(world: &World, records: &[Record], extent: Extent) -> Answer {
    let none = RefCell::new(More::default());
    let none = none.borrow();
    let more =
        |record: &Record, of: &dyn Fn(&More) -> f64| of(record.more.as_deref().unwrap_or(&none));
    let mut terms: Vec<Term<'_, Record>> = vec![
        ("ppid", &|r| number(r.stat.ppid)),
        ("name", &|r| number(r.stat.name.len())),
        ("threads", &|r| number(r.stat.threads)),
        ("create_time", &|r| r.create_time),
        ("sleeping", &|r| f64::from(u8::from(r.stat.status == b'S'))),
    ];
    let arguments = |r: &Record| more(r, &|m| m.cmdline.iter().map(|a| number(a.len())).sum());
    let exe = |r: &Record| more(r, &|m| m.exe.as_ref().map_or(0.0, |exe| number(exe.len())));
    let fds = |r: &Record| more(r, &|m| m.num_fds.map_or(0.0, number));
    let chars = |r: &Record| more(r, &|m| m.io.map_or(0.0, |io| number(io[0])));
    let environ = |r: &Record| {
        more(r, &|m| {
            m.environ
                .iter()
                .map(|(k, v)| number(k.len() + v.len()))
                .sum()
        })
    };
    if extent != Extent::Stat {
        terms.push(("rss", &|r| number(r.rss)));
        terms.push(("uid", &|r| number(r.uids[0])));
        terms.push(("username", &|r| {
            r.username.as_ref().map_or(0.0, |name| number(name.len()))
        }));
    }
    if extent == Extent::Full {
        terms.push(("arguments", &arguments));
        terms.push(("exe", &exe));
        terms.push(("fds", &fds));
        terms.push(("read_chars", &chars));
        terms.push(("environ", &environ));
    }
    table_answer(world, records.iter(), |record| record.pid, &terms)
}

fn tcp_answer(connections: &[net::Connection], holder: u32) -> Answer {
    // TCP_ESTABLISHED of the kernel's include/net/tcp_states.h.
    let established = connections.iter().filter(|c| c.state == 1).count();
    let owned = connections
        .iter()
        .filter(|c| c.owner.is_some_and(|(pid, _)| pid == holder))
        .count();
    Answer::rows(connections.len())
        .with(
            "ports",
            connections
                .iter()
                .map(|c| number(c.local.port()) + number(c.remote.port()))
                .sum(),
        )
        .with("established", number(established))
        .with("owned", number(owned))
}
