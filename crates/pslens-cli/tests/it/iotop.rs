//! `iotop`: what processes read and write between one look and the next, seen in its answers one by one.

use std::fs;
use std::io::Write;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use pslens_fixtures::{Machine, materialise};
use serde_json::{Deserializer, StreamDeserializer, Value, de::IoRead};
use tempfile::NamedTempFile;

use crate::program::{pslens, skip, stderr, told};

/// Much longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// An `iotop` that answers until this is dropped.
struct Answers {
    child: Child,
    stream: StreamDeserializer<'static, IoRead<ChildStdout>, Vec<Value>>,
}

impl Answers {
    fn of(args: &[&str]) -> Self {
        let mut command = pslens(["iotop", "--json", "--accumulated", "--delay", "0.05"]);
        let mut child = command
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stream = Deserializer::from_reader(child.stdout.take().unwrap()).into_iter();
        Self { child, stream }
    }

    /// The next answer.
    fn next(&mut self) -> Vec<Value> {
        self.stream.next().unwrap().unwrap()
    }

    /// The process in the first answer in which this holds of it.
    fn wait_until(&mut self, pid: u32, holds: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let answer = self.next();
            let found = answer.into_iter().find(|object| object["pid"] == pid);
            match found {
                Some(found) if holds(&found) => return found,
                found => assert!(start.elapsed() < PATIENCE, "{pid}: {found:?}"),
            }
        }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process made the kernel write so far.
pub(crate) fn written(pid: u32) -> u64 {
    let counters = fs::read_to_string(format!("/proc/{pid}/io")).unwrap();
    let line = counters
        .lines()
        .find(|line| line.starts_with("write_bytes:"));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

/// Where programs are built there is a disk, more often than at the place for temporary files.
pub(crate) fn file_on_a_disk() -> NamedTempFile {
    let built = NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR"));
    built.or_else(|_| NamedTempFile::new()).unwrap()
}

#[test]
fn what_a_process_writes_is_counted_from_the_first_look_on() {
    const TEST: &str = "iotop::what_a_process_writes_is_counted_from_the_first_look_on";
    const SIZE: usize = 4 << 20;
    let me = std::process::id();
    let mut answers = Answers::of(&["-p", &me.to_string()]);
    assert_eq!(answers.next().len(), 1);
    let before = written(me);
    let mut file = file_on_a_disk();
    file.write_all(&vec![1; SIZE]).unwrap();
    file.as_file().sync_all().unwrap();
    let size = written(me) - before;
    if size < SIZE as u64 {
        return skip(TEST, "this file system is on no disk");
    }
    // Other tests in this process write too.
    let found = answers.wait_until(me, |found| found["write_bytes"].as_u64() >= Some(size));
    assert!(found["write_bytes"].as_u64().unwrap() <= written(me));
    let io = &found["io_counters"];
    assert!(
        io["write_bytes"].as_u64() >= found["write_bytes"].as_u64(),
        "{found}"
    );
}

/// Replaces a file at once: nobody reads half of it.
fn replace(machine: &Machine, path: &str, content: &str) {
    let whole = machine.proc().join(path);
    let next = whole.with_extension("next");
    fs::write(&next, content).unwrap();
    fs::rename(next, whole).unwrap();
}

fn io(read: u64) -> String {
    format!(
        "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: {read}\nwrite_bytes: 8192\n\
         cancelled_write_bytes: 0\n"
    )
}

#[test]
fn a_process_that_takes_over_a_number_is_another_one() {
    let machine = materialise("kernel-4.4");
    replace(&machine, "411/io", &io(4096));
    let proc = machine.proc();
    let mut answers = Answers::of(&["--procfs", proc.to_str().unwrap(), "-p", "411"]);
    let first = answers.next();
    assert_eq!(first[0]["read_bytes"], 0);
    assert_eq!(first[0]["read_bytes_per_second"], 0.0);

    replace(&machine, "411/io", &io(4096 + 1000));
    answers.wait_until(411, |found| found["read_bytes"] == 1000);

    // It fell: nobody knows by how much.
    replace(&machine, "411/io", &io(1));
    let fallen = answers.wait_until(411, |found| found["read_bytes"] != 1000);
    assert!(fallen["read_bytes"].is_null(), "{fallen}");
    assert_eq!(fallen["write_bytes"], 0);

    // All that the new one did was after the look before.
    let stat = fs::read_to_string(proc.join("411/stat")).unwrap();
    let (name, rest) = stat.rsplit_once(") ").unwrap();
    let mut fields: Vec<&str> = rest.split(' ').collect();
    fields[19] = "999999";
    replace(&machine, "411/io", &io(5000));
    replace(
        &machine,
        "411/stat",
        &format!("{name}) {}", fields.join(" ")),
    );
    let other = answers.wait_until(411, |found| found["read_bytes"] == 5000);
    assert_eq!(other["write_bytes"], 8192);
}

#[test]
fn on_a_captured_machine_nothing_moves() {
    let machine = materialise("kernel-4.4");
    let told = |args: &[&str]| told(&machine, &[&["iotop", "-d", "0.01"], args].concat());
    assert_snapshot!(told(&["-n", "1"]));
    assert_snapshot!(told(&["-n", "2", "-aq", "-p", "1,411,77777"]));
    assert_snapshot!(told(&["-n", "1", "-ok"]));
    assert_snapshot!(told(&["-n", "2", "-bqqq", "-u", "1000", "--bytes"]));
    assert_snapshot!(told(&["-n", "1", "--json", "-p", "411"]));
    assert_snapshot!(told(&["-n", "1", "--csv", "--top", "2"]));
}

#[test]
fn processes_that_are_denied_are_counted() {
    let machine = materialise("kernel-4.4");
    let path = machine.proc().join("411/io");
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        return skip(
            "iotop::processes_that_are_denied_are_counted",
            "nothing is denied to root",
        );
    }
    let procfs = machine.proc();
    let output = pslens(["iotop", "-p", "411,1", "-d", "0.01", "-n", "1", "--procfs"])
        .arg(procfs)
        .output()
        .unwrap();
    assert!(
        stderr(&output).contains("what 1 of 2 processes"),
        "{output:?}"
    );
    assert_eq!(output.status.code(), Some(4));
}
