//! Where paths lead.

use std::path::{Path, PathBuf};

/// Without links; `None` if it leads nowhere.
pub(crate) fn resolved(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}
