//! What the program does in another way on another system: a folder for each, with the same files.

#[cfg(not(windows))]
mod posix;
#[cfg(windows)]
mod windows;

#[cfg(not(windows))]
pub(crate) use self::posix::{
    FIRST_PROCESS, HAS_TERMINALS, exec, ionice, names, nice, paths, signals, start,
};
#[cfg(windows)]
pub(crate) use self::windows::{
    FIRST_PROCESS, HAS_TERMINALS, exec, ionice, names, nice, paths, signals, start,
};
