//! Linux and its kin.

pub(crate) mod exec;
pub(crate) mod ionice;
pub(crate) mod nice;

/// What is to be done before anything else: nothing.
pub(crate) const fn start() {}
