//! On which CPUs a process may run.
//!
//! A mask says which CPUs of a group, of up to 64.
//!
//! Up to Windows 10 a process is in one group, unless it moves threads to others itself. Since Windows 11 and
//! Server 2022 it is in all of them until it is confined to one.

use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};

use windows_sys::Win32::Foundation::ERROR_INVALID_PARAMETER;
use windows_sys::Win32::System::Threading::PROCESS_SET_INFORMATION;

use super::control::failure;
use super::handle::Handle;
use super::reader::Reader;
use crate::error::{Error, Result};
use crate::process::{Attribute, Target};
use crate::sys::windows::errors::code;
use crate::sys::windows::ffi;
use crate::sys::windows::groups::Groups;

impl Reader {
    pub(crate) fn cpu_affinity(&mut self) -> Result<Vec<u32>> {
        let operation = Attribute::CpuAffinity.operation();
        let pid = self.pid;
        let cpus = cpus_of(self.handle(0, operation)?.as_handle());
        cpus.map_err(|error| Error::os_pid(operation, pid, error))
    }
}

/// How many CPUs this process may run on.
pub(in crate::sys::windows) fn count_of_self() -> io::Result<u32> {
    let cpus = cpus_of(ffi::handles::this_process())?;
    Ok(u32::try_from(cpus.len()).unwrap_or(u32::MAX))
}

/// The CPUs of a process, in ascending order.
fn cpus_of(process: BorrowedHandle<'_>) -> io::Result<Vec<u32>> {
    let groups = Groups::of_system();
    let mine = groups.of(process)?;
    match *mine.as_slice() {
        [group] => Ok(match ffi::control::affinity(process)?.process {
            // It is in several groups since it was asked in which.
            0 => groups.all_of(&mine),
            mask => groups.cpus(group, mask),
        }),
        // A mask speaks of one group only. To be in several means not to be confined in any.
        _ => Ok(groups.all_of(&mine)),
    }
}

pub(crate) fn set_cpu_affinity(target: &Target<'_>, cpus: &[u32]) -> Result<()> {
    let groups = Groups::of_system();
    let handle = Handle::of(target, PROCESS_SET_INFORMATION)?;
    let process = handle.as_handle();
    let fail = |error| failure(target, &handle, error);
    let mut wanted = cpus.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let before = cpus_of(process).map_err(fail)?;
    if wanted == before {
        return Ok(());
    }
    let (group, mask) = groups.mask(&wanted).map_err(|refusal| {
        let accepted = groups.accepted();
        Error::invalid_argument(target.operation, "cpus", refusal, accepted)
    })?;
    let set = |group, mask| match *groups.of(process)?.as_slice() {
        [only] if only == group => ffi::control::set_affinity(process, mask),
        // In several groups, or in another one: the kernel must be told which is meant.
        _ => ffi::control::set_group_affinity(process, group, mask),
    };
    let refused = |cpu: Option<u32>| {
        let given = Refusal::Missing(cpu.unwrap_or_default());
        Error::invalid_argument(target.operation, "cpus", given, groups.accepted())
    };
    match set(group, mask) {
        Ok(()) => {}
        // Not one of those that are there, or, before Windows 11, of another group than its own.
        Err(error) if code(&error) == Some(ERROR_INVALID_PARAMETER) => {
            let mine = |cpu: &&u32| !before.contains(cpu);
            return Err(refused(
                wanted.iter().find(mine).or(wanted.first()).copied(),
            ));
        }
        Err(error) => return Err(fail(error)),
    }
    // A job can confine its processes further, and does not say so.
    let after = cpus_of(process).map_err(fail)?;
    match wanted.iter().find(|cpu| !after.contains(cpu)) {
        None => Ok(()),
        Some(cpu) => {
            if let Ok((group, mask)) = groups.mask(&before) {
                set(group, mask).map_err(fail)?;
            }
            Err(refused(Some(*cpu)))
        }
    }
}

pub(crate) fn reset_cpu_affinity(target: &Target<'_>) -> Result<()> {
    let handle = Handle::of(target, PROCESS_SET_INFORMATION)?;
    let process = handle.as_handle();
    let reset = || match *Groups::of_system().of(process)?.as_slice() {
        [_] => match ffi::control::affinity(process)?.system {
            0 => Ok(()),
            every => ffi::control::set_affinity(process, every),
        },
        // It is confined nowhere.
        _ => Ok(()),
    };
    reset().map_err(|error| failure(target, &handle, error))
}

/// Why CPUs make no mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    None,
    Missing(u32),
    /// Not of the same group as the first one.
    Elsewhere(u32),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Missing(cpu) => write!(f, "{cpu}"),
            Self::Elsewhere(cpu) => write!(f, "{cpu} with others of another processor group"),
        }
    }
}

impl Groups {
    /// Those that the process is in.
    fn of(&self, process: BorrowedHandle<'_>) -> io::Result<Vec<u16>> {
        match self.0.as_slice() {
            // There is nothing to ask.
            [_] => Ok(vec![0]),
            _ => ffi::control::groups(process),
        }
    }

    fn range(&self, group: u16) -> Option<(u32, u32)> {
        self.ranges().nth(usize::from(group))
    }

    /// The CPUs of a mask of one group.
    fn cpus(&self, group: u16, mask: usize) -> Vec<u32> {
        let Some((first, _)) = self.range(group) else {
            return Vec::new();
        };
        let bits = (0..usize::BITS).filter(|bit| mask >> bit & 1 == 1);
        bits.map(|bit| first.saturating_add(bit)).collect()
    }

    /// Every CPU of several groups.
    fn all_of(&self, groups: &[u16]) -> Vec<u32> {
        let ranges = groups.iter().filter_map(|group| self.range(*group));
        let mut cpus: Vec<u32> = ranges
            .flat_map(|(first, size)| first..first.saturating_add(size))
            .collect();
        cpus.sort_unstable();
        cpus.dedup();
        cpus
    }

    /// The group that all `cpus` are in, and their mask there.
    fn mask(&self, cpus: &[u32]) -> Result<(u16, usize), Refusal> {
        let place = |cpu: u32| {
            let mut ranges = (0_u16..).zip(self.ranges());
            ranges.find_map(|(group, (first, size))| {
                let bit = cpu.checked_sub(first)?;
                (bit < size.min(usize::BITS)).then_some((group, bit))
            })
        };
        let mut found = None;
        for &cpu in cpus {
            let (group, bit) = place(cpu).ok_or(Refusal::Missing(cpu))?;
            let (first, mask) = found.get_or_insert((group, 0_usize));
            if *first != group {
                return Err(Refusal::Elsewhere(cpu));
            }
            *mask |= 1 << bit;
        }
        found.ok_or(Refusal::None)
    }

    fn accepted(&self) -> String {
        let ranges: Vec<_> = self
            .ranges()
            .filter_map(|(first, size)| Some((first, first.checked_add(size.checked_sub(1)?)?)))
            .map(|(first, last)| format!("{first}-{last}"))
            .collect();
        match ranges.as_slice() {
            [all] => format!("one or more CPUs of {all}, as far as its job allows"),
            _ => format!(
                "one or more CPUs of one processor group, {}, as far as its job allows",
                ranges.join(" or ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_and_numbers_are_the_same_cpus() {
        let large = Groups(vec![64, 64, 12]);
        let check = |groups: &Groups, cpus: &[u32], expect| {
            let found = groups.mask(cpus);
            assert_eq!(found, expect, "{cpus:?}");
            if let Ok((group, mask)) = found {
                assert_eq!(groups.cpus(group, mask), cpus);
            }
        };
        check(&large, &[0], Ok((0, 1)));
        check(&large, &[0, 63], Ok((0, 1 << 63 | 1)));
        check(&large, &[64, 66], Ok((1, 0b101)));
        check(&large, &[139], Ok((2, 1 << 11)));
        check(&large, &[140], Err(Refusal::Missing(140)));
        check(&large, &[1, u32::MAX], Err(Refusal::Missing(u32::MAX)));
        check(&large, &[63, 64], Err(Refusal::Elsewhere(64)));
        check(&large, &[], Err(Refusal::None));
        let small = Groups(vec![4]);
        check(&small, &[0, 1, 2, 3], Ok((0, 0b1111)));
        check(&small, &[4], Err(Refusal::Missing(4)));
        check(&Groups(Vec::new()), &[0], Err(Refusal::Missing(0)));
        // More than a mask has bits cannot be named.
        check(&Groups(vec![u32::MAX]), &[64], Err(Refusal::Missing(64)));
    }

    #[test]
    fn a_process_in_several_groups_may_run_on_all_of_their_cpus() {
        let groups = Groups(vec![2, 3, 2]);
        assert_eq!(groups.all_of(&[2, 0]), [0, 1, 5, 6]);
        assert_eq!(groups.all_of(&[1, 1, 9]), [2, 3, 4]);
        assert!(groups.cpus(9, 1).is_empty());
    }

    #[test]
    fn a_refusal_says_what_there_is() {
        let message = |sizes: &[u32], refusal: Refusal| {
            format!("{refusal}: {}", Groups(sizes.to_vec()).accepted())
        };
        assert_eq!(
            message(&[8], Refusal::Missing(9)),
            "9: one or more CPUs of 0-7, as far as its job allows"
        );
        assert_eq!(
            message(&[64, 8], Refusal::Elsewhere(64)),
            "64 with others of another processor group: one or more CPUs of one processor group, \
             0-63 or 64-71, as far as its job allows"
        );
    }
}
