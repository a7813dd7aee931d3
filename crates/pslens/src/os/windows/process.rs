//! What a process has on Windows alone.

use super::{CtrlEvent, PriorityClass};
use crate::Process;
use crate::error::Result;
use crate::process::{IoHint, IoPriority};
use crate::sys::windows::process as system;

/// What a [`Process`] has on Windows alone.
///
/// # Examples
/// ```
/// use pslens::os::windows::{PriorityClass, ProcessExt};
///
/// let me = pslens::Process::current()?;
/// me.set_priority_class(PriorityClass::BelowNormal)?;
/// assert_eq!(me.priority_class()?, PriorityClass::BelowNormal);
/// # Ok::<(), pslens::Error>(())
/// ```
pub trait ProcessExt: sealed::Sealed {
    /// The scheduling priority; [`Process::nice`] answers its number.
    ///
    /// # Availability
    /// Windows.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the caller may not open it.
    /// # Sources
    /// `GetPriorityClass`.
    #[doc(alias = "nice")]
    fn priority_class(&self) -> Result<PriorityClass>;

    /// Sets the scheduling priority.
    ///
    /// For [`PriorityClass::Realtime`] the system gives [`PriorityClass::High`] to those without the
    /// privilege, and does not say so. Here that is an error, and the former class is set again.
    ///
    /// # Availability
    /// Windows.
    /// # Errors
    /// As [`ProcessExt::priority_class`], and
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for real time without the privilege.
    /// # Sources
    /// `SetPriorityClass`.
    #[doc(alias = "nice")]
    fn set_priority_class(&self, class: PriorityClass) -> Result<()>;

    /// The priority of its input and output; [`Process::ionice`] answers the same.
    ///
    /// # Availability
    /// Windows.
    /// # Errors
    /// As [`ProcessExt::priority_class`].
    /// # Sources
    /// `NtQueryInformationProcess` with `ProcessIoPriority`.
    #[doc(alias = "ionice")]
    fn io_priority(&self) -> Result<IoHint>;

    /// Sets the priority of its input and output; [`Process::set_ionice`] does the same.
    ///
    /// # Availability
    /// Windows.
    /// # Errors
    /// As [`ProcessExt::priority_class`];
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for [`IoHint::Critical`],
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for [`IoHint::High`] without
    /// `SeIncreaseBasePriorityPrivilege`.
    /// # Sources
    /// `NtSetInformationProcess` with `ProcessIoPriority`.
    #[doc(alias = "ionice")]
    fn set_io_priority(&self, hint: IoHint) -> Result<()>;

    /// Sends an event of the caller's console to the process group that this process leads.
    ///
    /// Such a group is made by starting a program with `CREATE_NEW_PROCESS_GROUP`; it is that program and
    /// those that it starts in turn, as far as they have the same console as the caller. **All of them get
    /// the event**: there is no way to send it to one process alone. The process is compared with this one
    /// first and kept open meanwhile, so the group is never another one that got its number.
    ///
    /// A group that was started that way takes no note of [`CtrlEvent::C`] unless its programs ask for it.
    ///
    /// # Availability
    /// Windows.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if the caller may not open it,
    /// [`ErrorKind::Os`](crate::ErrorKind::Os) if it leads no group or if the caller has no console.
    /// # Sources
    /// `GenerateConsoleCtrlEvent`.
    #[doc(alias = "CTRL_C_EVENT")]
    #[doc(alias = "CTRL_BREAK_EVENT")]
    #[doc(alias = "send_signal")]
    fn send_ctrl_event(&self, event: CtrlEvent) -> Result<()>;
}

impl ProcessExt for Process {
    fn priority_class(&self) -> Result<PriorityClass> {
        system::priority_class(&self.target("process priority_class"))
    }

    fn set_priority_class(&self, class: PriorityClass) -> Result<()> {
        let target = self.target("process set_priority_class");
        target.refuse_zero()?;
        system::set_priority_class(&target, class)
    }

    fn io_priority(&self) -> Result<IoHint> {
        system::io_priority(&self.target("process io_priority"))
    }

    fn set_io_priority(&self, hint: IoHint) -> Result<()> {
        let target = self.target("process set_io_priority");
        target.refuse_zero()?;
        crate::sys::process::set_ionice(&target, IoPriority::Hint(hint))
    }

    fn send_ctrl_event(&self, event: CtrlEvent) -> Result<()> {
        let target = self.target("process send_ctrl_event");
        target.refuse_zero()?;
        system::send_ctrl_event(&target, event)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Process {}
}
