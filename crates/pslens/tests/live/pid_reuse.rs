//! Numbers that are given out again, at once and within one clock tick: what is done to a process that is
//! gone is done to nobody.
//!
//! In a pid namespace of its own the number of the next process can be chosen, so that reuse is no matter
//! of luck; and the numbers can be made so few that all of them are given out again many times a second. The
//! first process of that namespace plays all roles here; its children are the victims.

use std::collections::VecDeque;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pslens::process::{
    self, Attribute, AttributeSet, IoPriority, Limit, Limits, Outcome, Resource, Signal, Status,
};
use pslens::{ErrorKind, Process, Result};
use rustix::process::{
    Pid, PidfdFlags, WaitId, WaitIdOptions, WaitOptions, WaitStatus, pidfd_open, pidfd_send_signal,
    waitid, waitpid,
};
use rustix::thread::CpuSet;

use crate::puppet::{Builder, PATIENCE, Puppet, Role, Stage, is_root};
use crate::stress::{Mark, Marker, Tally};
use crate::{ffi, skip};

pub(crate) const ROLES: &[(&str, Role)] = &[
    ("pid_reuse::dead_handles", dead_handles),
    ("pid_reuse::races", races),
    ("pid_reuse::records", records),
    ("pid_reuse::churn", churn),
];

/// Starts a role as the first process of a pid namespace with its own `/proc`; `None` if that is not allowed.
fn world(test: &str, role: &str) -> Option<Puppet> {
    if !is_root() {
        skip(test, "only root may make a pid namespace");
        return None;
    }
    if std::fs::metadata(LAST_PID).is_err() {
        skip(test, "the kernel has no ns_last_pid");
        return None;
    }
    let wrapper = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
    Some(Builder::new(role).through(&wrapper).start())
}

const LAST_PID: &str = "/proc/sys/kernel/ns_last_pid";

/// The number that every victim has.
const NUMBER: u32 = 300;

fn next_number(number: u32) {
    std::fs::write(LAST_PID, (number - 1).to_string()).unwrap();
}

/// Forks a process with [`NUMBER`], which must be free.
fn fork_with_number(child: impl Fn() -> u8) {
    for _ in 0..100 {
        next_number(NUMBER);
        let pid = ffi::fork(&child).unwrap();
        if pid == NUMBER {
            return;
        }
        // The number of a task that is still being removed.
        end(pid);
    }
    panic!("the number {NUMBER} is not given out");
}

fn number() -> Pid {
    Pid::from_raw(NUMBER.cast_signed()).unwrap()
}

fn end(pid: u32) -> WaitStatus {
    let pid = Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    waitpid(Some(pid), WaitOptions::empty()).unwrap().unwrap().1
}

/// Sleeps until somebody ends it.
fn sleep_for_ever() -> u8 {
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// What others could change about the calling process.
fn own_settings() -> (i32, u64, u32) {
    let nice = rustix::process::getpriority_process(None).unwrap();
    let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
    let cpus = rustix::thread::sched_getaffinity(None).unwrap().count();
    (nice, limit.current.unwrap_or(u64::MAX), cpus)
}

type Action = fn(&Process) -> Result<()>;

const SIGNALS: &[Action] = &[
    |process| process.send_signal(Signal::USR1),
    |process| process.send_signal(Signal::HUP),
    Process::suspend,
    Process::resume,
    Process::terminate,
    Process::kill,
];

const SETTERS: &[Action] = &[
    |process| process.set_nice(7),
    |process| process.set_ionice(IoPriority::Idle),
    |process| process.set_cpu_affinity(&[0]),
    |process| {
        process.set_rlimit(
            Resource::Core,
            Limits {
                soft: Limit::At(0),
                hard: Limit::At(4096),
            },
        )
    },
];

const READS: &[Action] = &[
    |process| process.name().map(drop),
    |process| process.cmdline().map(drop),
    |process| process.environ().map(drop),
    |process| process.uids().map(drop),
    |process| process.nice().map(drop),
    |process| process.ionice().map(drop),
    |process| process.cpu_affinity().map(drop),
    |process| process.num_fds().map(drop),
    |process| process.memory_info().map(drop),
    |process| process.memory_full_info().map(drop),
    |process| process.threads().map(drop),
    |process| process.status().map(drop),
    |process| process.create_time().map(drop),
    |process| process.rlimit(Resource::Core).map(drop),
    |process| process.info(AttributeSet::ALL).map(drop),
    |process| process.oneshot().map(drop),
    |process| process.children().map(drop),
    |process| process.parent().map(drop),
];

/// Handles to the dead: their number belongs to somebody else before they are used.
fn dead_handles(stage: &Stage) {
    const ROUNDS: u32 = 60;
    let settings = own_settings();
    let priority = Process::current().unwrap().ionice().unwrap();
    let mut same_tick = 0;
    for round in 0..ROUNDS {
        fork_with_number(sleep_for_ever);
        let victim = Process::new(NUMBER).unwrap();
        let started = victim.create_time().unwrap();
        let mut look = victim.oneshot().unwrap();
        // A handle of a scan knows the start time only, which is one of ten milliseconds.
        let listed = process::all()
            .unwrap()
            .map(|process| process.unwrap())
            .find(|process| process.pid().as_u32() == NUMBER)
            .unwrap();
        let another_tick = round % 10 == 0;
        end(NUMBER);
        if another_tick {
            std::thread::sleep(Duration::from_millis(30));
        }
        fork_with_number(move || {
            while own_settings() == settings {
                std::thread::sleep(Duration::from_micros(200));
            }
            1
        });
        let innocent = Process::new(NUMBER).unwrap();
        same_tick += u32::from(innocent.create_time().unwrap() == started);
        assert_ne!(innocent, victim);
        let mut handles = vec![&victim];
        if another_tick {
            handles.push(&listed);
        }
        for handle in handles {
            let actions = SIGNALS.iter().chain(SETTERS).chain(READS);
            for (number, action) in actions.enumerate() {
                let Err(error) = action(handle) else {
                    panic!("action {number} on {handle:?} succeeded");
                };
                assert_eq!(error.kind(), ErrorKind::NoSuchProcess, "{error}");
                assert!(error.is_pid_reused(), "{error}");
            }
            assert!(!handle.is_running().unwrap());
            // Both are children of this process: the status of one must not be taken by waiting for the other.
            assert_eq!(handle.wait().unwrap(), None);
            assert_eq!(handle.wait_timeout(Duration::ZERO).unwrap(), None);
            assert_eq!(handle.try_wait().unwrap(), Outcome::Gone(None));
        }
        assert_eq!(
            look.memory_info().unwrap_err().kind(),
            ErrorKind::NoSuchProcess
        );
        assert_eq!(look.cmdline().unwrap_err().kind(), ErrorKind::NoSuchProcess);
        assert_eq!(look.nice().unwrap_or(0), 0);
        assert!(innocent.is_running().unwrap());
        assert_ne!(innocent.status().unwrap(), Status::Stopped);
        assert_eq!(innocent.ionice().unwrap(), priority);
        // Nobody reaped it, nobody hurt it: it ends by our hand, and the status is here.
        assert_eq!(end(NUMBER).terminating_signal(), Some(libc::SIGKILL));
    }
    stage.ready(same_tick);
}

#[test]
fn what_is_done_to_the_dead_is_done_to_nobody() {
    let Some(mut puppet) = world("pid_reuse::dead_handles", "pid_reuse::dead_handles") else {
        return;
    };
    let same_tick: u32 = puppet.hear_within(2 * PATIENCE).parse().unwrap();
    assert!(same_tick > 0, "reuse within a tick is the point");
}

/// Handles used while their process dies and its number gets a new owner.
fn races(stage: &Stage) {
    let current: Mutex<Option<Process>> = Mutex::new(None);
    let over = AtomicBool::new(false);
    // Setters go by number: where they hit somebody else, they say so.
    let owned_up = AtomicU64::new(0);
    let settings = own_settings();
    let (mut rounds, mut touched) = (0_u64, 0_u64);
    std::thread::scope(|scope| {
        let attack = |actions: &'static [Action]| {
            for action in actions.iter().cycle() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let handle = current.lock().unwrap().clone();
                let Some(handle) = handle else {
                    std::thread::yield_now();
                    continue;
                };
                match action(&handle) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::NoSuchProcess => {
                        owned_up.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::ZombieProcess, "{error}"),
                }
            }
        };
        scope.spawn(move || attack(SIGNALS));
        let attack = |actions: &'static [Action]| {
            for action in actions.iter().cycle() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let handle = current.lock().unwrap().clone();
                if let Some(handle) = handle
                    && let Err(error) = action(&handle)
                {
                    let fine = [ErrorKind::NoSuchProcess, ErrorKind::ZombieProcess];
                    assert!(fine.contains(&error.kind()), "{error}");
                    owned_up.fetch_add(1, Ordering::Relaxed);
                }
                std::thread::yield_now();
            }
        };
        scope.spawn(move || attack(SETTERS));
        let waits: &[Action] = &[
            |process| {
                process
                    .wait_timeout(Duration::from_micros(50))
                    .map(drop)
                    .or(Ok(()))
            },
            |process| process.info(AttributeSet::ALL).map(drop),
        ];
        scope.spawn(move || attack(waits));

        let end_of_test = Instant::now() + Duration::from_millis(1500);
        while Instant::now() < end_of_test {
            rounds += 1;
            fork_with_number(sleep_for_ever);
            *current.lock().unwrap() = Some(Process::new(NUMBER).unwrap());
            for _ in 0..rounds % 7 {
                std::thread::yield_now();
            }
            // Dead by our hand or by theirs; they may have reaped it, too, for they are this process.
            let _ = rustix::process::kill_process(number(), rustix::process::Signal::KILL);
            let _ = waitpid(Some(number()), WaitOptions::empty());
            fork_with_number(move || {
                let start = Instant::now();
                while start.elapsed() < Duration::from_micros(400) {
                    std::thread::yield_now();
                }
                u8::from(own_settings() != settings)
            });
            // Its status is ours alone: nobody has asked for it. A stop would show as well.
            let (_, status) = waitpid(Some(number()), WaitOptions::UNTRACED)
                .unwrap()
                .unwrap();
            match status.exit_status() {
                Some(0) => {}
                Some(1) => touched += 1,
                _ => panic!("round {rounds}: {status:?}"),
            }
            *current.lock().unwrap() = None;
        }
        over.store(true, Ordering::Relaxed);
    });
    let owned_up = owned_up.into_inner();
    assert!(
        touched <= owned_up,
        "{touched} changed, {owned_up} reported"
    );
    stage.ready(format_args!("{rounds} {touched} {owned_up}"));
}

#[test]
fn actions_that_race_with_reuse_hurt_nobody() {
    let Some(mut puppet) = world("pid_reuse::races", "pid_reuse::races") else {
        return;
    };
    let said = puppet.hear_within(2 * PATIENCE);
    println!("rounds, innocents changed by number, errors: {said}");
    let rounds: u64 = said.split(' ').next().unwrap().parse().unwrap();
    assert!(rounds > 20, "{said}");
}

/// The attributes that have marks: a query that is quick enough to be ahead of the next process, at times.
const MARKED: AttributeSet = AttributeSet::of(&[
    Attribute::Name,
    Attribute::Cmdline,
    Attribute::Environ,
    Attribute::Uids,
    Attribute::Nice,
    Attribute::NumThreads,
]);

/// Reads while one number is given out again and again, to marked processes that live for less than a
/// query with everything takes.
fn records(stage: &Stage) {
    // On one CPU: a child that wakes up to end, and its parent, who has the next one ready, interrupt the
    // reader in the middle of a record, and it goes on when the number has its next owner.
    let mut cpus = rustix::thread::sched_getaffinity(None).unwrap();
    let first = (0..CpuSet::MAX_CPU).find(|cpu| cpus.is_set(*cpu)).unwrap();
    cpus.clear();
    cpus.set(first);
    rustix::thread::sched_setaffinity(None, &cpus).unwrap();
    let end = Instant::now() + Duration::from_millis(2500);
    let reader = ffi::fork(|| {
        let mut tally = Tally::default();
        while Instant::now() < end {
            tally.scan(AttributeSet::ALL);
            for _ in 0..10 {
                tally.scan(MARKED);
                let info = Process::new(NUMBER).and_then(|process| process.info(MARKED));
                if let Ok(info) = info {
                    tally.record(&info);
                }
            }
        }
        for wrong in tally.wrong.iter().take(10) {
            eprintln!("{wrong}");
        }
        if tally.marked.len() < 20 {
            eprintln!(
                "only {} of {} records are marked",
                tally.marked.len(),
                tally.records
            );
            return 1;
        }
        u8::from(!tally.wrong.is_empty())
    });
    let reader = reader.unwrap();
    let marker = Marker::new();
    let mut count = 0;
    let mut last = None;
    while Instant::now() < end {
        // Everything is prepared before the number is free.
        let mark = Mark(count);
        marker.mark(mark);
        if let Some(last) = last {
            let exited = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            waitid(WaitId::Pid(last), exited).unwrap();
            next_number(NUMBER);
            waitpid(Some(last), WaitOptions::empty()).unwrap().unwrap();
        } else {
            next_number(NUMBER);
        }
        let pid = ffi::fork(|| {
            std::thread::sleep(Duration::from_micros(200 * (mark.0 % 8)));
            0
        });
        last = Pid::from_raw(pid.unwrap().cast_signed());
        count += 1;
    }
    waitpid(last, WaitOptions::empty()).unwrap().unwrap();
    let pid = Pid::from_raw(reader.cast_signed()).unwrap();
    let (_, status) = waitpid(Some(pid), WaitOptions::empty()).unwrap().unwrap();
    assert_eq!(status.exit_status(), Some(0), "{status:?}");
    stage.ready(count);
}

#[test]
fn no_record_mixes_two_processes_with_one_number() {
    let Some(mut puppet) = world("pid_reuse::records", "pid_reuse::records") else {
        return;
    };
    let bred: u64 = puppet.hear_within(2 * PATIENCE).parse().unwrap();
    assert!(bred > 100, "{bred}");
}

/// One more than the largest number; since Linux 6.14 every namespace has its own.
const PID_MAX: &str = "/proc/sys/kernel/pid_max";

/// After the first time around the kernel starts at 300, so this leaves a hundred.
const FEW: u32 = 400;

/// Numbers are given out again as the kernel does it, while handles to targets of all ages are used: those
/// that live, those that are just dying, and those whose number has long been somebody else's.
fn churn(stage: &Stage) {
    let largest = std::fs::write(PID_MAX, FEW.to_string())
        .and_then(|()| std::fs::read_to_string(PID_MAX))
        .unwrap_or_default();
    if largest.trim() != FEW.to_string() {
        return stage.ready("skipped");
    }
    let end_of_test = Instant::now() + Duration::from_secs(3);
    let reader = ffi::fork(|| read_while(|| Instant::now() < end_of_test)).unwrap();
    let targets: Mutex<VecDeque<Process>> = Mutex::default();
    let over = AtomicBool::new(false);
    let owned_up = AtomicU64::new(0);
    let mut breeder = Breeder::new(&targets);
    std::thread::scope(|scope| {
        let attack = |actions: &'static [Action]| {
            for (turn, action) in actions.iter().cycle().enumerate() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let target = {
                    let targets = targets.lock().unwrap();
                    targets.get(turn % targets.len().max(1)).cloned()
                };
                if let Some(Err(error)) = target.as_ref().map(action) {
                    let fine = [
                        ErrorKind::NoSuchProcess,
                        ErrorKind::ZombieProcess,
                        // Limits of another real user, where root lacks CAP_SYS_RESOURCE.
                        ErrorKind::AccessDenied,
                    ];
                    assert!(fine.contains(&error.kind()), "{error}");
                    owned_up.fetch_add(1, Ordering::Relaxed);
                }
                std::thread::yield_now();
            }
        };
        const WAITS: &[Action] = &[
            |process| process.try_wait().map(drop),
            |process| {
                process
                    .wait_timeout(Duration::from_micros(50))
                    .map(drop)
                    .or(Ok(()))
            },
        ];
        for actions in [SIGNALS, SETTERS, READS, WAITS] {
            scope.spawn(move || attack(actions));
        }
        while Instant::now() < end_of_test {
            breeder.turn();
        }
        over.store(true, Ordering::Relaxed);
    });
    breeder.reap_all();
    let reader = Pid::from_raw(reader.cast_signed());
    let (_, status) = waitpid(reader, WaitOptions::empty()).unwrap().unwrap();
    assert_eq!(status.exit_status(), Some(0), "{status:?}");
    let Breeder { born, touched, .. } = breeder;
    let owned_up = owned_up.into_inner();
    assert!(
        touched <= owned_up,
        "{touched} changed, {owned_up} reported"
    );
    stage.ready(format_args!("{born} {touched} {owned_up}"));
}

/// Brings up targets, which may be hurt, and three times as many innocents, who may not.
struct Breeder<'a> {
    marker: Marker,
    targets: &'a Mutex<VecDeque<Process>>,
    /// Oldest first.
    children: VecDeque<Bred>,
    born: u64,
    /// Innocents whose settings are not as they were born with.
    touched: u64,
}

enum Bred {
    Innocent(Pid),
    /// By its pidfd: the others are this process as well, and may reap it at any time.
    Target(OwnedFd),
}

impl<'a> Breeder<'a> {
    const ALIVE: usize = 30;
    /// How many handles there are at a time, most of them to the dead.
    const HANDLES: usize = 50;

    fn new(targets: &'a Mutex<VecDeque<Process>>) -> Self {
        Self {
            marker: Marker::new(),
            targets,
            children: VecDeque::new(),
            born: 0,
            touched: 0,
        }
    }

    fn turn(&mut self) {
        self.marker.mark(Mark(self.born));
        let is_target = self.born.is_multiple_of(4);
        let settings = own_settings();
        let life = Duration::from_micros(self.born % 8 * 100);
        let pid = ffi::fork(move || {
            if is_target {
                return sleep_for_ever();
            }
            let start = Instant::now();
            while start.elapsed() < life {
                std::thread::yield_now();
            }
            u8::from(own_settings() != settings)
        });
        let pid = Pid::from_raw(pid.unwrap().cast_signed()).unwrap();
        assert!(pid.as_raw_nonzero().get() < FEW.cast_signed());
        self.born += 1;
        if is_target {
            // It sleeps, and nobody knows its handle yet.
            let pidfd = pidfd_open(pid, PidfdFlags::empty()).unwrap();
            self.children.push_back(Bred::Target(pidfd));
            let target = Process::new(pid.as_raw_nonzero().get().cast_unsigned()).unwrap();
            let mut targets = self.targets.lock().unwrap();
            targets.push_back(target);
            if targets.len() > Self::HANDLES {
                targets.pop_front();
            }
        } else {
            self.children.push_back(Bred::Innocent(pid));
        }
        while self.children.len() > Self::ALIVE {
            self.reap_oldest();
        }
    }

    fn reap_oldest(&mut self) {
        let pid = match self.children.pop_front() {
            None => return,
            Some(Bred::Target(pidfd)) => {
                // By our hand, if not by theirs.
                let _ = pidfd_send_signal(&pidfd, rustix::process::Signal::KILL);
                let _ = waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED);
                return;
            }
            Some(Bred::Innocent(pid)) => pid,
        };
        // The status is ours alone: nobody has asked for it. A stop would show as well.
        let (_, status) = waitpid(Some(pid), WaitOptions::UNTRACED).unwrap().unwrap();
        match status.exit_status() {
            Some(0) => {}
            Some(1) => self.touched += 1,
            _ => panic!("birth {}: {status:?}", self.born),
        }
    }

    fn reap_all(&mut self) {
        while !self.children.is_empty() {
            self.reap_oldest();
        }
    }
}

/// Scans, and exits with 1 if a record has marks of two processes.
fn read_while(go_on: impl Fn() -> bool) -> u8 {
    let mut tally = Tally::default();
    while go_on() {
        for attributes in [MARKED, AttributeSet::ALL] {
            // A target's nice value is no mark: it is what was set.
            let attributes = attributes.without(Attribute::Nice);
            for item in process::all_with(attributes).unwrap() {
                match item {
                    // The breeder changes its marks all the time.
                    Ok(info) if info.pid().as_u32() == 1 => {}
                    Ok(info) => tally.record(&info),
                    Err(error) => tally.error(&error),
                }
            }
        }
    }
    for wrong in tally.wrong.iter().take(10) {
        eprintln!("{wrong}");
    }
    if tally.marked.len() < 20 {
        eprintln!(
            "only {} of {} are marked",
            tally.marked.len(),
            tally.records
        );
    }
    u8::from(!tally.wrong.is_empty() || tally.marked.len() < 20)
}

#[test]
fn few_numbers_given_out_again_and_again_confuse_nobody() {
    let Some(mut puppet) = world("pid_reuse::churn", "pid_reuse::churn") else {
        return;
    };
    let said = puppet.hear_within(2 * PATIENCE);
    if said == "skipped" {
        return skip("pid_reuse::churn", "pid_max is not the namespace's own");
    }
    println!("born, innocents changed by number, errors: {said}");
    let born: u32 = said.split(' ').next().unwrap().parse().unwrap();
    assert!(born > 5 * (FEW - 300), "{said}");
}
