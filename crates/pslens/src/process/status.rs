//! What a process is doing.

use std::fmt;

/// The state of a process, as its scheduler names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// Runs, or is ready to.
    Running,
    /// Waits for something and can be woken by a signal.
    Sleeping,
    /// Waits for something, usually a disk, and cannot be interrupted.
    DiskSleep,
    /// Stopped by a signal.
    Stopped,
    /// Stopped by a debugger.
    TracingStop,
    /// Has exited and waits for its parent to take note.
    Zombie,
    /// Is being removed.
    Dead,
    /// Wakes up only to be killed (Linux 2.6.33 to 3.13).
    WakeKill,
    /// Is being woken (Linux 2.6.33 to 3.13).
    Waking,
    /// A kernel thread that is parked (Linux).
    Parked,
    /// A kernel thread without work (Linux), or a thread that sleeps for long (macOS, BSD).
    Idle,
    /// Waits for a lock (FreeBSD).
    Locked,
    /// Waits for an interrupt (FreeBSD).
    Waiting,
    /// Suspended (NetBSD).
    Suspended,
    /// A code that this library does not know.
    Unknown,
}

impl Status {
    /// psutil's word for it: `"running"`, `"disk-sleep"`, `"?"` if unknown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Sleeping => "sleeping",
            Self::DiskSleep => "disk-sleep",
            Self::Stopped => "stopped",
            Self::TracingStop => "tracing-stop",
            Self::Zombie => "zombie",
            Self::Dead => "dead",
            Self::WakeKill => "wake-kill",
            Self::Waking => "waking",
            Self::Parked => "parked",
            Self::Idle => "idle",
            Self::Locked => "locked",
            Self::Waiting => "waiting",
            Self::Suspended => "suspended",
            Self::Unknown => "?",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}
