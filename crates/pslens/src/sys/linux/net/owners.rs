//! Who holds a socket: the links `socket:[inode]` in the descriptor directories of processes.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use pslens_parse::scan::Scan;
use rustix::fs::{CWD, Mode, OFlags, RawDir};
use rustix::io::Errno;

use crate::net::SocketOwner;
use crate::process::Pid;
use crate::sys::linux::Root;

/// A directory entry of procfs takes 24 bytes, so this is a thousand and more per call.
const BUFFER: usize = 32 * 1024;

/// `socket:[4294967295]` and some more; other links may be cut, they are not looked at.
const LINK: usize = 40;

/// Walks over descriptors. Allocates nothing per descriptor and per process.
#[derive(Debug)]
pub(super) struct Walk {
    proc: OwnedFd,
    entries: Vec<MaybeUninit<u8>>,
    path: Vec<u8>,
}

impl Walk {
    pub(super) fn new(root: &Root) -> io::Result<Self> {
        Ok(Self {
            proc: open(CWD, root.proc("").as_path())?,
            entries: vec![MaybeUninit::uninit(); BUFFER],
            path: Vec::new(),
        })
    }

    /// Calls `found` with inode and holder of every socket of every process. Processes that may not be
    /// looked at, and those that go away, have none.
    pub(super) fn every_process(
        &mut self,
        mut found: impl FnMut(u64, SocketOwner),
    ) -> io::Result<()> {
        let mut pids = vec![MaybeUninit::uninit(); BUFFER];
        let mut directory = RawDir::new(self.proc.try_clone()?, &mut pids);
        while let Some(entry) = directory.next() {
            let Some(pid) = number(entry?.file_name().to_bytes()) else {
                continue;
            };
            match self.process(Pid::from(pid), &mut found) {
                Err(error) if !is_about_this_process(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Calls `found` with inode and holder of every socket of one process. It may have been called
    /// before an error.
    pub(super) fn process(
        &mut self,
        pid: Pid,
        mut found: impl FnMut(u64, SocketOwner),
    ) -> io::Result<()> {
        use std::io::Write;
        self.path.clear();
        write!(self.path, "{pid}/fd")?;
        let fds = open(&self.proc, self.path.as_slice())?;
        let mut directory = RawDir::new(&fds, &mut self.entries);
        let mut link = [MaybeUninit::uninit(); LINK];
        while let Some(entry) = directory.next() {
            let entry = entry?;
            let name = entry.file_name();
            let Some(fd) = number(name.to_bytes()) else {
                continue;
            };
            let link = match rustix::fs::readlinkat_raw(&fds, name, &mut link) {
                Ok((link, _)) => link,
                // Closed meanwhile; a path that is too long for readlink.
                Err(Errno::NOENT | Errno::INVAL | Errno::NAMETOOLONG) => continue,
                // Denied: the directory of another's process can be open to us and its links closed.
                Err(error) => return Err(error.into()),
            };
            if let Some(inode) = socket(link) {
                found(inode, SocketOwner::new(pid, fd));
            }
        }
        Ok(())
    }
}

fn open(directory: impl AsFd, path: impl rustix::path::Arg) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(directory, path, flags, Mode::empty())?)
}

/// Denied or gone, which is a matter of one process; anything else (no descriptors or no memory left)
/// would make the whole answer wrong.
fn is_about_this_process(error: &io::Error) -> bool {
    [
        Errno::ACCESS,
        Errno::PERM,
        Errno::NOENT,
        Errno::SRCH,
        Errno::NOTDIR,
    ]
    .iter()
    .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

fn number(name: &[u8]) -> Option<u32> {
    let mut scan = Scan::new("/proc", name);
    if !name.first()?.is_ascii_digit() {
        return None;
    }
    let number = scan.number("name").ok()?;
    scan.is_empty().then_some(number)
}

fn socket(link: &[u8]) -> Option<u64> {
    let inode = link.strip_prefix(b"socket:[")?;
    let mut scan = Scan::new("/proc/[pid]/fd", inode);
    let inode = scan.number("inode").ok()?;
    (scan.eat(b']') && scan.is_empty()).then_some(inode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_whose_links_are_closed_to_us_is_denied_and_not_empty() {
        let mut walk = Walk::new(&Root::running()).unwrap();
        let denied = std::fs::read_link("/proc/1/fd/0")
            .is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
        let result = walk.process(Pid::from(1), |_, _| {});
        match result {
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::PermissionDenied),
            Ok(()) => assert!(!denied),
        }
    }

    #[test]
    fn only_whole_numbers_are_names_of_processes() {
        assert_eq!(number(b"123"), Some(123));
        assert_eq!(number(b"4294967296"), None);
        for name in [&b""[..], b"self", b" 1", b"1a", b"-1"] {
            assert_eq!(number(name), None);
        }
    }

    #[test]
    fn only_sockets_are_sockets() {
        assert_eq!(socket(b"socket:[18446744073709551615]"), Some(u64::MAX));
        for link in [
            &b"pipe:[1]"[..],
            b"socket:[]",
            b"socket:[1",
            b"socket:[1] (deleted)",
            b"/tmp/socket:[1]",
            b"socket:[18446744073709551616]",
        ] {
            assert_eq!(socket(link), None);
        }
    }
}
