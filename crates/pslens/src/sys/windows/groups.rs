//! Processor groups: Windows counts CPUs in groups of at most 64, and from 0 in each of them.
//!
//! A machine with up to 64 CPUs has one group, whose numbers are the machine's. Most calls answer for the
//! group of the thread that asks, and only for that one.

use pslens_parse::windows::logical_processor_information::{LogicalProcessorInformation, rows};
use windows_sys::Win32::System::SystemInformation::RelationGroup;

use crate::error::{Error, Result};
use crate::sys::windows::ffi;

/// A processor group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) number: u16,
    /// The number in the machine of the CPU that has 0 in the group.
    pub(super) first: u32,
    /// Its CPUs that are active, a bit for each.
    pub(super) active: u64,
}

impl Group {
    /// The numbers in the machine of its CPUs, ascending.
    pub(super) fn cpus(self) -> impl Iterator<Item = u32> {
        (0..u64::BITS)
            .filter(move |bit| self.active >> bit & 1 == 1)
            .map(move |bit| self.first.saturating_add(bit))
    }
}

/// All groups that have CPUs, in the order of their numbers; at least one.
pub(super) fn all(operation: &'static str) -> Result<Vec<Group>> {
    let table = ffi::machine::logical_processor_information(RelationGroup)
        .map_err(|error| Error::os(operation, error))?;
    let invalid = |error| Error::invalid_data(operation, error);
    let mut masks = Vec::new();
    for row in rows(&table) {
        if let LogicalProcessorInformation::Groups(groups) = row.map_err(invalid)? {
            for mask in groups.active_masks() {
                masks.push(mask.map_err(invalid)?);
            }
        }
    }
    let groups = of_masks(&masks);
    if groups.is_empty() {
        return Err(Error::unsupported(
            operation,
            "Windows names no processor group",
        ));
    }
    Ok(groups)
}

fn of_masks(masks: &[u64]) -> Vec<Group> {
    let mut first: u32 = 0;
    let mut groups = Vec::new();
    for (number, &active) in (0..).zip(masks) {
        if active != 0 {
            groups.push(Group {
                number,
                first,
                active,
            });
        }
        first = first.saturating_add(u64::BITS - active.leading_zeros());
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_group_follow_those_of_the_one_before() {
        let groups = of_masks(&[0xf, u64::MAX, 0b101]);
        let firsts: Vec<_> = groups.iter().map(|group| group.first).collect();
        assert_eq!(firsts, [0, 4, 68]);
        assert_eq!(groups[2].cpus().collect::<Vec<_>>(), [68, 70]);
        assert_eq!(groups[1].cpus().count(), 64);
    }

    #[test]
    fn groups_without_cpus_are_left_out_and_keep_their_numbers() {
        let groups = of_masks(&[0b1, 0, 0b11]);
        let numbers: Vec<_> = groups.iter().map(|group| group.number).collect();
        assert_eq!(numbers, [0, 2]);
        assert_eq!(groups[1].cpus().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(of_masks(&[]), []);
    }
}
