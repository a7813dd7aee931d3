//! How a tool ends: exit codes, and failures that lead to them.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::process::ExitCode;

use pslens::ErrorKind;

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// The exit status of every tool. The numbers are a promise: `docs/JSON.md` and the help list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything that was asked for was answered.
    Success = 0,
    /// A process, user or path that was named does not exist; the others were still shown.
    NotFound = 1,
    /// The command line was wrong: nothing was done.
    Usage = 2,
    /// The system refuses.
    Denied = 3,
    /// Some of what was asked for was shown, some could not be: notes on stderr say what.
    PartlyFailed = 4,
    /// The system does not have it, or failed.
    Failed = 5,
    /// The program that this one should become cannot be started.
    NoStart = 126,
    /// The program that this one should become does not exist.
    NoProgram = 127,
}

impl Exit {
    /// The one place where kinds of errors become exit codes.
    pub(crate) const fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::NoSuchProcess | ErrorKind::NotFound => Self::NotFound,
            ErrorKind::InvalidArgument => Self::Usage,
            ErrorKind::AccessDenied => Self::Denied,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a tool could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    Library(pslens::Error),
    Output(io::Error),
    Message(Exit, String),
}

impl Failure {
    pub(crate) const fn message(exit: Exit, message: String) -> Self {
        Self::Message(exit, message)
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Library(error) => Exit::of(error.kind()),
            Self::Output(_) => Exit::Failed,
            Self::Message(exit, _) => *exit,
        }
    }

    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library(error) => explained(error).fmt(f),
            Self::Output(error) => write!(f, "cannot write the answer: {error}"),
            Self::Message(_, message) => f.write_str(message),
        }
    }
}

/// An error with its cause, which its own text leaves out.
pub(crate) fn explained(error: &pslens::Error) -> String {
    match error.source() {
        // The kind says the same as the code of these.
        Some(_) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AccessDenied) => {
            error.to_string()
        }
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

impl From<pslens::Error> for Failure {
    fn from(error: pslens::Error) -> Self {
        Self::Library(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
