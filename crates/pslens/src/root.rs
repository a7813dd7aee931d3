//! Where the library reads: the running system, or a captured or mounted one.

use std::path::Path;
use std::sync::OnceLock;

use crate::error::{Error, Result};
use crate::sys;

/// The place that is read: on Linux the procfs and sysfs mounts, elsewhere the running system.
///
/// Every function of this library has a form that takes a root (`cpu::times_in(&root)`); the plain
/// form (`cpu::times()`) reads [`Root::current`]. A [`Process`](crate::Process) remembers the root it
/// was made from.
///
/// A root is honoured whole: what lives under another root is read from its files, never from this
/// kernel through a call that cannot see the root, and processes under it cannot be acted on.
///
/// # Examples
/// ```
/// let captured = pslens::Root::at("/srv/capture/proc", "/srv/capture/sys");
/// # #[cfg(target_os = "linux")]
/// assert!(!captured?.is_running_system());
/// assert!(pslens::Root::running().is_running_system());
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Root(pub(crate) sys::Root);

static CURRENT: OnceLock<Root> = OnceLock::new();

impl Root {
    /// The running system (`/proc` and `/sys` on Linux).
    #[must_use]
    pub fn running() -> Self {
        Self(sys::Root::running())
    }

    /// The procfs mounted or copied at `proc` and the sysfs at `sys`.
    ///
    /// Nothing is read yet. `/proc` and `/sys` mean the running system.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on systems without procfs.
    pub fn at(proc: impl AsRef<Path>, sys: impl AsRef<Path>) -> Result<Self> {
        sys::Root::at(proc.as_ref(), sys.as_ref()).map(Self)
    }

    /// The root that functions without a root argument read: [`Root::running`], unless the program
    /// has chosen another one with [`Root::set_current`].
    #[must_use]
    pub fn current() -> &'static Self {
        CURRENT.get_or_init(Self::running)
    }

    /// Chooses what functions without a root argument read. For programs, once, at their start.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the root was already
    /// chosen, or already used.
    pub fn set_current(root: Self) -> Result<()> {
        CURRENT.set(root).map_err(|_| {
            Error::invalid_argument(
                "root set_current",
                "root",
                "a second choice",
                "one choice, before the first call without a root",
            )
        })
    }

    /// True if this is the system that this program runs on.
    #[must_use]
    pub fn is_running_system(&self) -> bool {
        self.0.is_running_system()
    }
}
