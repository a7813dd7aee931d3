//! Processes that come and go by the thousand while everything is read: nothing fails, nothing is mixed
//! up, nothing is left behind.
//!
//! A *herd* is a stream of short-lived processes, each marked from birth in five places: name, arguments,
//! environment, real user and nice value. A *watcher* reads every attribute of everything and compares the
//! marks. The short run is part of the suite; `cargo xtask stress` is the long one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use pslens::process::{self, AttributeSet, Field, Info};
use pslens::{ErrorKind, Process};
use rustix::fs::Uid;
use rustix::process::{WaitOptions, WaitStatus, waitpid};

use crate::ffi;
use crate::puppet::{Builder, PATIENCE, Puppet, Role, Stage, is_root};

pub(crate) const ROLES: &[(&str, Role)] = &[
    ("stress::herd", herd),
    ("stress::watcher", |stage| watch(stage, None)),
    ("stress::nobody", |stage| watch(stage, Some(65534))),
];

/// Real users of the herd are these and up: nobody else's.
const USERS: u32 = 70_000;
const DIFFERENT_USERS: u64 = 1000;

/// What a process carries from birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(pub(crate) u64);

impl Mark {
    /// Fourteen bytes: one less than what the kernel cuts.
    fn name(self) -> String {
        format!("m{:013}", self.0)
    }

    fn of_name(name: &[u8]) -> Option<Self> {
        let digits = name.strip_prefix(b"m")?;
        if digits.len() != 13 {
            return None;
        }
        std::str::from_utf8(digits).ok()?.parse().ok().map(Self)
    }

    fn user(self) -> u32 {
        USERS + u32::try_from(self.0 % DIFFERENT_USERS).unwrap()
    }

    /// Below zero, because the parent has it as well, and the watchers must not starve the herd.
    fn nice(self) -> i32 {
        -i32::try_from(self.0 % 19).unwrap()
    }
}

/// Marks the calling thread and its memory, so that a child has the mark from its first moment.
pub(crate) struct Marker {
    memory: fs::File,
    /// Where arguments and environment are, and how long.
    places: [(u64, usize); 2],
}

impl Marker {
    pub(crate) fn new() -> Self {
        let stat = fs::read("/proc/self/stat").unwrap();
        let end = stat.iter().rposition(|byte| *byte == b')').unwrap();
        let text = String::from_utf8_lossy(&stat[end + 2..]).into_owned();
        // Fields 48 to 51 of proc(5); the first one here is the third.
        let field = |number: usize| -> u64 {
            let mut fields = text.split_whitespace();
            fields.nth(number - 3).unwrap().parse().unwrap()
        };
        let place = |start: u64, end: u64| (start, usize::try_from(end - start).unwrap());
        Self {
            memory: fs::OpenOptions::new()
                .write(true)
                .open("/proc/self/mem")
                .unwrap(),
            places: [place(field(48), field(49)), place(field(50), field(51))],
        }
    }

    pub(crate) fn mark(&self, mark: Mark) {
        let name = mark.name();
        let texts = [format!("{name}\0"), format!("MARK={name}\0")];
        for ((start, length), text) in self.places.iter().zip(texts) {
            let mut bytes = text.into_bytes();
            bytes.resize(*length, 0);
            self.memory.write_all_at(&bytes, *start).unwrap();
        }
        rustix::thread::set_name(&CString::new(name).unwrap()).unwrap();
        if is_root() {
            // Of this thread, and so of its children: the real user and the priority.
            let user = Some(Uid::from_raw(mark.user()));
            rustix::thread::set_thread_res_uid(user, Some(Uid::ROOT), Some(Uid::ROOT)).unwrap();
            rustix::process::setpriority_process(None, mark.nice()).unwrap();
        }
    }
}

/// The mark of a record, and what in it contradicts that: a mixture of two processes.
pub(crate) fn contradictions(info: &Info) -> Option<(Mark, Vec<String>)> {
    let mut marks: Vec<(&str, Mark)> = Vec::new();
    let mut add = |source, text: &[u8]| {
        if let Some(mark) = Mark::of_name(text) {
            marks.push((source, mark));
        }
    };
    if let Some(name) = info.name.value() {
        add("name", name.as_bytes());
    }
    if let Some(first) = info.cmdline.value().and_then(|words| words.first()) {
        add("cmdline", first.as_bytes());
    }
    for (name, value) in info.environ.value().into_iter().flatten() {
        if name == "MARK" {
            add("environ", value.as_bytes());
        }
    }
    for thread in info.threads.value().into_iter().flatten() {
        if thread.id == info.pid().as_u32()
            && let Some(name) = &thread.name
        {
            add("threads", name.as_bytes());
        }
    }
    let (_, mark) = *marks.first()?;
    let mut wrong: Vec<String> = marks
        .iter()
        .filter(|(_, other)| *other != mark)
        .map(|(source, other)| format!("{source}: {other:?}"))
        .collect();
    if let Some(ids) = info.uids.value()
        && ids.real >= USERS
        && ids.real != mark.user()
    {
        wrong.push(format!("user {}", ids.real));
    }
    if let Some(nice) = info.nice.value()
        && info.uids.value().is_some_and(|ids| ids.real >= USERS)
        && *nice != mark.nice()
    {
        wrong.push(format!("nice {nice}"));
    }
    Some((mark, wrong))
}

/// What a child of the herd does with its short life.
fn live(kind: u64, mark: Mark) -> u8 {
    match kind {
        // Most end at once; some let others run first.
        0..4 => 0,
        4..6 => {
            for _ in 0..20 {
                std::thread::yield_now();
            }
            0
        }
        6 => {
            let error = Command::new("/bin/true")
                .arg0(mark.name())
                .env_clear()
                .env("MARK", mark.name())
                .exec();
            u8::from(error.raw_os_error() != Some(libc::ENOENT))
        }
        7 => {
            let threads: Vec<_> = (0..3)
                .map(|_| std::thread::spawn(std::thread::yield_now))
                .collect();
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
            0
        }
        8 => {
            let user = Some(Uid::from_raw(mark.user()));
            if is_root() {
                rustix::thread::set_thread_res_uid(user, user, user).unwrap();
            }
            std::thread::yield_now();
            0
        }
        // Ended by a signal.
        _ => {
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::TERM,
            );
            1
        }
    }
}

/// Forks and reaps until told to stop; returns how often.
fn breed(go_on: impl Fn() -> bool) -> u64 {
    const ALIVE: usize = 30;
    let marker = Marker::new();
    let mut children: VecDeque<u32> = VecDeque::new();
    let mut count = 0;
    loop {
        let more = go_on();
        while children.len() > if more { ALIVE } else { 0 } {
            let oldest = children.pop_front().unwrap().cast_signed();
            let oldest = rustix::process::Pid::from_raw(oldest);
            let (_, status) = waitpid(oldest, WaitOptions::empty()).unwrap().unwrap();
            assert!(is_well(status), "{status:?}");
        }
        if !more {
            return count;
        }
        let mark = Mark(count);
        marker.mark(mark);
        let last = ffi::fork(|| live(count % 10, mark)).unwrap();
        assert!(
            !children.contains(&last),
            "the number {last} is given out twice"
        );
        children.push_back(last);
        count += 1;
    }
}

fn is_well(status: WaitStatus) -> bool {
    status.exit_status() == Some(0) || status.terminating_signal() == Some(libc::SIGTERM)
}

fn herd(stage: &Stage) {
    stage.ready("");
    let count = breed(|| !stage.is_told());
    stage.ready(count);
}

/// Counts of one watcher.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) scans: u64,
    pub(crate) records: u64,
    pub(crate) marked: BTreeSet<u64>,
    /// Errors and fields without a value, by kind.
    pub(crate) kinds: BTreeMap<String, u64>,
    /// What must not be.
    pub(crate) wrong: Vec<String>,
}

macro_rules! each_field {
    ($info:ident, $count:ident, $($field:ident)*) => {
        $($count(stringify!($field), match &$info.$field {
            Field::Value(_) | Field::NotAsked => None,
            Field::Denied => Some(("denied", None)),
            Field::Zombie => Some(("zombie", None)),
            Field::Unsupported => Some(("unsupported", None)),
            Field::Failed(error) => Some(("failed", Some(error.to_string()))),
            _ => Some(("unknown", None)),
        });)*
    };
}

impl Tally {
    pub(crate) fn scan(&mut self, attributes: AttributeSet) {
        self.scans += 1;
        for item in process::all_with(attributes).unwrap() {
            match item {
                Ok(info) => self.record(&info),
                Err(error) => self.error(&error),
            }
        }
    }

    pub(crate) fn record(&mut self, info: &Info) {
        self.records += 1;
        let pid = info.pid();
        let mut count = |field: &str, state: Option<(&str, Option<String>)>| {
            let Some((state, error)) = state else { return };
            *self.kinds.entry(format!("field {state}")).or_default() += 1;
            if state == "failed" || state == "unknown" {
                self.wrong.push(format!("{field} of {pid}: {error:?}"));
            }
            if state == "unsupported" {
                *self
                    .kinds
                    .entry(format!("unsupported {field}"))
                    .or_default() += 1;
            }
        };
        each_field!(info, count, cmdline cpu_affinity cpu_num cpu_percent cpu_times create_time cwd environ
            exe gids io_counters ionice memory_footprint memory_full_info memory_info memory_info_ex
            memory_maps memory_percent name net_connections nice num_ctx_switches num_fds num_threads
            open_files page_faults ppid status terminal threads uids username);
        if info.num_threads.value() == Some(&0) {
            self.wrong.push(format!("{pid} has no thread at all"));
        }
        if let Some((mark, wrong)) = contradictions(info)
            // The parent of the herd changes its marks all the time; it has two threads.
            && info
                .num_threads
                .value()
                .is_some_and(|threads| *threads != 2)
        {
            self.marked.insert(mark.0);
            if !wrong.is_empty() {
                self.wrong.push(format!("{pid} {mark:?}: {wrong:?}"));
            }
        }
    }

    pub(crate) fn error(&mut self, error: &pslens::Error) {
        *self
            .kinds
            .entry(format!("error {:?}", error.kind()))
            .or_default() += 1;
        let fine = [
            ErrorKind::NoSuchProcess,
            ErrorKind::ZombieProcess,
            ErrorKind::AccessDenied,
            ErrorKind::Unsupported,
        ];
        if !fine.contains(&error.kind()) {
            self.wrong.push(error.to_string());
        }
    }

    /// Handles made while their processes come and go: every getter, and what goes up and down the tree.
    pub(crate) fn handles(&mut self) {
        for number in 0..20 {
            // Listed anew each time: what was listed before a scan is gone after it.
            let pids = process::pids().unwrap();
            let Some(&pid) = pids.iter().rev().nth(number) else {
                return;
            };
            let process = match Process::new(pid) {
                Ok(process) => process,
                Err(error) => {
                    self.error(&error);
                    continue;
                }
            };
            let results = [
                process
                    .info(AttributeSet::ALL)
                    .map(|info| self.record(&info)),
                process.is_running().map(drop),
                process.name().map(drop),
                process.cmdline().map(drop),
                process.uids().map(drop),
                process.memory_full_info().map(drop),
                process.open_files().map(drop),
                process.threads().map(drop),
                process.parents().map(drop),
                process.children().map(drop),
                process.try_wait().map(drop),
            ];
            for error in results.into_iter().filter_map(Result::err) {
                self.error(&error);
            }
        }
    }
}

/// Own descriptors and resident bytes.
fn use_of_self() -> (u32, u64) {
    let me = Process::current().unwrap();
    (me.num_fds().unwrap(), me.memory_info().unwrap().rss)
}

/// Reads everything for some seconds, then says what it saw.
fn watch(stage: &Stage, user: Option<u32>) {
    let seconds: u64 = stage.argument().into_string().unwrap().parse().unwrap();
    if let Some(user) = user {
        ffi::become_user(user).unwrap();
    }
    let mut tally = Tally::default();
    for _ in 0..3 {
        tally.scan(AttributeSet::ALL);
        tally.handles();
    }
    let (fds, rss) = use_of_self();
    stage.ready("");
    let end = Instant::now() + Duration::from_secs(seconds);
    // On a machine that has no time for the herd it takes longer to see one of it.
    while Instant::now() < end || (tally.marked.is_empty() && Instant::now() < end + PATIENCE) {
        tally.scan(AttributeSet::ALL);
        tally.handles();
    }
    tally.kinds.retain(|_, count| *count > 0);
    let marked = tally.marked.len();
    tally.marked.clear();
    let (fds_after, rss_after) = use_of_self();
    stage.ready(format_args!(
        "{} scans, {} records, {marked} of the herd seen, {:?}, descriptors {fds} -> {fds_after}, resident KiB {} -> {}",
        tally.scans,
        tally.records,
        tally.kinds,
        rss / 1024,
        rss_after / 1024
    ));
    assert_eq!(tally.wrong, Vec::<String>::new());
    assert_eq!(fds, fds_after, "descriptors are left open");
    // A longer list of processes than at first needs more room, once; a leak needs more each time.
    assert!(rss_after < rss + (8 << 20), "{rss} {rss_after}");
    assert!(marked > 0, "the herd was not seen");
    stage.ready("good");
    stage.hold();
}

/// Runs a herd and its watchers, and prints what they saw.
#[test]
fn everything_is_read_while_thousands_come_and_go() {
    let seconds = std::env::var("PSLENS_STRESS_SECONDS").unwrap_or_else(|_| "3".to_owned());
    let patience = PATIENCE + 2 * Duration::from_secs(seconds.parse().unwrap());
    let start = |role: &str| Builder::new(role).argument(&seconds).start();
    let mut herd = start("stress::herd");
    herd.hear();
    let mut watchers: Vec<(&str, Puppet)> = vec![("watcher", start("stress::watcher"))];
    if is_root() {
        watchers.push(("nobody", start("stress::nobody")));
    }
    for (_, watcher) in &mut watchers {
        watcher.hear();
    }
    for (who, watcher) in &mut watchers {
        println!("{who}: {}", watcher.hear_within(patience));
    }
    for (who, watcher) in &mut watchers {
        assert_eq!(watcher.hear(), "good", "{who}");
    }
    herd.say("enough");
    println!("herd: {} processes", herd.hear());
}
