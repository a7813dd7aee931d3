//! Python packages behind a pipe: for each a Python process that times the calls itself.

mod environment;
pub mod import;

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::measure::{Answer, Contender, Who};

/// The release that programs run today, and the one the documents of this project speak of. pslens says
/// the same of itself.
const PSUTIL_VERSION: &str = "7.2.2";

const DRIVER: &str = include_str!("driver.py");

/// The Python processes of a run, by the package that they measure.
#[derive(Default)]
pub struct Drivers(Vec<(Who, Rc<Driver>)>);

impl Drivers {
    /// Makes the environment under `directory` if it is not there, and starts a process per package.
    pub fn start(directory: &Path, takes_part: impl Fn(Who) -> bool) -> Result<Self> {
        let packages = [(Who::Psutil, "psutil"), (Who::PslensPy, "pslens")];
        let packages: Vec<_> = packages
            .into_iter()
            .filter(|(who, _)| takes_part(*who))
            .collect();
        if packages.is_empty() {
            return Ok(Self::default());
        }
        let python = environment::interpreter(directory)?;
        if takes_part(Who::PslensPy) {
            environment::install_pslens(&python)?;
        }
        let script = directory.join("driver.py");
        std::fs::write(&script, DRIVER)?;
        packages
            .into_iter()
            .map(|(who, package)| Ok((who, Rc::new(Driver::start(&python, &script, package)?))))
            .collect::<Result<_>>()
            .map(Self)
    }

    pub fn of(&self, who: Who) -> Option<&Rc<Driver>> {
        let (_, driver) = self.0.iter().find(|(package, _)| *package == who)?;
        Some(driver)
    }
}

/// A Python process that uses one package.
pub struct Driver {
    python: PathBuf,
    package: &'static str,
    child: Child,
    input: RefCell<Option<ChildStdin>>,
    output: RefCell<BufReader<ChildStdout>>,
}

impl Driver {
    fn start(python: &Path, script: &Path, package: &'static str) -> Result<Self> {
        let mut child = Command::new(python)
            .arg("-I")
            .arg(script)
            .arg(package)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start Python")?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("Python has no output")?;
        let driver = Self {
            python: python.to_owned(),
            package,
            child,
            input: RefCell::new(input),
            output: RefCell::new(BufReader::new(output)),
        };
        let version = driver.line()?;
        ensure!(
            version == PSUTIL_VERSION,
            "{package} says that it is {version}, not {PSUTIL_VERSION}"
        );
        Ok(driver)
    }

    fn line(&self) -> Result<Value> {
        let mut line = String::new();
        self.output.borrow_mut().read_line(&mut line)?;
        ensure!(
            !line.is_empty(),
            "the Python process ended early (its message is above)"
        );
        Ok(serde_json::from_str(&line)?)
    }

    fn say(&self, request: &Value) -> Result<()> {
        let mut input = self.input.borrow_mut();
        writeln!(
            input.as_mut().context("the Python process has ended")?,
            "{request}"
        )?;
        Ok(())
    }

    fn ask(&self, request: &Value) -> Result<Value> {
        self.say(request)?;
        self.line()
    }

    /// Tells which processes are the harness's, and the process of the rows about one.
    fn set_up(&self, members: &[u32], pid: u32) -> Result<()> {
        self.ask(&json!({"verb": "setup", "members": members, "pid": pid}))?;
        Ok(())
    }

    /// Arms a wait for `pid`, calls `trigger`, and says when the wait returned (monotonic clock).
    pub fn exit_seen(&self, pid: u32, trigger: impl FnOnce() -> Result<()>) -> Result<Duration> {
        self.ask(&json!({"verb": "exit", "pid": pid}))?;
        trigger()?;
        Ok(Duration::from_nanos(
            self.line()?["at"].as_u64().context("no time")?,
        ))
    }

    /// Waits for processes that do not exit; returns processor time and how many are alive.
    pub fn wait_many(&self, pids: &[u32], timeout: Duration) -> Result<(Duration, usize)> {
        let reply =
            self.ask(&json!({"verb": "many", "pids": pids, "seconds": timeout.as_secs_f64()}))?;
        let spent = Duration::from_nanos(reply["ns"].as_u64().context("no time")?);
        Ok((spent, reply["rows"].as_u64().context("no rows")? as usize))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.input.borrow_mut().take());
        // Python ends with its input; how it ended is of no interest.
        let _status = self.child.wait();
    }
}

/// A package doing one row.
pub struct DriverRow {
    pub driver: Rc<Driver>,
    pub row: &'static str,
    pub members: Vec<u32>,
    pub pid: u32,
    pub ready: bool,
}

impl Contender for DriverRow {
    fn answer(&mut self) -> Result<Answer> {
        if !self.ready {
            self.driver.set_up(&self.members, self.pid)?;
            self.ready = true;
        }
        Ok(serde_json::from_value(
            self.driver
                .ask(&json!({"verb": "answer", "row": self.row}))?,
        )?)
    }

    fn time(&mut self, repetitions: u32) -> Result<Duration> {
        let reply = self
            .driver
            .ask(&json!({"verb": "time", "row": self.row, "repetitions": repetitions}))?;
        Ok(Duration::from_nanos(
            reply["ns"].as_u64().context("no time")?,
        ))
    }
}
