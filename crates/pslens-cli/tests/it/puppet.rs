//! Processes to look at and to signal, which nothing else on the machine is called like.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A shell under a name of its own, which does nothing until it is ended. It is when this is dropped.
pub(crate) struct Puppet {
    child: Child,
    /// What it is called.
    pub(crate) name: String,
    /// The file as which it was started.
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

/// The last command keeps the shell from becoming the one before.
const DOES_NOTHING: &str = "echo ready; read wait; :";

impl Puppet {
    /// With a name that fits into what the kernel keeps of it.
    pub(crate) fn start() -> Self {
        Self::called(&unique())
    }

    pub(crate) fn called(name: &str) -> Self {
        Self::start_as(name, name, DOES_NOTHING, link)
    }

    /// Whose command line does not have its name.
    pub(crate) fn disguised(name: &str) -> Self {
        Self::start_as(name, "sh", DOES_NOTHING, link)
    }

    /// Running this script, which must say `ready` when it has begun.
    pub(crate) fn running(script: &str) -> Self {
        let name = unique();
        Self::start_as(&name, &name, script, link)
    }

    /// Executing a file that nothing else executes.
    pub(crate) fn with_own_file() -> Self {
        let name = unique();
        Self::start_as(&name, &name, DOES_NOTHING, |shell, path| {
            std::fs::copy(shell, path).unwrap();
        })
    }

    /// Another one of this name.
    pub(crate) fn namesake(&self) -> Self {
        Self::called(&self.name)
    }

    fn start_as(
        name: &str,
        first_word: &str,
        script: &str,
        provide: impl FnOnce(&Path, &Path),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // `sh` does not care what it is called; the name is that of the file.
        let path = folder.path().join(name);
        provide(Path::new("/bin/sh"), &path);
        let mut child = Command::new(&path)
            .arg0(folder.path().join(first_word))
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        told.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self {
            child,
            name: name.to_owned(),
            path,
            _folder: folder,
        }
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn number(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Lets it end by itself.
    pub(crate) fn release(&mut self) {
        drop(self.child.stdin.take());
    }

    /// How it ended. Waits for that.
    pub(crate) fn status(&mut self) -> ExitStatus {
        // `Child::wait` would let it end by itself.
        let input = self.child.stdin.take();
        let status = self.child.wait().unwrap();
        drop(input);
        status
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn link(shell: &Path, path: &Path) {
    std::os::unix::fs::symlink(shell, path).unwrap();
}

/// At most 15 bytes, and no part of another one.
pub(crate) fn unique() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("pt{:x}n{number}z", std::process::id())
}
