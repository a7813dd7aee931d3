//! Children in known states: this program again, told by an argument what to be.

use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStdout, Command, Stdio};

use pslens::Process;

/// What a child says when it has become what it is to be.
const READY: &str = "the child is ready";

/// A child that is killed when the test is over.
pub(crate) struct Child {
    process: std::process::Child,
    /// What else it says, to be read or it could not.
    output: BufReader<ChildStdout>,
}

impl Child {
    /// Starts a child that is what the ignored test `role` makes of it, and waits until it is.
    ///
    /// It reads its standard input to the end before it ends.
    pub(crate) fn start(role: &str) -> Self {
        Self::start_with(role, |_| {})
    }

    /// As [`Child::start`], after `prepare` (a working directory, variables).
    pub(crate) fn start_with(role: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([role, "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        prepare(&mut command);
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut lines = output.by_ref().lines().map_while(Result::ok);
        let ready = lines.any(|line| line.contains(READY));
        assert!(ready, "{role} ended before it was ready");
        Self { process, output }
    }

    /// One that waits.
    pub(crate) fn waiting() -> Self {
        Self::start("child::waits")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn process(&self) -> Process {
        Process::new(self.pid()).unwrap()
    }

    /// Lets it end. Its number is given to no other process before this value is dropped, which holds a handle.
    pub(crate) fn end(&mut self) {
        drop(self.process.stdin.take());
        std::io::copy(&mut self.output, &mut std::io::sink()).unwrap();
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Whoever has ended cannot be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Says that it is ready, and waits for the end of its standard input.
pub(crate) fn wait_for_the_end() {
    println!("{READY}");
    std::io::stdin().lines().for_each(drop);
}

#[test]
#[ignore = "the part of a child"]
fn waits() {
    wait_for_the_end();
}
