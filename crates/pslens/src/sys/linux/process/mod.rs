//! Reading processes.
