//! Children of the calling process: their standard streams, and a status that is not lost.

use std::ops::Deref;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use std::time::Duration;

use super::{ExitStatus, Outcome, Process, wait_all};
use crate::error::{Error, Result};
use crate::sys;

/// A program that was started, which is also a [`Process`].
///
/// Like [`std::process::Child`] with everything that a process has: the methods of [`Process`] can be
/// called on it. The status is remembered, so waiting again returns it again. Dropping it neither ends
/// nor reaps the child.
///
/// # Examples
/// ```
/// # #[cfg(target_os = "linux")] {
/// use pslens::process::{Child, ExitStatus};
/// use std::process::{Command, Stdio};
///
/// let mut cat = Child::spawn(Command::new("cat").stdin(Stdio::piped()))?;
/// assert!(cat.is_running()?);
/// assert_eq!(cat.ppid()?, std::process::id().into());
/// drop(cat.stdin.take());
/// assert_eq!(cat.wait()?, Some(ExitStatus::Exited(0)));
/// assert_eq!(cat.wait()?, Some(ExitStatus::Exited(0)));
/// # }
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "Popen")]
pub struct Child {
    /// Its standard input, if that is a pipe.
    pub stdin: Option<ChildStdin>,
    /// Its standard output, if that is a pipe.
    pub stdout: Option<ChildStdout>,
    /// Its standard error, if that is a pipe.
    pub stderr: Option<ChildStderr>,
    process: Process,
    /// What waiting has found: it can be had from the system only once.
    end: Option<Option<ExitStatus>>,
    /// On Windows its handle keeps pid and exit code from being forgotten; elsewhere a parent must ask.
    _held: std::process::Child,
}

/// What a program has written, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Output {
    /// How it ended; `None` if somebody else has waited for it.
    pub status: Option<ExitStatus>,
    /// What it wrote to standard output, if that was a pipe.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, if that was a pipe.
    pub stderr: Vec<u8>,
}

impl Child {
    /// Starts the program of `command`.
    ///
    /// Which process it is, is found out before anybody can wait for it: a child that has ended keeps its
    /// pid until it is reaped; on Windows as long as this value lives. (Unless the caller ignores `SIGCHLD` or has a thread that reaps every child:
    /// then Unix reaps it, and a program that has ended by then is reported as gone.)
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such program, and what else the
    /// system says; [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) in the case above.
    #[doc(alias = "fork")]
    pub fn spawn(command: &mut Command) -> Result<Self> {
        const OPERATION: &str = "process spawn";
        let mut child = command
            .spawn()
            .map_err(|error| Error::os_path(OPERATION, command.get_program(), error))?;
        let identity = sys::process::child_identity(&child, OPERATION)?;
        Ok(Self {
            process: Process::with_identity(child.id().into(), identity, crate::Root::running()),
            stdin: child.stdin.take(),
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            end: None,
            _held: child,
        })
    }

    /// The process alone.
    #[must_use]
    pub const fn process(&self) -> &Process {
        &self.process
    }

    /// Closes its standard input, waits until it has ended, and reaps it.
    ///
    /// `None` if somebody else has reaped it. A child that writes more than fits into a pipe that nobody
    /// reads never ends: see [`Child::wait_with_output`].
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::wait`].
    pub fn wait(&mut self) -> Result<Option<ExitStatus>> {
        drop(self.stdin.take());
        if let Some(status) = self.end {
            return Ok(status);
        }
        let status = self.process.wait()?;
        self.end = Some(status);
        Ok(status)
    }

    /// As [`Child::wait`], but not for longer than `timeout`. Leaves the standard input open.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut) if it still runs then; otherwise as
    /// [`Process::wait`].
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<ExitStatus>> {
        if let Some(status) = self.end {
            return Ok(status);
        }
        let status = self.process.wait_timeout(timeout)?;
        self.end = Some(status);
        Ok(status)
    }

    /// Looks whether it has ended, without waiting, and reaps it if so.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::wait`].
    #[doc(alias = "poll")]
    pub fn try_wait(&mut self) -> Result<Outcome> {
        if let Some(status) = self.end {
            return Ok(Outcome::Gone(status));
        }
        let outcome = self.process.try_wait()?;
        if let Outcome::Gone(status) = outcome {
            self.end = Some(status);
        }
        Ok(outcome)
    }

    /// Closes its standard input, reads its standard output and error to their ends, and waits.
    ///
    /// Both are read at the same time, so the child cannot get stuck. They end when the last process
    /// that has them open closes them, which need not be the child itself.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::wait`], and those of reading.
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")] {
    /// use pslens::process::Child;
    /// use std::process::{Command, Stdio};
    ///
    /// let echo = Child::spawn(Command::new("echo").arg("hello").stdout(Stdio::piped()))?;
    /// let output = echo.wait_with_output()?;
    /// assert_eq!(output.stdout, b"hello\n");
    /// assert!(output.status.is_some_and(|status| status.success()));
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "communicate")]
    pub fn wait_with_output(mut self) -> Result<Output> {
        drop(self.stdin.take());
        let (stdout, stderr) = sys::process::drain(self.stdout.take(), self.stderr.take())
            .map_err(|error| Error::os_pid("process wait_with_output", self.pid(), error))?;
        Ok(Output {
            status: self.wait()?,
            stdout,
            stderr,
        })
    }

    /// Waits for several children as [`wait_all`] does; each remembers its status.
    ///
    /// Returns the places, in `children`, of those that ended, in the order in which they did.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`wait_all`].
    pub fn wait_all(children: &mut [Self], timeout: Option<Duration>) -> Result<Vec<usize>> {
        let known = children.iter().enumerate();
        let mut order: Vec<usize> = known
            .filter_map(|(at, child)| child.end.map(|_| at))
            .collect();
        let waiting: Vec<Process> = children
            .iter()
            .filter(|child| child.end.is_none())
            .map(|child| child.process.clone())
            .collect();
        let result = wait_all(waiting, timeout, |process, status| {
            for (at, child) in children.iter_mut().enumerate() {
                if child.end.is_none() && child.process == *process {
                    child.end = Some(status);
                    order.push(at);
                }
            }
        });
        result.map(|_| order)
    }
}

impl Deref for Child {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}
