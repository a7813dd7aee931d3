//! Running a program as one step of a chore: what runs, how long it took, what failed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What every chore returns: nothing, or why it failed.
pub(crate) type Outcome = Result<(), String>;

/// The repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// Where builds go. `fuzz` and `bench` are workspaces of their own and get folders of their own.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The cargo that started us, in the repository.
pub(crate) fn cargo<I: IntoIterator<Item: AsRef<OsStr>>>(args: I) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    // What `cargo run` told *us* about our own package must not reach the programs that we build.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let mut line = String::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            line += &format!("{}={:?} ", name.display(), value);
        }
    }
    let program = Path::new(command.get_program());
    line += &program.file_name().unwrap_or_default().to_string_lossy();
    for arg in command.get_args() {
        let arg = arg.to_string_lossy();
        if arg.contains([' ', '*', '"']) {
            line += &format!(" '{arg}'");
        } else {
            line += &format!(" {arg}");
        }
    }
    line
}

/// Runs `command`, showing its output; a failure names the command.
pub(crate) fn run(name: &str, command: &mut Command) -> Outcome {
    timed(name, || {
        println!("    $ {}", shown(command));
        let status = command
            .status()
            .map_err(|error| format!("cannot start `{}`: {error}", shown(command)))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("`{}` failed: {status}", shown(command)))
        }
    })
}

/// Runs `command`, showing its output and returning it as well. The second value is true on success.
pub(crate) fn watch(command: &mut Command) -> Result<(String, bool), String> {
    println!("    $ {}", shown(command));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start `{}`: {error}", shown(command)))?;
    let out = child.stdout.take();
    let err = child.stderr.take();
    let text = std::thread::scope(|scope| {
        let out = scope.spawn(|| out.map(echo).unwrap_or_default());
        let err = err.map(echo).unwrap_or_default();
        out.join().unwrap_or_default() + &err
    });
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok((text, status.success()))
}

fn echo(stream: impl Read) -> String {
    let mut all = String::new();
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        all += &line;
        all.push('\n');
    }
    all
}

/// Runs a step that is not a command, with its name and duration.
pub(crate) fn timed(name: &str, step: impl FnOnce() -> Outcome) -> Outcome {
    println!("==> {name}");
    let start = Instant::now();
    let outcome = step();
    let seconds = start.elapsed().as_secs_f64();
    match &outcome {
        Ok(()) => println!("    {name}: ok, {seconds:.1} s"),
        Err(_) => println!("    {name}: FAILED after {seconds:.1} s"),
    }
    outcome.map_err(|why| format!("step {name:?}: {why}"))
}
