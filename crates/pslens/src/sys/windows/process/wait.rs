//! Waiting for processes to end: handles, which are signalled when their process exits, and for those that
//! may not be opened a look at who has the number from time to time.

use std::io;
use std::ops::ControlFlow;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::time::{Duration, Instant};

use super::handle::Handle;
use crate::error::{Error, ErrorKind, Result};
use crate::process::{ExitStatus, Outcome, Sameness, Target, Wakeup};
use crate::sys::pause::{Pause, is_over, remaining, sleep};
use crate::sys::windows::ffi;

/// How long the system waits before the caller is asked whether to go on: nothing interrupts a wait here.
const SLICE: Duration = Duration::from_millis(100);

/// A process that is waited for.
#[derive(Debug)]
enum Watch {
    /// Opened while it was the right process, so it never means another one.
    Open(Handle),
    /// May not be opened: when to look is up to us, and how it ends is not told.
    Hidden,
}

impl Watch {
    /// `None` if the process is gone already, and nobody has kept it open.
    fn start(target: &Target<'_>) -> Result<Option<Self>> {
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
fn status(handle: &Handle) -> io::Result<ExitStatus> {
    let code = ffi::wait::exit_code(handle.as_handle())?;
    Ok(ExitStatus::Exited(code.cast_signed()))
}

/// Whole milliseconds, rounded up: what is left is not waited for in rounds of nothing.
fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_micros().div_ceil(1000)).unwrap_or(u32::MAX - 1)
}

fn slice(until: Option<Instant>, most: Duration) -> u32 {
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
        if is_over(until) {
            return Ok(Outcome::Running);
        }
        sleep(pause.next(started.elapsed()).min(SLICE), until);
        if interrupted().is_break() {
            return Ok(Outcome::Running);
        }
    }
}

/// Waits for many processes; tells the place of each that ends, and how it did, until told to give up.
///
/// One call waits for up to 64 of them. More are looked at in groups of 64, one call each, with pauses of
/// up to 40 ms in which one group after the other is waited for: so an end is told at most that much later,
/// and looking at a thousand takes less than a hundredth of a CPU.
pub(crate) fn wait_all(
    targets: &[Target<'_>],
    until: Option<Instant>,
    tell: &mut dyn FnMut(Wakeup) -> ControlFlow<()>,
) -> Result<()> {
    let mut crowd = Crowd {
        targets,
        open: Vec::new(),
        hidden: Vec::new(),
    };
    for (at, target) in targets.iter().enumerate() {
        match Watch::start(target)? {
            Some(Watch::Open(handle)) => crowd.open.push((at, handle)),
            Some(Watch::Hidden) => crowd.hidden.push(at),
            // Whoever has given up is told of no more ends.
            None if tell(Wakeup::Gone(at, None)).is_break() => return Ok(()),
            None => {}
        }
    }
    crowd.wait(until, tell)
}

struct Crowd<'a> {
    targets: &'a [Target<'a>],
    /// What has not ended, with its place in `targets`.
    open: Vec<(usize, Handle)>,
    hidden: Vec<usize>,
}

/// A process that has ended: when, its place, and how.
type Ended = (u64, usize, Option<ExitStatus>);

impl Crowd<'_> {
    fn wait(
        &mut self,
        until: Option<Instant>,
        tell: &mut dyn FnMut(Wakeup) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut pause = Pause::new();
        let mut turn = 0;
        while !(self.open.is_empty() && self.hidden.is_empty()) {
            let last = is_over(until);
            let started = Instant::now();
            let ended = self.look()?;
            let cost = started.elapsed();
            if !ended.is_empty() {
                // Others may follow soon.
                pause = Pause::new();
            }
            for (_, at, status) in ended {
                if tell(Wakeup::Gone(at, status)).is_break() {
                    return Ok(());
                }
            }
            if last {
                break;
            }
            let told_at_once = self.hidden.is_empty() && self.open.len() <= ffi::wait::MOST;
            let most = match told_at_once {
                true => SLICE,
                false => pause.next(cost).min(SLICE),
            };
            self.sleep(turn, until, most)?;
            turn += 1;
            if tell(Wakeup::Interrupted).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// What has ended since the last look, in the order in which it did.
    fn look(&mut self) -> Result<Vec<Ended>> {
        let mut ended = Vec::new();
        let mut places = Vec::new();
        for group in self.open.chunks(ffi::wait::MOST) {
            if ffi::wait::any(&handles(group), Some(0))
                .map_err(failure)?
                .is_none()
            {
                continue;
            }
            for (at, handle) in group {
                if ffi::process::has_exited(handle.as_handle()).map_err(failure)? {
                    let times = ffi::process::times(handle.as_handle()).map_err(failure)?;
                    ended.push((times.exit, *at, Some(status(handle).map_err(failure)?)));
                    places.push(*at);
                }
            }
        }
        ended.sort_by_key(|(when, ..)| *when);
        self.open.retain(|(at, _)| !places.contains(at));
        for at in std::mem::take(&mut self.hidden) {
            match self.targets.get(at) {
                Some(target) if is_there(target)? => self.hidden.push(at),
                _ => ended.push((0, at, None)),
            }
        }
        Ok(ended)
    }

    /// Sleeps until one of the group whose turn it is ends, but not for longer than `most`.
    fn sleep(&self, turn: usize, until: Option<Instant>, most: Duration) -> Result<()> {
        let groups = self.open.len().div_ceil(ffi::wait::MOST);
        let group = turn
            .checked_rem(groups)
            .and_then(|n| self.open.chunks(ffi::wait::MOST).nth(n));
        match group {
            Some(group) => {
                let handles = handles(group);
                ffi::wait::any(&handles, Some(slice(until, most))).map_err(failure)?;
            }
            None => sleep(most, until),
        }
        Ok(())
    }
}

fn handles(group: &[(usize, Handle)]) -> Vec<BorrowedHandle<'_>> {
    group.iter().map(|(_, handle)| handle.as_handle()).collect()
}

#[cold]
fn failure(error: io::Error) -> Error {
    Error::os("process wait_all", error)
}
