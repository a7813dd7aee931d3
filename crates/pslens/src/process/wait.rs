//! Waiting until processes end, and how they ended.

use std::collections::HashSet;
use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::{Process, Signal};
use crate::error::{Error, Result};
use crate::sys;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitStatus {
    /// It exited with this code.
    Exited(i32),
    /// A signal ended it.
    Signaled(Signal),
}

impl ExitStatus {
    /// True for an exit with code 0.
    #[must_use]
    pub const fn success(self) -> bool {
        matches!(self, Self::Exited(0))
    }

    /// psutil's number: the exit code, or the number of the signal with a minus sign.
    ///
    /// # Examples
    /// ```
    /// use pslens::process::{ExitStatus, Signal};
    ///
    /// assert_eq!(ExitStatus::Exited(3).returncode(), 3);
    /// # #[cfg(any(target_os = "linux", windows))]
    /// assert_eq!(ExitStatus::Signaled(Signal::KILL).returncode(), -9);
    /// ```
    #[must_use]
    pub const fn returncode(self) -> i32 {
        match self {
            Self::Exited(code) => code,
            Self::Signaled(signal) => -signal.as_raw(),
        }
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exited with {code}"),
            Self::Signaled(signal) => write!(f, "ended by {signal}"),
        }
    }
}

/// As psutil has it: see [`ExitStatus::returncode`].
#[cfg(feature = "serde")]
impl serde::Serialize for ExitStatus {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i32(self.returncode())
    }
}

/// What a look at a process that is waited for has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has not ended.
    Running,
    /// It has ended. How is known of a child of the calling process that nobody else has waited for; on
    /// Windows of every process that the caller may open.
    Gone(Option<ExitStatus>),
}

/// What a backend tells while it waits for many: by place, who ended and how.
#[derive(Debug)]
pub(crate) enum Wakeup {
    Gone(usize, Option<ExitStatus>),
    Interrupted,
}

/// What [`wait_all`] has found.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Waited {
    /// Those that ended, in the order in which they did, and how, where that is known.
    pub gone: Vec<(Process, Option<ExitStatus>)>,
    /// Those that have not, in the order in which they were given.
    pub alive: Vec<Process>,
}

/// Waiting.
impl Process {
    /// Waits until it has ended.
    ///
    /// A child of the calling process is reaped and its status returned. Of other processes, of a child
    /// that was reaped already, and of a process that is gone, the status cannot be known: `None`.
    /// A process that is no child has ended when it *exits*, whether somebody reaps it or not; one that
    /// is a child, when its status can be collected (a debugger can delay that).
    ///
    /// On Windows the exit code of any process is told that the caller may open, child or not; `None` only
    /// of one that it may not open, and of one that was gone already and that nobody has kept open. (A
    /// [`Child`](super::Child) and a [`std::process::Child`] keep theirs open.) Every code is one: 259, which
    /// `GetExitCodeProcess` also says of a process that lives, and those of exceptions, which are negative.
    ///
    /// No other process is ever reaped, also not one that got the pid in the meantime. A process that
    /// waits for itself waits for ever.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) under another root. That the process is gone is none.
    /// # Sources
    /// Linux `pidfd_open`, `poll`, `waitid`. Before Linux 5.3, or without a free file descriptor, it looks
    /// at `/proc/PID/stat` every 0.1 ms at first and every 40 ms later. Windows `WaitForMultipleObjects`,
    /// `GetExitCodeProcess`; where a process may not be opened it looks who has the pid, as often as that.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")] {
    /// use pslens::process::{ExitStatus, Process};
    /// use std::process::Command;
    ///
    /// let child = Command::new("false").spawn().unwrap();
    /// let process = Process::new(child.id())?;
    /// assert_eq!(process.wait()?, Some(ExitStatus::Exited(1)));
    /// assert_eq!(process.wait()?, None); // it was reaped; a `Child` would remember
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "waitpid")]
    pub fn wait(&self) -> Result<Option<ExitStatus>> {
        loop {
            if let Outcome::Gone(status) = self.wait_until(None, &mut never)? {
                return Ok(status);
            }
        }
    }

    /// As [`Process::wait`], but not for longer than `timeout`. Zero only looks.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut) if it still runs then; otherwise as
    /// [`Process::wait`].
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))] {
    /// use std::time::Duration;
    ///
    /// let me = pslens::Process::current()?;
    /// let error = me.wait_timeout(Duration::from_millis(1)).unwrap_err();
    /// assert_eq!(error.kind(), pslens::ErrorKind::TimedOut);
    /// assert_eq!(error.pid(), Some(me.pid()));
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "wait")]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<Option<ExitStatus>> {
        match self.wait_until(Some(timeout), &mut never)? {
            Outcome::Gone(status) => Ok(status),
            Outcome::Running => Err(Error::timed_out(WAIT, timeout).of_pid(self.pid)),
        }
    }

    /// Looks whether it has ended, without waiting; reaps it if so, as [`Process::wait`] does.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::wait`].
    pub fn try_wait(&self) -> Result<Outcome> {
        self.wait_until(Some(Duration::ZERO), &mut never)
    }

    /// As [`Process::wait_timeout`], for programs whose signal handlers have something to say: whenever
    /// one has run, `interrupted` is called, and may end the wait. `None` waits without end.
    ///
    /// [`Outcome::Running`] if the time is over or `interrupted` gave up. A signal that the system
    /// delivers to another thread does not interrupt; where there are no pidfds, and on Windows, where
    /// nothing interrupts a wait, `interrupted` is called at least ten times a second instead.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::wait`].
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))] {
    /// use pslens::process::Outcome;
    /// use std::ops::ControlFlow;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use std::time::Duration;
    ///
    /// static INTERRUPTED: AtomicBool = AtomicBool::new(false); // set by the program's signal handler
    ///
    /// let me = pslens::Process::current()?;
    /// let outcome = me.wait_interruptible(Some(Duration::from_millis(1)), || {
    ///     if INTERRUPTED.load(Ordering::Relaxed) {
    ///         ControlFlow::Break(())
    ///     } else {
    ///         ControlFlow::Continue(())
    ///     }
    /// })?;
    /// assert_eq!(outcome, Outcome::Running);
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    pub fn wait_interruptible(
        &self,
        timeout: Option<Duration>,
        mut interrupted: impl FnMut() -> ControlFlow<()>,
    ) -> Result<Outcome> {
        self.wait_until(timeout, &mut interrupted)
    }

    fn wait_until(
        &self,
        timeout: Option<Duration>,
        interrupted: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Outcome> {
        let target = self.target(WAIT);
        target.refuse_zero()?;
        sys::process::wait(&target, deadline(timeout), interrupted)
    }
}

/// For waits that signals do not end.
const fn never() -> ControlFlow<()> {
    ControlFlow::Continue(())
}

const WAIT: &str = "process wait";

/// A moment too far away to be represented is never reached.
fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}

/// Waits until all of `processes` have ended, or `timeout` is over; `None` waits without end.
///
/// `callback` is called once for each process that ends, at that moment. That some still run when the
/// time is over is no error. Processes that are given twice are waited for once. What it means to have
/// ended, and of which processes the status is known, is said at [`Process::wait`].
///
/// One call of the system waits for all of them, and no CPU time is used meanwhile. Processes beyond the
/// limit of open file descriptors are looked at from time to time instead, and some descriptors are left
/// for the other threads of the caller.
///
/// Windows waits for 64 at most in one call. Of more, groups of 64 are looked at in turn, with pauses of up
/// to 40 ms in between: an end is told that much later at most, and looking at a thousand processes takes
/// less than a hundredth of a CPU.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`Process::wait`]. Then the caller knows through `callback` which processes have ended.
/// # Sources
/// As [`Process::wait`]; on Linux `epoll` takes over from `poll` when many end one after the other.
/// # Examples
/// ```
/// # #[cfg(target_os = "linux")] {
/// use pslens::process::{self, Child};
/// use std::process::Command;
/// use std::time::Duration;
///
/// let sleeps: Vec<Child> = (0..3)
///     .map(|_| Child::spawn(Command::new("sleep").arg("1000")))
///     .collect::<Result<_, _>>()?;
/// for sleep in &sleeps {
///     sleep.terminate()?;
/// }
/// let processes = sleeps.iter().map(|child| child.process().clone());
/// let waited = process::wait_all(processes, Some(Duration::from_secs(10)), |process, status| {
///     println!("{}: {status:?}", process.pid());
/// })?;
/// assert_eq!((waited.gone.len(), waited.alive.len()), (3, 0));
/// # }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "wait_procs")]
#[doc(alias = "waitpid")]
pub fn wait_all(
    processes: impl IntoIterator<Item = Process>,
    timeout: Option<Duration>,
    mut callback: impl FnMut(&Process, Option<ExitStatus>),
) -> Result<Waited> {
    wait_all_interruptible(processes, timeout, |event| {
        if let WaitEvent::Gone(process, status) = event {
            callback(process, status);
        }
        ControlFlow::Continue(())
    })
}

/// What wakes up [`wait_all_interruptible`].
#[derive(Debug)]
#[non_exhaustive]
pub enum WaitEvent<'a> {
    /// A process has ended; how, where that is known.
    Gone(&'a Process, Option<ExitStatus>),
    /// A signal handler of the caller has run. On Windows it may have: told at least ten times a second.
    Interrupted,
}

/// As [`wait_all`]; what `event` returns decides whether to wait on.
///
/// # Availability
/// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
/// # Errors
/// As [`wait_all`].
pub fn wait_all_interruptible(
    processes: impl IntoIterator<Item = Process>,
    timeout: Option<Duration>,
    mut event: impl FnMut(WaitEvent<'_>) -> ControlFlow<()>,
) -> Result<Waited> {
    let until = deadline(timeout);
    let mut processes: Vec<Process> = processes.into_iter().collect();
    let mut targets = Vec::with_capacity(processes.len());
    let mut places = Vec::with_capacity(processes.len());
    let mut met = HashSet::with_capacity(processes.len());
    for (at, process) in processes.iter().enumerate() {
        if met.insert(process) {
            let target = process.target("process wait_all");
            target.refuse_zero()?;
            targets.push(target);
            places.push(at);
        }
    }
    let mut gone = Vec::new();
    let mut is_alive = vec![false; processes.len()];
    for at in &places {
        is_alive[*at] = true;
    }
    sys::process::wait_all(&targets, until, &mut |wakeup| match wakeup {
        Wakeup::Interrupted => event(WaitEvent::Interrupted),
        Wakeup::Gone(target, status) => {
            let Some(at) = places.get(target).copied() else {
                return ControlFlow::Continue(());
            };
            if !std::mem::replace(&mut is_alive[at], false) {
                return ControlFlow::Continue(());
            }
            gone.push((processes[at].clone(), status));
            event(WaitEvent::Gone(&processes[at], status))
        }
    })?;
    let mut is_alive = is_alive.into_iter();
    processes.retain(|_| is_alive.next().unwrap_or_default());
    Ok(Waited {
        gone,
        alive: processes,
    })
}

/// psutil's name of [`wait_all`].
///
/// # Errors
/// As [`wait_all`].
pub fn wait_procs(
    processes: impl IntoIterator<Item = Process>,
    timeout: Option<Duration>,
    callback: impl FnMut(&Process, Option<ExitStatus>),
) -> Result<Waited> {
    wait_all(processes, timeout, callback)
}
