//! Where each attribute comes from: the one table, and what a query makes of it.

use crate::process::{Attribute, AttributeSet};

/// What is asked about a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Nothing: it is known, or Windows does not have it.
    Nothing,
    /// The table of all processes.
    Table,
    /// A handle, which is a thousand times cheaper than the table of all; or the table, which has it as well:
    /// where it is read anyway, and of a process that refuses the handle.
    Either,
    /// A handle.
    Handle,
    /// The number, where a handle is refused or of no use.
    Number,
}

/// The table: what each attribute is decoded from.
const fn source(attribute: Attribute) -> Source {
    match attribute {
        Attribute::Pid
        | Attribute::CpuNum
        | Attribute::Gids
        | Attribute::NumFds
        | Attribute::Terminal
        | Attribute::Uids => Source::Nothing,
        Attribute::NumCtxSwitches
        | Attribute::NumThreads
        | Attribute::PageFaults
        | Attribute::Status
        | Attribute::Threads => Source::Table,
        Attribute::CpuPercent
        | Attribute::CpuTimes
        | Attribute::CreateTime
        | Attribute::IoCounters
        | Attribute::MemoryInfo
        | Attribute::MemoryInfoEx
        | Attribute::MemoryPercent
        | Attribute::Name
        | Attribute::NumHandles
        | Attribute::Ppid => Source::Either,
        Attribute::Cmdline
        | Attribute::CpuAffinity
        | Attribute::Cwd
        | Attribute::Environ
        | Attribute::Ionice
        | Attribute::MemoryFootprint
        | Attribute::MemoryFullInfo
        | Attribute::MemoryMaps
        | Attribute::Nice
        | Attribute::OpenFiles
        | Attribute::Username => Source::Handle,
        Attribute::Exe | Attribute::NetConnections => Source::Number,
    }
}

/// What a query will read, known before the first process is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Plan {
    /// Something of the set is in the table only: then it answers whatever else it has.
    pub(super) needs_table: bool,
}

impl Plan {
    /// For a set of attributes that is known in advance.
    pub(super) fn of(attributes: AttributeSet) -> Self {
        Self {
            needs_table: attributes.iter().any(|of| source(of) == Source::Table),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_for_what_nothing_else_has() {
        let check = |attributes: &[Attribute], expect| {
            let plan = Plan::of(AttributeSet::of(attributes));
            assert_eq!(plan.needs_table, expect, "{attributes:?}");
        };
        check(&[], false);
        check(
            &[Attribute::Name, Attribute::CpuTimes, Attribute::Exe],
            false,
        );
        check(&[Attribute::Name, Attribute::Status], true);
        check(Attribute::ALL, true);
    }
}
