//! Which values of a process are wanted: single attributes and sets of them.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

macro_rules! attributes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// One value of a process, under psutil's name for it.
        ///
        /// The documentation of each says what asking for it costs on Linux: a *record* is one small file
        /// (microseconds), a *directory walk* grows with what the process has open, a *page-table walk*
        /// grows with its memory and can take many milliseconds.
        ///
        /// On Windows the table of all processes costs about a millisecond, however many attributes are asked
        /// for and of however many processes. A scan always has it. Of a single process it is read only
        /// for what nothing else has ([`Attribute::NumCtxSwitches`], [`Attribute::NumThreads`],
        /// [`Attribute::PageFaults`], [`Attribute::Status`], [`Attribute::Threads`]), and of one that may not
        /// be opened; the other records take some microseconds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Attribute {
            $($(#[$doc])* #[doc(alias = $name)] $variant,)*
        }

        impl Attribute {
            /// Every attribute, in alphabetical order of the names.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// psutil's name of the attribute.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What errors call reading this attribute.
            pub(crate) const fn operation(self) -> &'static str {
                match self { $(Self::$variant => concat!("process ", $name),)* }
            }
        }
    };
}

attributes! {
    /// The command line. Cost: record.
    Cmdline = "cmdline",
    /// The CPUs that it may run on. Cost: system call.
    CpuAffinity = "cpu_affinity",
    /// The CPU that it last ran on. Cost: record.
    CpuNum = "cpu_num",
    /// The share of one CPU used since the previous sample. Cost: record.
    CpuPercent = "cpu_percent",
    /// CPU time used. Cost: record.
    CpuTimes = "cpu_times",
    /// When it was started. Cost: record.
    CreateTime = "create_time",
    /// The working directory. Cost: link.
    Cwd = "cwd",
    /// The environment that it was started with. Cost: record.
    Environ = "environ",
    /// The program file. Cost: link.
    Exe = "exe",
    /// Group ids. Cost: system call or record.
    Gids = "gids",
    /// Bytes and calls of input and output. Cost: record.
    IoCounters = "io_counters",
    /// The input and output priority. Cost: system call.
    Ionice = "ionice",
    /// Memory that would be freed if it ended. Cost: page-table walk.
    MemoryFootprint = "memory_footprint",
    /// [`Attribute::MemoryInfo`] and [`Attribute::MemoryFootprint`] in one. Cost: page-table walk.
    MemoryFullInfo = "memory_full_info",
    /// Memory use. Cost: record.
    MemoryInfo = "memory_info",
    /// Memory use with peaks, by kind. Cost: two records.
    MemoryInfoEx = "memory_info_ex",
    /// What is mapped where. Cost: page-table walk.
    MemoryMaps = "memory_maps",
    /// Resident memory as a share of the machine's. Cost: record.
    MemoryPercent = "memory_percent",
    /// The name. Cost: record.
    Name = "name",
    /// Its sockets. Cost: directory walk, and the socket tables if it has any.
    NetConnections = "net_connections",
    /// The scheduling priority. Cost: system call.
    Nice = "nice",
    /// How often it gave up and lost the CPU. Cost: record.
    NumCtxSwitches = "num_ctx_switches",
    /// How many file descriptors it has. Cost: system call; directory walk before Linux 6.2.
    NumFds = "num_fds",
    /// How many handles it has. Windows. Cost: record.
    NumHandles = "num_handles",
    /// How many threads it has. Cost: record.
    NumThreads = "num_threads",
    /// Regular files that it has open. Cost: directory walk.
    OpenFiles = "open_files",
    /// How often memory was not there when it was touched. Cost: record.
    PageFaults = "page_faults",
    /// Its number. Cost: none.
    Pid = "pid",
    /// Its parent's number. Cost: record.
    Ppid = "ppid",
    /// What it is doing. Cost: record.
    Status = "status",
    /// The terminal that controls it. Cost: record.
    Terminal = "terminal",
    /// Its threads. Cost: directory walk with a record each.
    Threads = "threads",
    /// User ids. Cost: system call or record.
    Uids = "uids",
    /// The name of the real user. Cost: as [`Attribute::Uids`], and one look-up per user and scan.
    Username = "username",
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Attribute {
    type Err = Error;

    /// Accepts psutil's names.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|attribute| attribute.name() == name)
            .ok_or_else(|| {
                let names: Vec<_> = Self::ALL.iter().map(|attribute| attribute.name()).collect();
                Error::invalid_argument(
                    "process attribute",
                    "attribute",
                    format_args!("'{name}'"),
                    names.join(", "),
                )
            })
    }
}

/// A set of attributes: what a query asks for.
///
/// # Examples
/// ```
/// use pslens::process::{Attribute, AttributeSet};
///
/// let wanted = AttributeSet::of(&[Attribute::Name, Attribute::CpuTimes]).with("status".parse()?);
/// assert!(wanted.contains(Attribute::Status));
/// assert!(!wanted.contains(Attribute::MemoryMaps));
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AttributeSet(u64);

impl AttributeSet {
    /// Nothing but the pid, which every answer has.
    pub const EMPTY: Self = Self(0);

    /// Every attribute, also the expensive ones.
    pub const ALL: Self = Self::of(Attribute::ALL);

    /// The set of `attributes`.
    #[must_use]
    pub const fn of(attributes: &[Attribute]) -> Self {
        let mut set = Self::EMPTY;
        let mut rest = attributes;
        while let [first, others @ ..] = rest {
            set = set.with(*first);
            rest = others;
        }
        set
    }

    /// The set with `attribute`.
    #[must_use]
    pub const fn with(self, attribute: Attribute) -> Self {
        Self(self.0 | 1 << attribute as u32)
    }

    /// The set without `attribute`.
    #[must_use]
    pub const fn without(self, attribute: Attribute) -> Self {
        Self(self.0 & !(1 << attribute as u32))
    }

    /// True if `attribute` is in the set.
    #[must_use]
    pub const fn contains(self, attribute: Attribute) -> bool {
        self.0 & (1 << attribute as u32) != 0
    }

    /// True if any of `other` is in the set.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The attributes of the set, in alphabetical order of the names.
    pub fn iter(self) -> impl Iterator<Item = Attribute> {
        Attribute::ALL
            .iter()
            .copied()
            .filter(move |attribute| self.contains(*attribute))
    }
}

impl FromIterator<Attribute> for AttributeSet {
    fn from_iter<I: IntoIterator<Item = Attribute>>(attributes: I) -> Self {
        attributes.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for AttributeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_order() {
        let names: Vec<_> = Attribute::ALL.iter().map(|a| a.name()).collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        assert_eq!(AttributeSet::ALL.iter().count(), names.len());
    }

    #[test]
    fn a_misspelt_attribute_is_told_what_is_accepted() {
        let error = "memory".parse::<Attribute>().unwrap_err().to_string();
        assert!(
            error.contains("'memory'") && error.contains("memory_info"),
            "{error}"
        );
    }
}
