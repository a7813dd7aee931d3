//! What each section of the report says.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use pslens::net::{Address, AddressFamily, Connection, ConnectionStatus, SocketType};
use pslens::process::{
    DescriptorKind, Field, Ids, IoPriority, Limit, OpenFile, Resource, Status, memory,
};

use super::known::Relative;
use super::report::{Report, count, reason, said};
use super::section::Section;
use crate::output::time::Style;
use crate::output::{Align, Cell, text, units};
use crate::system::nice;

fn bytes(bytes: Option<u64>) -> Option<Cell<'static>> {
    bytes.map(Cell::Bytes)
}

fn seconds(time: Option<Duration>) -> Option<Cell<'static>> {
    time.map(Cell::Seconds)
}

impl Report<'_> {
    pub(super) fn section(&mut self, section: Section) -> io::Result<()> {
        self.heading(section.heading())?;
        match section {
            Section::Identity => self.identity(),
            Section::State => self.state(),
            Section::User => self.user(),
            Section::Cpu => self.cpu(),
            Section::Memory => self.memory(),
            Section::Io => self.io(),
            Section::Files => self.files(),
            Section::Sockets => self.sockets(),
            Section::Threads => self.threads(),
            Section::Limits => self.limits(),
            Section::Environment => self.environment(),
            Section::Maps => self.maps(),
        }
    }
    fn identity(&mut self) -> io::Result<()> {
        let info = &self.known.info;
        self.line("pid", Ok(Cell::Count(info.pid().as_u32().into())))?;
        self.line("name", said(&info.name, |name| Some(Cell::text(name))))?;
        let none = || Some(Cell::word("none"));
        let command = said(&info.cmdline, |words| match words.as_slice() {
            [] => none(),
            words => Some(Cell::owned(words.join(OsStr::new(" ")))),
        });
        self.line("command line", command)?;
        let path = |path: Option<&PathBuf>| match path {
            Some(path) => Some(Cell::owned(path.as_os_str())),
            None => none(),
        };
        self.line("program", said(&info.exe, |exe| path(exe.as_ref())))?;
        self.line("directory", said(&info.cwd, |cwd| path(cwd.as_ref())))?;
        self.line("terminal", said(&info.terminal, |tty| path(tty.as_ref())))?;
        self.line(
            "started",
            said(&info.create_time, |at| Some(Cell::Time(*at, Style::Full))),
        )?;
        let now = self.context.clock.now;
        let age = said(&info.create_time, |start| {
            Some(Cell::Elapsed(
                now?.duration_since(*start).unwrap_or_default(),
            ))
        });
        self.line("running for", age)?;
        self.relatives("parents", &self.known.parents)?;
        self.relatives("children", &self.known.children)
    }

    fn relatives(&mut self, label: &str, field: &Field<Vec<Relative>>) -> io::Result<()> {
        let Field::Value(list) = field else {
            return self.line(label, Err(reason(field)));
        };
        if list.is_empty() {
            return self.line(label, Ok(Cell::word("none")));
        }
        let mut label = label;
        for relative in list.iter().take(self.most) {
            let mut who = OsString::from(format!("{} ", relative.pid));
            who.push(relative.name.as_deref().unwrap_or("-".as_ref()));
            self.line(label, Ok(Cell::owned(who)))?;
            label = "";
        }
        match list.len().saturating_sub(self.most) {
            0 => Ok(()),
            more => self.line("", Ok(Cell::owned(format!("and {more} more (--all)")))),
        }
    }

    fn state(&mut self) -> io::Result<()> {
        let info = &self.known.info;
        let status = |status: &Status| Some(Cell::word(status.as_str()));
        self.line("status", said(&info.status, status))?;
        self.line("threads", count(&info.num_threads))?;
        self.line("descriptors", count(&info.num_fds))?;
        if let Field::Value(handles) = info.num_handles {
            self.line("handles", Ok(Cell::Count(handles.into())))?;
        }
        let switches = &info.num_ctx_switches;
        self.line(
            "gave up the CPU",
            said(switches, |switches| Some(Cell::Count(switches.voluntary))),
        )?;
        self.line(
            "lost the CPU",
            said(switches, |switches| switches.involuntary.map(Cell::Count)),
        )
    }

    fn user(&mut self) -> io::Result<()> {
        let info = &self.known.info;
        self.line("user", said(&info.username, |name| Some(Cell::text(name))))?;
        let ids = |ids: &Ids| {
            let (real, effective, saved) = (ids.real, ids.effective, ids.saved);
            Some(Cell::owned(if real == effective && real == saved {
                real.to_string()
            } else {
                format!("{real} real, {effective} effective, {saved} saved")
            }))
        };
        self.line("user id", said(&info.uids, ids))?;
        self.line("group id", said(&info.gids, ids))
    }

    fn cpu(&mut self) -> io::Result<()> {
        let info = &self.known.info;
        let times = &info.cpu_times;
        self.line("user time", said(times, |times| seconds(Some(times.user))))?;
        self.line(
            "system time",
            said(times, |times| seconds(Some(times.system))),
        )?;
        self.line(
            "children's user",
            said(times, |times| seconds(times.children_user)),
        )?;
        self.line(
            "children's system",
            said(times, |times| seconds(times.children_system)),
        )?;
        self.line(
            "waited for disks",
            said(times, |times| seconds(times.iowait)),
        )?;
        let now = self.context.clock.now;
        let share = said(times, |times| {
            let life = now?.duration_since(*info.create_time.value()?).ok()?;
            let share = times.total().as_secs_f64() / life.as_secs_f64();
            share.is_finite().then_some(Cell::Percent(share * 100.0))
        });
        self.line("% of one CPU so far", share)?;
        self.line(
            "last ran on CPU",
            said(&info.cpu_num, |cpu| cpu.map(|cpu| Cell::Count(cpu.into()))),
        )?;
        let affinity = said(&info.cpu_affinity, |cpus| {
            let mut list = String::new();
            units::push_ranges(&mut list, cpus);
            Some(Cell::owned(list))
        });
        self.line("may run on CPUs", affinity)?;
        self.line(
            "nice",
            said(&info.nice, |priority| Some(nice::cell(*priority))),
        )?;
        self.line(
            "I/O priority",
            said(&info.ionice, |priority| ionice(*priority)),
        )
    }

    fn memory(&mut self) -> io::Result<()> {
        let info = &self.known.info;
        self.line(
            "% of the machine's",
            said(&info.memory_percent, |share| Some(Cell::Percent(*share))),
        )?;
        let kinds = &info.memory_info_ex;
        self.line("resident", said(kinds, |m| bytes(Some(m.info.rss))))?;
        self.line("  at most so far", said(kinds, |m| bytes(m.peak_rss)))?;
        self.line("  anonymous", said(kinds, |m| bytes(m.rss_anon)))?;
        self.line("  of files", said(kinds, |m| bytes(m.rss_file)))?;
        self.line("  shared memory", said(kinds, |m| bytes(m.rss_shmem)))?;
        let own = &info.memory_footprint;
        self.line("its own (USS)", said(own, |m| bytes(Some(m.uss))))?;
        self.line("with its share (PSS)", said(own, |m| bytes(m.pss)))?;
        self.line("swapped out", said(own, |m| bytes(m.swap)))?;
        self.line("huge pages", said(kinds, |m| bytes(m.hugetlb)))?;
        self.line("address space", said(kinds, |m| bytes(Some(m.info.vms))))?;
        self.line("  at most so far", said(kinds, |m| bytes(m.peak_vms)))?;
        self.line("  program code", said(kinds, |m| bytes(m.info.text)))?;
        self.line("  data and stack", said(kinds, |m| bytes(m.info.data)))?;
        let faults = &info.page_faults;
        self.line(
            "faults from memory",
            said(faults, |f| Some(Cell::Count(f.minor))),
        )?;
        self.line(
            "faults from disk",
            said(faults, |f| Some(Cell::Count(f.major))),
        )
    }

    fn io(&mut self) -> io::Result<()> {
        let io = &self.known.info.io_counters;
        // Who counts other calls too, Windows, does not tell storage from anything else.
        let others = io
            .value()
            .and_then(|io| Some((io.other_count?, io.other_bytes)));
        if others.is_some() {
            self.line("read in any way", said(io, |io| bytes(io.read_bytes)))?;
            self.line("written in any way", said(io, |io| bytes(io.write_bytes)))?;
        } else {
            self.line("read from storage", said(io, |io| bytes(io.read_bytes)))?;
            self.line("written to storage", said(io, |io| bytes(io.write_bytes)))?;
            self.line("read in any way", said(io, |io| bytes(io.read_chars)))?;
            self.line("written in any way", said(io, |io| bytes(io.write_chars)))?;
        }
        self.line(
            "calls that read",
            said(io, |io| Some(Cell::Count(io.read_count))),
        )?;
        self.line(
            "calls that write",
            said(io, |io| Some(Cell::Count(io.write_count))),
        )?;
        let Some((calls, moved)) = others else {
            return Ok(());
        };
        self.line("other calls", Ok(Cell::Count(calls)))?;
        match moved {
            Some(moved) => self.line("bytes moved by those", Ok(Cell::Bytes(moved))),
            None => Ok(()),
        }
    }

    fn files(&mut self) -> io::Result<()> {
        let held = match (&self.known.descriptors, &self.known.info.open_files) {
            (Field::Value(held), _) => held,
            (Field::Unsupported, Field::Value(files)) => return self.without_descriptors(files),
            // Where there are no descriptors, that the files are denied says more.
            (Field::Unsupported, files) => return self.instead(reason(files)),
            (missing, _) => return self.instead(reason(missing)),
        };
        // Those have a list of their own.
        let files = held
            .iter()
            .filter(|held| held.kind != Some(DescriptorKind::Socket));
        let files: Vec<_> = files.collect();
        if files.is_empty() {
            return self.instead("none");
        }
        let columns = [
            ("FD", Align::Right),
            ("MODE", Align::Left),
            ("TYPE", Align::Left),
            ("SIZE", Align::Right),
            ("NAME", Align::Left),
        ];
        self.list(&columns, &files, |held| {
            let mut name = Cow::Borrowed(held.target.as_os_str());
            if held.deleted {
                name.to_mut().push(" (deleted)");
            }
            vec![
                Cell::Count(held.fd.into()),
                Cell::word(held.mode.as_str()),
                held.kind
                    .map_or(Cell::Unknown, |kind| Cell::word(kind.as_str())),
                Cell::bytes(held.size),
                Cell::Text(name),
            ]
        })
    }

    /// Windows has no descriptors, but knows files all the same.
    fn without_descriptors(&mut self, files: &[OpenFile]) -> io::Result<()> {
        if files.is_empty() {
            return self.instead("none");
        }
        let columns = [("MODE", Align::Left), ("NAME", Align::Left)];
        self.list(&columns, files, |file| {
            vec![
                file.mode
                    .map_or(Cell::Unknown, |mode| Cell::word(mode.as_str())),
                Cell::text(file.path.as_os_str()),
            ]
        })
    }

    fn sockets(&mut self) -> io::Result<()> {
        let field = &self.known.info.net_connections;
        let Field::Value(sockets) = field else {
            return self.instead(reason(field));
        };
        if sockets.is_empty() {
            return self.instead("none");
        }
        let columns = [
            ("FD", Align::Right),
            ("PROTO", Align::Left),
            ("STATUS", Align::Left),
            ("LOCAL", Align::Left),
            ("REMOTE", Align::Left),
        ];
        self.list(&columns, sockets, |socket| {
            vec![
                Cell::count(socket.owners.first().and_then(|owner| owner.fd)),
                protocol(socket),
                match socket.status {
                    ConnectionStatus::None => Cell::Unknown,
                    status => Cell::word(status.as_str()),
                },
                address(socket.local.as_ref()),
                address(socket.remote.as_ref()),
            ]
        })
    }

    fn threads(&mut self) -> io::Result<()> {
        let field = &self.known.info.threads;
        let Field::Value(threads) = field else {
            return self.instead(reason(field));
        };
        let mut threads: Vec<_> = threads.iter().collect();
        threads.sort_by_key(|thread| std::cmp::Reverse(thread.user_time + thread.system_time));
        let columns = [
            ("ID", Align::Right),
            ("USER", Align::Right),
            ("SYSTEM", Align::Right),
            ("NAME", Align::Left),
        ];
        self.list(&columns, &threads, |thread| {
            vec![
                Cell::Count(thread.id.into()),
                Cell::Seconds(thread.user_time),
                Cell::Seconds(thread.system_time),
                Cell::some_text(thread.name.as_ref()),
            ]
        })
    }

    fn limits(&mut self) -> io::Result<()> {
        let columns = [
            ("RESOURCE", Align::Left),
            ("SOFT", Align::Right),
            ("HARD", Align::Right),
            ("UNIT", Align::Left),
        ];
        let cell = |limit: Limit, unit: &str| match limit {
            Limit::Unlimited => Cell::word("unlimited"),
            Limit::At(value) if unit == "bytes" => Cell::Bytes(value),
            Limit::At(value) => Cell::Count(value),
        };
        let most = std::mem::replace(&mut self.most, usize::MAX);
        let written = self.list(&columns, &self.known.limits, |(resource, limits)| {
            let unit = unit(*resource);
            vec![
                Cell::word(resource.name().trim_start_matches("RLIMIT_")),
                Cell::of(limits, |limits| Some(cell(limits.soft, unit))),
                Cell::of(limits, |limits| Some(cell(limits.hard, unit))),
                Cell::word(unit),
            ]
        });
        self.most = most;
        written
    }

    fn environment(&mut self) -> io::Result<()> {
        let field = &self.known.info.environ;
        let Field::Value(variables) = field else {
            return self.instead(reason(field));
        };
        if variables.is_empty() {
            return self.instead("none");
        }
        for (name, value) in variables.iter().take(self.most) {
            let mut line = String::new();
            text::push(&mut line, name);
            line.push('=');
            text::push(&mut line, value);
            self.instead(&line)?;
        }
        match variables.len().saturating_sub(self.most) {
            0 => Ok(()),
            more => self.instead(&format!("and {more} more (--all)")),
        }
    }

    fn maps(&mut self) -> io::Result<()> {
        let field = &self.known.info.memory_maps;
        let Field::Value(maps) = field else {
            return self.instead(reason(field));
        };
        if maps.is_empty() {
            return self.instead("none");
        }
        let mut groups = memory::group(maps);
        groups.sort_by_key(|group| std::cmp::Reverse(group.rss));
        let columns = [
            ("SIZE", Align::Right),
            ("RSS", Align::Right),
            ("PSS", Align::Right),
            ("SWAP", Align::Right),
            ("MAPPING", Align::Left),
        ];
        self.list(&columns, &groups, |group| {
            vec![
                Cell::Bytes(group.size),
                Cell::Bytes(group.rss),
                Cell::bytes(group.pss),
                Cell::bytes(group.swap),
                Cell::text(&group.path),
            ]
        })
    }
}

fn ionice(priority: IoPriority) -> Option<Cell<'static>> {
    let class = match priority {
        IoPriority::None => "none",
        IoPriority::Realtime(_) => "realtime",
        IoPriority::BestEffort(_) => "best-effort",
        IoPriority::Idle => "idle",
        IoPriority::Hint(hint) => hint.as_str(),
        _ => return None,
    };
    Some(match priority.level() {
        Some(level) => Cell::owned(format!("{class}, level {}", level.get())),
        None => Cell::word(class),
    })
}

const fn unit(resource: Resource) -> &'static str {
    match resource {
        Resource::As
        | Resource::Core
        | Resource::Data
        | Resource::Fsize
        | Resource::Memlock
        | Resource::Msgqueue
        | Resource::Rss
        | Resource::Stack => "bytes",
        Resource::Cpu => "seconds",
        Resource::Rttime => "microseconds",
        Resource::Locks => "locks",
        Resource::Nofile => "files",
        Resource::Nproc => "processes",
        Resource::Sigpending => "signals",
        Resource::Nice | Resource::Rtprio => "levels",
        _ => "-",
    }
}

fn protocol(socket: &Connection) -> Cell<'static> {
    Cell::word(match (socket.family, socket.socket_type) {
        (AddressFamily::Inet, SocketType::Stream) => "tcp",
        (AddressFamily::Inet6, SocketType::Stream) => "tcp6",
        (AddressFamily::Inet, SocketType::Dgram) => "udp",
        (AddressFamily::Inet6, SocketType::Dgram) => "udp6",
        (AddressFamily::Unix, _) => "unix",
        _ => return Cell::Unknown,
    })
}

fn address(address: Option<&Address>) -> Cell<'_> {
    match address {
        Some(Address::Inet(address)) => Cell::owned(address.to_string()),
        Some(Address::Unix(name)) => Cell::text(name),
        _ => Cell::Unknown,
    }
}
