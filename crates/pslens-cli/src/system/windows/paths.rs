//! Where paths lead.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf, Prefix};

/// Without links; `None` if it leads nowhere.
pub(crate) fn resolved(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().map(|path| plain(&path))
}

/// `C:\a` for `\\?\C:\a`, which is what the system resolves paths to, and nobody else writes.
fn plain(path: &Path) -> PathBuf {
    let mut parts = path.components();
    let Some(Component::Prefix(prefix)) = parts.next() else {
        return path.to_owned();
    };
    let mut plain = match prefix.kind() {
        Prefix::VerbatimDisk(letter) => OsString::from(format!("{}:", char::from(letter))),
        Prefix::VerbatimUNC(server, share) => {
            let mut plain = OsString::from(r"\\");
            plain.push(server);
            plain.push(r"\");
            plain.push(share);
            plain
        }
        _ => return path.to_owned(),
    };
    plain.push(parts.as_path());
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_as_people_write_them() {
        for (path, expect) in [
            (r"\\?\C:\Windows\a b", r"C:\Windows\a b"),
            (r"\\?\C:\", r"C:\"),
            (r"\\?\UNC\box\share\a", r"\\box\share\a"),
            (r"\\?\Volume{0}\a", r"\\?\Volume{0}\a"),
            (r"C:\a", r"C:\a"),
            ("a", "a"),
        ] {
            assert_eq!(plain(path.as_ref()), Path::new(expect));
        }
    }
}
