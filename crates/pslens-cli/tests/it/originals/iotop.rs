//! `iotop` beside iotop(1), which asks the kernel in another way (taskstats).

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::Comparison;
use crate::iotop::{file_on_a_disk, written};
use crate::program::{pslens, skip};

const TEST: &str = "originals::iotop::iotop_agrees";
const SIZE: u64 = 16 << 20;

/// Much longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that prints line after line until this is dropped.
struct Lines {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Lines {
    fn of(command: &mut Command) -> Option<Self> {
        let started = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = started.ok()?;
        let lines = BufReader::new(child.stdout.take()?).lines();
        Some(Self { child, lines })
    }

    /// The number in the column `at` of the next line; `None` at the end.
    fn next(&mut self, at: usize) -> Option<f64> {
        let line = self.lines.next()?.ok()?;
        line.split_whitespace().nth(at)?.parse().ok()
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process of a single thread, which iotop(1) wants of those that it is told to look at, that writes
/// [`SIZE`] bytes into a file as soon as it is told to.
struct Writer(Child);

impl Writer {
    fn to(path: &Path) -> Self {
        let script = format!("read go; printf %0{SIZE}d 0 >\"$0\"; sync \"$0\"; read end");
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(script)
            .arg(path)
            .stdin(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    fn go(&mut self) {
        self.0.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Both look while a process writes; what each has counted from its first look on is compared. Nobody else
/// writes, so there is no tolerance but for what the file system itself adds to a file.
#[test]
fn iotop_agrees() {
    let file = file_on_a_disk();
    let mut writer = Writer::to(file.path());
    let pid = writer.0.id();
    let name = pid.to_string();
    let options = ["-b", "-P", "-a", "-k", "-qqq", "-d", "0.2", "-p", &name];
    let mut original = Command::new("iotop");
    original
        .args(options)
        .env("LC_ALL", "C")
        .env("PYTHONUNBUFFERED", "1");
    let Some(mut theirs) = Lines::of(&mut original) else {
        return skip(TEST, "no iotop");
    };
    let mut ours = Lines::of(pslens(["iotop"]).args(options)).unwrap();
    // PID PRIO USER READ WRITTEN IO%, and PID PRIO USER READ K WRITTEN K.
    const OURS: usize = 4;
    const THEIRS: usize = 5;
    if theirs.next(THEIRS).is_none() {
        return skip(TEST, "iotop does not work here");
    }
    assert_eq!(ours.next(OURS), Some(0.0));
    writer.go();
    let start = Instant::now();
    while fs::metadata(file.path()).unwrap().len() < SIZE {
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
    if written(pid) < SIZE {
        return skip(TEST, "this file system is on no disk");
    }
    let counted = |lines: &mut Lines, at: usize| {
        let size = SIZE as f64 / 1024.0;
        loop {
            match lines.next(at).unwrap() {
                written if written >= size => return written,
                written => assert!(start.elapsed() < PATIENCE, "{written} of {size}"),
            }
        }
    };
    let mut comparison = Comparison::of("iotop");
    let (ours, theirs) = (counted(&mut ours, OURS), counted(&mut theirs, THEIRS));
    comparison.close("written", ours, theirs, 64.0);
    comparison.finish();
}
