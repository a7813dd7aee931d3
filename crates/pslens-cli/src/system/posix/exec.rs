//! Becoming another program, as `nice COMMAND` does.

use std::ffi::OsString;

use crate::exit::{Exit, Failure, Result};
use crate::targets::Found;

/// Has `prepare` set up this process, and replaces its program by `command`, which keeps its number, so
/// that signals and the exit status are its own. Returns only if that fails, or `prepare` did.
pub(crate) fn become_program(
    tool: &str,
    command: &[OsString],
    prepare: impl FnOnce(Found) -> Result<Exit>,
) -> Result<Exit> {
    match prepare(Found::own()?)? {
        Exit::Success => Err(replace(tool, command)),
        exit => Ok(exit),
    }
}

fn replace(tool: &str, command: &[OsString]) -> Failure {
    use std::io::ErrorKind;
    use std::os::unix::process::CommandExt;

    let Some((program, arguments)) = command.split_first() else {
        return Failure::message(Exit::Usage, format!("{tool}: a command is missing"));
    };
    let error = std::process::Command::new(program).args(arguments).exec();
    let (exit, reason) = match error.kind() {
        ErrorKind::NotFound => (Exit::NoProgram, "there is no such program".to_owned()),
        ErrorKind::PermissionDenied => (Exit::NoStart, "it may not be started".to_owned()),
        _ => (Exit::NoStart, format!("it cannot be started: {error}")),
    };
    let program = program.display();
    Failure::message(exit, format!("{tool}: '{program}': {reason}"))
}
