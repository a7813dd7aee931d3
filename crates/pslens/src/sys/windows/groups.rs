//! Processor groups: Windows counts CPUs in groups of at most 64, and from 0 in each of them.
//!
//! Here CPUs are numbered through all groups: those of the second group follow those of the first. A machine
//! with up to 64 CPUs has one group. Most calls answer for the group of the thread that asks, and only for
//! that one.

use crate::sys::windows::ffi;

/// How many CPUs the processor groups have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Groups(pub(super) Vec<u32>);

impl Groups {
    pub(super) fn of_system() -> Self {
        Self(ffi::control::group_sizes())
    }

    /// The number of the first CPU of each group, and how many there are.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.0.iter().scan(0_u32, |next, &size| {
            let first = *next;
            *next = first.saturating_add(size);
            Some((first, size))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_group_follow_those_of_the_one_before() {
        let ranges: Vec<_> = Groups(vec![64, 0, 12, u32::MAX, 1]).ranges().collect();
        let rest = (u32::MAX, 1);
        assert_eq!(ranges, [(0, 64), (64, 0), (64, 12), (76, u32::MAX), rest]);
    }
}
