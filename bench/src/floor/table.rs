//! The rows about every process: ids, the table in three sizes, the tree.

use std::collections::HashMap;
use std::ffi::CStr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::rc::Rc;

use anyhow::Result;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat};

use super::source::{self, Path, number, numbers, pidfd_info, read_once};

/// Fields of `stat` that the rows ask for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stat {
    pub name: Box<[u8]>,
    pub status: u8,
    pub ppid: u32,
    pub terminal: i32,
    pub minor_faults: u64,
    pub major_faults: u64,
    /// user, system, children user, children system, waiting for disks: seconds.
    pub cpu_times: [f64; 5],
    pub threads: u32,
    pub start_ticks: u64,
    pub cpu: u32,
    /// In pages and without the per-CPU parts.
    pub rss: u64,
}

const TICK: f64 = 0.01;

/// Decodes `stat`: everything behind the last `)` is numbers.
pub fn stat(text: &[u8]) -> Stat {
    let open = text.iter().position(|byte| *byte == b'(').unwrap_or(0);
    let close = text.iter().rposition(|byte| *byte == b')').unwrap_or(open);
    let mut fields = [0_u64; 43];
    // Field 4 of proc_pid_stat(5) comes first. A sign makes a field wrong, not the ones behind it;
    // those that can be negative are not wanted.
    let mut index = 4;
    let mut value = 0_u64;
    for byte in &text[close + 4..] {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else if *byte == b' ' {
            fields[index] = value;
            value = 0;
            index += 1;
            if index == fields.len() {
                break;
            }
        }
    }
    Stat {
        name: text[open + 1..close].into(),
        status: text[close + 2],
        ppid: fields[4] as u32,
        terminal: fields[7] as i32,
        minor_faults: fields[10],
        major_faults: fields[12],
        cpu_times: [14, 15, 16, 17, 42].map(|field: usize| fields[field] as f64 * TICK),
        threads: fields[20] as u32,
        start_ticks: fields[22],
        rss: fields[24],
        cpu: fields[39] as u32,
    }
}

/// What a process of the table is.
#[derive(Debug, Clone, Default)]
pub struct Record {
    pub pid: u32,
    pub stat: Stat,
    pub create_time: f64,
    /// Bytes, exact.
    pub rss: u64,
    pub uids: [u32; 3],
    pub username: Option<Rc<str>>,
    pub more: Option<Box<More>>,
}

/// Name and value.
pub type Variable = (Box<[u8]>, Box<[u8]>);

/// What the largest table adds.
#[derive(Debug, Clone, Default)]
pub struct More {
    pub cmdline: Vec<Box<[u8]>>,
    pub exe: Option<Box<[u8]>>,
    pub num_fds: Option<u32>,
    /// rchar wchar syscr syscw read_bytes write_bytes cancelled_write_bytes
    pub io: Option<[u64; 7]>,
    pub environ: Vec<Variable>,
}

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What `stat` holds.
    Stat,
    /// With exact resident size, real users and their names.
    Exact,
    /// With arguments, program, descriptors, input and output, environment.
    Full,
}

/// A reader with its buffers.
pub struct Table {
    entries: Vec<u8>,
    buffer: Vec<u8>,
    pids: Vec<u32>,
}

impl Table {
    pub fn new() -> Self {
        Self {
            entries: vec![0; 256 * 1024],
            buffer: vec![0; 256 * 1024],
            pids: Vec::new(),
        }
    }

    /// Every process id, owned.
    pub fn pids(&mut self) -> Result<Vec<u32>> {
        let mut pids = Vec::with_capacity(self.pids.len());
        numbers(source::proc()?.as_fd(), &mut self.entries, |pid| {
            pids.push(pid)
        })?;
        self.pids.resize(pids.len(), 0);
        Ok(pids)
    }

    fn list(&mut self) -> Result<OwnedFd> {
        let proc = source::proc()?;
        self.pids.clear();
        let pids = &mut self.pids;
        numbers(proc.as_fd(), &mut self.entries, |pid| pids.push(pid))?;
        Ok(proc)
    }

    /// Every process.
    ///
    /// What lost: `status` for the users (a third more per process), and for the exact size as well
    /// (it would save `statm`, and costs more than `statm` and pidfd together); a directory
    /// descriptor per process where only two files are read (opening and closing it costs as much
    /// as five of the shorter walks save, so only the full table has one).
    pub fn all(&mut self, extent: Extent) -> Result<Vec<Record>> {
        let proc = self.list()?;
        let boot = source::boot();
        let page = rustix::param::page_size() as u64;
        let mut users = if extent == Extent::Stat {
            HashMap::new()
        } else {
            users(&mut self.buffer)?
        };
        let mut records = Vec::with_capacity(self.pids.len());
        let mut path = Path::new();
        for &pid in &self.pids {
            let directory = if extent == Extent::Full {
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let Ok(directory) = openat(&proc, path.of(pid, b""), flags, Mode::empty()) else {
                    continue;
                };
                Some(directory)
            } else {
                None
            };
            let Ok(text) = either(
                &proc,
                directory.as_ref(),
                &mut path,
                pid,
                c"/stat",
                &mut self.buffer,
            ) else {
                continue;
            };
            if text.is_empty() {
                continue;
            }
            let stat = stat(text);
            let mut record = Record {
                pid,
                create_time: boot + stat.start_ticks as f64 * TICK,
                stat,
                ..Record::default()
            };
            if extent == Extent::Stat {
                record.rss = record.stat.rss * page;
                records.push(record);
                continue;
            }
            let Ok(text) = either(
                &proc,
                directory.as_ref(),
                &mut path,
                pid,
                c"/statm",
                &mut self.buffer,
            ) else {
                continue;
            };
            let (_, digits) = number(text);
            record.rss = number(&text[(digits + 1).min(text.len())..]).0 * page;
            let Ok(info) = pidfd_info(pid) else { continue };
            record.uids = [info.ruid, info.euid, info.suid];
            let name = users
                .entry(info.ruid)
                .or_insert_with(|| info.ruid.to_string().into());
            record.username = Some(Rc::clone(name));
            record.more = directory.map(|directory| Box::new(more(&directory, &mut self.buffer)));
            records.push(record);
        }
        Ok(records)
    }

    /// Descendants of `root`, with the start that identifies each: one `stat` per process.
    ///
    /// What lost: the pidfd's ppid (the start is needed as well), and `task/*/children` (as many
    /// files, and one directory more for each).
    pub fn descendants(&mut self, root: u32) -> Result<Vec<(u32, u64)>> {
        let proc = self.list()?;
        let mut path = Path::new();
        let mut children: HashMap<u32, Vec<(u32, u64)>, Fast> = HashMap::default();
        for &pid in &self.pids {
            let Ok(text) = read_once(&proc, path.of(pid, b"/stat"), &mut self.buffer) else {
                continue;
            };
            if text.is_empty() {
                continue;
            }
            let (ppid, start) = parent_and_start(text);
            children.entry(ppid).or_default().push((pid, start));
        }
        let mut found = children.remove(&root).unwrap_or_default();
        let mut next = 0;
        while next < found.len() {
            if let Some(more) = children.remove(&found[next].0) {
                found.extend(more);
            }
            next += 1;
        }
        Ok(found)
    }
}

fn parent_and_start(text: &[u8]) -> (u32, u64) {
    let close = text.iter().rposition(|byte| *byte == b')').unwrap_or(0);
    let mut fields = text[close + 2..].split(|byte| *byte == b' ');
    let ppid = fields.nth(1).map_or(0, |field| number(field).0);
    let start = fields.nth(17).map_or(0, |field| number(field).0);
    (ppid as u32, start)
}

/// A hash for process ids and inode numbers, which nobody chooses freely.
pub type Fast = std::hash::BuildHasherDefault<Multiply>;

#[derive(Default)]
pub struct Multiply(u64);

impl std::hash::Hasher for Multiply {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// User names by id, once per scan. `getpwuid` would be asked once per user and costs more.
fn users(buffer: &mut [u8]) -> Result<HashMap<u32, Rc<str>>> {
    let text = read_once(CWD, c"/etc/passwd", buffer)?;
    let mut users = HashMap::new();
    for line in text.split(|byte| *byte == b'\n') {
        let mut fields = line.split(|byte| *byte == b':');
        if let (Some(name), Some(uid)) = (fields.next(), fields.nth(1))
            && !name.is_empty()
        {
            users
                .entry(number(uid).0 as u32)
                .or_insert_with(|| String::from_utf8_lossy(name).into());
        }
    }
    Ok(users)
}

/// Reads a file of a process by the descriptor of its directory, or by its path below `/proc`.
fn either<'b>(
    proc: &OwnedFd,
    directory: Option<&OwnedFd>,
    path: &mut Path,
    pid: u32,
    name: &CStr,
    buffer: &'b mut [u8],
) -> rustix::io::Result<&'b [u8]> {
    match directory {
        Some(directory) => read_once(directory, &name[1..], buffer),
        None => read_once(proc, path.of(pid, name.to_bytes()), buffer),
    }
}

/// The five further sources.
fn more(directory: &OwnedFd, buffer: &mut [u8]) -> More {
    let mut more = More::default();
    // Kernel threads have neither arguments nor environment nor program: those answers are
    // asked for all the same, since only the answers say so.
    if let Ok(text) = read_once(directory, c"cmdline", buffer)
        && let Some(text) = text.strip_suffix(b"\0")
    {
        more.cmdline = text.split(|byte| *byte == 0).map(Into::into).collect();
    }
    if let Ok((target, _)) = rustix::fs::readlinkat_raw(directory, c"exe", spare(buffer)) {
        more.exe = Some((&*target).into());
    }
    // Linux 6.2: the size of the directory is the number of descriptors; listing it takes twice
    // as long for three of them, and longer for more.
    if let Ok(stat) = rustix::fs::statat(directory, c"fd", AtFlags::empty()) {
        more.num_fds = Some(stat.st_size as u32);
    }
    if let Ok(text) = read_once(directory, c"io", buffer) {
        let mut io = [0; 7];
        let mut rest = text;
        for value in &mut io {
            rest = source::next_number(rest, value);
        }
        more.io = Some(io);
    }
    if let Ok(text) = read_once(directory, c"environ", buffer) {
        more.environ = text
            .split(|byte| *byte == 0)
            .filter_map(|variable| {
                let equals = variable.iter().position(|byte| *byte == b'=')?;
                Some((variable[..equals].into(), variable[equals + 1..].into()))
            })
            .collect();
    }
    more
}

/// The buffer as what `readlinkat` writes into.
pub fn spare(buffer: &mut [u8]) -> &mut [std::mem::MaybeUninit<u8>] {
    // SAFETY: the same memory; bytes are only ever written to it, so it stays initialised.
    unsafe { std::slice::from_raw_parts_mut(buffer.as_mut_ptr().cast(), buffer.len().min(4096)) }
}
