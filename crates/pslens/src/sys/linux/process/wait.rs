//! Waiting for processes to end: pidfds, which become readable when their process exits, and for those
//! that have none a look at `stat` from time to time.
//!
//! Manuals: pidfd_open(2), waitid(2), poll(2), epoll(7).

use std::cell::{Cell, RefCell};
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{ChildStderr, ChildStdout};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};
use rustix::io::Errno;
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, waitid};

use super::control::Held;
use super::reader::Reader;
use crate::error::{Error, ErrorKind, Result};
use crate::process::{Attribute, ExitStatus, Outcome, Signal, Target, Wakeup};
use crate::sys::pause::{Pause, is_over, remaining, sleep};

/// `__WALL` of `linux/wait.h`: also children that were cloned without `SIGCHLD`.
const ALL_CHILDREN: WaitIdOptions = WaitIdOptions::from_bits_retain(0x4000_0000);

/// A process that is waited for.
#[derive(Debug)]
struct Watch {
    /// Opened while it was the right process, so it never means another one.
    pidfd: Option<OwnedFd>,
    /// Without a pidfd, or when its status could not be collected at once: when to look is up to us.
    polled: bool,
}

impl Watch {
    /// `None` if the process is gone already.
    fn start(target: &Target<'_>, reader: &mut Option<Reader>) -> Result<Option<Self>> {
        match Held::open_with(target, reader) {
            Ok(held) => {
                let pidfd = held.into_pidfd();
                let polled = pidfd.is_none();
                Ok(Some(Self { pidfd, polled }))
            }
            Err(error) if error.kind() == ErrorKind::NoSuchProcess => Ok(None),
            Err(error) => Err(error),
        }
    }

    const fn without_pidfd() -> Self {
        Self {
            pidfd: None,
            polled: true,
        }
    }

    /// The status of a process that has exited; [`Outcome::Running`] if it is not to be had yet.
    fn collect(&self, target: &Target<'_>) -> Result<Outcome> {
        let Some(pidfd) = &self.pidfd else {
            return collect_by_number(target);
        };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | ALL_CHILDREN;
        loop {
            return match waitid(WaitId::PidFd(pidfd.as_fd()), options) {
                Ok(status) => Ok(outcome(status.as_ref())),
                // Not ours, or somebody else has waited for it.
                Err(Errno::CHILD) => Ok(Outcome::Gone(None)),
                Err(Errno::INTR) => continue,
                // Linux 5.3 has pidfds and cannot wait for them.
                Err(Errno::INVAL) => collect_by_number(target),
                Err(error) => Err(Error::os_pid(target.operation, target.pid, error.into())),
            };
        }
    }

    /// A look at a process that no file descriptor tells the end of.
    fn look(&self, target: &Target<'_>) -> Result<Outcome> {
        let operation = target.operation;
        let stat = Reader::open(target.root, target.pid, *target.identity, None, operation)
            .and_then(|mut reader| {
                let stat = reader.stat(Attribute::Status)?;
                // The main thread can end before the others: then it looks like a zombie, and the
                // process lives.
                Ok(matches!(stat.state, b'Z' | b'X' | b'x') && stat.num_threads <= 1)
            });
        match stat {
            Ok(false) => Ok(Outcome::Running),
            Ok(true) => self.collect(target),
            Err(error) if error.kind() == ErrorKind::NoSuchProcess => Ok(Outcome::Gone(None)),
            // No descriptor is left to look with: that somebody has the number must do for now.
            Err(error) if is_full(&error) => {
                if super::pid_exists(target.root, target.pid)? {
                    Ok(Outcome::Running)
                } else {
                    Ok(Outcome::Gone(None))
                }
            }
            // It is there, and hidden.
            Err(error) if error.kind() == ErrorKind::AccessDenied => Ok(Outcome::Running),
            Err(error) => Err(error),
        }
    }
}

/// Reaps a child that was just found to be a zombie, where that cannot be done through a pidfd.
///
/// A zombie keeps its number until its parent reaps it. So if we are the parent, the number means the
/// same process from the look that does not reap to the one that does, and in between it is compared.
fn collect_by_number(target: &Target<'_>) -> Result<Outcome> {
    let gone = Ok(Outcome::Gone(None));
    let Ok(raw) = i32::try_from(target.pid.as_u32()) else {
        return gone;
    };
    let Some(pid) = rustix::process::Pid::from_raw(raw) else {
        return gone;
    };
    let reap = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | ALL_CHILDREN;
    match waitid(WaitId::Pid(pid), reap | WaitIdOptions::NOWAIT) {
        Ok(None) => return Ok(Outcome::Running),
        Ok(Some(_)) => {}
        Err(_) => return gone,
    }
    match target.check() {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NoSuchProcess => return gone,
        Err(error) => return Err(error),
    }
    Ok(waitid(WaitId::Pid(pid), reap)
        .map_or(Outcome::Gone(None), |status| outcome(status.as_ref())))
}

fn outcome(status: Option<&WaitIdStatus>) -> Outcome {
    let Some(status) = status else {
        return Outcome::Running;
    };
    let how = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Some(ExitStatus::Exited(code)),
        (None, Some(signal)) => Signal::from_raw(signal).ok().map(ExitStatus::Signaled),
        (None, None) => None,
    };
    Outcome::Gone(how)
}

/// No file descriptor is left, of this process or of the system.
fn is_full(error: &Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

/// For `poll` and `epoll`; more than fits is for ever.
fn timespec(time: Option<Duration>) -> Option<Timespec> {
    // Older kernels count milliseconds in 32 bits: wake up once in a while instead.
    const MOST: Duration = Duration::from_secs(1_000_000);
    time.and_then(|time| Timespec::try_from(time.min(MOST)).ok())
}

/// Waits for one process; [`Outcome::Running`] when the time is over, or `interrupted` gives up.
pub(crate) fn wait(
    target: &Target<'_>,
    until: Option<Instant>,
    interrupted: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Outcome> {
    let watch = match Watch::start(target, &mut None) {
        Ok(Some(watch)) => watch,
        Ok(None) => return Ok(Outcome::Gone(None)),
        Err(error) if is_full(&error) => Watch::without_pidfd(),
        Err(error) => return Err(error),
    };
    if let Some(pidfd) = &watch.pidfd {
        match exits(pidfd, until, interrupted) {
            Ok(false) => return Ok(Outcome::Running),
            Ok(true) => {
                if let gone @ Outcome::Gone(_) = watch.collect(target)? {
                    return Ok(gone);
                }
                // Exited, and a debugger comes first.
            }
            // The limit of descriptors was lowered to nothing meanwhile.
            Err(Errno::INVAL) => {}
            Err(error) => return Err(Error::os_pid(target.operation, target.pid, error.into())),
        }
    }
    let mut pause = Pause::new();
    loop {
        let started = Instant::now();
        let outcome = watch.look(target)?;
        if outcome != Outcome::Running || is_over(until) {
            return Ok(outcome);
        }
        sleep(pause.next(started.elapsed()), until);
        if interrupted().is_break() {
            return Ok(Outcome::Running);
        }
    }
}

/// Waits until the process of a pidfd exits; false when the time is over, or `interrupted` gives up.
fn exits(
    pidfd: &OwnedFd,
    until: Option<Instant>,
    interrupted: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<bool, Errno> {
    loop {
        let mut fds = [PollFd::new(pidfd, PollFlags::IN)];
        match poll(&mut fds, timespec(remaining(until)).as_ref()) {
            Ok(0) if is_over(until) => return Ok(false),
            Ok(0) => {}
            // A signal of ours: what remains is waited for, unless the caller is not to.
            Err(Errno::INTR) if interrupted().is_break() => return Ok(false),
            Err(Errno::INTR) => {}
            Ok(_) => return Ok(true),
            Err(error) => return Err(error),
        }
    }
}

/// Descriptors that are given back when they run out: to look at what has none, and for other threads.
const RESERVE: usize = 16;

/// Waits for many processes; tells the place of each that ends, and how it did, until told to give up.
pub(crate) fn wait_all(
    targets: &[Target<'_>],
    until: Option<Instant>,
    tell: &mut dyn FnMut(Wakeup) -> ControlFlow<()>,
) -> Result<()> {
    let over = Cell::new(false);
    let tell = RefCell::new(tell);
    let tell = |wakeup| {
        if !over.get() && tell.borrow_mut()(wakeup).is_break() {
            over.set(true);
        }
    };
    let gone: &mut dyn FnMut(usize, Option<ExitStatus>) =
        &mut |at, status| tell(Wakeup::Gone(at, status));
    let mut group = Group {
        over: &over,
        interrupted: &|| tell(Wakeup::Interrupted),
        targets,
        watches: targets.iter().map(|_| None).collect(),
        left: 0,
        polled: 0,
        room: None,
        events: Events::Poll { wakes: 0 },
        reader: None,
    };
    for at in 0..targets.len() {
        // Whoever has given up is told of no more ends, so none may be taken note of.
        if !over.get() {
            group.start(at, gone)?;
        }
    }
    group.wait(until, gone)
}

struct Group<'a> {
    targets: &'a [Target<'a>],
    /// The caller has given up.
    over: &'a Cell<bool>,
    /// Tells that a signal handler has run.
    interrupted: &'a dyn Fn(),
    /// What has not ended, at its place in `targets`.
    watches: Vec<Option<Watch>>,
    /// How many those are.
    left: usize,
    /// How many of those are polled.
    polled: usize,
    /// How many pidfds may be opened, once descriptors have run out.
    room: Option<usize>,
    events: Events,
    /// All are of the running system, so one reader serves them all.
    reader: Option<Reader>,
}

/// What tells which pidfds are readable.
///
/// `poll` costs least when nothing ends; but it goes through all of them each time that something does.
/// `epoll` costs more to set up, and then as much as ends.
enum Events {
    Poll {
        /// How often it has told of an end.
        wakes: u32,
    },
    Epoll(OwnedFd),
}

/// How many times `poll` may wake up before `epoll` takes over.
const FEW_WAKES: u32 = 4;

impl Group<'_> {
    fn start(&mut self, at: usize, gone: &mut dyn FnMut(usize, Option<ExitStatus>)) -> Result<()> {
        let Some(target) = self.targets.get(at) else {
            return Ok(());
        };
        if self.room != Some(0) {
            match Watch::start(target, &mut self.reader) {
                Ok(Some(watch)) => {
                    self.insert(at, watch);
                    return Ok(());
                }
                Ok(None) => {
                    gone(at, None);
                    return Ok(());
                }
                Err(error) if is_full(&error) => self.give_back(),
                Err(error) => return Err(error),
            }
        }
        let watch = Watch::without_pidfd();
        match watch.look(target)? {
            Outcome::Gone(status) => gone(at, status),
            Outcome::Running => self.insert(at, watch),
        }
        Ok(())
    }

    fn insert(&mut self, at: usize, mut watch: Watch) {
        if let (Events::Epoll(epoll), Some(pidfd)) = (&self.events, &watch.pidfd)
            && add(epoll, pidfd, at).is_err()
        {
            // Their number has a limit of its own.
            watch = Watch::without_pidfd();
        }
        if watch.polled {
            self.polled += 1;
        } else {
            self.room = self.room.map(|room| room.saturating_sub(1));
        }
        if let Some(place) = self.watches.get_mut(at) {
            self.left += 1;
            *place = Some(watch);
        }
    }

    fn remove(&mut self, at: usize) {
        let Some(watch) = self.watches.get_mut(at).and_then(Option::take) else {
            return;
        };
        self.left = self.left.saturating_sub(1);
        if watch.polled {
            self.polled = self.polled.saturating_sub(1);
        }
        if watch.pidfd.is_some() {
            self.room = self.room.map(|room| room.saturating_add(1));
        }
    }

    /// Closes some pidfds, because there are no more descriptors; closing takes them out of the epoll.
    #[cold]
    fn give_back(&mut self) {
        self.room = Some(0);
        let held = self.watches.iter_mut().flatten();
        for watch in held.filter(|watch| !watch.polled).take(RESERVE) {
            *watch = Watch::without_pidfd();
            self.polled += 1;
        }
    }

    fn wait(
        &mut self,
        until: Option<Instant>,
        gone: &mut dyn FnMut(usize, Option<ExitStatus>),
    ) -> Result<()> {
        let mut pause = Pause::new();
        let mut next_look = Instant::now();
        while self.left > 0 && !self.over.get() {
            let last = is_over(until);
            if self.polled > 0 && (last || Instant::now() >= next_look) {
                let started = Instant::now();
                if self.look(gone)? {
                    // Others may follow soon.
                    pause = Pause::new();
                }
                next_look = Instant::now() + pause.next(started.elapsed());
                if self.left == 0 {
                    break;
                }
            }
            let mut time = remaining(until);
            if self.polled > 0 {
                let pause = next_look.saturating_duration_since(Instant::now());
                time = Some(time.map_or(pause, |left| left.min(pause)));
            }
            let readable = self.readable(time)?;
            for at in &readable {
                if !self.over.get() {
                    self.collect(*at, gone)?;
                }
            }
            if last && readable.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// Waits for `time` until pidfds are readable; their places. None, also after a signal of ours.
    fn readable(&mut self, time: Option<Duration>) -> Result<Vec<usize>> {
        let fail = |error: Errno| Error::os("process wait_all", error.into());
        if let Events::Epoll(epoll) = &self.events {
            let mut events = Vec::with_capacity(64);
            return match epoll::wait(epoll, spare_capacity(&mut events), timespec(time).as_ref()) {
                Ok(_) => Ok(events.iter().filter_map(place).collect()),
                Err(Errno::INTR) => {
                    (self.interrupted)();
                    Ok(Vec::new())
                }
                Err(error) => Err(fail(error)),
            };
        }
        let (mut fds, places): (Vec<_>, Vec<_>) = self
            .held()
            .map(|(at, pidfd)| (PollFd::new(pidfd, PollFlags::IN), at))
            .unzip();
        let result = poll(&mut fds, timespec(time).as_ref());
        let fds = fds.iter().zip(places);
        let readable: Vec<usize> = fds
            .filter_map(|(fd, at)| (!fd.revents().is_empty()).then_some(at))
            .collect();
        match result {
            Ok(0) => return Ok(Vec::new()),
            Err(Errno::INTR) => {
                (self.interrupted)();
                return Ok(Vec::new());
            }
            // The limit of descriptors was lowered below what is open: `poll` minds that, `epoll` not.
            Err(Errno::INVAL) => {
                self.events = Events::Epoll(self.epoll().map_err(fail)?);
                return Ok(Vec::new());
            }
            Err(error) => return Err(fail(error)),
            Ok(_) => {}
        }
        if let Events::Poll { wakes } = &mut self.events {
            *wakes += 1;
            if *wakes == FEW_WAKES
                && let Ok(epoll) = self.epoll()
            {
                self.events = Events::Epoll(epoll);
            }
        }
        Ok(readable)
    }

    /// The pidfds that tell when their process ends, with their places.
    fn held(&self) -> impl Iterator<Item = (usize, &OwnedFd)> {
        let watches = self.watches.iter().enumerate();
        watches.filter_map(|(at, watch)| {
            let watch = watch.as_ref().filter(|watch| !watch.polled)?;
            Some((at, watch.pidfd.as_ref()?))
        })
    }

    fn epoll(&self) -> Result<OwnedFd, Errno> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        for (at, pidfd) in self.held() {
            add(&epoll, pidfd, at)?;
        }
        Ok(epoll)
    }

    /// A process with a pidfd has exited.
    fn collect(
        &mut self,
        at: usize,
        gone: &mut dyn FnMut(usize, Option<ExitStatus>),
    ) -> Result<()> {
        let (Some(Some(watch)), Some(target)) = (self.watches.get_mut(at), self.targets.get(at))
        else {
            return Ok(());
        };
        match watch.collect(target)? {
            Outcome::Gone(status) => {
                self.remove(at);
                gone(at, status);
            }
            Outcome::Running => {
                // Exited, and a debugger comes first. The pidfd would stay readable: no more events.
                if let (Events::Epoll(epoll), Some(pidfd)) = (&self.events, &watch.pidfd)
                    && epoll::delete(epoll, pidfd).is_err()
                {
                    watch.pidfd = None;
                }
                watch.polled = true;
                self.polled += 1;
            }
        }
        Ok(())
    }

    /// Looks at what is polled; true if something has ended. What can have a pidfd now gets one.
    fn look(&mut self, gone: &mut dyn FnMut(usize, Option<ExitStatus>)) -> Result<bool> {
        let mut found = false;
        for at in 0..self.targets.len() {
            let (Some(Some(watch)), Some(target)) = (self.watches.get(at), self.targets.get(at))
            else {
                continue;
            };
            if !watch.polled || self.over.get() {
                continue;
            }
            if let Outcome::Gone(status) = watch.look(target)? {
                self.remove(at);
                gone(at, status);
                found = true;
            } else if watch.pidfd.is_none() && self.room.is_some_and(|room| room > 0) {
                self.remove(at);
                self.start(at, gone)?;
            }
        }
        Ok(found)
    }
}

fn add(epoll: &OwnedFd, pidfd: &OwnedFd, at: usize) -> Result<(), Errno> {
    let place = epoll::EventData::new_u64(at as u64);
    epoll::add(epoll, pidfd, place, epoll::EventFlags::IN)
}

fn place(event: &epoll::Event) -> Option<usize> {
    let data = event.data;
    usize::try_from(data.u64()).ok()
}

/// Reads two pipes to their ends at the same time, so that neither fills up while the other is read.
pub(crate) fn drain(
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut pipes = [
        (stdout.map(OwnedFd::from), Vec::new()),
        (stderr.map(OwnedFd::from), Vec::new()),
    ];
    loop {
        let mut fds: Vec<PollFd<'_>> = pipes
            .iter()
            .filter_map(|(pipe, _)| Some(PollFd::new(pipe.as_ref()?, PollFlags::IN)))
            .collect();
        if fds.is_empty() {
            break;
        }
        rustix::io::retry_on_intr(|| poll(&mut fds, None))?;
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        let open = pipes.iter_mut().filter(|(pipe, _)| pipe.is_some());
        for ((pipe, bytes), ready) in open.zip(ready) {
            let (Some(fd), true) = (&pipe, ready) else {
                continue;
            };
            bytes.reserve(4096);
            // Readable, and nobody else reads: this does not block.
            if rustix::io::retry_on_intr(|| rustix::io::read(fd, spare_capacity(bytes)))? == 0 {
                *pipe = None;
            }
        }
    }
    let [(_, stdout), (_, stderr)] = pipes;
    Ok((stdout, stderr))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Process;
    use crate::process::{Child, Identity, Status};

    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs somebody to wait for"
    )]
    fn child(program: &str) -> Child {
        let mut command = std::process::Command::new("/bin/sh");
        Child::spawn(command.args(["-c", program])).unwrap()
    }

    fn zombie(program: &str) -> Process {
        let process = child(program).process().clone();
        while process.status().unwrap() != Status::Zombie {
            std::thread::yield_now();
        }
        process
    }

    fn look(process: &Process) -> Outcome {
        let target = process.target("process wait");
        Watch::without_pidfd().look(&target).unwrap()
    }

    #[test]
    fn without_a_pidfd_a_child_is_reaped_by_its_number() {
        let mut running = child("exec sleep 1000");
        assert_eq!(look(&running), Outcome::Running);
        let process = zombie("exit 7");
        assert_eq!(look(&process), Outcome::Gone(Some(ExitStatus::Exited(7))));
        assert_eq!(look(&process), Outcome::Gone(None));
        running.kill().unwrap();
        assert!(running.wait().unwrap().is_some());
    }

    #[test]
    fn without_a_pidfd_nobody_else_is_reaped() {
        let process = zombie("exit 7");
        let former = Identity {
            start: Some(1),
            ..Identity::default()
        };
        let former = Process::with_identity(process.pid(), former, crate::Root::running());
        assert_eq!(look(&former), Outcome::Gone(None));
        // Also when it is taken for a zombie child of ours already.
        let taken = collect_by_number(&former.target("process wait")).unwrap();
        assert_eq!(taken, Outcome::Gone(None));
        assert_eq!(process.wait().unwrap(), Some(ExitStatus::Exited(7)));
    }
}
