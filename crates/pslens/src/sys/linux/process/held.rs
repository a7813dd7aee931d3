//! What a process holds: descriptors of every kind from `fd` and `fdinfo`, mapped files from `maps`.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use pslens_parse::linux::{pid_fdinfo, pid_link, pid_maps};
use rustix::fs::{AtFlags, FileType};

use super::files::{DIRECTORY, Descriptors, mode};
use super::reader::{Reader, directory_at};
use crate::error::Result;
use crate::process::{Attribute, Descriptor, DescriptorKind, MappedFile};
use crate::sys::linux::root::{read_at, read_record_at};

impl Reader {
    pub(crate) fn every_descriptor(&mut self) -> Result<Vec<Descriptor>> {
        let attribute = Attribute::OpenFiles;
        let held = self.descriptors(attribute)?;
        let infos = self
            .at(c"fdinfo", directory_at)
            .map_err(|errno| self.failed(attribute, errno))?;
        let mut all = Vec::new();
        let mut text = Vec::new();
        for (fd, target) in held
            .targets()
            .map_err(|errno| self.failed(attribute, errno))?
        {
            match self.descriptor(&held, &infos, fd, target, &mut text) {
                Ok(descriptor) => all.push(descriptor),
                Err(errno @ (libc::EACCES | libc::EPERM)) => {
                    return Err(self.failed(attribute, errno));
                }
                // Closed meanwhile.
                Err(_) => {}
            }
        }
        Ok(all)
    }

    fn descriptor(
        &mut self,
        held: &Descriptors,
        infos: &OwnedFd,
        fd: u32,
        target: &[u8],
        text: &mut Vec<u8>,
    ) -> Result<Descriptor, i32> {
        let name = fd.to_string();
        read_record_at(infos, &name, text)
            .map_err(|error| error.raw_os_error().unwrap_or(libc::EIO))?;
        let info = pid_fdinfo::parse(text).map_err(|_| libc::EIO)?;
        let is_path = target.starts_with(b"/");
        let links = held.directory();
        let mut found = None;
        // What has no path is on no server.
        if self.root.proc_is_running()
            && !(is_path && info.mnt_id.is_some_and(|mount| self.may_stall(mount)))
        {
            found = rustix::fs::statat(links, &name, AtFlags::empty()).ok();
        }
        if !self.still_leads_to(target, links, &name) {
            return Err(libc::ENOENT);
        }
        let kind = match &found {
            _ if !is_path => Some(kind_without_path(target)),
            Some(stat) => Some(kind_of(FileType::from_raw_mode(stat.st_mode))),
            None if info.flags & DIRECTORY != 0 => Some(DescriptorKind::Directory),
            None => None,
        };
        let sized = matches!(kind, Some(DescriptorKind::File | DescriptorKind::Directory));
        let (path, deleted) = match pid_link::deleted(target) {
            Some(stem) if is_path && !self.exists(target) => (stem, true),
            _ => (target, false),
        };
        let inode = found.as_ref().map(|stat| stat.st_ino).or(info.ino);
        Ok(Descriptor {
            fd,
            kind,
            target: OsString::from_vec(path.to_vec()),
            deleted,
            mode: mode(info.flags),
            flags: info.flags,
            position: u64::try_from(info.pos).ok(),
            size: found
                .filter(|_| sized)
                .and_then(|stat| u64::try_from(stat.st_size).ok()),
            // Before Linux 5.14 and under another root only the name has it.
            inode: inode
                .or_else(|| pid_link::socket_inode(target))
                .or_else(|| pid_link::pipe_inode(target)),
        })
    }

    pub(crate) fn mapped_files(&mut self) -> Result<Vec<MappedFile>> {
        let attribute = Attribute::MemoryMaps;
        let mut text = Vec::new();
        match self.at(c"maps", |dir, path| read_at(dir, path, &mut text)) {
            Ok(()) if text.is_empty() => self.deny_exited(attribute)?,
            Ok(()) => {}
            Err(libc::ESRCH) if self.is_kernel_thread(attribute) => return Ok(Vec::new()),
            Err(errno) => return Err(self.failed(attribute, errno)),
        }
        let mut seen = HashSet::new();
        let mut files = Vec::new();
        // A row that cannot be decoded is the kernel's invention of tomorrow; the others stand.
        for row in pid_maps::rows(&text).flatten() {
            let number = (row.dev_major, row.dev_minor, row.inode);
            if row.inode == 0 || row.path.is_empty() || !seen.insert((number, row.path)) {
                continue;
            }
            let path = pid_maps::unescape(row.path);
            let (path, deleted) = match pid_link::deleted(&path) {
                Some(stem) if !self.exists(&path) => (stem, true),
                _ => (&*path, false),
            };
            files.push(MappedFile {
                path: PathBuf::from(OsString::from_vec(path.to_vec())),
                deleted,
                inode: Some(row.inode),
            });
        }
        Ok(files)
    }
}

fn kind_of(file_type: FileType) -> DescriptorKind {
    match file_type {
        FileType::RegularFile => DescriptorKind::File,
        FileType::Directory => DescriptorKind::Directory,
        FileType::CharacterDevice => DescriptorKind::CharacterDevice,
        FileType::BlockDevice => DescriptorKind::BlockDevice,
        FileType::Fifo => DescriptorKind::Pipe,
        FileType::Socket => DescriptorKind::Socket,
        _ => DescriptorKind::Other,
    }
}

/// The name says it: what `stat` says of these differs between kernels.
fn kind_without_path(target: &[u8]) -> DescriptorKind {
    if target.starts_with(b"socket:[") {
        DescriptorKind::Socket
    } else if target.starts_with(b"pipe:[") {
        DescriptorKind::Pipe
    } else {
        DescriptorKind::Other
    }
}
