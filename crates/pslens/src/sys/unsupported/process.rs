//! Processes: none.
