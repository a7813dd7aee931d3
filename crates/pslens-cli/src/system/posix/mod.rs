//! Linux and its kin.

pub(crate) mod exec;
pub(crate) mod ionice;
pub(crate) mod names;
pub(crate) mod nice;
pub(crate) mod paths;
pub(crate) mod signals;

/// Whether processes have terminals.
pub(crate) const HAS_TERMINALS: bool = true;

/// Where the tree of processes begins for `pstree`.
pub(crate) const FIRST_PROCESS: &str = "1";

/// What is to be done before anything else: nothing.
pub(crate) const fn start() {}
