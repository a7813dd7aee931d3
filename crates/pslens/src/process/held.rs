//! What a process holds: every descriptor, and every file that is mapped into its memory.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Attribute, OpenMode, Process};
use crate::error::Result;
use crate::sys;

/// A descriptor of a process, whatever it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Descriptor {
    /// The number.
    pub fd: u32,
    /// What it leads to. `None` where that cannot be asked: the file is on a mount whose server may be
    /// dead, or of another root.
    pub kind: Option<DescriptorKind>,
    /// The path; of what has none the system's name for it (`pipe:[1234]`, `anon_inode:[eventpoll]`).
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::text"))]
    pub target: OsString,
    /// A path that has no file any more: its space is freed when the last process closes it.
    pub deleted: bool,
    /// What it was opened for.
    pub mode: OpenMode,
    /// The flags as the system numbers them (`O_APPEND` and so on).
    pub flags: u32,
    /// Where the next read or write happens, in bytes.
    pub position: Option<u64>,
    /// The size of a file or directory, in bytes. `None` where `kind` is.
    pub size: Option<u64>,
    /// The number of what it leads to on its file system; of a socket, what
    /// [`Connection::inode`](crate::net::Connection::inode) has.
    pub inode: Option<u64>,
}

/// What a descriptor leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DescriptorKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A device that is read like a stream: terminals, `/dev/null`.
    CharacterDevice,
    /// A device that is read like a file: disks.
    BlockDevice,
    /// A pipe, with a name or without.
    Pipe,
    /// A socket of any family.
    Socket,
    /// Something else of the kernel: events, timers, namespaces.
    Other,
}

impl DescriptorKind {
    /// `"file"`, `"directory"`, `"character-device"`, `"block-device"`, `"pipe"`, `"socket"`, `"other"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "directory",
            Self::CharacterDevice => "character-device",
            Self::BlockDevice => "block-device",
            Self::Pipe => "pipe",
            Self::Socket => "socket",
            Self::Other => "other",
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for DescriptorKind {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

/// A file of which a part is mapped into the memory of a process: its program, libraries, data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MappedFile {
    /// The path.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::path"))]
    pub path: PathBuf,
    /// It has no name any more, as after an upgrade of a library in use.
    pub deleted: bool,
    /// Its number on its file system. `None` on Windows.
    pub inode: Option<u64>,
}

/// What it holds.
impl Process {
    /// Every descriptor, in ascending order: files, directories, devices, pipes, sockets and the rest.
    ///
    /// Files on mounts whose server may be dead are listed without asking it. What a socket is connected to
    /// is in [`Process::net_connections`]; [`Process::open_files`] has the regular files alone.
    ///
    /// # Units
    /// Bytes.
    /// # Availability
    /// Linux.
    /// # Errors
    /// [`ErrorKind::NoSuchProcess`](crate::ErrorKind::NoSuchProcess) if it is gone,
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) for a process that the caller may not
    /// trace, [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on other systems.
    /// # Sources
    /// Linux `/proc/PID/fd`, `/proc/PID/fdinfo`.
    /// # Examples
    /// ```
    /// use pslens::process::DescriptorKind;
    ///
    /// # #[cfg(target_os = "linux")] {
    /// let (reader, _writer) = std::io::pipe().unwrap();
    /// let held = pslens::Process::current()?.descriptors()?;
    /// assert!(held.iter().any(|held| held.kind == Some(DescriptorKind::Pipe)));
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "lsof")]
    pub fn descriptors(&self) -> Result<Vec<Descriptor>> {
        self.read(Attribute::OpenFiles, sys::process::Reader::every_descriptor)
    }

    /// The files that are mapped into its memory, each once, in order of the addresses. Empty for kernel
    /// threads.
    ///
    /// Much cheaper than [`Process::memory_maps`], which counts pages.
    ///
    /// # Availability
    /// Linux, Windows.
    /// # Errors
    /// As [`Process::memory_maps`].
    /// # Sources
    /// Linux `/proc/PID/maps`; Windows `VirtualQueryEx`, `GetMappedFileNameW`.
    /// # Examples
    /// ```
    /// # #[cfg(any(target_os = "linux", windows))] {
    /// let me = pslens::Process::current()?;
    /// let program = me.exe()?;
    /// assert!(me.mapped_files()?.iter().any(|file| Some(&file.path) == program.as_ref()));
    /// # }
    /// # Ok::<(), pslens::Error>(())
    /// ```
    #[doc(alias = "lsof")]
    pub fn mapped_files(&self) -> Result<Vec<MappedFile>> {
        self.read(Attribute::MemoryMaps, sys::process::Reader::mapped_files)
    }
}
