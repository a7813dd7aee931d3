//! `--trials`: the alternatives from which the floor was chosen, timed beside each other.
//!
//! The floor is only a floor if what lost was tried. The first line of a group is what the floor
//! does; a line marked `FASTER` says that on this machine it should do something else.

use std::hint::black_box;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rustix::fs::{AtFlags, CWD, Mode, OFlags};

use super::one::Prefixed;
use super::source::{self, Path, numbers, pidfd_info, read_all, read_once};
use super::table::{self, Table};
use super::{memory, net, one};
use crate::args::Args;
use crate::population::{Mappings, Sleepers, Sockets};

type Way<'a> = (&'static str, Box<dyn FnMut() -> Result<u64> + 'a>);

fn way<'a>(name: &'static str, call: impl FnMut() -> Result<u64> + 'a) -> Way<'a> {
    (name, Box::new(call))
}

/// Times the ways of one group in rotating order and prints them per unit of work.
fn group(title: &str, units: usize, rounds: u32, mut ways: Vec<Way<'_>>) -> Result<()> {
    let mut best = vec![f64::INFINITY; ways.len()];
    let mut repetitions = Vec::new();
    for (_, call) in &mut ways {
        let start = Instant::now();
        call()?;
        let once = start.elapsed().max(Duration::from_nanos(50));
        repetitions.push((0.02 / once.as_secs_f64()).clamp(1.0, 1e6) as u32);
    }
    let count = ways.len();
    for round in 0..rounds as usize {
        for turn in 0..count {
            let index = (turn + round) % count;
            let start = Instant::now();
            for _ in 0..repetitions[index] {
                black_box((ways[index].1)()?);
            }
            let each = start.elapsed().as_secs_f64() / f64::from(repetitions[index]);
            best[index] = best[index].min(each);
        }
    }
    println!("\n{title}: us each, minimum of {rounds} rounds");
    for ((name, _), seconds) in ways.iter().zip(&best) {
        let mark = if *seconds < best[0] * 0.98 {
            "  FASTER"
        } else {
            ""
        };
        println!(
            "{:>10.2}  {:>5.2}x  {name}{mark}",
            seconds * 1e6 / units as f64,
            seconds / best[0]
        );
    }
    Ok(())
}

fn open_path(at: &OwnedFd, path: &std::ffi::CStr) -> rustix::io::Result<OwnedFd> {
    rustix::fs::openat(
        at,
        path,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

pub fn run(args: &Args) -> Result<()> {
    let rounds = args.rounds;
    let count = if args.quick { 100 } else { 1_000 };
    {
        let sleepers = Sleepers::start(count)?;
        pids(rounds)?;
        files(&sleepers.pids, rounds)?;
        decoding(sleepers.pids[0], rounds)?;
        identity(sleepers.pids[0], rounds)?;
    }
    host(rounds)?;
    sockets(args.sockets, rounds)?;
    mappings(args.mappings, rounds)
}

fn pids(rounds: u32) -> Result<()> {
    let proc = source::proc()?;
    let listing = |size: usize| {
        let mut buffer = vec![0; size];
        move || -> Result<u64> {
            let mut pids = Vec::new();
            numbers(source::proc()?.as_fd(), &mut buffer, |pid| pids.push(pid))?;
            Ok(pids.len() as u64)
        }
    };
    let running = Table::new().pids()?.len();
    group(
        "list /proc, per process",
        running,
        rounds,
        vec![
            way("getdents64, 256 KiB", listing(256 * 1024)),
            way("32 KiB", listing(32 * 1024)),
            way("1 MiB", listing(1024 * 1024)),
            way("std::fs::read_dir", || {
                Ok(std::fs::read_dir("/proc")?
                    .flatten()
                    .filter(|entry| {
                        entry
                            .file_name()
                            .to_str()
                            .is_some_and(|name| name.parse::<u32>().is_ok())
                    })
                    .count() as u64)
            }),
            way("rustix::fs::Dir", || {
                let mut found = 0;
                for entry in rustix::fs::Dir::read_from(&proc)? {
                    found += u64::from(source::number(entry?.file_name().to_bytes()).1 > 0);
                }
                Ok(found)
            }),
        ],
    )
}

/// Runs `each` for every process with the things all ways need.
fn over<'a>(
    pids: &'a [u32],
    mut each: impl FnMut(&OwnedFd, &mut Path, u32, &mut [u8]) -> rustix::io::Result<u64> + 'a,
) -> impl FnMut() -> Result<u64> + 'a {
    let mut buffer = vec![0; 64 * 1024];
    let mut path = Path::new();
    move || {
        let proc = source::proc()?;
        let mut sum = 0_u64;
        for pid in pids {
            sum = sum.wrapping_add(each(&proc, &mut path, *pid, &mut buffer)?);
        }
        Ok(sum)
    }
}

fn files(pids: &[u32], rounds: u32) -> Result<()> {
    let length = |text: &[u8]| text.len() as u64;
    let mut prefixed = Prefixed::new();
    group(
        "stat, per process",
        pids.len(),
        rounds,
        vec![
            way(
                "openat(proc, N/stat), one read",
                over(pids, |proc, path, pid, buffer| {
                    read_once(proc, path.of(pid, b"/stat"), buffer).map(length)
                }),
            ),
            way(
                "open(/proc/N/stat)",
                over(pids, |_, _, pid, buffer| {
                    read_once(CWD, prefixed.of(pid, b"/stat"), buffer).map(length)
                }),
            ),
            way(
                "O_PATH directory, then stat",
                over(pids, |proc, path, pid, buffer| {
                    let directory = open_path(proc, path.of(pid, b""))?;
                    read_once(&directory, c"stat", buffer).map(length)
                }),
            ),
            way(
                "read until 0",
                over(pids, |proc, path, pid, buffer| {
                    let file = rustix::fs::openat(
                        proc,
                        path.of(pid, b"/stat"),
                        OFlags::RDONLY | OFlags::CLOEXEC,
                        Mode::empty(),
                    )?;
                    let first = rustix::io::read(&file, &mut *buffer)?;
                    let second = rustix::io::read(&file, &mut buffer[first..])?;
                    Ok((first + second) as u64)
                }),
            ),
            way(
                "pread",
                over(pids, |proc, path, pid, buffer| {
                    let file = rustix::fs::openat(
                        proc,
                        path.of(pid, b"/stat"),
                        OFlags::RDONLY | OFlags::CLOEXEC,
                        Mode::empty(),
                    )?;
                    Ok(rustix::io::pread(&file, &mut *buffer, 0)? as u64)
                }),
            ),
            way(
                "openat2",
                over(pids, |proc, path, pid, buffer| {
                    let file = rustix::fs::openat2(
                        proc,
                        path.of(pid, b"/stat"),
                        OFlags::RDONLY | OFlags::CLOEXEC,
                        Mode::empty(),
                        rustix::fs::ResolveFlags::empty(),
                    )?;
                    Ok(rustix::io::read(&file, &mut *buffer)? as u64)
                }),
            ),
            way(
                "open, read and parse",
                over(pids, |proc, path, pid, buffer| {
                    Ok(table::stat(read_once(proc, path.of(pid, b"/stat"), buffer)?).start_ticks)
                }),
            ),
        ],
    )?;
    group(
        "stat and statm, per process",
        pids.len(),
        rounds,
        vec![
            way(
                "two paths from /proc",
                over(pids, |proc, path, pid, buffer| {
                    let stat = read_once(proc, path.of(pid, b"/stat"), buffer).map(length)?;
                    Ok(stat + read_once(proc, path.of(pid, b"/statm"), buffer).map(length)?)
                }),
            ),
            way(
                "O_PATH directory",
                over(pids, |proc, path, pid, buffer| {
                    let directory = open_path(proc, path.of(pid, b""))?;
                    let stat = read_once(&directory, c"stat", buffer).map(length)?;
                    Ok(stat + read_once(&directory, c"statm", buffer).map(length)?)
                }),
            ),
        ],
    )?;
    group(
        "stat, statm and real users, per process",
        pids.len(),
        rounds,
        vec![
            way(
                "paths, PIDFD_GET_INFO",
                over(pids, |proc, path, pid, buffer| {
                    let mut sum = read_once(proc, path.of(pid, b"/stat"), buffer).map(length)?;
                    sum += read_once(proc, path.of(pid, b"/statm"), buffer).map(length)?;
                    Ok(sum + u64::from(pidfd_info(pid)?.ruid))
                }),
            ),
            way(
                "pidfd first, paths, then PIDFD_GET_INFO: proves that all of it is one process",
                over(pids, |proc, path, pid, buffer| {
                    let pidfd = source::pidfd(pid)?;
                    let mut sum = read_once(proc, path.of(pid, b"/stat"), buffer).map(length)?;
                    sum += read_once(proc, path.of(pid, b"/statm"), buffer).map(length)?;
                    Ok(sum + u64::from(source::info_of(&pidfd)?.ruid))
                }),
            ),
            way(
                "directory, PIDFD_GET_INFO",
                over(pids, |proc, path, pid, buffer| {
                    let directory = open_path(proc, path.of(pid, b""))?;
                    let mut sum = read_once(&directory, c"stat", buffer).map(length)?;
                    sum += read_once(&directory, c"statm", buffer).map(length)?;
                    Ok(sum + u64::from(pidfd_info(pid)?.ruid))
                }),
            ),
            way(
                "paths, status instead of pidfd",
                over(pids, |proc, path, pid, buffer| {
                    let mut sum = read_once(proc, path.of(pid, b"/stat"), buffer).map(length)?;
                    sum += read_once(proc, path.of(pid, b"/statm"), buffer).map(length)?;
                    Ok(sum + read_once(proc, path.of(pid, b"/status"), buffer).map(length)?)
                }),
            ),
            way(
                "paths, status instead of pidfd and statm",
                over(pids, |proc, path, pid, buffer| {
                    let sum = read_once(proc, path.of(pid, b"/stat"), buffer).map(length)?;
                    Ok(sum + read_once(proc, path.of(pid, b"/status"), buffer).map(length)?)
                }),
            ),
            way(
                "paths, fstat (effective user only, not the same answer)",
                over(pids, |proc, path, pid, buffer| {
                    let mut sum = read_once(proc, path.of(pid, b"/stat"), buffer).map(length)?;
                    sum += read_once(proc, path.of(pid, b"/statm"), buffer).map(length)?;
                    Ok(sum
                        + u64::from(
                            rustix::fs::statat(proc, path.of(pid, b""), AtFlags::empty())?.st_uid,
                        ))
                }),
            ),
        ],
    )?;
    group(
        "cmdline environ io, per process",
        pids.len(),
        rounds,
        vec![
            way(
                "O_PATH directory",
                over(pids, |proc, path, pid, buffer| {
                    let directory = open_path(proc, path.of(pid, b""))?;
                    let mut sum = read_once(&directory, c"cmdline", buffer).map(length)?;
                    sum += read_once(&directory, c"environ", buffer).map(length)?;
                    Ok(sum + read_once(&directory, c"io", buffer).map(length)?)
                }),
            ),
            way(
                "three paths from /proc",
                over(pids, |proc, path, pid, buffer| {
                    let mut sum = read_once(proc, path.of(pid, b"/cmdline"), buffer).map(length)?;
                    sum += read_once(proc, path.of(pid, b"/environ"), buffer).map(length)?;
                    Ok(sum + read_once(proc, path.of(pid, b"/io"), buffer).map(length)?)
                }),
            ),
        ],
    )?;
    let one = |file: &'static [u8]| {
        over(pids, move |proc, path, pid, buffer| {
            read_once(proc, path.of(pid, file), buffer).map(length)
        })
    };
    group(
        "single sources, per process (not alternatives)",
        pids.len(),
        rounds,
        vec![
            way("stat", one(b"/stat")),
            way("statm", one(b"/statm")),
            way("status", one(b"/status")),
            way("cmdline", one(b"/cmdline")),
            way("environ", one(b"/environ")),
            way("io", one(b"/io")),
            way(
                "pidfd_open, PIDFD_GET_INFO, close",
                over(pids, |_, _, pid, _| Ok(u64::from(pidfd_info(pid)?.ruid))),
            ),
            way(
                "O_PATH directory, close",
                over(pids, |proc, path, pid, _| {
                    open_path(proc, path.of(pid, b"")).map(|_| 1)
                }),
            ),
            way(
                "fd: st_size",
                over(pids, |proc, path, pid, _| {
                    Ok(
                        rustix::fs::statat(proc, path.of(pid, b"/fd"), AtFlags::empty())?.st_size
                            as u64,
                    )
                }),
            ),
            way(
                "fd: listing",
                over(pids, |proc, path, pid, buffer| {
                    let mut found = 0;
                    numbers(
                        source::directory(proc, path.of(pid, b"/fd"))?.as_fd(),
                        buffer,
                        |_| found += 1,
                    )?;
                    Ok(found)
                }),
            ),
            way(
                "exe: readlink",
                over(pids, |proc, path, pid, buffer| {
                    Ok(rustix::fs::readlinkat_raw(
                        proc,
                        path.of(pid, b"/exe"),
                        table::spare(buffer),
                    )?
                    .0
                    .len() as u64)
                }),
            ),
        ],
    )
}

/// How much of a row decoding can be at all.
fn decoding(pid: u32, rounds: u32) -> Result<()> {
    let mut buffer = [0; 4096];
    let text = read_once(CWD, Prefixed::new().of(pid, b"/stat"), &mut buffer)?.to_vec();
    group(
        "decoding a stat, without the kernel",
        1,
        rounds,
        vec![
            way("ours", || Ok(table::stat(black_box(&text)).start_ticks)),
            way("split and str::parse", || {
                let text = std::str::from_utf8(black_box(&text))?;
                let (_, rest) = text.rsplit_once(") ").unwrap_or_default();
                Ok(rest
                    .split(' ')
                    .skip(1)
                    .map(|field| field.parse::<i64>().unwrap_or(0) as u64)
                    .fold(0, u64::wrapping_add))
            }),
        ],
    )
}

fn identity(pid: u32, rounds: u32) -> Result<()> {
    let inode = one::inode(pid)?;
    let mut prefixed = Prefixed::new();
    let mut other = Prefixed::new();
    let mut path = Path::new();
    let mut buffers = [(); 5].map(|()| vec![0_u8; 4096]);
    let [a, b, c, d, e] = &mut buffers;
    group(
        "is it still the same",
        1,
        rounds,
        vec![
            way("pidfd_open, fstat, close", || {
                Ok(u64::from(one::is_running(pid, inode)?))
            }),
            way("start time in /proc/N/stat", || {
                Ok(table::stat(read_once(CWD, prefixed.of(pid, b"/stat"), a)?).start_ticks)
            }),
        ],
    )?;
    group(
        "ten attributes of one process",
        1,
        rounds,
        vec![
            way("absolute paths", || Ok(one::ten(pid, b)?.memory[0])),
            way("/proc, then paths", || {
                let proc = source::proc()?;
                let stat = table::stat(read_once(&proc, path.of(pid, b"/stat"), c)?);
                Ok(stat.start_ticks + read_once(&proc, path.of(pid, b"/statm"), c)?.len() as u64)
            }),
            way("directory, then names", || {
                let directory = rustix::fs::openat(
                    CWD,
                    other.of(pid, b""),
                    OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
                    Mode::empty(),
                )?;
                let stat = table::stat(read_once(&directory, c"stat", d)?);
                Ok(stat.start_ticks + read_once(&directory, c"statm", d)?.len() as u64)
            }),
            way("directory, then names, without parsing", || {
                let directory = rustix::fs::openat(
                    CWD,
                    Prefixed::new().of(pid, b""),
                    OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
                    Mode::empty(),
                )?;
                let stat = read_once(&directory, c"stat", e)?.len();
                Ok((stat + read_once(&directory, c"statm", e)?.len()) as u64)
            }),
        ],
    )
}

fn host(rounds: u32) -> Result<()> {
    let read = |path: &'static std::ffi::CStr, size: usize| {
        let mut buffer = vec![0; size];
        move || -> Result<u64> { Ok(read_once(CWD, path, &mut buffer)?.len() as u64) }
    };
    let own = std::ffi::CString::new(format!("/proc/{}/net/dev", std::process::id()))?;
    let mut buffer = vec![0; 64 * 1024];
    group(
        "network interfaces",
        1,
        rounds,
        vec![
            way("/proc/PID/net/dev", move || {
                Ok(read_once(CWD, &own, &mut buffer)?.len() as u64)
            }),
            way("/proc/net/dev", read(c"/proc/net/dev", 64 * 1024)),
            way("/proc/self/net/dev", read(c"/proc/self/net/dev", 64 * 1024)),
            way(
                "/proc/thread-self/net/dev",
                read(c"/proc/thread-self/net/dev", 64 * 1024),
            ),
            way("netlink socket alone", || {
                // SAFETY: no memory is passed.
                let fd = unsafe {
                    libc::socket(libc::AF_NETLINK, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0)
                };
                ensure!(fd >= 0, "no netlink");
                // SAFETY: a descriptor that was just returned to us.
                drop(unsafe { <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd) });
                Ok(1)
            }),
        ],
    )?;
    group(
        "CPU times",
        1,
        rounds,
        vec![
            way("/proc/stat, 256 bytes", read(c"/proc/stat", 256)),
            way("/proc/stat, 4 KiB", read(c"/proc/stat", 4096)),
            way("/proc/stat, 64 KiB", read(c"/proc/stat", 64 * 1024)),
        ],
    )?;
    group(
        "memory",
        1,
        rounds,
        vec![
            way("/proc/meminfo, 64 KiB", read(c"/proc/meminfo", 64 * 1024)),
            way("/proc/meminfo, 4 KiB", read(c"/proc/meminfo", 4096)),
            way(
                "/proc/meminfo, 1 KiB (ends after Slab)",
                read(c"/proc/meminfo", 1024),
            ),
        ],
    )
}

fn sockets(count: usize, rounds: u32) -> Result<()> {
    let holder = Sockets::start(count)?;
    let mut reader = net::Net::new();
    let mut text = Vec::new();
    group(
        "TCP sockets, per socket",
        count,
        rounds,
        vec![
            way("sock_diag", || Ok(reader.tcp()?.len() as u64)),
            way("/proc/net/tcp and tcp6", || {
                Ok(net::tcp_by_text(&mut text)?.len() as u64)
            }),
        ],
    )?;
    let proc = source::proc()?;
    let directory = source::directory(&proc, Path::new().of(holder.pid(), b"/fd"))?;
    let mut fds = Vec::new();
    numbers(directory.as_fd(), &mut vec![0; 256 * 1024], |fd| {
        fds.push(fd)
    })?;
    let by = |look: fn(&OwnedFd, &std::ffi::CStr) -> Option<u32>| {
        let (fds, directory) = (&fds, &directory);
        let mut path = Path::new();
        move || -> Result<u64> {
            Ok(fds
                .iter()
                .filter_map(|fd| look(directory, path.of(*fd, b"")))
                .map(u64::from)
                .sum())
        }
    };
    group(
        "socket of a descriptor, per descriptor",
        fds.len(),
        rounds,
        vec![
            way("readlinkat", by(net::socket_by_link)),
            way(
                "statat (may hang on a dead network mount)",
                by(net::socket_by_stat),
            ),
            way(
                "statx without sync (may hang likewise)",
                by(net::socket_by_statx),
            ),
        ],
    )
}

fn mappings(count: usize, rounds: u32) -> Result<()> {
    let holder = Mappings::start(count)?;
    let pid = holder.pid();
    let smaps = Prefixed::new().of(pid, b"/smaps").to_owned();
    let mut whole = Vec::new();
    let mut parsed = vec![0; 64 * 1024];
    let pieces = |size: usize| {
        let smaps = smaps.clone();
        let mut buffer = vec![0_u8; size];
        move || -> Result<u64> {
            let file =
                rustix::fs::openat(CWD, &smaps, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
            let mut total = 0;
            loop {
                match rustix::io::read(&file, &mut buffer[..])? {
                    0 => return Ok(total),
                    read => total += read as u64,
                }
            }
        }
    };
    group(
        "smaps, per mapping",
        count,
        rounds,
        vec![
            way("read whole and parsed", || {
                Ok(memory::mappings(pid, &mut parsed)?.len() as u64)
            }),
            way("read whole, not parsed (not an alternative)", || {
                Ok(read_all(CWD, &smaps, &mut whole)?.len() as u64)
            }),
            way(
                "read in 4 KiB, not parsed (not an alternative)",
                pieces(4096),
            ),
            way(
                "read in 64 KiB, not parsed (not an alternative)",
                pieces(64 * 1024),
            ),
            way(
                "read in 1 MiB, not parsed (not an alternative)",
                pieces(1 << 20),
            ),
        ],
    )
}
