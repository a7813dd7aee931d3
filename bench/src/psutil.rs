//! psutil behind a pipe: a Python process that times the calls itself.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::measure::{Answer, Contender};

/// The release that programs run today, and the one the documents of this project speak of.
const VERSION: &str = "7.2.2";

const DRIVER: &str = include_str!("psutil_driver.py");

/// The Python process.
pub struct Psutil {
    child: Child,
    input: RefCell<Option<ChildStdin>>,
    output: RefCell<BufReader<ChildStdout>>,
}

impl Psutil {
    /// Makes the virtual environment under `directory` if it is not there, and starts Python in it.
    pub fn start(directory: &Path) -> Result<Rc<Self>> {
        let python = environment(directory)?;
        let driver = directory.join("psutil_driver.py");
        std::fs::write(&driver, DRIVER)?;
        let mut child = Command::new(python)
            .arg("-I")
            .arg(driver)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start Python")?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("Python has no output")?;
        let psutil = Self {
            child,
            input: RefCell::new(input),
            output: RefCell::new(BufReader::new(output)),
        };
        let version = psutil.line()?;
        ensure!(version == VERSION, "psutil is {version}, not {VERSION}");
        Ok(Rc::new(psutil))
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
    pub fn set_up(&self, members: &[u32], pid: u32) -> Result<()> {
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

impl Drop for Psutil {
    fn drop(&mut self) {
        drop(self.input.borrow_mut().take());
        // Python ends with its input; how it ended is of no interest.
        let _status = self.child.wait();
    }
}

/// psutil doing one row.
pub struct PsutilRow {
    pub psutil: Rc<Psutil>,
    pub row: &'static str,
    pub members: Vec<u32>,
    pub pid: u32,
    pub ready: bool,
}

impl Contender for PsutilRow {
    fn answer(&mut self) -> Result<Answer> {
        if !self.ready {
            self.psutil.set_up(&self.members, self.pid)?;
            self.ready = true;
        }
        Ok(serde_json::from_value(
            self.psutil
                .ask(&json!({"verb": "answer", "row": self.row}))?,
        )?)
    }

    fn time(&mut self, repetitions: u32) -> Result<Duration> {
        let reply = self
            .psutil
            .ask(&json!({"verb": "time", "row": self.row, "repetitions": repetitions}))?;
        Ok(Duration::from_nanos(
            reply["ns"].as_u64().context("no time")?,
        ))
    }
}

/// The interpreter of the environment, which is made on first use.
fn environment(directory: &Path) -> Result<PathBuf> {
    let environment = directory.join(format!("psutil-{VERSION}"));
    let python = environment.join("bin/python");
    let works = || {
        Command::new(&python)
            .args([
                "-I",
                "-c",
                &format!("import psutil; assert psutil.__version__ == '{VERSION}'"),
            ])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    if works() {
        return Ok(python);
    }
    eprintln!("making {} ...", environment.display());
    let run = |command: &mut Command| -> Result<()> {
        let status = command
            .stdout(Stdio::null())
            .status()
            .with_context(|| format!("{command:?}"))?;
        ensure!(
            status.success(),
            "{command:?} failed: --without psutil measures the others"
        );
        Ok(())
    };
    run(Command::new("python3")
        .args(["-m", "venv"])
        .arg(&environment))?;
    run(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        &format!("psutil=={VERSION}"),
    ]))?;
    ensure!(
        works(),
        "the environment in {} does not work",
        environment.display()
    );
    Ok(python)
}
