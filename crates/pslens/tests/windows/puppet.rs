//! Children that do what they are told: this program again, reading commands from its standard input.

use std::io::{self, BufRead, BufReader, Lines, Write};
use std::ops::Deref;
use std::os::windows::process::CommandExt;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use pslens::Process;
use pslens::os::windows::{CtrlEvent, ProcessExt};
use pslens::process::{Child, ExitStatus};

/// Starts each answer, so that the words of the test harness are none.
const ANSWER: &str = "puppet: ";

/// As long as nothing here takes, also on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// `CREATE_NEW_PROCESS_GROUP`.
const GROUP_OF_ITS_OWN: u32 = 0x200;

/// `CREATE_NO_WINDOW`.
pub(crate) const CONSOLE_OF_ITS_OWN: u32 = 0x0800_0000;

/// A child that waits for commands. It ends when it is dropped.
pub(crate) struct Puppet {
    child: Child,
    stdin: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Puppet {
    /// One that is ready.
    pub(crate) fn start() -> Self {
        Self::start_with(0)
    }

    /// Likewise, with flags of `CreateProcess`.
    pub(crate) fn start_with(flags: u32) -> Self {
        let mut child =
            Child::spawn(command().stderr(Stdio::null()).creation_flags(flags)).unwrap();
        let stdin = child.stdin.take();
        let (sender, answers) = mpsc::channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || forward(lines, &sender));
        let puppet = Self {
            child,
            stdin,
            answers,
        };
        assert_eq!(puppet.answer(), "ready");
        puppet
    }

    pub(crate) fn tell(&mut self, command: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{command}").unwrap();
    }

    pub(crate) fn answer(&self) -> String {
        self.answer_within(PATIENCE).expect("the puppet is mute")
    }

    pub(crate) fn answer_within(&self, time: Duration) -> Option<String> {
        self.answers.recv_timeout(time).ok()
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Lets it exit with this code, as every process that has it open will be told.
    pub(crate) fn exit(&mut self, code: i32) {
        self.tell(&format!("exit {code}"));
    }

    /// What is left of one that was ended and that nobody has open any more.
    pub(crate) fn forgotten(mut self) -> Process {
        let process = self.child.process().clone();
        self.child.kill().unwrap();
        let status = self.child.wait_timeout(PATIENCE).unwrap();
        assert_eq!(status, Some(ExitStatus::Exited(15)));
        process
    }
}

fn forward(lines: Lines<BufReader<ChildStdout>>, to: &mpsc::Sender<String>) {
    for line in lines.map_while(io::Result::ok) {
        if let Some((_, answer)) = line.split_once(ANSWER)
            && to.send(answer.to_owned()).is_err()
        {
            return;
        }
    }
}

impl Deref for Puppet {
    type Target = Process;

    fn deref(&self) -> &Process {
        self.child.process()
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// This program as a puppet, with pipes to it and from it.
pub(crate) fn command() -> Command {
    command_for("puppet::role")
}

/// Likewise, as what an ignored test makes of it.
pub(crate) fn command_for(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([role, "--exact", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// Waits until something is so: what another process has open is closed when it likes to.
pub(crate) fn eventually(mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "it never is");
        std::thread::yield_now();
    }
}

#[test]
#[ignore = "the part of a child"]
fn role() {
    println!("{ANSWER}ready");
    let mut lines = io::stdin().lines().map(Result::unwrap);
    while let Some(line) = lines.next() {
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("echo", words) => println!("{ANSWER}{words}"),
            ("exit", code) => std::process::exit(code.parse().unwrap()),
            ("fill", count) => fill(count.parse().unwrap()),
            ("break", _) => println!("{ANSWER}{}", broken()),
            ("start", code) => grandchild(code, || lines.next()),
            (other, _) => panic!("{other}"),
        }
    }
}

/// Writes so many bytes of no text to its standard error, and then to its standard output.
fn fill(count: usize) {
    let bytes = vec![0xff; count];
    io::stderr().write_all(&bytes).unwrap();
    io::stdout().write_all(&bytes).unwrap();
    io::stdout().flush().unwrap();
}

/// How a puppet of its own ends that gets what the keys Ctrl and Break send.
fn broken() -> String {
    let mut puppet = Puppet::start_with(GROUP_OF_ITS_OWN);
    match puppet.send_ctrl_event(CtrlEvent::Break) {
        Ok(()) => format!("{:?}", puppet.child().wait().unwrap()),
        Err(error) => format!("{error:?}"),
    }
}

/// Starts a puppet of its own, says who it is, and lets it exit when the next line comes.
fn grandchild(code: &str, next_line: impl FnOnce() -> Option<String>) {
    let mut puppet = Puppet::start();
    println!("{ANSWER}{}", puppet.pid());
    next_line();
    puppet.exit(code.parse().unwrap());
    puppet.child().wait().unwrap();
    println!("{ANSWER}done");
}
