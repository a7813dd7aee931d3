//! Where a file has to be to be wanted: at a path, in a directory or below it, on a file system.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use pslens::{ErrorKind, disk};

use super::Args;
use crate::exit::{Exit, Failure, Result, explained};
use crate::output;
use crate::system::paths;

/// How long the server of a path may take to say where its symbolic links lead.
const PATIENCE: Duration = Duration::from_secs(2);

/// The paths that were named. One of them is enough.
#[derive(Debug, Default)]
pub(super) struct Places {
    at: Vec<PathBuf>,
    below: Vec<PathBuf>,
    within: Vec<PathBuf>,
    /// File systems, by where they are mounted.
    on: Vec<PathBuf>,
    /// Where anything is mounted.
    mounts: Vec<PathBuf>,
}

impl Places {
    pub(super) fn of(args: &Args, running: bool) -> Result<Self> {
        let mut places = Self {
            at: all_known(&args.paths, running)?,
            below: all_known(&args.below, running)?,
            within: all_known(&args.within, running)?,
            ..Self::default()
        };
        if !places.at.is_empty() {
            // Without a list of mounts a path is the path of a file.
            let mounts = disk::partitions_all().unwrap_or_else(|error| {
                output::note(&format!(
                    "lsof: no PATH is a file system: {}",
                    explained(&error)
                ));
                Vec::new()
            });
            let is_named = |mount: &&disk::Partition| {
                let device = mount.device.as_ref().map(Path::new);
                let names = [Some(mount.mountpoint.as_path()), device];
                let mut names = names.into_iter().flatten();
                names.any(|name| places.at.iter().any(|path| path == name))
            };
            let on = mounts.iter().filter(is_named);
            places.on = on.map(|mount| mount.mountpoint.clone()).collect();
            places.mounts = mounts.into_iter().map(|mount| mount.mountpoint).collect();
        }
        Ok(places)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.at.is_empty() && self.below.is_empty() && self.within.is_empty()
    }

    pub(super) fn hold(&self, path: &Path) -> bool {
        let any = |places: &[PathBuf], fits: &dyn Fn(&Path) -> bool| {
            places.iter().any(|place| fits(place))
        };
        any(&self.at, &|place| path == place)
            || any(&self.below, &|place| path.starts_with(place))
            || any(&self.within, &|place| {
                path == place || path.parent() == Some(place)
            })
            || any(&self.on, &|place| self.mount_of(path) == Some(place))
    }

    /// Where the file system of a path is mounted, by names alone.
    fn mount_of(&self, path: &Path) -> Option<&Path> {
        let above = self.mounts.iter().filter(|mount| path.starts_with(mount));
        let nearest = above.max_by_key(|mount| mount.components().count());
        nearest.map(PathBuf::as_path)
    }
}

/// Each path as it was typed, and, if that is another one, as the kernel has it.
fn all_known(typed: &[PathBuf], running: bool) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for path in typed {
        let absolute = std::path::absolute(path).map_err(|error| {
            let message = format!("lsof: '{}': {error}", path.display());
            Failure::message(Exit::NotFound, message)
        })?;
        paths.extend(running.then(|| resolved(path)).flatten());
        paths.push(plain(&absolute));
    }
    Ok(paths)
}

/// The path without symbolic links. A dead server is not waited for, and what has gone has no other name.
fn resolved(path: &Path) -> Option<PathBuf> {
    match disk::usage_within(path, PATIENCE) {
        // It was just walked to its end, so walking it again does not hang.
        Ok(_) => paths::resolved(path),
        Err(error) => {
            if error.kind() == ErrorKind::TimedOut {
                let path = path.display();
                output::note(&format!(
                    "lsof: '{path}' did not answer within {PATIENCE:?}; looked for by its name"
                ));
            }
            None
        }
    }
}

/// An absolute path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_up_by_name() {
        let check = |path: &str, expect: &str| {
            assert_eq!(plain(Path::new(path)), Path::new(expect), "{path}");
        };
        check("/a/b/../c", "/a/c");
        check("/../a", "/a");
        check("/a/./b/", "/a/b");
        check("/", "/");
    }

    #[test]
    fn a_place_is_a_path_a_directory_or_a_file_system() {
        let list = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        let check = |places: &Places, path: &str, expect: bool| {
            assert_eq!(places.hold(Path::new(path)), expect, "{path}");
        };
        let places = Places {
            at: list(&["/mnt"]),
            on: list(&["/mnt"]),
            mounts: list(&["/", "/mnt", "/mnt/other"]),
            ..Places::default()
        };
        check(&places, "/mnt", true);
        check(&places, "/mnt/a/b", true);
        check(&places, "/mnt/other/a", false);
        check(&places, "/mntx", false);
        check(&places, "pipe:[1]", false);
        let places = Places {
            below: list(&["/a"]),
            within: list(&["/b"]),
            ..Places::default()
        };
        check(&places, "/a/x/y", true);
        check(&places, "/ab", false);
        check(&places, "/b", true);
        check(&places, "/b/x", true);
        check(&places, "/b/x/y", false);
    }
}
