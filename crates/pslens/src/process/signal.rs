//! Signals: their names, and sending them to the right process.

use std::fmt;
use std::str::FromStr;

use super::Process;
use crate::error::{Error, Result};
use crate::sys;
use crate::sys::process::signals;

/// A signal, by the number that this system has for it.
///
/// Besides the constants there are the real-time signals: `"RTMIN+3".parse()`, [`Signal::from_raw`].
///
/// Windows has no signals. The names exist there with the numbers of Linux, without the real-time ones, and
/// [`Process::send_signal`] does for some of them what they mean.
///
/// # Examples
/// ```
/// use pslens::process::Signal;
///
/// let signal: Signal = "term".parse()?;
/// assert_eq!(signal, Signal::TERM);
/// assert_eq!(signal.to_string(), "SIGTERM");
/// assert!("SIGFOO".parse::<Signal>().is_err());
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(i32);

macro_rules! signals {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The signals that have names.
        impl Signal {
            $($(#[$doc])* #[doc(alias = $text)]
            pub const $name: Self = Self(signals::$name);)*

            /// All of them, in the order of their numbers on most systems.
            pub const NAMED: &'static [Self] = &[$(Self::$name,)*];

            /// The name, `"SIGTERM"`; `None` for the real-time signals, which `Display` names
            /// `SIGRTMIN+n`, and for numbers that are not in use.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

signals! {
    /// Its terminal is gone; daemons read their configuration again.
    HUP = "SIGHUP",
    /// Interrupt, from the keyboard.
    INT = "SIGINT",
    /// Quit with a core dump, from the keyboard.
    QUIT = "SIGQUIT",
    /// An illegal instruction.
    ILL = "SIGILL",
    /// A breakpoint.
    TRAP = "SIGTRAP",
    /// It called `abort`.
    ABRT = "SIGABRT",
    /// A bad memory access.
    BUS = "SIGBUS",
    /// An arithmetic error.
    FPE = "SIGFPE",
    /// Ends it; cannot be caught.
    KILL = "SIGKILL",
    /// For its own purposes.
    USR1 = "SIGUSR1",
    /// A bad memory reference.
    SEGV = "SIGSEGV",
    /// For its own purposes.
    USR2 = "SIGUSR2",
    /// It wrote to a pipe that nobody reads.
    PIPE = "SIGPIPE",
    /// A timer.
    ALRM = "SIGALRM",
    /// Please end.
    TERM = "SIGTERM",
    /// A fault of the coprocessor stack; unused.
    STKFLT = "SIGSTKFLT",
    /// A child stopped or ended.
    CHLD = "SIGCHLD",
    /// Go on, if stopped.
    CONT = "SIGCONT",
    /// Stop; cannot be caught.
    STOP = "SIGSTOP",
    /// Stop, from the keyboard.
    TSTP = "SIGTSTP",
    /// It reads from its terminal in the background.
    TTIN = "SIGTTIN",
    /// It writes to its terminal in the background.
    TTOU = "SIGTTOU",
    /// Urgent data on a socket.
    URG = "SIGURG",
    /// It used more CPU time than allowed.
    XCPU = "SIGXCPU",
    /// It made a file larger than allowed.
    XFSZ = "SIGXFSZ",
    /// A timer of CPU time.
    VTALRM = "SIGVTALRM",
    /// A profiling timer.
    PROF = "SIGPROF",
    /// The size of its window changed.
    WINCH = "SIGWINCH",
    /// Input or output is possible.
    IO = "SIGIO",
    /// The power fails.
    PWR = "SIGPWR",
    /// A bad system call.
    SYS = "SIGSYS",
}

/// Older names of some.
const ALIASES: &[(&str, Signal)] = &[
    ("CLD", Signal::CHLD),
    ("IOT", Signal::ABRT),
    ("POLL", Signal::IO),
];

impl Signal {
    /// The signal with this number. 0 is accepted: it is never delivered, sending it only tells whether
    /// one could.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for a number that this system
    /// does not have.
    pub fn from_raw(number: i32) -> Result<Self> {
        let (_, last) = signals::real_time();
        if (0..=last).contains(&number) {
            return Ok(Self(number));
        }
        Err(refused(number))
    }

    /// The number.
    #[must_use]
    pub const fn as_raw(self) -> i32 {
        self.0
    }
}

#[cold]
fn refused(given: impl fmt::Display) -> Error {
    let names: Vec<_> = Signal::NAMED
        .iter()
        .filter_map(|signal| signal.name()?.strip_prefix("SIG"))
        .collect();
    let (first, last) = signals::real_time();
    let real_time = if first <= last {
        ", RTMIN+n, RTMAX-n"
    } else {
        ""
    };
    Error::invalid_argument(
        "process signal",
        "signal",
        given,
        format_args!(
            "{}{real_time}, each with or without SIG, or a number from 0 to {last}",
            names.join(", ")
        ),
    )
}

impl FromStr for Signal {
    type Err = Error;

    /// Accepts `TERM`, `SIGTERM`, `15`, `RTMIN`, `RTMIN+3`, `RTMAX-1`, in upper or lower case.
    fn from_str(text: &str) -> Result<Self> {
        parse(text).ok_or_else(|| refused(format_args!("'{text}'")))
    }
}

fn parse(text: &str) -> Option<Signal> {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return Signal::from_raw(text.parse().ok()?).ok();
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let named = Signal::NAMED
        .iter()
        .find(|signal| signal.name().and_then(|n| n.strip_prefix("SIG")) == Some(name));
    if let Some(signal) = named {
        return Some(*signal);
    }
    if let Some((_, signal)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
        return Some(*signal);
    }
    let (first, last) = signals::real_time();
    let steps = |text: &str| -> Option<i32> {
        let digits = text.get(1..)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(())?;
        digits.parse().ok()
    };
    let number = match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
        (Some(""), _) => first,
        (_, Some("")) => last,
        (Some(rest), _) if rest.starts_with('+') => first.checked_add(steps(rest)?)?,
        (_, Some(rest)) if rest.starts_with('-') => last.checked_sub(steps(rest)?)?,
        _ => return None,
    };
    (first..=last).contains(&number).then_some(Signal(number))
}

impl TryFrom<i32> for Signal {
    type Error = Error;

    fn try_from(number: i32) -> Result<Self> {
        Self::from_raw(number)
    }
}

/// `SIGTERM`, `SIGRTMIN+3`; the number alone where there is no name.
impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = signals::real_time();
        match self.name() {
            Some(name) => f.pad(name),
            None if self.0 == first => f.pad("SIGRTMIN"),
            None if (first..=last).contains(&self.0) => {
                f.pad(&format!("SIGRTMIN+{}", self.0 - first))
            }
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signal({self})")
    }
}

/// As its number.
#[cfg(feature = "serde")]
impl serde::Serialize for Signal {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i32(self.0)
    }
}

/// Signals.
impl Process {
    /// Sends a signal to this very process.
    ///
    /// It cannot hit another one: on Linux a pidfd is opened, the process behind it is compared with this
    /// one, and the signal goes through that pidfd, which means the same process for as long as it is
    /// open. So does a handle on Windows. Before Linux 6.9, two processes that had the same pid within one clock tick (10 ms) cannot be
    /// told apart. Before 5.3, and in sandboxes that deny pidfds, there is a gap of microseconds between
    /// the comparison and the signal.
    ///
    /// A zombie takes any signal and does nothing about it: that is no error. [`Signal::from_raw`]`(0)`
    /// only checks whether a signal could be sent.
    ///
    /// Windows has no signals. [`Signal::TERM`] and [`Signal::KILL`] end the process at once, unasked, with
    /// the exit code 15, as psutil has it; [`Signal::STOP`] and [`Signal::CONT`] do what [`Process::suspend`]
    /// and [`Process::resume`] do; 0 checks whether it could be ended. Others are refused. What the keys of
    /// a console send is sent by `pslens::os::windows::ProcessExt::send_ctrl_event`.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if it is another user's,
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for a signal that means nothing on
    /// Windows, [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) under another root.
    /// # Sources
    /// Linux `pidfd_open`, `pidfd_send_signal`; `kill` before 5.3. Windows `TerminateProcess`,
    /// `NtSuspendProcess`, `NtResumeProcess`.
    /// # Examples
    /// ```
    /// use pslens::process::Signal;
    ///
    /// # #[cfg(any(target_os = "linux", windows))]
    /// pslens::Process::current()?.send_signal(Signal::CONT)?;
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "pidfd_send_signal")]
    pub fn send_signal(&self, signal: Signal) -> Result<()> {
        self.signal(signal, "process send_signal")
    }

    /// Stops it until [`Process::resume`]: [`Signal::STOP`] on Unix.
    ///
    /// Windows suspends each of its threads, and counts: what was suspended twice goes on after it was
    /// resumed twice.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::send_signal`].
    #[doc(alias = "SIGSTOP")]
    pub fn suspend(&self) -> Result<()> {
        self.signal(Signal::STOP, "process suspend")
    }

    /// Lets it go on after [`Process::suspend`]: [`Signal::CONT`] on Unix. What was not stopped goes on.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::send_signal`].
    #[doc(alias = "SIGCONT")]
    pub fn resume(&self) -> Result<()> {
        self.signal(Signal::CONT, "process resume")
    }

    /// Asks it to end: [`Signal::TERM`] on Unix. Windows does not ask: as [`Process::kill`].
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::send_signal`].
    /// # Examples
    /// ```
    /// # #[cfg(target_os = "linux")] {
    /// use pslens::process::{Child, ExitStatus, Signal};
    /// use std::process::Command;
    ///
    /// let mut sleep = Child::spawn(Command::new("sleep").arg("1000"))?;
    /// sleep.terminate()?;
    /// assert_eq!(sleep.wait()?, Some(ExitStatus::Signaled(Signal::TERM)));
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "SIGTERM")]
    pub fn terminate(&self) -> Result<()> {
        self.signal(Signal::TERM, "process terminate")
    }

    /// Ends it at once, unasked: [`Signal::KILL`] on Unix. On Windows its exit code is 15 then.
    ///
    /// # Availability
    /// Linux, Windows, macOS, FreeBSD, OpenBSD, NetBSD, SunOS.
    /// # Errors
    /// As [`Process::send_signal`].
    #[doc(alias = "SIGKILL")]
    pub fn kill(&self) -> Result<()> {
        self.signal(Signal::KILL, "process kill")
    }

    fn signal(&self, signal: Signal, operation: &'static str) -> Result<()> {
        let target = self.target(operation);
        target.refuse_zero()?;
        sys::process::send_signal(&target, signal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_both_understood() {
        let (first, last) = signals::real_time();
        let real_time = |number| (first <= last).then_some(Signal(number));
        for (text, expect) in [
            ("TERM", Some(Signal::TERM)),
            ("SIGTERM", Some(Signal::TERM)),
            ("sigterm", Some(Signal::TERM)),
            ("SIGSEGV", Some(Signal::SEGV)),
            ("SIG", None),
            ("IOT", Some(Signal::ABRT)),
            ("SIGCLD", Some(Signal::CHLD)),
            ("0", Some(Signal(0))),
            ("1", Some(Signal::HUP)),
            ("RTMIN", real_time(first)),
            ("SIGRTMIN+3", real_time(first + 3)),
            ("rtmax-1", real_time(last - 1)),
            ("RTMAX", real_time(last)),
            ("RTMIN+1000", None),
            ("RTMIN+", None),
            ("RTMIN++1", None),
            ("RTMIN-1", None),
            ("RTMAX-1000", None),
            ("-1", None),
            ("+1", None),
            ("1000", None),
            ("99999999999", None),
            ("", None),
            ("TERM ", None),
            ("FOO", None),
        ] {
            assert_eq!(parse(text), expect, "{text:?}");
        }
    }

    #[test]
    fn every_signal_reads_back_as_it_is_written() {
        let (_, last) = signals::real_time();
        for number in 0..=last {
            let signal = Signal::from_raw(number).unwrap();
            assert_eq!(signal.to_string().parse::<Signal>().unwrap(), signal);
        }
        assert!(Signal::from_raw(-1).is_err() && Signal::from_raw(last + 1).is_err());
    }

    #[test]
    fn a_refused_signal_says_what_is_accepted() {
        let message = "SIGFOO".parse::<Signal>().unwrap_err().to_string();
        assert!(message.starts_with("process signal: signal: got 'SIGFOO'; accepted: HUP, INT, "));
    }
}
