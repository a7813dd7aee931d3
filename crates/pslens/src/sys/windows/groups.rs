//! Processor groups: Windows counts CPUs in groups of at most 64, and from 0 in each of them.
//!
//! Here CPUs are numbered through all groups: those of the second group follow those of the first. A machine
//! with up to 64 CPUs has one group. Most calls answer for the group of the thread that asks, and only for
//! that one.

use std::io;

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

    /// What `ask` is told of each group that has CPUs, with the number of the group's first CPU.
    ///
    /// It is asked for the only group without naming it: that is the one that this thread is in, and about
    /// that one every Windows answers.
    pub(super) fn ask_each(
        &self,
        mut ask: impl FnMut(Option<u16>) -> io::Result<Vec<u8>>,
    ) -> io::Result<Vec<(u32, Vec<u8>)>> {
        let mut answers = Vec::new();
        for (group, (first, size)) in (0..).zip(self.ranges()) {
            if size > 0 {
                let answer = ask((self.0.len() > 1).then_some(group))?;
                answers.push((first, answer));
            }
        }
        Ok(answers)
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

    #[test]
    fn every_group_that_has_cpus_is_asked() {
        let name = |group: Option<u16>| Ok(vec![u8::try_from(group.unwrap_or(99)).unwrap()]);
        let answers = Groups(vec![64, 0, 12]).ask_each(name).unwrap();
        assert_eq!(answers, [(0, vec![0]), (64, vec![2])]);
        assert_eq!(Groups(vec![8]).ask_each(name).unwrap(), [(0, vec![99])]);
        let refused = |_: Option<u16>| Err(io::ErrorKind::Other.into());
        assert!(Groups(vec![64, 12]).ask_each(refused).is_err());
    }
}
