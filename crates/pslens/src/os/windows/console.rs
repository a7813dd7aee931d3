//! What the keys that interrupt a program of a console send.

use std::fmt;

/// An event of a console, for [`ProcessExt::send_ctrl_event`](super::ProcessExt::send_ctrl_event).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CtrlEvent {
    /// Of the keys Ctrl and C. Programs that were started as a process group of their own do not take note
    /// of it, unless they ask for it.
    #[doc(alias = "CTRL_C_EVENT")]
    C,
    /// Of the keys Ctrl and Break: ends a program that does not handle it.
    #[doc(alias = "CTRL_BREAK_EVENT")]
    Break,
}

impl CtrlEvent {
    /// The system's number: 0 and 1.
    #[must_use]
    pub const fn as_raw(self) -> u32 {
        match self {
            Self::C => 0,
            Self::Break => 1,
        }
    }
}

/// As the system names it: `CTRL_C_EVENT`, `CTRL_BREAK_EVENT`.
impl fmt::Display for CtrlEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::C => "CTRL_C_EVENT",
            Self::Break => "CTRL_BREAK_EVENT",
        })
    }
}
