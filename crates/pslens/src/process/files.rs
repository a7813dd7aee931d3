//! Files of a process, and its input and output.

use std::path::PathBuf;

/// A regular file that a process has open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct OpenFile {
    /// The path.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::path"))]
    pub path: PathBuf,
    /// The file descriptor. `None` on Windows.
    pub fd: Option<u32>,
    /// Where the next read or write happens, in bytes. Linux.
    pub position: Option<u64>,
    /// What it was opened for. Linux, Windows. `None` if neither for reading nor for writing.
    pub mode: Option<OpenMode>,
    /// The flags as the system numbers them (`O_APPEND` and so on). Linux.
    pub flags: Option<u32>,
    /// It has no name any more: its space is freed when the last process closes it. Linux.
    pub deleted: Option<bool>,
}

/// What a file was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenMode {
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Writing at the end.
    Append,
    /// Reading and writing.
    ReadWrite,
    /// Reading, and writing at the end.
    ReadAppend,
}

impl OpenMode {
    /// psutil's word for it, which is Python's: `"r"`, `"w"`, `"a"`, `"r+"`, `"a+"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "r",
            Self::Write => "w",
            Self::Append => "a",
            Self::ReadWrite => "r+",
            Self::ReadAppend => "a+",
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for OpenMode {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

/// Input and output of a process since it was started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IoCounters {
    /// System calls that read.
    pub read_count: u64,
    /// System calls that write.
    pub write_count: u64,
    /// Bytes fetched from storage; on Windows read from anything. `None` where the system does not count
    /// bytes.
    pub read_bytes: Option<u64>,
    /// Bytes sent to storage; on Windows written to anything.
    pub write_bytes: Option<u64>,
    /// Bytes read in any way, also from the page cache, pipes and terminals. Linux.
    pub read_chars: Option<u64>,
    /// Bytes written in any way. Linux.
    pub write_chars: Option<u64>,
    /// System calls that neither read nor write: control requests to devices. Windows.
    pub other_count: Option<u64>,
    /// Bytes moved by those. Windows.
    pub other_bytes: Option<u64>,
}
