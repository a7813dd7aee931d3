//! How often this thread has asked the system, for tests that say how often it may.

#![allow(
    clippy::missing_const_for_thread_local,
    reason = "they are constant, which clippy does not see on every target"
)]

use std::cell::Cell;

thread_local! {
    static TABLES: Cell<usize> = const { Cell::new(0) };
    static PROCESSES: Cell<usize> = const { Cell::new(0) };
}

/// Questions about the system as a whole.
pub(in crate::sys::windows) fn tables() -> usize {
    TABLES.get()
}

/// All questions, of which those about a process begin with opening it.
pub(in crate::sys::windows) fn made() -> usize {
    TABLES.get() + PROCESSES.get()
}

pub(super) fn one_more_table() {
    TABLES.set(TABLES.get() + 1);
}

pub(super) fn one_more_process() {
    PROCESSES.set(PROCESSES.get() + 1);
}
