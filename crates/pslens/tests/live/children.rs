//! Children of this process in known states, ended and reaped when dropped.

use std::ops::Deref;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pslens::Process;
use pslens::process::Status;

/// A child that lasts until the test is over.
pub(crate) struct Running {
    pub(crate) child: std::process::Child,
    process: Process,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let child = command.spawn().unwrap();
        let process = Process::new(child.id()).unwrap();
        Self { child, process }
    }

    /// One that does nothing.
    pub(crate) fn idle() -> Self {
        Self::start(Command::new("sleep").arg("1000").stdin(Stdio::null()))
    }

    /// One that has exited and is not reaped.
    pub(crate) fn zombie() -> Self {
        let zombie = Self::start(&mut Command::new("true"));
        zombie.reaches(Status::Zombie);
        zombie
    }

    pub(crate) fn reaches(&self, status: Status) {
        until(|| self.process.status().unwrap() == status);
    }

    /// Ends and reaps it; the handle stays.
    pub(crate) fn reaped(mut self) -> Process {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.process.clone()
    }
}

impl Deref for Running {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail harmlessly if the test has ended or reaped it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Polls until it is so; fails the test after ten seconds.
#[track_caller]
pub(crate) fn until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "not within ten seconds");
        std::thread::sleep(Duration::from_millis(1));
    }
}
