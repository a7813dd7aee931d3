//! The letters that `ps`, the kernel and their users have for the states of processes.

use pslens::process::Status;

/// Each state that has a letter, the usual ones first.
pub(crate) const LETTERS: &[(&str, Status)] = &[
    ("R", Status::Running),
    ("S", Status::Sleeping),
    ("D", Status::DiskSleep),
    ("T", Status::Stopped),
    ("t", Status::TracingStop),
    ("Z", Status::Zombie),
    ("I", Status::Idle),
    ("X", Status::Dead),
    ("K", Status::WakeKill),
    ("W", Status::Waking),
    ("P", Status::Parked),
    ("L", Status::Locked),
];

/// The letter of a state; `None` of one that has none.
pub(crate) fn letter(status: Status) -> Option<&'static str> {
    let found = LETTERS.iter().find(|(_, known)| *known == status);
    found.map(|(letter, _)| *letter)
}
