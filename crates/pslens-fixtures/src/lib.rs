//! The machines of `fixtures/linux/`, for the tests of every crate.
//!
//! [`files`] gives the regular files of a machine as they are, for parsers. [`materialise`] makes a
//! whole root out of it, with the links and the empty folders that a repository cannot hold, which a
//! test may then change.
//!
//! `links.txt` of a machine has one link per line, `PATH<tab>TARGET`, the target's bytes other than
//! printable ASCII written `\xNN`; a path that ends with `/` and has no target is an empty folder.

#![forbid(unsafe_code)]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "for tests only, which fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Every Linux machine, oldest kernel first.
pub const MACHINES: &[&str] = &[
    "kernel-2.6.32",
    "kernel-3.10",
    "kernel-4.4",
    "kernel-5.10",
    "kernel-6.18",
    "container-lxcfs",
    "manycore",
    "laptop",
];

/// A machine laid out in a temporary folder, which is removed with this value.
#[derive(Debug)]
pub struct Machine {
    folder: TempDir,
}

/// The folder of a machine in the repository: not to be changed, and without links.
///
/// # Panics
/// If there is no such machine.
#[must_use]
pub fn folder(machine: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/linux");
    let folder = fixtures.join(machine);
    assert!(folder.is_dir(), "no machine is called {machine:?}");
    folder
}

/// Every regular file of a machine below `proc` and `sys`, by path (`proc/1/stat`), in path order.
///
/// # Panics
/// If there is no such machine.
#[must_use]
pub fn files(machine: &str) -> Vec<(String, Vec<u8>)> {
    let top = folder(machine);
    let mut found = Vec::new();
    for part in ["proc", "sys"] {
        walk(&top, &top.join(part), &mut found);
    }
    found.sort();
    found
}

fn walk(top: &Path, folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(top, &path, found);
        } else {
            let name = path.strip_prefix(top).unwrap().to_str().unwrap();
            found.push((name.to_owned(), fs::read(&path).unwrap()));
        }
    }
}

/// Lays a machine out in a temporary folder, with its links.
///
/// # Panics
/// If there is no such machine, or no room for it.
#[must_use]
pub fn materialise(machine: &str) -> Machine {
    let made = Machine {
        folder: tempfile::tempdir().unwrap(),
    };
    for part in ["proc", "sys"] {
        fs::create_dir(made.folder.path().join(part)).unwrap();
    }
    for (path, bytes) in files(machine) {
        made.write(&path, bytes);
    }
    for (path, target) in links(machine) {
        match target {
            Some(target) => made.link(&path, &target),
            None => fs::create_dir_all(made.folder.path().join(path)).unwrap(),
        }
    }
    made
}

/// The links of a machine; no target is an empty folder.
fn links(machine: &str) -> Vec<(String, Option<Vec<u8>>)> {
    let text = fs::read_to_string(folder(machine).join("links.txt")).unwrap();
    text.lines()
        .map(|line| match line.split_once('\t') {
            Some((path, target)) => (path.to_owned(), Some(unescaped(target))),
            None => (line.to_owned(), None),
        })
        .collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (hex, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(hex, 16).unwrap());
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}

impl Machine {
    /// Its `/proc`.
    #[must_use]
    pub fn proc(&self) -> PathBuf {
        self.folder.path().join("proc")
    }

    /// Its `/sys`.
    #[must_use]
    pub fn sys(&self) -> PathBuf {
        self.folder.path().join("sys")
    }

    /// Writes or replaces a file (`proc/1/stat`).
    ///
    /// # Panics
    /// If that is not possible.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let file = self.folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }

    /// Removes a file, a link, or a folder with all that is in it.
    ///
    /// # Panics
    /// If it is not there.
    pub fn remove(&self, path: &str) {
        let path = self.folder.path().join(path);
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    /// Makes or replaces a symbolic link.
    ///
    /// # Panics
    /// If that is not possible.
    #[cfg(unix)]
    pub fn link(&self, path: &str, target: &[u8]) {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let link = self.folder.path().join(path);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        if fs::symlink_metadata(&link).is_ok() {
            fs::remove_file(&link).unwrap();
        }
        std::os::unix::fs::symlink(OsStr::from_bytes(target), link).unwrap();
    }

    /// Systems on which links need privileges get none: what needs them is tested on Unix.
    #[cfg(not(unix))]
    pub fn link(&self, _path: &str, _target: &[u8]) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_is_a_listed_machine() {
        let mut found: Vec<String> = fs::read_dir(folder("laptop").parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        let mut listed = MACHINES.to_vec();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }

    #[test]
    fn every_machine_says_where_it_is_from() {
        for machine in MACHINES {
            assert!(folder(machine).join("README.md").is_file(), "{machine}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_made_byte_for_byte() {
        use std::os::unix::ffi::OsStrExt;

        let machine = materialise("kernel-4.4");
        let target = |path: &str| fs::read_link(machine.proc().join(path)).unwrap();
        assert_eq!(
            target("1601/fd/4").as_os_str().as_bytes(),
            b"/home/user/\xffbytes"
        );
        assert_eq!(target("411/fd/3").as_os_str(), "socket:[11016]");
        assert!(machine.proc().join("2/fd").is_dir());
        assert!(machine.proc().join("mounts").is_file());
        machine.remove("proc/411");
        assert!(!machine.proc().join("411").exists());
    }
}
