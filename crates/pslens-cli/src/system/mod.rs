//! What the program does in another way on another system: a folder for each, with the same files.

#[cfg(not(windows))]
mod posix;
#[cfg(windows)]
mod windows;

#[cfg(not(windows))]
pub(crate) use self::posix::{exec, ionice, nice, start};
#[cfg(windows)]
pub(crate) use self::windows::{exec, ionice, nice, start};
