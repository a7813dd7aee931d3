//! Waiting for many processes at once.

use std::io;
use std::ops::ControlFlow;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::time::{Duration, Instant};

use super::handle::Handle;
use super::identity;
use super::table::Table;
use super::wait::{SLICE, Watch, slice, status};
use crate::error::{Error, Result};
use crate::process::{ExitStatus, Sameness, Target, Wakeup};
use crate::sys::pause::{Pause, is_over, sleep};
use crate::sys::windows::ffi;
use crate::sys::windows::ffi::wait::MOST;

const OPERATION: &str = "process wait_all";

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
    let mut crowd = Crowd::new(targets);
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
    /// Places of those that may not be opened.
    hidden: Vec<usize>,
    /// When those are looked at again, and how long they are left alone then.
    next_look: Instant,
    pause: Pause,
}

/// A process that has ended: when, its place, and how.
type Ended = (u64, usize, Option<ExitStatus>);

impl<'a> Crowd<'a> {
    fn new(targets: &'a [Target<'a>]) -> Self {
        Self {
            targets,
            open: Vec::new(),
            hidden: Vec::new(),
            next_look: Instant::now(),
            pause: Pause::new(),
        }
    }

    fn wait(
        &mut self,
        until: Option<Instant>,
        tell: &mut dyn FnMut(Wakeup) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut pause = Pause::new();
        for turn in 0.. {
            let last = is_over(until);
            let started = Instant::now();
            let mut ended = self.look()?;
            let cost = started.elapsed();
            if !self.hidden.is_empty() && (last || self.next_look <= started) {
                self.look_for_hidden(&mut ended)?;
            }
            if !ended.is_empty() {
                // Others may follow soon.
                pause = Pause::new();
                self.pause = Pause::new();
            }
            for (_, at, status) in ended {
                if tell(Wakeup::Gone(at, status)).is_break() {
                    return Ok(());
                }
            }
            if last || (self.open.is_empty() && self.hidden.is_empty()) {
                break;
            }
            let mut most = SLICE;
            if self.open.len() > MOST {
                most = most.min(pause.next(cost));
            }
            if !self.hidden.is_empty() {
                most = most.min(self.next_look.saturating_duration_since(Instant::now()));
            }
            self.sleep(turn, until, most)?;
            if tell(Wakeup::Interrupted).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// What has ended since the last look, in the order in which it did.
    fn look(&mut self) -> Result<Vec<Ended>> {
        let mut ended = Vec::new();
        for group in self.open.chunks(MOST) {
            let some = ffi::wait::any(&handles(group), Some(0)).map_err(failure)?;
            if some.is_none() {
                continue;
            }
            for (at, handle) in group {
                if ffi::process::has_exited(handle.as_handle()).map_err(failure)? {
                    let times = ffi::process::times(handle.as_handle()).map_err(failure)?;
                    let status = status(handle).map_err(failure)?;
                    ended.push((times.exit, *at, Some(status)));
                }
            }
        }
        self.open
            .retain(|(open, _)| !ended.iter().any(|(_, at, _)| at == open));
        ended.sort_by_key(|(when, ..)| *when);
        Ok(ended)
    }

    /// Which of those that may not be opened are not in the table of all processes any more.
    fn look_for_hidden(&mut self, ended: &mut Vec<Ended>) -> Result<()> {
        let started = Instant::now();
        let table = Table::read(OPERATION)?;
        self.hidden.retain(|at| {
            let is_there = self.targets.get(*at).is_some_and(|target| {
                table.find(target.pid).is_some_and(|row| {
                    let found = identity::of(target.pid, row.create_time);
                    target.identity.compare(&found) != Sameness::Different
                })
            });
            if !is_there {
                ended.push((0, *at, None));
            }
            is_there
        });
        let now = Instant::now();
        self.next_look = now + self.pause.next(now - started);
        Ok(())
    }

    /// Sleeps until one of the group whose turn it is ends, but not for longer than `most`.
    fn sleep(&self, turn: usize, until: Option<Instant>, most: Duration) -> Result<()> {
        let groups = self.open.len().div_ceil(MOST);
        let group = turn.checked_rem(groups);
        match group.and_then(|group| self.open.chunks(MOST).nth(group)) {
            Some(group) => {
                let time = slice(until, most);
                ffi::wait::any(&handles(group), Some(time)).map_err(failure)?;
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
    Error::os(OPERATION, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Process;
    use crate::sys::windows::process::wait::tests::child;

    #[test]
    fn what_may_not_be_opened_is_gone_when_the_table_has_it_no_more() {
        let children = [child(), child()];
        let processes: Vec<Process> = children.iter().map(|c| c.process().clone()).collect();
        let targets: Vec<Target<'_>> = processes.iter().map(|p| p.target(OPERATION)).collect();
        // One hidden, one open.
        let mut crowd = Crowd::new(&targets);
        crowd.hidden.push(0);
        let Some(Watch::Open(handle)) = Watch::start(&targets[1]).unwrap() else {
            panic!("a child may be opened");
        };
        crowd.open.push((1, handle));
        let nobody = &mut |wakeup| match wakeup {
            Wakeup::Interrupted => ControlFlow::Continue(()),
            Wakeup::Gone(at, _) => panic!("{at}"),
        };
        let soon = Instant::now() + Duration::from_millis(30);
        crowd.wait(Some(soon), nobody).unwrap();
        let mut told = Vec::new();
        children[0].kill().unwrap();
        let mut killed = false;
        crowd
            .wait(None, &mut |wakeup| {
                if let Wakeup::Gone(at, status) = wakeup {
                    told.push((at, status));
                    if !killed {
                        killed = true;
                        children[1].kill().unwrap();
                    }
                }
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(told, [(0, None), (1, Some(ExitStatus::Exited(15)))]);
    }
}
