//! procfs 0.18, used as its documentation shows: one object per file.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use procfs::process::{FDTarget, Io, MMapPath, MemoryMap, Process, Stat, StatM, all_processes};
use procfs::{Current as _, CurrentSI as _};

use super::{Entry, Term, World, number, table_answer, truth};
use crate::measure::{Answer, native};

struct Record {
    pid: u32,
    stat: Stat,
    statm: Option<StatM>,
    uid: Option<u32>,
    more: Option<More>,
}

struct More {
    cmdline: Vec<String>,
    exe: Option<PathBuf>,
    fds: Option<usize>,
    io: Option<Io>,
    environ: HashMap<OsString, OsString>,
}

fn table(exact: bool, full: bool) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for process in all_processes()? {
        let Ok(process) = process else { continue };
        let Ok(stat) = process.stat() else { continue };
        let mut record = Record {
            pid: process.pid as u32,
            stat,
            statm: None,
            uid: None,
            more: None,
        };
        if exact {
            record.statm = process.statm().ok();
            record.uid = process.status().ok().map(|status| status.ruid);
        }
        if full {
            record.more = Some(More {
                cmdline: process.cmdline().unwrap_or_default(),
                exe: process.exe().ok(),
                fds: process.fd_count().ok(),
                io: process.io().ok(),
                environ: process.environ().unwrap_or_default(),
            });
        }
        records.push(record);
    }
    Ok(records)
}

fn table_sums(world: &World, records: &[Record], exact: bool, full: bool) -> Answer {
    let mut terms: Vec<Term<'_, Record>> = vec![
        ("ppid", &|r| number(r.stat.ppid)),
        ("name", &|r| number(r.stat.comm.len())),
        ("threads", &|r| number(r.stat.num_threads)),
        ("sleeping", &|r| f64::from(u8::from(r.stat.state == 'S'))),
    ];
    if exact {
        terms.push(("rss", &|r| {
            r.statm
                .as_ref()
                .map_or(0.0, |m| number(m.resident * procfs::page_size()))
        }));
        terms.push(("uid", &|r| r.uid.map_or(0.0, number)));
    }
    if full {
        terms.push(("arguments", &|r| {
            r.more
                .as_ref()
                .map_or(0.0, |m| m.cmdline.iter().map(|a| number(a.len())).sum())
        }));
        terms.push(("exe", &|r| {
            r.more
                .as_ref()
                .and_then(|m| m.exe.as_ref())
                .map_or(0.0, |exe| number(exe.as_os_str().len()))
        }));
        terms.push(("fds", &|r| {
            r.more.as_ref().and_then(|m| m.fds).map_or(0.0, number)
        }));
        terms.push(("read_chars", &|r| {
            r.more
                .as_ref()
                .and_then(|m| m.io.as_ref())
                .map_or(0.0, |io| number(io.rchar))
        }));
        terms.push(("environ", &|r| {
            r.more.as_ref().map_or(0.0, |m| {
                m.environ
                    .iter()
                    .map(|(k, v)| number(k.len() + v.len()))
                    .sum()
            })
        }));
    }
    table_answer(world, records.iter(), |r| r.pid, &terms)
}

pub fn entry<'a>(row: &str, world: &'a World) -> Entry<'a> {
    let pid = world.subject(row);
    Some(match row {
        "pids" => native(
            || {
                Ok(all_processes()?
                    .flatten()
                    .map(|process| process.pid as u32)
                    .collect::<Vec<_>>())
            },
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
            || table(false, false),
            |records| table_sums(world, records, false, false),
        ),
        "table" => native(
            || table(true, false),
            |records| table_sums(world, records, true, false),
        ),
        "table-full" => native(
            || table(true, true),
            |records| table_sums(world, records, true, true),
        ),
        "tcp" => native(
            || {
                let mut sockets = procfs::net::tcp()?;
                sockets.extend(procfs::net::tcp6()?);
                Ok(sockets)
            },
            |sockets| {
                Answer::rows(sockets.len()).with(
                    "ports",
                    sockets
                        .iter()
                        .map(|s| number(s.local_address.port()) + number(s.remote_address.port()))
                        .sum(),
                )
            },
        ),
        "tcp-owners" => native(
            || {
                let mut sockets = procfs::net::tcp()?;
                sockets.extend(procfs::net::tcp6()?);
                let mut owners = HashMap::new();
                for process in all_processes()?.flatten() {
                    for fd in process.fd().into_iter().flatten().flatten() {
                        if let FDTarget::Socket(inode) = fd.target {
                            owners.insert(inode, process.pid as u32);
                        }
                    }
                }
                Ok(sockets
                    .into_iter()
                    .map(|socket| {
                        let owner = owners.get(&socket.inode).copied();
                        (socket, owner)
                    })
                    .collect::<Vec<_>>())
            },
            move |sockets| {
                Answer::rows(sockets.len())
                    .with(
                        "ports",
                        sockets
                            .iter()
                            .map(|(s, _)| {
                                number(s.local_address.port()) + number(s.remote_address.port())
                            })
                            .sum(),
                    )
                    .with(
                        "owned",
                        number(
                            sockets
                                .iter()
                                .filter(|(_, owner)| *owner == Some(pid))
                                .count(),
                        ),
                    )
            },
        ),
        "memory-maps" => {
            let process = Process::new(pid as i32).ok()?;
            native(
                move || Ok(process.smaps()?.0),
                |maps| {
                    let sum =
                        |keys: &[&str]| -> f64 { maps.iter().map(|map| extended(map, keys)).sum() };
                    Answer::rows(maps.len())
                        .with("rss", sum(&["Rss"]))
                        .with("size", sum(&["Size"]))
                        .with("private", sum(&["Private_Clean", "Private_Dirty"]))
                        .with(
                            "path",
                            maps.iter()
                                .map(|map| match &map.pathname {
                                    MMapPath::Path(path) => number(path.as_os_str().len()),
                                    _ => 0.0,
                                })
                                .sum(),
                        )
                },
            )
        }
        "memory-full" => {
            let process = Process::new(pid as i32).ok()?;
            native(
                move || Ok((process.statm()?, process.smaps_rollup()?)),
                |(statm, rollup)| {
                    let map = &rollup.memory_map_rollup.0[0];
                    Answer::rows(1)
                        .with("rss", number(statm.resident * procfs::page_size()))
                        .with("vms", number(statm.size * procfs::page_size()))
                        .with("uss", extended(map, &["Private_Clean", "Private_Dirty"]))
                        .with("pss", extended(map, &["Pss"]))
                        .with("swap", extended(map, &["Swap"]))
                },
            )
        }
        "virtual-memory" => native(
            || Ok(procfs::Meminfo::current()?),
            |memory| {
                Answer::rows(1)
                    .with("total", number(memory.mem_total))
                    .with("available", memory.mem_available.map_or(0.0, number))
                    .with("slab", number(memory.slab))
            },
        ),
        "cpu-times" => native(
            || Ok(procfs::KernelStats::current()?),
            |stats| {
                Answer::rows(1)
                    .with("user", stats.total.user as f64 / 100.0)
                    .with("idle", stats.total.idle as f64 / 100.0)
            },
        ),
        "net-io" => native(
            || Ok(procfs::net::dev_status()?),
            |interfaces| {
                Answer::rows(interfaces.len())
                    .with(
                        "name",
                        interfaces.keys().map(|name| number(name.len())).sum(),
                    )
                    .with(
                        "received",
                        interfaces.values().map(|i| number(i.recv_packets)).sum(),
                    )
            },
        ),
        "disk-io" => native(
            || Ok(procfs::diskstats()?),
            |disks| {
                Answer::rows(disks.len())
                    .with(
                        "name",
                        disks.iter().map(|disk| number(disk.name.len())).sum(),
                    )
                    .with("reads", disks.iter().map(|disk| number(disk.reads)).sum())
            },
        ),
        "oneshot" => {
            let process = Process::new(pid as i32).ok()?;
            native(
                move || Ok((process.stat()?, process.statm()?)),
                |(stat, statm)| {
                    Answer::rows(1)
                        .with("ppid", number(stat.ppid))
                        .with("name", number(stat.comm.len()))
                        .with("threads", number(stat.num_threads))
                        .with("rss", number(statm.resident * procfs::page_size()))
                        .with("vms", number(statm.size * procfs::page_size()))
                },
            )
        }
        "is-running" => {
            let process = Process::new(pid as i32).ok()?;
            native(move || Ok(process.is_alive()), truth)
        }
        _ => return None,
    })
}

fn extended(map: &MemoryMap, keys: &[&str]) -> f64 {
    keys.iter()
        .map(|key| map.extension.map.get(*key).copied().map_or(0.0, number))
        .sum()
}
