//! Resource limits of a process.

use std::fmt;
use std::str::FromStr;

use super::Process;
use crate::error::{Error, Result};
use crate::sys;

/// What can be limited. Named as in `setrlimit(2)`, without the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// Address space, in bytes.
    #[doc(alias = "RLIMIT_AS")]
    As,
    /// Size of a core dump, in bytes.
    #[doc(alias = "RLIMIT_CORE")]
    Core,
    /// CPU time, in seconds.
    #[doc(alias = "RLIMIT_CPU")]
    Cpu,
    /// Data segment, in bytes.
    #[doc(alias = "RLIMIT_DATA")]
    Data,
    /// Size of a file that it writes, in bytes.
    #[doc(alias = "RLIMIT_FSIZE")]
    Fsize,
    /// Number of file locks; without effect since Linux 2.4.25.
    #[doc(alias = "RLIMIT_LOCKS")]
    Locks,
    /// Locked memory, in bytes.
    #[doc(alias = "RLIMIT_MEMLOCK")]
    Memlock,
    /// POSIX message queues of its user, in bytes.
    #[doc(alias = "RLIMIT_MSGQUEUE")]
    Msgqueue,
    /// How far it may lower its nice value: to 20 minus this.
    #[doc(alias = "RLIMIT_NICE")]
    Nice,
    /// One more than the highest file descriptor.
    #[doc(alias = "RLIMIT_NOFILE")]
    Nofile,
    /// Number of processes and threads of its user.
    #[doc(alias = "RLIMIT_NPROC")]
    Nproc,
    /// Resident memory, in bytes; without effect since Linux 2.6.
    #[doc(alias = "RLIMIT_RSS")]
    Rss,
    /// Highest real-time priority.
    #[doc(alias = "RLIMIT_RTPRIO")]
    Rtprio,
    /// CPU time in real-time scheduling without a pause, in microseconds.
    #[doc(alias = "RLIMIT_RTTIME")]
    Rttime,
    /// Number of signals that are queued for its user.
    #[doc(alias = "RLIMIT_SIGPENDING")]
    Sigpending,
    /// Stack, in bytes.
    #[doc(alias = "RLIMIT_STACK")]
    Stack,
}

impl Resource {
    /// All of them, in alphabetical order.
    pub const ALL: &'static [Self] = &[
        Self::As,
        Self::Core,
        Self::Cpu,
        Self::Data,
        Self::Fsize,
        Self::Locks,
        Self::Memlock,
        Self::Msgqueue,
        Self::Nice,
        Self::Nofile,
        Self::Nproc,
        Self::Rss,
        Self::Rtprio,
        Self::Rttime,
        Self::Sigpending,
        Self::Stack,
    ];

    /// The name in C: `"RLIMIT_NOFILE"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::As => "RLIMIT_AS",
            Self::Core => "RLIMIT_CORE",
            Self::Cpu => "RLIMIT_CPU",
            Self::Data => "RLIMIT_DATA",
            Self::Fsize => "RLIMIT_FSIZE",
            Self::Locks => "RLIMIT_LOCKS",
            Self::Memlock => "RLIMIT_MEMLOCK",
            Self::Msgqueue => "RLIMIT_MSGQUEUE",
            Self::Nice => "RLIMIT_NICE",
            Self::Nofile => "RLIMIT_NOFILE",
            Self::Nproc => "RLIMIT_NPROC",
            Self::Rss => "RLIMIT_RSS",
            Self::Rtprio => "RLIMIT_RTPRIO",
            Self::Rttime => "RLIMIT_RTTIME",
            Self::Sigpending => "RLIMIT_SIGPENDING",
            Self::Stack => "RLIMIT_STACK",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Resource {
    type Err = Error;

    /// Accepts `NOFILE` and `RLIMIT_NOFILE`, in upper or lower case.
    fn from_str(text: &str) -> Result<Self> {
        let short = |name: &'static str| name.trim_start_matches("RLIMIT_");
        let upper = text.to_ascii_uppercase();
        let wanted = upper.strip_prefix("RLIMIT_").unwrap_or(&upper);
        Self::ALL
            .iter()
            .copied()
            .find(|resource| short(resource.name()) == wanted)
            .ok_or_else(|| {
                let names: Vec<_> = Self::ALL.iter().map(|r| short(r.name())).collect();
                Error::invalid_argument(
                    "process rlimit",
                    "resource",
                    format_args!("'{text}'"),
                    format_args!("{}, each with or without RLIMIT_", names.join(", ")),
                )
            })
    }
}

/// How much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// This much, in the unit of the resource.
    At(u64),
    /// No limit. More than any number.
    #[doc(alias = "RLIM_INFINITY")]
    Unlimited,
}

impl Limit {
    /// The number, if it is limited.
    #[must_use]
    pub const fn value(self) -> Option<u64> {
        match self {
            Self::At(value) => Some(value),
            Self::Unlimited => None,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(value) => fmt::Display::fmt(value, f),
            Self::Unlimited => f.pad("unlimited"),
        }
    }
}

impl FromStr for Limit {
    type Err = Error;

    /// Accepts a number, and `unlimited`.
    fn from_str(text: &str) -> Result<Self> {
        match text.parse() {
            Ok(value) => Ok(Self::At(value)),
            Err(_) if text == "unlimited" => Ok(Self::Unlimited),
            Err(_) => Err(Error::invalid_argument(
                "process rlimit",
                "limit",
                format_args!("'{text}'"),
                "a whole number, or unlimited",
            )),
        }
    }
}

/// As psutil has it: a number, -1 for unlimited.
#[cfg(feature = "serde")]
impl serde::Serialize for Limit {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(value) => s.serialize_u64(*value),
            Self::Unlimited => s.serialize_i64(-1),
        }
    }
}

/// The two limits of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Limits {
    /// What counts now. The process may change it up to `hard`.
    pub soft: Limit,
    /// How high `soft` may be set. Everybody may lower it, only privileged ones raise it.
    pub hard: Limit,
}

/// Resource limits.
impl Process {
    /// The limits of one resource.
    ///
    /// Windows limits jobs and not processes: [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
    ///
    /// # Units
    /// Those of the [`Resource`].
    /// # Availability
    /// Linux, FreeBSD.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a resource that this kernel does not
    /// know.
    /// # Sources
    /// Linux `prlimit`; `/proc/PID/limits` where that is refused, and under another root.
    /// # Examples
    /// ```
    /// use pslens::process::Resource;
    ///
    /// # #[cfg(target_os = "linux")] {
    /// let files = pslens::Process::current()?.rlimit(Resource::Nofile)?;
    /// assert!(files.soft <= files.hard);
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "prlimit")]
    #[doc(alias = "getrlimit")]
    #[doc(alias = "ulimit")]
    pub fn rlimit(&self, resource: Resource) -> Result<Limits> {
        sys::process::rlimit(&self.target("process rlimit"), resource)
    }

    /// Sets both limits of one resource.
    ///
    /// That it hits this process and no other is checked as for [`Process::set_nice`].
    ///
    /// # Units
    /// Those of the [`Resource`].
    /// # Availability
    /// Linux.
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if `soft` is above `hard`,
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for another user's process and for a hard
    /// limit above the present one, [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) under another
    /// root.
    /// # Sources
    /// Linux `prlimit`.
    /// # Examples
    /// ```
    /// use pslens::process::{Limit, Resource};
    ///
    /// # #[cfg(target_os = "linux")] {
    /// let me = pslens::Process::current()?;
    /// let mut core = me.rlimit(Resource::Core)?;
    /// core.soft = Limit::At(0);
    /// me.set_rlimit(Resource::Core, core)?;
    /// assert_eq!(me.rlimit(Resource::Core)?, core);
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "prlimit")]
    #[doc(alias = "setrlimit")]
    pub fn set_rlimit(&self, resource: Resource, limits: Limits) -> Result<()> {
        let target = self.target("process set_rlimit");
        target.refuse_zero()?;
        if limits.soft > limits.hard {
            return Err(Error::invalid_argument(
                target.operation,
                "limits",
                format_args!("soft {}, hard {}", limits.soft, limits.hard),
                "a soft limit that is not above the hard one",
            ));
        }
        sys::process::set_rlimit(&target, resource, limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_and_limits_are_read_from_text() {
        for resource in Resource::ALL {
            assert_eq!(resource.name().parse::<Resource>().unwrap(), *resource);
        }
        assert_eq!("nofile".parse::<Resource>().unwrap(), Resource::Nofile);
        assert!("RLIMIT_".parse::<Resource>().is_err());
        assert_eq!("5".parse::<Limit>().unwrap(), Limit::At(5));
        assert_eq!("unlimited".parse::<Limit>().unwrap(), Limit::Unlimited);
        assert!("-1".parse::<Limit>().is_err());
        assert!(Limit::At(u64::MAX) < Limit::Unlimited);
    }
}
