//! Standing in for another program, as `nice COMMAND` does: a process cannot become another one here.

use std::ffi::OsString;
use std::os::windows::process::CommandExt;
use std::process::Command;
use std::sync::Arc;

use pslens::process::{Child, ExitStatus};
use pslens::{ErrorKind, Process};

use crate::exit::{Exit, Failure, Result, explained};
use crate::targets::Found;

/// Lets a program not begin until it is told to.
const CREATE_SUSPENDED: u32 = 4;

/// Starts `command`, has `prepare` set up its process before its first step, waits for it, and ends as it
/// did. Returns only if that fails, or `prepare` did; then nothing of the program has run.
pub(crate) fn become_program(
    tool: &str,
    command: &[OsString],
    prepare: impl FnOnce(Found) -> Result<Exit>,
) -> Result<Exit> {
    let Some((program, arguments)) = command.split_first() else {
        let message = format!("{tool}: a command is missing");
        return Err(Failure::message(Exit::Usage, message));
    };
    let mut command = Command::new(program);
    command.args(arguments).creation_flags(CREATE_SUSPENDED);
    let mut child = Child::spawn(&mut command).map_err(|error| {
        let (exit, reason) = match error.kind() {
            ErrorKind::NotFound => (Exit::NoProgram, "there is no such program".to_owned()),
            ErrorKind::AccessDenied => (Exit::NoStart, "it may not be started".to_owned()),
            _ => (
                Exit::NoStart,
                format!("it cannot be started: {}", explained(&error)),
            ),
        };
        let program = program.display();
        Failure::message(exit, format!("{tool}: '{program}': {reason}"))
    })?;
    let prepared = prepare(Found::started(child.process().clone()));
    if !matches!(prepared, Ok(Exit::Success)) {
        end(&mut child)?;
        return prepared;
    }
    ignore_interrupts();
    child.resume()?;
    match child.wait()? {
        Some(ExitStatus::Exited(code)) => leave(code),
        _ => Ok(Exit::Failed),
    }
}

/// What was not to run must not stay behind.
fn end(child: &mut Child) -> pslens::Result<()> {
    Process::kill(child)?;
    child.wait().map(drop)
}

/// Ctrl-C reaches the program as well, whose affair it is; who stands in for it stays until it has ended.
/// Said only now: the program was started with what this one does about Ctrl-C otherwise.
fn ignore_interrupts() {
    // If that cannot be had the program is still told, only not waited for.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::default());
}

/// Ends with any of the codes that programs have here: `ExitCode` has room for 256 of them.
#[expect(clippy::exit, reason = "nothing is left to be written")]
fn leave(code: i32) -> ! {
    std::process::exit(code)
}
