//! Children that do as told: this test program, started once more with a role to play.
//!
//! A role says [`Stage::ready`] when it is in the state that the test wants to look at, and then usually
//! [`Stage::hold`]s it until the test is over. A puppet never outlives the test that started it.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use pslens::Process;
use rustix::event::{PollFd, PollFlags, poll};

/// Much longer than anything takes on a slow machine, much shorter than for ever.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

const ROLE: &str = "PSLENS_TEST_ROLE";
const ARGUMENT: &str = "PSLENS_TEST_ARGUMENT";

/// What marks a line that is meant for the test, among those of the test harness.
const MARK: &str = "#puppet ";

/// What a puppet does.
pub(crate) type Role = fn(&Stage);

/// What is changed about its command line, environment or directory.
type Adjustment = Box<dyn FnOnce(&mut Command)>;

const ROLES: &[&[(&str, Role)]] = &[
    &[("idle", |stage| {
        stage.ready("");
        stage.hold();
    })],
    crate::hostile_names::ROLES,
    crate::namespaces::ROLES,
    crate::odd_states::ROLES,
    crate::pid_reuse::ROLES,
    crate::sources_once::ROLES,
    crate::stress::ROLES,
    crate::waiting::ROLES,
];

/// Not a test of its own: where a puppet starts. Without a role there is nothing to do.
#[test]
fn role() {
    let Some(name) = std::env::var_os(ROLE) else {
        return;
    };
    // A puppet whose test was killed must not stay.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL)).unwrap();
    let (_, play) = ROLES
        .iter()
        .flat_map(|roles| roles.iter())
        .find(|(known, _)| name == *known)
        .unwrap();
    play(&Stage(()));
}

/// The puppet's side.
pub(crate) struct Stage(());

impl Stage {
    /// What the test passed to [`Builder::argument`].
    pub(crate) fn argument(&self) -> OsString {
        std::env::var_os(ARGUMENT).unwrap_or_default()
    }

    /// Tells the test one line, which [`Puppet::hear`] returns.
    pub(crate) fn ready(&self, line: impl std::fmt::Display) {
        // Not through `print!`: the harness may hold that back. The first newline ends whatever it was writing.
        let line = format!("\n{MARK}{line}\n");
        rustix::io::write(rustix::stdio::stdout(), line.as_bytes()).unwrap();
    }

    /// Waits for a line from the test ([`Puppet::say`]); `None` when the test is over.
    pub(crate) fn told(&self) -> Option<String> {
        let mut line = Vec::new();
        let mut byte = [0];
        loop {
            match rustix::io::read(rustix::stdio::stdin(), &mut byte) {
                Ok(0) => return None,
                Ok(_) if byte == *b"\n" => return Some(String::from_utf8(line).unwrap()),
                Ok(_) => line.extend(byte),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => panic!("standard input: {error}"),
            }
        }
    }

    /// Whether the test has said something, or is over.
    pub(crate) fn is_told(&self) -> bool {
        let stdin = rustix::stdio::stdin();
        let mut wanted = [PollFd::new(&stdin, PollFlags::IN)];
        poll(&mut wanted, Some(&rustix::event::Timespec::default())) != Ok(0)
    }

    /// Stays as it is until the test is over.
    pub(crate) fn hold(&self) {
        while self.told().is_some() {}
    }
}

/// How to start a puppet.
pub(crate) struct Builder {
    role: OsString,
    wrapper: Vec<OsString>,
    program: OsString,
    adjust: Vec<Adjustment>,
}

impl Builder {
    pub(crate) fn new(role: &str) -> Self {
        Self {
            role: role.into(),
            wrapper: Vec::new(),
            program: std::env::current_exe().unwrap().into(),
            adjust: Vec::new(),
        }
    }

    /// What the role is about ([`Stage::argument`]).
    pub(crate) fn argument(self, argument: impl AsRef<OsStr>) -> Self {
        let argument = argument.as_ref().to_owned();
        self.adjust(move |command| {
            command.env(ARGUMENT, argument);
        })
    }

    /// Another path of this very program.
    pub(crate) fn program(mut self, program: impl AsRef<OsStr>) -> Self {
        self.program = program.as_ref().to_owned();
        self
    }

    /// Starts the puppet through another program, such as `unshare --net`.
    pub(crate) fn through(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(OsString::from).collect();
        self
    }

    pub(crate) fn adjust(mut self, adjust: impl FnOnce(&mut Command) + 'static) -> Self {
        self.adjust.push(Box::new(adjust));
        self
    }

    /// Starts it, and waits for nothing.
    pub(crate) fn start(self) -> Puppet {
        let mut words = self.wrapper;
        words.push(self.program);
        let mut command = Command::new(words.remove(0));
        command
            .args(words)
            .args(["--exact", "puppet::role", "--nocapture", "--test-threads=1"])
            .env(ROLE, self.role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        for adjust in self.adjust {
            adjust(&mut command);
        }
        let mut child = command.spawn().unwrap();
        Puppet {
            stdin: child.stdin.take(),
            child,
            heard: Vec::new(),
        }
    }

    /// Starts it and waits until it says that it is ready.
    pub(crate) fn ready(self) -> Puppet {
        let mut puppet = self.start();
        puppet.hear();
        puppet
    }
}

/// The test's side. Dropping it ends the puppet.
pub(crate) struct Puppet {
    child: Child,
    stdin: Option<ChildStdin>,
    heard: Vec<u8>,
}

impl Puppet {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn process(&self) -> Process {
        Process::new(self.pid()).unwrap()
    }

    pub(crate) fn rustix_pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Tells the puppet one line.
    pub(crate) fn say(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// The next line that the puppet says.
    pub(crate) fn hear(&mut self) -> String {
        self.hear_within(PATIENCE)
    }

    /// As [`Puppet::hear`], with more or less patience.
    pub(crate) fn hear_within(&mut self, patience: Duration) -> String {
        let deadline = Instant::now() + patience;
        loop {
            while let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                if let Some(said) = line.trim_end_matches('\n').strip_prefix(MARK) {
                    return said.to_owned();
                }
                if line.contains("panicked") {
                    eprint!("{line}");
                }
            }
            let stdout = self.child.stdout.as_ref().unwrap();
            let mut wanted = [PollFd::new(stdout, PollFlags::IN)];
            let left = deadline.saturating_duration_since(Instant::now());
            let ready = poll(&mut wanted, Some(&left.try_into().unwrap()));
            assert_ne!(ready, Ok(0), "the puppet says nothing");
            let mut buffer = [0; 4096];
            let count = rustix::io::read(stdout.as_fd(), &mut buffer).unwrap();
            assert_ne!(count, 0, "the puppet ended: {:?}", self.child.wait());
            self.heard.extend(&buffer[..count]);
        }
    }

    /// Lets it end, and insists that all was well.
    pub(crate) fn finish(mut self) {
        drop(self.stdin.take());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        // It may be gone already, or be stopped, or wait for something that never comes.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Polls until `condition` gives something.
pub(crate) fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "{what} does not happen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A folder in which this program can have a second name without being copied, if there can be one.
pub(crate) fn folder_beside_program() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
