//! Waiting for processes to end: handles, which are signalled when their process exits, and for those that
//! may not be opened a look at who has the number from time to time.

use std::io;
use std::ops::ControlFlow;
use std::os::windows::io::AsHandle;
use std::time::{Duration, Instant};

use super::handle::Handle;
use crate::error::{Error, ErrorKind, Result};
use crate::process::{ExitStatus, Outcome, Sameness, Target};
use crate::sys::pause::{Pause, is_over, remaining, sleep};
use crate::sys::windows::ffi;

/// How long the system waits before the caller is asked whether to go on: nothing interrupts a wait here.
pub(super) const SLICE: Duration = Duration::from_millis(100);

/// A process that is waited for.
#[derive(Debug)]
pub(super) enum Watch {
    /// Opened while it was the right process, so it never means another one.
    Open(Handle),
    /// May not be opened: when to look is up to us, and how it ends is not told.
    Hidden,
}

impl Watch {
    /// `None` if the process is gone already, and nobody has kept it open.
    pub(super) fn start(target: &Target<'_>) -> Result<Option<Self>> {
        // One that has ended can be opened as long as somebody has it open, a parent for instance.
        match Handle::open_ended(target.pid, 0, target.operation) {
            Ok(handle) => match target.identity.compare(&handle.identity) {
                Sameness::Different => Ok(None),
                Sameness::Same | Sameness::Unknown => Ok(Some(Self::Open(handle))),
            },
            Err(error) => match error.kind() {
                ErrorKind::NoSuchProcess => Ok(None),
                ErrorKind::AccessDenied => Ok(is_there(target)?.then_some(Self::Hidden)),
                _ => Err(error),
            },
        }
    }
}

/// A look at a process that may not be opened.
fn is_there(target: &Target<'_>) -> Result<bool> {
    match target.check() {
        Ok(()) => Ok(true),
        Err(error) => match error.kind() {
            ErrorKind::NoSuchProcess => Ok(false),
            ErrorKind::AccessDenied => Ok(true),
            _ => Err(error),
        },
    }
}

/// How a process has ended. Every code is one, also 259, which of a living process means that it lives.
pub(super) fn status(handle: &Handle) -> io::Result<ExitStatus> {
    let code = ffi::wait::exit_code(handle.as_handle())?;
    Ok(ExitStatus::Exited(code.cast_signed()))
}

/// Whole milliseconds, rounded up: what is left is not waited for in rounds of nothing.
fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_micros().div_ceil(1000)).unwrap_or(u32::MAX - 1)
}

pub(super) fn slice(until: Option<Instant>, most: Duration) -> u32 {
    milliseconds(remaining(until).map_or(most, |left| left.min(most)))
}

/// Waits for one process; [`Outcome::Running`] when the time is over, or `interrupted` gives up.
pub(crate) fn wait(
    target: &Target<'_>,
    until: Option<Instant>,
    interrupted: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Outcome> {
    let fail = |error| Error::os_pid(target.operation, target.pid, error);
    let handle = match Watch::start(target)? {
        Some(Watch::Open(handle)) => handle,
        Some(Watch::Hidden) => return look_until(target, until, interrupted),
        None => return Ok(Outcome::Gone(None)),
    };
    loop {
        let ended = ffi::wait::any(&[handle.as_handle()], Some(slice(until, SLICE)));
        if ended.map_err(fail)?.is_some() {
            return Ok(Outcome::Gone(Some(status(&handle).map_err(fail)?)));
        }
        if is_over(until) || interrupted().is_break() {
            return Ok(Outcome::Running);
        }
    }
}

fn look_until(
    target: &Target<'_>,
    until: Option<Instant>,
    interrupted: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Outcome> {
    let mut pause = Pause::new();
    loop {
        let started = Instant::now();
        if !is_there(target)? {
            return Ok(Outcome::Gone(None));
        }
        let next = Instant::now() + pause.next(started.elapsed());
        while Instant::now() < next {
            if is_over(until) {
                return Ok(Outcome::Running);
            }
            sleep(
                next.saturating_duration_since(Instant::now()).min(SLICE),
                until,
            );
            if interrupted().is_break() {
                return Ok(Outcome::Running);
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::process::{Child, Identity, IoHint, IoPriority};
    use crate::{Process, Root};
    use std::process::{Command, Stdio};

    /// One that ends when its standard input does.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs somebody to wait for"
    )]
    pub(in crate::sys::windows::process) fn child() -> Child {
        let mut command = Command::new("cmd");
        command.args(["/c", "pause"]).stdout(Stdio::null());
        Child::spawn(command.stdin(Stdio::piped())).unwrap()
    }

    #[test]
    fn what_may_not_be_opened_is_looked_at_until_it_is_gone() {
        let child = child();
        let process = child.process().clone();
        let target = process.target("process wait");
        let look = |until: Duration| {
            let until = Instant::now() + until;
            look_until(&target, Some(until), &mut || ControlFlow::Continue(())).unwrap()
        };
        assert_eq!(look(Duration::ZERO), Outcome::Running);
        assert_eq!(look(Duration::from_millis(1)), Outcome::Running);
        let mut asked = 0;
        let outcome = look_until(&target, None, &mut || {
            asked += 1;
            match asked {
                5 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        });
        assert_eq!(outcome.unwrap(), Outcome::Running);
        child.kill().unwrap();
        assert_eq!(look(Duration::from_secs(60)), Outcome::Gone(None));
    }

    #[test]
    fn a_pid_of_another_process_is_neither_waited_for_nor_acted_on() {
        let mut child = child();
        let identity = Identity {
            start: Some(1),
            ..Identity::default()
        };
        let former = Process::with_identity(child.pid(), identity, Root::running());
        for result in [
            former.kill(),
            former.suspend(),
            former.set_nice(64),
            former.set_ionice(IoPriority::Hint(IoHint::Low)),
            former.set_cpu_affinity(&[0]),
            former.reset_cpu_affinity(),
        ] {
            assert!(result.unwrap_err().is_pid_reused());
        }
        assert_eq!(former.wait().unwrap(), None);
        assert!(child.is_running().unwrap());
        drop(child.stdin.take());
        assert_eq!(child.wait().unwrap(), Some(ExitStatus::Exited(0)));
    }

    #[test]
    fn what_is_left_is_rounded_up_and_never_without_end() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_micros(1)), 1);
        assert_eq!(milliseconds(Duration::from_millis(100)), 100);
        assert_eq!(milliseconds(Duration::MAX), u32::MAX - 1);
    }
}
