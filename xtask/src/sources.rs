//! The Rust sources of the repository, as text.

use std::fs;
use std::path::{Path, PathBuf};

use crate::step;

/// One source file.
pub(crate) struct Source {
    /// Relative to the repository.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// Every `.rs` file under `folder` (relative to the repository), in the order of their paths.
pub(crate) fn under(folder: &str) -> Result<Vec<Source>, String> {
    let mut found = Vec::new();
    walk(&step::root().join(folder), &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<Source>) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                walk(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            let path = path.strip_prefix(step::root()).unwrap_or(&path).to_owned();
            found.push(Source { path, text });
        }
    }
    Ok(())
}
