//! Processes: what they are, what they use, and acting on them safely.

mod pid;

pub use pid::Pid;

/// A process.
#[derive(Debug, Clone)]
pub struct Process {}
