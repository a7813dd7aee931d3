//! sysinfo 0.40 without its thread pool, as a program that refreshes one `System` would use it.

use sysinfo::{
    MemoryRefreshKind, Networks, Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System,
    UpdateKind, Users,
};

use super::{Entry, Term, World, exit_latency, number, table_answer};
use crate::measure::{Answer, native, self_timed};

pub fn entry<'a>(row: &str, world: &'a World) -> Entry<'a> {
    let pid = Pid::from_u32(world.subject(row));
    let nothing = ProcessRefreshKind::nothing().without_tasks();
    // What does not change is asked for again all the same: a scan that must not serve old values
    // has to, and the others do.
    let always = UpdateKind::Always;
    Some(match row {
        "pids" => table(world, nothing, Shape::Pids)?,
        "table-stat" => table(world, nothing.with_cpu(), Shape::Stat)?,
        "table" => table(
            world,
            nothing.with_cpu().with_memory().with_user(always),
            Shape::Exact,
        )?,
        "table-full" => table(
            world,
            nothing
                .with_cpu()
                .with_memory()
                .with_user(always)
                .with_cmd(always)
                .with_exe(always)
                .with_environ(always)
                .with_disk_usage(),
            Shape::Full,
        )?,
        "virtual-memory" => {
            let mut system = System::new().ok()?;
            native(
                move || {
                    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
                    Ok((system.total_memory(), system.available_memory()))
                },
                |(total, available)| {
                    Answer::rows(1)
                        .with("total", number(*total))
                        .with("available", number(*available))
                },
            )
        }
        "net-io" => {
            let mut networks = Networks::new_with_refreshed_list().ok()?;
            native(
                move || {
                    networks.refresh(true);
                    Ok((
                        networks.len(),
                        networks.keys().map(|name| name.len()).sum::<usize>(),
                    ))
                },
                |(rows, names)| Answer::rows(*rows).with("name", number(*names)),
            )
        }
        "oneshot" => {
            let mut system = System::new().ok()?;
            native(
                move || {
                    let kind = nothing.with_cpu().with_memory();
                    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
                    let process = system
                        .process(pid)
                        .ok_or_else(|| anyhow::anyhow!("no such process"))?;
                    Ok((
                        process.parent(),
                        process.name().to_owned(),
                        process.memory(),
                        process.virtual_memory(),
                    ))
                },
                |(parent, name, rss, vms)| {
                    Answer::rows(1)
                        .with("ppid", parent.map_or(0.0, |parent| number(parent.as_u32())))
                        .with("name", number(name.len()))
                        .with("rss", number(*rss))
                        .with("vms", number(*vms))
                },
            )
        }
        "exit-latency" => {
            let exits = world.exits.as_ref()?;
            self_timed(move || {
                exit_latency(exits, move |pid| {
                    let pid = Pid::from_u32(pid);
                    let mut system = System::new()?;
                    system.refresh_processes_specifics(
                        ProcessesToUpdate::Some(&[pid]),
                        true,
                        nothing,
                    );
                    system
                        .process(pid)
                        .ok_or_else(|| anyhow::anyhow!("no such process"))?
                        .wait();
                    Ok(())
                })
            })
        }
        _ => return None,
    })
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Shape {
    Pids,
    Stat,
    Exact,
    Full,
}

/// What is kept of a process beside the `System`: enough to compare, cheap enough not to count.
#[derive(Clone, Copy)]
struct Record {
    pid: u32,
    ppid: u32,
    name: usize,
    create_time: u64,
    sleeping: bool,
    rss: u64,
    uid: u32,
    username: usize,
    arguments: usize,
    exe: usize,
    fds: usize,
    environ: usize,
}

fn table<'a>(world: &'a World, kind: ProcessRefreshKind, shape: Shape) -> Entry<'a> {
    let mut system = System::new().ok()?;
    // Once, outside the measured time: sysinfo gives ids and leaves the names to the caller.
    let users = Users::new_with_refreshed_list().ok()?;
    let call = move || {
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
        Ok(system
            .processes()
            .values()
            .map(|process| Record {
                pid: process.pid().as_u32(),
                ppid: process.parent().map_or(0, Pid::as_u32),
                name: process.name().len(),
                create_time: process.start_time(),
                sleeping: process.status() == ProcessStatus::Sleep,
                rss: process.memory(),
                uid: process.user_id().map_or(0, |uid| **uid),
                username: process
                    .user_id()
                    .filter(|_| shape >= Shape::Exact)
                    .and_then(|uid| users.get_user_by_id(uid))
                    .map_or(0, |user| user.name().len()),
                arguments: process.cmd().iter().map(|argument| argument.len()).sum(),
                exe: process.exe().map_or(0, |exe| exe.as_os_str().len()),
                fds: if shape == Shape::Full {
                    process.open_files().unwrap_or(0)
                } else {
                    0
                },
                environ: process
                    .environ()
                    .iter()
                    .map(|variable| variable.len() - 1)
                    .sum(),
            })
            .collect::<Vec<_>>())
    };
    Some(native(call, move |records: &Vec<Record>| {
        let mut terms: Vec<Term<'_, Record>> = Vec::new();
        if shape == Shape::Pids {
            terms.push(("pid", &|r| number(r.pid)));
        } else {
            terms.push(("ppid", &|r| number(r.ppid)));
            terms.push(("name", &|r| number(r.name)));
            terms.push(("create_time", &|r| number(r.create_time)));
            terms.push(("sleeping", &|r| f64::from(u8::from(r.sleeping))));
        }
        if shape >= Shape::Exact {
            terms.push(("rss", &|r| number(r.rss)));
            terms.push(("uid", &|r| number(r.uid)));
            terms.push(("username", &|r| number(r.username)));
        }
        if shape == Shape::Full {
            terms.push(("arguments", &|r| number(r.arguments)));
            terms.push(("exe", &|r| number(r.exe)));
            terms.push(("fds", &|r| number(r.fds)));
            terms.push(("environ", &|r| number(r.environ)));
        }
        table_answer(world, records.iter(), |r| r.pid, &terms)
    }))
}
