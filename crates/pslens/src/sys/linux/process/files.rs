//! Open files: the links in `fd`, and `fdinfo`.

use std::ffi::{CStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use pslens_parse::linux::{mountinfo, pid_fdinfo, pid_link};
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;

use super::pids::numbers;
use super::plan::Source;
use super::reader::{Reader, directory_at};
use crate::error::{Error, Result};
use crate::net::{Connection, ConnectionKind};
use crate::process::{Attribute, OpenFile, OpenMode};
use crate::sys::linux::net::{self, Holder};
use crate::sys::linux::root::{read_at, read_record_at};

/// Open flags as the kernel prints them in `fdinfo`, which are those of the running architecture.
const ACCESS_MODE: u32 = libc::O_ACCMODE as u32;
const WRITE_ONLY: u32 = libc::O_WRONLY as u32;
const READ_WRITE: u32 = libc::O_RDWR as u32;
const APPEND: u32 = libc::O_APPEND as u32;
pub(super) const DIRECTORY: u32 = libc::O_DIRECTORY as u32;

/// The links in `fd`.
#[derive(Debug)]
pub(super) struct Descriptors {
    directory: OwnedFd,
    count: usize,
    /// Descriptor and where its target ends in `text`; or why no link may be read.
    ends: Result<Vec<(u32, usize)>, i32>,
    text: Vec<u8>,
}

impl Descriptors {
    fn read(dir: BorrowedFd<'_>, path: &CStr) -> io::Result<Self> {
        let directory = directory_at(dir, path)?;
        let fds = numbers(&directory)?;
        let mut text = Vec::new();
        let mut target = [MaybeUninit::uninit(); libc::PATH_MAX as usize];
        let mut ends = Ok(Vec::with_capacity(fds.len()));
        for &fd in &fds {
            match rustix::fs::readlinkat_raw(&directory, fd.to_string(), &mut target) {
                Ok((target, _)) => {
                    text.extend_from_slice(target);
                    if let Ok(ends) = &mut ends {
                        ends.push((fd, text.len()));
                    }
                }
                // The directory of another's process can be open to us and its links closed.
                Err(errno @ (Errno::ACCESS | Errno::PERM)) => {
                    ends = Err(errno.raw_os_error());
                    break;
                }
                // Closed meanwhile, or a target that cannot be told (ENAMETOOLONG).
                Err(_) => {}
            }
        }
        Ok(Self {
            directory,
            count: fds.len(),
            ends,
            text,
        })
    }

    pub(super) const fn directory(&self) -> &OwnedFd {
        &self.directory
    }

    /// Each descriptor and what it leads to.
    pub(super) fn targets(&self) -> Result<impl Iterator<Item = (u32, &[u8])>, i32> {
        let mut start = 0;
        let ends = self.ends.as_deref().map_err(|errno| *errno)?;
        Ok(ends.iter().map(move |&(fd, end)| {
            let target = self.text.get(start..end).unwrap_or_default();
            start = end;
            (fd, target)
        }))
    }
}

impl Reader {
    /// Since Linux 6.2 the size of the directory `fd` is their number; before, they must be counted.
    pub(crate) fn num_handles(&mut self) -> Result<u32> {
        Err(Error::unsupported(Attribute::NumHandles.operation(), "").of_pid(self.pid))
    }

    pub(crate) fn num_fds(&mut self) -> Result<u32> {
        let attribute = Attribute::NumFds;
        if self.root.proc_is_running() && !matches!(self.descriptors, Some(Ok(_))) {
            let size = self
                .at(c"fd", |dir, path| {
                    Ok(rustix::fs::statat(dir, path, AtFlags::empty())?.st_size)
                })
                .map_err(|errno| self.failed(attribute, errno))?;
            if size > 0 || self.names.get_or_insert_default().directory_sizes_count() {
                return Ok(u32::try_from(size).unwrap_or(u32::MAX));
            }
        }
        let only_number = self.plan.has(Source::FdCount) && !self.plan.has(Source::Fds);
        let count = if only_number {
            self.at(c"fd", |dir, path| numbers(directory_at(dir, path)?))
                .map_err(|errno| self.failed(attribute, errno))?
                .len()
        } else {
            self.descriptors(attribute)?.count
        };
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    pub(crate) fn open_files(&mut self) -> Result<Vec<OpenFile>> {
        let attribute = Attribute::OpenFiles;
        let descriptors = self.descriptors(attribute)?;
        let infos = self
            .at(c"fdinfo", directory_at)
            .map_err(|errno| self.failed(attribute, errno))?;
        let mut files = Vec::new();
        let mut text = Vec::new();
        for (fd, target) in descriptors
            .targets()
            .map_err(|errno| self.failed(attribute, errno))?
        {
            match self.open_file(&descriptors, &infos, fd, target, &mut text) {
                Ok(file) => files.extend(file),
                Err(errno @ (libc::EACCES | libc::EPERM)) => {
                    return Err(self.failed(attribute, errno));
                }
                // Closed meanwhile.
                Err(_) => {}
            }
        }
        Ok(files)
    }

    pub(crate) fn net_connections(&mut self, kind: ConnectionKind) -> Result<Vec<Connection>> {
        let attribute = Attribute::NetConnections;
        let descriptors = self.descriptors(attribute)?;
        let held = descriptors
            .targets()
            .map_err(|errno| self.failed(attribute, errno))?
            .filter_map(|(fd, target)| Some((pid_link::socket_inode(target)?, fd)));
        let holder = Holder {
            pid: self.pid,
            held: held.collect(),
        };
        self.going_by_number();
        let (root, operation) = (&self.root, attribute.operation());
        match &mut self.namespaces {
            Some(known) => net::remembered_connections_of(root, operation, &holder, kind, known),
            None => net::connections_of(root, operation, &holder, kind),
        }
        .map_err(|error| match error.raw_os_error() {
            Some(errno @ (libc::ENOENT | libc::ESRCH)) => self.failed(attribute, errno),
            _ => error,
        })
    }

    /// What the process holds, listed the first time that it is asked for.
    pub(super) fn descriptors(&mut self, attribute: Attribute) -> Result<Arc<Descriptors>> {
        let listed = match self.descriptors.take() {
            Some(listed) => listed,
            None => self.at(c"fd", Descriptors::read).map(Arc::new),
        };
        self.descriptors = Some(listed.clone());
        listed.map_err(|errno| self.failed(attribute, errno))
    }

    /// The file behind a descriptor; `None` for what is not a regular file.
    fn open_file(
        &mut self,
        descriptors: &Descriptors,
        infos: &OwnedFd,
        fd: u32,
        target: &[u8],
        text: &mut Vec<u8>,
    ) -> Result<Option<OpenFile>, i32> {
        // Everything that is not a file has a target without a path: "socket:[1]", "anon_inode:...".
        if !target.starts_with(b"/") {
            return Ok(None);
        }
        let name = fd.to_string();
        let links = &descriptors.directory;
        if self.is_usual_device(target, links, &name) {
            return Ok(None);
        }
        read_record_at(infos, &name, text)
            .map_err(|error| error.raw_os_error().unwrap_or(libc::EIO))?;
        let info = pid_fdinfo::parse(text).map_err(|_| libc::EIO)?;
        if info.flags & DIRECTORY != 0
            || !self.is_regular(target, links, &name, info.mnt_id)
            || !self.still_leads_to(target, links, &name)
        {
            return Ok(None);
        }
        let (path, deleted) = match pid_link::deleted(target) {
            Some(stem) if !self.exists(target) => (stem, true),
            _ => (target, false),
        };
        Ok(Some(OpenFile {
            path: PathBuf::from(OsString::from_vec(path.to_vec())),
            fd: Some(fd),
            // Printed signed; only a few devices of the kernel have positions below zero.
            position: u64::try_from(info.pos).ok(),
            mode: Some(mode(info.flags)),
            flags: Some(info.flags),
            deleted: Some(deleted),
        }))
    }

    /// Whether the descriptor is of a device that most processes hold, `/dev/null` before all: told by one
    /// call, where files take six. What is not below but in `/dev` is on no server that may be dead.
    fn is_usual_device(&self, target: &[u8], links: &OwnedFd, name: &str) -> bool {
        let in_dev = target.strip_prefix(b"/dev/");
        in_dev.is_some_and(|name| !name.contains(&b'/'))
            && self.root.proc_is_running()
            && rustix::fs::statat(links, name, AtFlags::empty())
                .is_ok_and(|stat| is(&stat, FileType::CharacterDevice))
    }

    /// Whether the descriptor is of a regular file.
    ///
    /// A file on a network mount is believed to be one without asking: its server may be dead, and
    /// the question would never return. Another root's files cannot be asked about: there the path
    /// tells devices from files.
    fn is_regular(
        &mut self,
        target: &[u8],
        links: &OwnedFd,
        name: &str,
        mount: Option<u64>,
    ) -> bool {
        if !self.root.proc_is_running() {
            return !target.starts_with(b"/dev/") || target.starts_with(b"/dev/shm/");
        }
        if let Some(mount) = mount
            && self.may_stall(mount)
        {
            return true;
        }
        rustix::fs::statat(links, name, AtFlags::empty())
            .is_ok_and(|stat| is(&stat, FileType::RegularFile))
    }

    /// Whether a descriptor still leads where it led when they were listed. Numbers are given out again at
    /// once, and what was asked after the listing would be of another file.
    pub(super) fn still_leads_to(&self, target: &[u8], links: &OwnedFd, name: &str) -> bool {
        if !self.root.proc_is_running() {
            return true;
        }
        let mut now = [MaybeUninit::uninit(); libc::PATH_MAX as usize];
        rustix::fs::readlinkat_raw(links, name, &mut now).is_ok_and(|(now, _)| now == target)
    }

    /// Whether a mount, by the number that is unique to it, is of a kind that can stop answering.
    pub(super) fn may_stall(&mut self, mount: u64) -> bool {
        if let Some(known) = self.names.get_or_insert_default().mounts.get(&mount) {
            return *known;
        }
        let mut text = Vec::new();
        if self
            .at(c"mountinfo", |dir, path| read_at(dir, path, &mut text))
            .is_ok()
        {
            for row in mountinfo::rows(&text).flatten() {
                let may_stall = may_stall(&row.fs_type);
                self.names
                    .get_or_insert_default()
                    .mounts
                    .insert(u64::from(row.mount_id), may_stall);
            }
        }
        // Not in the list: a mount that was detached, or another namespace's. Do not risk it.
        *self
            .names
            .get_or_insert_default()
            .mounts
            .entry(mount)
            .or_insert(true)
    }
}

fn is(stat: &rustix::fs::Stat, kind: FileType) -> bool {
    FileType::from_raw_mode(stat.st_mode) == kind
}

/// Whether a file system of this type has a server, on another machine or in a process, that can die.
fn may_stall(fs_type: &[u8]) -> bool {
    const PREFIXES: [&[u8]; 11] = [
        b"nfs", b"cifs", b"smb", b"fuse", b"autofs", b"9p", b"ceph", b"afs", b"lustre", b"gfs",
        b"ocfs",
    ];
    PREFIXES.iter().any(|prefix| fs_type.starts_with(prefix))
}

pub(super) fn mode(flags: u32) -> OpenMode {
    let append = flags & APPEND != 0;
    match flags & ACCESS_MODE {
        WRITE_ONLY if append => OpenMode::Append,
        WRITE_ONLY => OpenMode::Write,
        READ_WRITE if append => OpenMode::ReadAppend,
        READ_WRITE => OpenMode::ReadWrite,
        _ => OpenMode::Read,
    }
}
