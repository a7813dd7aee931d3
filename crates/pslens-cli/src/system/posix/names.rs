//! What processes and users are called, and what of that is typed.

use std::ffi::OsStr;

/// The kernel keeps this much of a process's name, and no more.
pub(crate) const KEPT: Option<usize> = Some(15);

/// Whether patterns match upper and lower case alike without being told to.
pub(crate) const ANY_CASE: bool = false;

/// What may stand behind a name without being typed, as a pattern.
pub(crate) const ENDING: &str = "";

/// True if this name of a process or of its file was typed.
pub(crate) fn is_same(name: &OsStr, typed: &OsStr) -> bool {
    name == typed
}

/// True if a path was typed.
pub(crate) fn is_path(typed: &OsStr) -> bool {
    typed.as_encoded_bytes().contains(&b'/')
}

/// True if this name of a user was typed.
pub(crate) fn is_user(name: &OsStr, typed: &str) -> bool {
    name == typed
}
