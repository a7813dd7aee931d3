//! Children that wait: this program again, told so by an argument.

use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStdout, Command, Stdio};

/// What a child says when it waits.
const READY: &str = "the child is ready";

/// A child that is killed when the test is over.
pub(crate) struct Child {
    pub(crate) process: std::process::Child,
    /// To be kept open, or the child could not say more.
    _output: BufReader<ChildStdout>,
}

impl Child {
    /// Starts one with this argument besides, and waits until it waits.
    pub(crate) fn with_argument(argument: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["child::waits", "--exact", "--ignored", "--nocapture"])
            .args(["--skip", argument])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut lines = output.by_ref().lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains(READY)));
        Self {
            process,
            _output: output,
        }
    }

    pub(crate) fn start() -> Self {
        Self::with_argument("nothing")
    }

    pub(crate) fn pid(&self) -> String {
        self.process.id().to_string()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "the part of a child"]
fn waits() {
    let line = format!("{READY}\n");
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}
