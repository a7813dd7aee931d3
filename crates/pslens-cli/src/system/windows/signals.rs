//! Which signals there are to send: Windows has none, and does what four of them mean.

use pslens::process::Signal;

/// Those that end, suspend and resume a process.
pub(crate) fn exists(signal: Signal) -> bool {
    let name = signal.name().unwrap_or_default();
    matches!(name, "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT")
}
