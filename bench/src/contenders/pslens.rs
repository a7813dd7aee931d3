//! Our side of every row.

use std::ffi::OsString;
use std::time::SystemTime;

use anyhow::Result;
use pslens::net::{
    Address, Connection, ConnectionKind, ConnectionStatus, connections, connections_without_owners,
};
use pslens::process::{
    Attribute, AttributeSet, Info, MemoryFootprint, MemoryInfo, Process, Status, wait_all,
};

use super::{Entry, Term, WAITING, World, exit_latency, number, table_answer, truth, waiting_cost};
use crate::measure::{Answer, native, self_timed};

pub fn entry<'a>(row: &str, world: &'a World) -> Entry<'a> {
    let pid = world.subject(row);
    let process = || Process::new(pid).ok();
    Some(match row {
        "pids" => native(
            || Ok(pslens::process::pids()?),
            |pids| {
                table_answer(
                    world,
                    pids.iter(),
                    |pid| pid.as_u32(),
                    &[("pid", &|pid| number(pid.as_u32()))],
                )
            },
        ),
        "table-stat" => native(|| table(STAT), |records| info_answer(world, records, STAT)),
        "table" => native(
            || table(EXACT),
            |records| info_answer(world, records, EXACT),
        ),
        "table-full" => native(|| table(FULL), |records| info_answer(world, records, FULL)),
        "memory-maps" => {
            let process = process()?;
            native(
                move || Ok(process.memory_maps()?),
                |maps| {
                    let dirty = |map: &pslens::process::MemoryMap| {
                        map.private_clean.unwrap_or(0) + map.private_dirty.unwrap_or(0)
                    };
                    Answer::rows(maps.len())
                        .with("rss", maps.iter().map(|map| number(map.rss)).sum())
                        .with("size", maps.iter().map(|map| number(map.size)).sum())
                        .with("private", maps.iter().map(|map| number(dirty(map))).sum())
                        .with(
                            "path",
                            maps.iter()
                                .filter(|map| map.path.as_encoded_bytes().first() != Some(&b'['))
                                .map(|map| number(map.path.len()))
                                .sum(),
                        )
                },
            )
        }
        "memory-full" => {
            let process = process()?;
            native(
                move || Ok(process.memory_full_info()?),
                |full| {
                    let MemoryInfo { rss, vms, .. } = full.info;
                    let MemoryFootprint { uss, pss, swap, .. } = full.footprint;
                    Answer::rows(1)
                        .with("rss", number(rss))
                        .with("vms", number(vms))
                        .with("uss", number(uss))
                        .with("pss", pss.map_or(f64::NAN, number))
                        .with("swap", swap.map_or(f64::NAN, number))
                },
            )
        }
        "oneshot" => {
            let process = process()?;
            native(
                move || {
                    let mut look = process.oneshot()?;
                    Ok((
                        look.ppid()?,
                        look.name()?,
                        look.status()?,
                        look.cpu_times()?,
                        look.create_time()?,
                        look.num_threads()?,
                        look.cpu_num()?,
                        look.terminal()?,
                        look.page_faults()?,
                        look.memory_info()?,
                    ))
                },
                |ten| {
                    Answer::rows(1)
                        .with("ppid", number(ten.0.as_u32()))
                        .with("name", number(ten.1.len()))
                        .with("create_time", seconds(&ten.4))
                        .with("threads", number(ten.5))
                        .with("terminal", f64::from(u8::from(ten.7.is_some())))
                        .with("rss", number(ten.9.rss))
                        .with("vms", number(ten.9.vms))
                },
            )
        }
        "as-dict" => {
            let process = process()?;
            native(
                move || Ok(process.info(AS_DICT)?),
                |info| {
                    let size = |e: &Vec<(OsString, OsString)>| {
                        e.iter().map(|(k, v)| number(k.len() + v.len())).sum()
                    };
                    let footprint = info.memory_full_info.value().map(|full| full.footprint.uss);
                    Answer::rows(1)
                        .with(
                            "ppid",
                            info.ppid.value().map_or(f64::NAN, |p| number(p.as_u32())),
                        )
                        .with(
                            "name",
                            info.name.value().map_or(f64::NAN, |n| number(n.len())),
                        )
                        .with(
                            "create_time",
                            info.create_time.value().map_or(f64::NAN, seconds),
                        )
                        .with(
                            "threads",
                            info.num_threads.value().map_or(f64::NAN, |n| number(*n)),
                        )
                        .with("fds", info.num_fds.value().map_or(f64::NAN, |n| number(*n)))
                        .with(
                            "rss",
                            info.memory_info.value().map_or(f64::NAN, |m| number(m.rss)),
                        )
                        .with("uss", footprint.map_or(f64::NAN, number))
                        .with("environ", info.environ.value().map_or(f64::NAN, size))
                },
            )
        }
        "children" => {
            let process = process()?;
            native(
                move || Ok(process.children_recursive()?),
                |children| {
                    Answer::rows(children.len()).with(
                        "pid",
                        children
                            .iter()
                            .map(|child| number(child.pid().as_u32()))
                            .sum(),
                    )
                },
            )
        }
        "pid-exists" => native(move || Ok(pslens::process::pid_exists(pid.into())?), truth),
        "is-running" => {
            let process = process()?;
            native(move || Ok(process.is_running()?), truth)
        }
        "tcp" => native(
            || Ok(connections_without_owners(ConnectionKind::Tcp)?),
            move |connections| tcp_answer(connections, pid),
        ),
        "tcp-owners" => native(
            || Ok(connections(ConnectionKind::Tcp)?),
            move |connections| tcp_answer(connections, pid),
        ),
        "net-io" => native(
            || Ok(pslens::net::io_counters_per_nic()?),
            |interfaces| {
                Answer::rows(interfaces.len())
                    .with(
                        "name",
                        interfaces.iter().map(|(name, _)| number(name.len())).sum(),
                    )
                    .with(
                        "received",
                        interfaces
                            .iter()
                            .map(|(_, io)| number(io.packets_recv))
                            .sum(),
                    )
            },
        ),
        "virtual-memory" => native(
            || Ok(pslens::memory::virtual_memory()?),
            |memory| {
                Answer::rows(1)
                    .with("total", number(memory.total))
                    .with("available", number(memory.available))
                    .with("slab", memory.slab.map_or(0.0, number))
            },
        ),
        "cpu-times" => native(
            || Ok(pslens::cpu::times()?),
            |times| {
                Answer::rows(1)
                    .with("user", times.user.as_secs_f64())
                    .with("idle", times.idle.as_secs_f64())
            },
        ),
        "disk-io" => native(
            || Ok(pslens::disk::io_counters_per_disk()?),
            |disks| {
                Answer::rows(disks.len())
                    .with("name", disks.keys().map(|name| number(name.len())).sum())
                    .with(
                        "reads",
                        disks.values().map(|disk| number(disk.read_count)).sum(),
                    )
            },
        ),
        "exit-latency" => {
            let exits = world.exits.as_ref()?;
            self_timed(move || {
                exit_latency(exits, |pid| {
                    Process::new(pid)?.wait()?;
                    Ok(())
                })
            })
        }
        "waiting-cpu" => {
            let members = world.members().iter();
            let processes: Vec<_> = members.filter_map(|pid| Process::new(*pid).ok()).collect();
            self_timed(move || {
                let processes = processes.clone();
                waiting_cost(|| Ok(wait_all(processes, Some(WAITING), |_, _| {})?.alive.len()))
            })
        }
        _ => return None,
    })
}

fn tcp_answer(connections: &[Connection], holder: u32) -> Answer {
    let port = |address: &Option<Address>| match address {
        Some(Address::Inet(address)) => number(address.port()),
        _ => 0.0,
    };
    Answer::rows(connections.len())
        .with(
            "ports",
            connections
                .iter()
                .map(|c| port(&c.local) + port(&c.remote))
                .sum(),
        )
        .with(
            "established",
            number(
                connections
                    .iter()
                    .filter(|c| c.status == ConnectionStatus::Established)
                    .count(),
            ),
        )
        .with(
            "owned",
            number(
                connections
                    .iter()
                    .filter(|c| c.owners.iter().any(|owner| owner.pid.as_u32() == holder))
                    .count(),
            ),
        )
}

const STAT: AttributeSet = AttributeSet::of(&[
    Attribute::Pid,
    Attribute::Ppid,
    Attribute::Name,
    Attribute::Status,
    Attribute::CpuTimes,
    Attribute::NumThreads,
    Attribute::CreateTime,
]);

const EXACT: AttributeSet = STAT
    .with(Attribute::MemoryInfo)
    .with(Attribute::Uids)
    .with(Attribute::Username);

const FULL: AttributeSet = EXACT
    .with(Attribute::Cmdline)
    .with(Attribute::Exe)
    .with(Attribute::NumFds)
    .with(Attribute::IoCounters)
    .with(Attribute::Environ);

/// What psutil's `as_dict` has.
const AS_DICT: AttributeSet = FULL
    .with(Attribute::CpuAffinity)
    .with(Attribute::CpuNum)
    .with(Attribute::Cwd)
    .with(Attribute::Gids)
    .with(Attribute::Ionice)
    .with(Attribute::MemoryFullInfo)
    .with(Attribute::MemoryMaps)
    .with(Attribute::MemoryPercent)
    .with(Attribute::NetConnections)
    .with(Attribute::Nice)
    .with(Attribute::NumCtxSwitches)
    .with(Attribute::OpenFiles)
    .with(Attribute::Terminal)
    .with(Attribute::Threads);

fn table(attributes: AttributeSet) -> Result<Vec<Info>> {
    Ok(pslens::process::all_with(attributes)?.collect::<Result<_, _>>()?)
}

fn seconds(time: &SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(f64::NAN, |time| time.as_secs_f64())
}

fn info_answer(world: &World, records: &[Info], attributes: AttributeSet) -> Answer {
    let mut terms: Vec<Term<'_, Info>> = vec![
        ("ppid", &|r| {
            r.ppid
                .value()
                .map_or(f64::NAN, |ppid| number(ppid.as_u32()))
        }),
        ("name", &|r| {
            r.name.value().map_or(f64::NAN, |name| number(name.len()))
        }),
        ("threads", &|r| {
            r.num_threads
                .value()
                .map_or(f64::NAN, |threads| number(*threads))
        }),
        ("create_time", &|r| {
            r.create_time.value().map_or(f64::NAN, seconds)
        }),
        ("sleeping", &|r| {
            f64::from(u8::from(r.status.value() == Some(&Status::Sleeping)))
        }),
    ];
    if attributes.contains(Attribute::Uids) {
        terms.push(("rss", &|r| {
            r.memory_info
                .value()
                .map_or(f64::NAN, |memory| number(memory.rss))
        }));
        terms.push(("uid", &|r| {
            r.uids.value().map_or(f64::NAN, |uids| number(uids.real))
        }));
        terms.push(("username", &|r| {
            r.username
                .value()
                .map_or(f64::NAN, |name| number(name.len()))
        }));
    }
    if attributes.contains(Attribute::Environ) {
        terms.push(("arguments", &|r| {
            r.cmdline.value().map_or(f64::NAN, |a| {
                a.iter().map(|argument| number(argument.len())).sum()
            })
        }));
        terms.push(("exe", &|r| {
            r.exe
                .value()
                .and_then(Option::as_ref)
                .map_or(f64::NAN, |exe| number(exe.as_os_str().len()))
        }));
        terms.push(("fds", &|r| {
            r.num_fds.value().map_or(f64::NAN, |fds| number(*fds))
        }));
        terms.push(("read_chars", &|r| {
            r.io_counters
                .value()
                .and_then(|io| io.read_chars)
                .map_or(f64::NAN, number)
        }));
        terms.push(("environ", &|r| {
            r.environ.value().map_or(f64::NAN, |e| {
                e.iter().map(|(k, v)| number(k.len() + v.len())).sum()
            })
        }));
    }
    table_answer(
        world,
        records.iter(),
        |record| record.pid().as_u32(),
        &terms,
    )
}
