//! Which sources a set of attributes needs: the one table, and what a query makes of it.

use crate::process::{Attribute, AttributeSet};

/// One thing that the kernel is asked about a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Source {
    /// `stat`
    Stat,
    /// `statm`
    Statm,
    /// `status`
    Status,
    /// `cmdline`
    Cmdline,
    /// `environ`
    Environ,
    /// `io`
    Io,
    /// `smaps_rollup`, or `smaps` where a set needs that anyway or the kernel has no rollup
    Rollup,
    /// `smaps`
    Smaps,
    /// The link `exe`
    Exe,
    /// The link `cwd`
    Cwd,
    /// The size of the directory `fd`
    FdCount,
    /// The links in `fd`
    Fds,
    /// The directory `task` and a `stat` per entry
    Tasks,
    /// User and group ids: `PIDFD_GET_INFO`, or `status` where a set needs that anyway or the kernel
    /// is older than 6.13
    Ids,
    /// `getpriority`, or `stat` where a set needs that anyway
    Nice,
    /// `ioprio_get`
    Ionice,
    /// `sched_getaffinity`, or `status` under another root
    Affinity,
}

/// The table: what each attribute is decoded from.
///
/// `Stat` is listed only where the value is in it; that a query reads it for identity is no attribute's
/// affair. Sources behind a condition (the command line completes a long name) are not listed: they are
/// read when the condition holds.
const fn sources(attribute: Attribute) -> &'static [Source] {
    match attribute {
        Attribute::Pid | Attribute::NumHandles => &[],
        Attribute::CpuNum
        | Attribute::CpuPercent
        | Attribute::CpuTimes
        | Attribute::CreateTime
        | Attribute::Name
        | Attribute::NumThreads
        | Attribute::PageFaults
        | Attribute::Ppid
        | Attribute::Status
        | Attribute::Terminal => &[Source::Stat],
        Attribute::MemoryInfo | Attribute::MemoryPercent => &[Source::Statm],
        Attribute::MemoryInfoEx => &[Source::Statm, Source::Status],
        Attribute::MemoryFootprint => &[Source::Rollup],
        Attribute::MemoryFullInfo => &[Source::Statm, Source::Rollup],
        Attribute::MemoryMaps => &[Source::Smaps],
        Attribute::NumCtxSwitches => &[Source::Status],
        Attribute::Uids | Attribute::Gids | Attribute::Username => &[Source::Ids],
        Attribute::Cmdline => &[Source::Cmdline],
        Attribute::Environ => &[Source::Environ],
        Attribute::IoCounters => &[Source::Io],
        Attribute::Exe => &[Source::Exe],
        Attribute::Cwd => &[Source::Cwd],
        Attribute::NumFds => &[Source::FdCount],
        Attribute::OpenFiles | Attribute::NetConnections => &[Source::Fds],
        Attribute::Threads => &[Source::Tasks],
        Attribute::Nice => &[Source::Nice],
        Attribute::Ionice => &[Source::Ionice],
        Attribute::CpuAffinity => &[Source::Affinity],
    }
}

/// What a query will read, known before the first process is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    sources: u32,
}

impl Plan {
    /// For a set of attributes that is known in advance.
    pub(crate) fn of(attributes: AttributeSet) -> Self {
        let mut plan = Self { sources: 0 };
        for attribute in attributes.iter() {
            for source in sources(attribute) {
                plan.sources |= 1 << *source as u32;
            }
        }
        if plan.has(Source::Stat) {
            // The call is not made: the value is in `stat`.
            plan.sources &= !(1 << Source::Nice as u32);
        }
        plan
    }

    /// For attributes that will be asked for one by one.
    pub(crate) const fn open_ended() -> Self {
        Self { sources: 0 }
    }

    /// True if the set needs this source in any case, so its other values come free.
    pub(crate) const fn has(self, source: Source) -> bool {
        self.sources & (1 << source as u32) != 0
    }

    /// True if one source answers the whole set, whatever the process is: no directory needs to be
    /// held open and no second read can be of another process.
    pub(crate) fn is_single(attribute: Attribute) -> bool {
        !matches!(
            attribute,
            // Long names and guesses need the command line; empty answers need the state.
            Attribute::Name
                | Attribute::Cmdline
                | Attribute::Environ
                | Attribute::Exe
                | Attribute::Cwd
                | Attribute::Threads
                | Attribute::OpenFiles
                | Attribute::NetConnections
        ) && sources(attribute).len() <= 1
    }

    /// True if a pidfd ties the reads together at less cost than a directory: it is opened for the ids
    /// anyway, and few files profit from the shorter paths below a directory (measured: from five on).
    pub(crate) const fn suits_pidfd(self) -> bool {
        const CALLS: u32 = 1 << Source::Ids as u32
            | 1 << Source::Nice as u32
            | 1 << Source::Ionice as u32
            | 1 << Source::Affinity as u32;
        let files = (self.sources & !CALLS).count_ones();
        self.has(Source::Ids) && !self.has(Source::Status) && files < 5
    }

    /// True if nothing but `stat` is read.
    pub(crate) const fn is_stat_only(self) -> bool {
        self.sources & !(1 << Source::Stat as u32) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_needs_the_union_of_its_sources() {
        let plan = Plan::of(AttributeSet::of(&[Attribute::Name, Attribute::Uids]));
        assert!(plan.has(Source::Stat) && plan.has(Source::Ids));
        assert!(!plan.has(Source::Status) && !plan.is_stat_only());
        assert!(Plan::of(AttributeSet::of(&[Attribute::Name])).is_stat_only());
        assert!(Plan::of(AttributeSet::of(&[Attribute::Name, Attribute::Nice])).is_stat_only());
        assert!(!Plan::of(AttributeSet::of(&[Attribute::Nice])).is_stat_only());
    }
}
