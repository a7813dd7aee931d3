//! Asking file systems how full they are, of which any may never answer.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pslens::ErrorKind;
use pslens::disk::{self, Partition, Usage};

use super::row::{Answer, Row};
use crate::exit::{Exit, Failure, Result, explained};
use crate::output;
use crate::system::paths;

/// How file systems are asked.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) timeout: Duration,
    /// The mounts are this system's, so their paths mean something.
    pub(super) running: bool,
}

/// Asks every file system. Those that hang do so at the same time: all are asked once with a short
/// patience, and those that did not answer are then waited for together.
pub(super) fn ask_all(partitions: Vec<Partition>, ask: &Ask, exit: &mut Exit) -> Vec<Row> {
    const PATIENCE: Duration = Duration::from_millis(50);
    let start = Instant::now();
    let mut rows: Vec<Row> = Vec::with_capacity(partitions.len());
    let mut late = Vec::new();
    for partition in partitions {
        let answer = usage(&partition.mountpoint, PATIENCE.min(ask.timeout), ask);
        if matches!(&answer, Err(error) if error.kind() == ErrorKind::TimedOut) {
            late.push(rows.len());
        }
        let usage = match answer {
            Err(error) if error.kind() == ErrorKind::TimedOut => Answer::Unknown,
            answer => noted(&partition.mountpoint, answer, ask, exit),
        };
        rows.push(Row::new(partition, usage));
    }
    for at in late {
        if let Some(row) = rows.get_mut(at)
            && let Some(partition) = row.partition()
        {
            let left = ask.timeout.saturating_sub(start.elapsed());
            let path = &partition.mountpoint;
            row.usage = noted(path, usage(path, left, ask), ask, exit);
        }
    }
    rows
}

/// The file systems that hold `paths`.
pub(super) fn holding(paths: &[PathBuf], ask: &Ask, exit: &mut Exit) -> Result<Vec<Row>> {
    let mounts = disk::partitions_all()?;
    let mut rows = Vec::new();
    for path in paths {
        let answer = usage(path, ask.timeout, ask);
        let mut resolved = None;
        match &answer {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                output::note(&format!("df: '{}' does not exist", path.display()));
                *exit = Exit::NotFound;
                continue;
            }
            // The path was just walked to its end, so walking it again does not hang.
            Ok(Some(_)) => resolved = paths::resolved(path),
            _ => {}
        }
        let absolute = match resolved {
            Some(resolved) => resolved,
            None => std::path::absolute(path).map_err(|error| {
                let message = format!("df: '{}': {error}", path.display());
                Failure::message(Exit::NotFound, message)
            })?,
        };
        let usage = noted(path, answer, ask, exit);
        match mount_of(&absolute, &mounts) {
            Some(partition) => rows.push(Row::new(partition.clone(), usage)),
            None => {
                let path = path.display();
                output::note(&format!("df: '{path}' is on no file system that is listed"));
                *exit = Exit::NotFound;
            }
        }
    }
    Ok(rows)
}

/// The mount that is nearest above `path`; of several on the same directory the last hides the others.
fn mount_of<'a>(path: &Path, mounts: &'a [Partition]) -> Option<&'a Partition> {
    mounts
        .iter()
        .filter(|mount| path.starts_with(&mount.mountpoint))
        .max_by_key(|mount| mount.mountpoint.components().count())
}

/// How full the file system is; `None` under another root, whose paths mean nothing here.
fn usage(path: &Path, deadline: Duration, ask: &Ask) -> pslens::Result<Option<Usage>> {
    if !ask.running {
        return Ok(None);
    }
    disk::usage_within(path, deadline).map(Some)
}

/// The cell for an answer; a failure is noted and remembered.
fn noted(path: &Path, answer: pslens::Result<Option<Usage>>, ask: &Ask, exit: &mut Exit) -> Answer {
    let error = match answer {
        Ok(Some(usage)) => return Answer::Usage(usage),
        Ok(None) => return Answer::Unknown,
        Err(error) => error,
    };
    if *exit == Exit::Success {
        *exit = Exit::PartlyFailed;
    }
    match error.kind() {
        ErrorKind::TimedOut => {
            let (path, timeout) = (path.display(), ask.timeout);
            output::note(&format!("df: '{path}' did not answer within {timeout:?}"));
            Answer::Unknown
        }
        ErrorKind::AccessDenied => {
            output::note(&explained(&error));
            Answer::Denied
        }
        _ => {
            output::note(&explained(&error));
            Answer::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(mountpoint: &str, fstype: &str) -> Partition {
        let mut partition = Partition::default();
        partition.mountpoint = mountpoint.into();
        partition.fstype = fstype.into();
        partition
    }

    #[test]
    fn a_path_is_on_the_nearest_mount_and_the_last_hides_the_others() {
        let mounts = [
            mount("/", "ext4"),
            mount("/home", "xfs"),
            mount("/home", "nfs"),
            mount("/homer", "tmpfs"),
        ];
        let check = |path: &str, expect: &str| {
            let found = mount_of(Path::new(path), &mounts).unwrap();
            assert_eq!(found.fstype, expect, "{path}");
        };
        check("/", "ext4");
        check("/hom", "ext4");
        check("/home", "nfs");
        check("/home/a/b", "nfs");
        check("/homer/x", "tmpfs");
    }
}
