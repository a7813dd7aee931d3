//! Services: the programs that Windows runs in the background, whether they run now or not.
//!
//! [`all`] lists them with what they do now; the rest is asked of a [`Service`]. Nothing here needs more rights
//! than reading: a service that refuses to tell its settings still tells its state. Drivers are no services.

use std::ffi::{OsStr, OsString};
use std::fmt;

use crate::error::Result;
use crate::process::Pid;
use crate::sys::windows::services as sys;

/// A service, and what it did when it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Service {
    /// The name that programs use. Upper and lower case are the same to Windows.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::text"))]
    pub name: OsString,
    /// The name for people, in their language.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::text"))]
    pub display_name: OsString,
    /// What it did.
    pub status: Status,
    /// The process it ran in, which may be that of other services as well. `None` if it did not run.
    pub pid: Option<Pid>,
}

/// What a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct State {
    /// What.
    pub status: Status,
    /// The process it runs in. `None` if it does not run.
    pub pid: Option<Pid>,
}

/// How a service is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Config {
    /// The command line of its program, as it was registered: quoted or not, with or without arguments.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::text_option")
    )]
    pub binpath: Option<OsString>,
    /// The account that it runs as: `LocalSystem`, `NT AUTHORITY\LocalService`, `.\somebody`. `None` for
    /// services that every user gets a copy of.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::text_option")
    )]
    pub username: Option<OsString>,
    /// What starts it.
    pub start_type: StartType,
}

/// What a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// Runs.
    Running,
    /// Runs and does nothing until it is continued.
    Paused,
    /// Starts.
    StartPending,
    /// Is about to pause.
    PausePending,
    /// Is about to run after a pause.
    ContinuePending,
    /// Stops.
    StopPending,
    /// Does not run.
    Stopped,
    /// A code that this library does not know.
    Unknown,
}

impl Status {
    /// psutil's word for it: `"running"`, `"start_pending"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::StartPending => "start_pending",
            Self::PausePending => "pause_pending",
            Self::ContinuePending => "continue_pending",
            Self::StopPending => "stop_pending",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }
}

/// What starts a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StartType {
    /// The start of Windows.
    Automatic,
    /// Somebody who asks for it, or an event.
    Manual,
    /// Nothing: it may not be started.
    Disabled,
    /// The boot loader. Of drivers only.
    Boot,
    /// The start of the kernel. Of drivers only.
    System,
    /// A code that this library does not know.
    Unknown,
}

impl StartType {
    /// psutil's word for it: `"automatic"`, `"manual"`, `"disabled"`; and `"boot"` and `"system"`, which
    /// psutil does not know.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Manual => "manual",
            Self::Disabled => "disabled",
            Self::Boot => "boot",
            Self::System => "system",
            Self::Unknown => "unknown",
        }
    }
}

macro_rules! words {
    ($($kind:ty),*) => {$(
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }
    )*};
}
words!(Status, StartType);

/// Returns all services with what they do, in the order of the system.
///
/// # Availability
/// Windows.
/// # Errors
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the service control manager refuses, which it
/// does to network logins by default.
/// # Sources
/// `EnumServicesStatusExW`, once (again only if the list does not fit into 256 KiB).
/// # Examples
/// ```
/// use pslens::os::windows::services;
///
/// for service in services::all()? {
///     println!("{}: {}", service.name.display(), service.status);
/// }
/// # Ok::<(), pslens::Error>(())
/// ```
#[doc(alias = "win_service_iter")]
pub fn all() -> Result<Vec<Service>> {
    sys::all()
}

/// Returns the service with this name, which is not its display name.
///
/// # Availability
/// Windows.
/// # Errors
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such service, also if no service could have
/// such a name (psutil: `NoSuchProcess`); its [`path`](crate::Error::path) is the name.
/// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the service refuses to tell what it does.
/// # Sources
/// `GetServiceDisplayNameW`, `QueryServiceStatusEx`.
/// # Examples
/// ```
/// use pslens::ErrorKind;
/// use pslens::os::windows::services;
///
/// let error = services::get("there is no such service").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotFound);
/// ```
#[doc(alias = "win_service_get")]
pub fn get(name: impl AsRef<OsStr>) -> Result<Service> {
    sys::get(name.as_ref())
}

impl Service {
    /// Returns what the service does now.
    ///
    /// # Availability
    /// Windows.
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the service has been removed,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if it refuses.
    /// # Sources
    /// `QueryServiceStatusEx`.
    #[doc(alias = "status")]
    #[doc(alias = "pid")]
    pub fn state(&self) -> Result<State> {
        sys::state(&self.name)
    }

    /// Returns how the service is set up.
    ///
    /// # Availability
    /// Windows.
    /// # Errors
    /// As [`state`](Self::state).
    /// # Sources
    /// `QueryServiceConfigW`.
    #[doc(alias = "binpath")]
    #[doc(alias = "start_type")]
    #[doc(alias = "username")]
    pub fn config(&self) -> Result<Config> {
        sys::config(&self.name)
    }

    /// Returns what the service is for, in the language of the user; `None` if nobody has written that down,
    /// or the file that has it is missing.
    ///
    /// # Availability
    /// Windows.
    /// # Errors
    /// As [`state`](Self::state).
    /// # Sources
    /// `QueryServiceConfig2W` (`SERVICE_CONFIG_DESCRIPTION`).
    pub fn description(&self) -> Result<Option<OsString>> {
        sys::description(&self.name)
    }
}
