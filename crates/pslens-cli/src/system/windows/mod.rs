//! Windows.

pub(crate) mod exec;
pub(crate) mod ionice;
pub(crate) mod names;
pub(crate) mod nice;
pub(crate) mod paths;
pub(crate) mod signals;

/// Whether processes have terminals.
pub(crate) const HAS_TERMINALS: bool = false;

/// Where the tree of processes begins for `pstree`: there are many, of which the first ones ended long ago.
pub(crate) const FIRST_PROCESS: &str = "0";

/// What is to be done before anything else: an administrator's program may look into all processes, but
/// only once it has said that it wants to. For others nothing changes.
pub(crate) fn start() {
    let _ = pslens::os::windows::enable_debug_privilege();
}
