//! The processes that answer: psutil's, ours, and the population that is asked about.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::step;

/// The release that is compared with.
pub(super) const VERSION: &str = "7.2.2";

const ORACLE: &str = include_str!("oracle.py");
const POPULATION: &str = include_str!("population.py");

/// Whose rights the answering processes have.
#[derive(Debug, Clone, Copy)]
pub(super) enum User {
    /// Those of the person who started this.
    Same,
    /// Those of the user and group with this number, who owns nothing else.
    Nobody(u32),
}

/// The folders of a captured machine's `/proc` and `/sys`.
pub(super) type Places = (PathBuf, PathBuf);

/// A process that answers requests, one JSON line each.
pub(super) struct Side {
    name: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Side {
    fn start(name: &'static str, command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {name}: {error}"))?;
        let input = child.stdin.take();
        let output = child.stdout.take();
        let output = output.ok_or_else(|| format!("{name} has no output"))?;
        Ok(Self {
            name,
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// psutil, in the interpreter `python`.
    pub(super) fn psutil(python: &Path, user: User) -> Result<Self, String> {
        let mut command = Command::new(python);
        command.args(["-I", "-c", ORACLE]);
        let mut side = Self::start("psutil", &mut command)?;
        let version = side.line()?["version"].clone();
        if version != VERSION {
            return Err(format!("psutil is {version}, not {VERSION}"));
        }
        if let User::Nobody(id) = user {
            // Python and psutil may be where this user cannot read, so they are loaded before.
            side.ask(&json!({"verb": "as_user", "uid": id, "gid": id}))?;
        }
        Ok(side)
    }

    /// psutil on a machine whose `/proc` and `/sys` are in folders.
    pub(super) fn psutil_at(python: &Path, (proc, sys): &Places) -> Result<Self, String> {
        let script = "mount --bind \"$1\" /sys && exec \"$2\" -I -c \"$3\" \"$4\"";
        let mut command = Command::new("unshare");
        command
            .args(["-m", "sh", "-c", script, "sh"])
            .arg(sys)
            .arg(python)
            .arg(ORACLE)
            .arg(proc);
        let mut side = Self::start("psutil", &mut command)?;
        side.line()?;
        Ok(side)
    }

    /// pslens on a machine whose `/proc` and `/sys` are in folders.
    pub(super) fn pslens_at((proc, sys): &Places) -> Result<Self, String> {
        let mut command = Command::new("/proc/self/exe");
        command.args(["crosscheck", "--answer"]).arg(proc).arg(sys);
        let mut side = Self::start("pslens", &mut command)?;
        side.line()?;
        Ok(side)
    }

    /// pslens, in another process of this program.
    pub(super) fn pslens(user: User) -> Result<Self, String> {
        // By this name it can be started by a user who cannot reach the directory that it is in.
        let mut command = Command::new("/proc/self/exe");
        command.args(["crosscheck", "--answer"]);
        if let User::Nobody(id) = user {
            command.uid(id).gid(id);
        }
        let mut side = Self::start("pslens", &mut command)?;
        side.line()?;
        Ok(side)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn line(&mut self) -> Result<Value, String> {
        let text = self.text()?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}: {text}", self.name))
    }

    fn text(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err(format!("{} ended early", self.name)),
            Ok(_) => Ok(line),
            Err(error) => Err(format!("{}: {error}", self.name)),
        }
    }

    pub(super) fn say(&mut self, line: &str) -> Result<(), String> {
        let input = self.input.as_mut();
        let input = input.ok_or_else(|| format!("{} has no input", self.name))?;
        writeln!(input, "{line}").map_err(|error| format!("{}: {error}", self.name))
    }

    /// The whole answer: `{"ok": ...}` or `{"error": ...}`.
    pub(super) fn try_ask(&mut self, request: &Value) -> Result<Value, String> {
        self.say(&request.to_string())?;
        self.line()
    }

    /// The answer to a request that cannot fail.
    pub(super) fn ask(&mut self, request: &Value) -> Result<Value, String> {
        let mut answer = self.try_ask(request)?;
        match answer.get_mut("ok") {
            Some(value) => Ok(value.take()),
            None => Err(format!(
                "{}: {:.200}: {answer}",
                self.name,
                request.to_string()
            )),
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // Each of these programs ends with its input; how it ended is of no interest.
        drop(self.input.take());
        let _status = self.child.wait();
    }
}

/// Processes in odd states.
pub(super) struct Population {
    side: Side,
    pub(super) members: Vec<(u32, String)>,
}

impl Population {
    pub(super) fn start(python: &Path) -> Result<Self, String> {
        let mut command = Command::new(python);
        command.args(["-I", "-c", POPULATION]);
        let mut side = Side::start("the population", &mut command)?;
        let mut members = Vec::new();
        loop {
            let line = side.text()?;
            if line.trim() == "ready" {
                return Ok(Self { side, members });
            }
            let member: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
            let pid = member["pid"].as_u64().and_then(|pid| pid.try_into().ok());
            let what = member["what"].as_str().unwrap_or_default();
            members.push((pid.unwrap_or_default(), what.to_owned()));
        }
    }

    /// Opens or closes the socket whose path has a newline in it.
    pub(super) fn newline(&mut self, open: bool) -> Result<(), String> {
        let command = if open { "newline on" } else { "newline off" };
        self.side.say(command)?;
        self.side.text().map(drop)
    }
}

/// The interpreter of the virtual environment that has psutil, made on first use.
pub(super) fn environment() -> Result<PathBuf, String> {
    let environment = step::target_dir().join(format!("crosscheck/psutil-{VERSION}"));
    let python = environment.join("bin/python");
    let check = format!("import psutil; assert psutil.__version__ == '{VERSION}'");
    let works = || {
        let mut command = Command::new(&python);
        command.args(["-I", "-c", &check]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if works() {
        return Ok(python);
    }
    println!("making {} ...", environment.display());
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&environment);
    finish(
        &mut make,
        "the comparison needs Python 3 with its venv module (Debian: python3-venv)",
    )?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "--disable-pip-version-check", "install"]);
    install.args(["--quiet", &format!("psutil=={VERSION}")]);
    finish(
        &mut install,
        "the comparison needs pip and a Python package index that it can reach; an environment with \
         psutil may also be put there by hand",
    )?;
    if works() {
        Ok(python)
    } else {
        Err(format!("{} does not work", environment.display()))
    }
}

fn finish(command: &mut Command, needs: &str) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?}: {status}; {needs}")),
        Err(error) => Err(format!("{command:?}: {error}; {needs}")),
    }
}
