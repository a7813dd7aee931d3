//! The one error of the library: which operation, on what, and why not.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pslens_parse::ParseError;

use crate::process::Pid;

/// The result of every fallible call of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed.
///
/// One word wide. [`Error::kind`] is what programs decide on; `Display` is one line for people that
/// names the operation and its subject; the operating system's or the parser's own error is
/// [`source`](std::error::Error::source).
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: &'static str,
    subject: Subject,
    /// What distinguishes this failure from others of its kind; empty where the kind says it all.
    reason: Cow<'static, str>,
    cause: Cause,
}

/// What the operation was about.
enum Subject {
    System,
    Pid(Pid),
    Path(PathBuf),
    Argument(&'static str),
}

enum Cause {
    None,
    Os(io::Error),
    Parse(ParseError),
}

/// What kind of failure, for programs to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The process is gone, or the pid now belongs to another process ([`Error::is_pid_reused`]).
    NoSuchProcess,
    /// The process has exited, is not yet reaped, and what was asked went with its memory.
    ZombieProcess,
    /// The system refuses: another user's process, a hardened kernel, a container.
    AccessDenied,
    /// A deadline ended first; what was waited for may still happen.
    TimedOut,
    /// This system, or this version of its kernel, has no such thing.
    Unsupported,
    /// A path, device or interface that does not exist.
    NotFound,
    /// The kernel's answer could not be decoded; the source names source, field and offset.
    InvalidData,
    /// The caller's value is not acceptable; the message names the argument and what is accepted.
    InvalidArgument,
    /// Any other failure of the system; the source has its code.
    Os,
}

impl Error {
    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was attempted, as `domain function`: `"process memory_info"`, `"disk usage"`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The process this is about, if it is about one.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        match self.0.subject {
            Subject::Pid(pid) => Some(pid),
            _ => None,
        }
    }

    /// The path this is about, if it is about one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.0.subject {
            Subject::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The code the operating system gave, if the failure came from there.
    #[must_use]
    pub fn raw_os_error(&self) -> Option<i32> {
        match &self.0.cause {
            Cause::Os(error) => error.raw_os_error(),
            Cause::None | Cause::Parse(_) => None,
        }
    }

    /// True if this system or kernel has no such thing.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.0.kind == ErrorKind::Unsupported
    }

    /// True if the process is gone and another one has its pid.
    #[must_use]
    pub fn is_pid_reused(&self) -> bool {
        self.0.kind == ErrorKind::NoSuchProcess && self.0.reason == REUSED
    }
}

const REUSED: &str = "the process is gone and its pid has been reused";

/// Constructors, one per kind. There is no `From<io::Error>`: the call site must say what it was about.
impl Error {
    #[cold]
    fn new(kind: ErrorKind, operation: &'static str, subject: Subject) -> Self {
        Self(Box::new(Inner {
            kind,
            operation,
            subject,
            reason: Cow::Borrowed(""),
            cause: Cause::None,
        }))
    }

    /// The process is gone.
    #[cold]
    pub(crate) fn no_such_process(operation: &'static str, pid: Pid) -> Self {
        Self::new(ErrorKind::NoSuchProcess, operation, Subject::Pid(pid))
    }

    /// The pid belongs to another process now.
    #[cold]
    pub(crate) fn pid_reused(operation: &'static str, pid: Pid) -> Self {
        Self::no_such_process(operation, pid).because(REUSED)
    }

    /// The process is a zombie, and what was asked went with its memory.
    #[cold]
    #[allow(dead_code, reason = "Windows has no zombies")]
    pub(crate) fn zombie(operation: &'static str, pid: Pid) -> Self {
        Self::new(ErrorKind::ZombieProcess, operation, Subject::Pid(pid))
    }

    /// The system has no such thing. `reason` says which version would, or is empty.
    #[cold]
    pub(crate) fn unsupported(operation: &'static str, reason: &'static str) -> Self {
        Self::new(ErrorKind::Unsupported, operation, Subject::System).because(reason)
    }

    /// The deadline ended first.
    #[cold]
    pub(crate) fn timed_out(operation: &'static str, after: Duration) -> Self {
        Self::new(ErrorKind::TimedOut, operation, Subject::System)
            .because(format!("no answer within {after:?}"))
    }

    /// The caller's `argument` is not acceptable. `accepted` completes "accepted: ...".
    #[cold]
    pub(crate) fn invalid_argument(
        operation: &'static str,
        argument: &'static str,
        given: impl fmt::Display,
        accepted: impl fmt::Display,
    ) -> Self {
        Self::new(
            ErrorKind::InvalidArgument,
            operation,
            Subject::Argument(argument),
        )
        .because(format!("got {given}; accepted: {accepted}"))
    }

    /// The kernel's answer could not be decoded.
    #[cold]
    pub(crate) fn invalid_data(operation: &'static str, error: ParseError) -> Self {
        Self::new(ErrorKind::InvalidData, operation, Subject::System).caused_by(Cause::Parse(error))
    }

    /// The system said no for a reason that its code tells.
    #[cold]
    pub(crate) fn os(operation: &'static str, error: io::Error) -> Self {
        Self::new(crate::sys::errno_kind(&error), operation, Subject::System)
            .caused_by(Cause::Os(error))
    }

    /// As [`Error::os`], about a path.
    #[cold]
    pub(crate) fn os_path(
        operation: &'static str,
        path: impl Into<PathBuf>,
        error: io::Error,
    ) -> Self {
        Self::os(operation, error).about(Subject::Path(path.into()))
    }

    /// As [`Error::os`], about a process whose liveness the caller has already looked into.
    #[cold]
    pub(crate) fn os_pid(operation: &'static str, pid: Pid, error: io::Error) -> Self {
        Self::os(operation, error).about(Subject::Pid(pid))
    }

    /// The same failure, about a process.
    #[cold]
    pub(crate) fn of_pid(self, pid: Pid) -> Self {
        self.about(Subject::Pid(pid))
    }

    /// The same failure, about a path.
    #[cold]
    pub(crate) fn of_path(self, path: impl Into<PathBuf>) -> Self {
        self.about(Subject::Path(path.into()))
    }

    fn about(mut self, subject: Subject) -> Self {
        self.0.subject = subject;
        self
    }

    fn because(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.0.reason = reason.into();
        self
    }

    fn caused_by(mut self, cause: Cause) -> Self {
        self.0.cause = cause;
        self
    }
}

impl ErrorKind {
    const fn message(self) -> &'static str {
        match self {
            Self::NoSuchProcess => "no such process",
            Self::ZombieProcess => "the process is a zombie",
            Self::AccessDenied => "access denied",
            Self::TimedOut => "timed out",
            Self::Unsupported => "not supported by this system",
            Self::NotFound => "not found",
            Self::InvalidData => "the kernel's answer could not be understood",
            Self::InvalidArgument => "invalid argument",
            Self::Os => "the system call failed",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "{}: ", inner.operation)?;
        match &inner.subject {
            Subject::System => {}
            Subject::Pid(pid) => write!(f, "pid {pid}: ")?,
            Subject::Path(path) => write!(f, "{}: ", path.display())?,
            Subject::Argument(argument) => write!(f, "{argument}: ")?,
        }
        match (inner.kind, &*inner.reason) {
            (kind, "") => f.write_str(kind.message()),
            // The reason alone says it: "the process is gone and its pid has been reused".
            (ErrorKind::NoSuchProcess | ErrorKind::InvalidArgument, reason) => f.write_str(reason),
            (kind, reason) => write!(f, "{}: {reason}", kind.message()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug
            .field("kind", &self.0.kind)
            .field("message", &format_args!("{self}"));
        match &self.0.cause {
            Cause::None => {}
            Cause::Os(error) => {
                debug.field("source", error);
            }
            Cause::Parse(error) => {
                debug.field("source", error);
            }
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.cause {
            Cause::None => None,
            Cause::Os(error) => Some(error),
            Cause::Parse(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word_wide() {
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    /// Whatever code this system has for it.
    fn refusal() -> io::Error {
        let mut errors = (1..100).map(io::Error::from_raw_os_error);
        errors
            .find(|error| crate::sys::errno_kind(error) == ErrorKind::AccessDenied)
            .unwrap()
    }

    #[test]
    fn messages_name_operation_subject_and_cause_in_one_line() {
        let error = Error::pid_reused("process kill", Pid::from(7));
        assert!(error.is_pid_reused());
        assert_eq!(
            error.to_string(),
            "process kill: pid 7: the process is gone and its pid has been reused"
        );
        assert_eq!(
            Error::no_such_process("process name", Pid::from(7)).to_string(),
            "process name: pid 7: no such process"
        );
        assert_eq!(
            Error::invalid_argument("net connections", "kind", "'x'", "inet, unix").to_string(),
            "net connections: kind: got 'x'; accepted: inet, unix"
        );
        let denied = Error::os_path("memory swap_memory", "/proc/vmstat", refusal());
        assert_eq!(
            denied.to_string(),
            "memory swap_memory: /proc/vmstat: access denied"
        );
        assert!(denied.source().is_some());
    }
}
