//! `SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX`: cores, packages, caches, of which only the cores are decoded.
//!
//! What `GetLogicalProcessorInformationEx` fills in, since Windows 7: structures of different lengths, each
//! of which says its own. Windows 11 has relationships that Windows 10 has not, and the reserved bytes of
//! one version are fields of another; neither is of interest here.

use core::iter;

use super::Memory;
use super::fields::Fields;
use crate::error::ParseError;

const SOURCE: &str = "SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX";

/// Relationship and size, with which every structure begins.
const HEADER: usize = 8;

/// What stands in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogicalProcessorInformation {
    /// `RelationProcessorCore`: a core, with one or more CPUs.
    Core {
        /// How efficient it is, in comparison: in machines with different cores the fast ones have the
        /// larger numbers. Since Windows 10.
        efficiency_class: u8,
    },
    /// Something else, by its number.
    Other(u32),
}

/// Decodes the structures.
///
/// # Errors
/// Of the last row, when the input ends within it, or its size is less than that of its fields.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<LogicalProcessorInformation, ParseError>> {
    let memory = Memory::new(input, 0);
    let mut next = 0;
    iter::from_fn(move || {
        if next >= input.len() {
            return None;
        }
        let start = next;
        // The last one, unless it turns out to be sound.
        next = input.len();
        let fields = Fields::new(SOURCE, memory, start);
        let size = match fields.u32("Size", 4) {
            Ok(size) => usize::try_from(size).unwrap_or(usize::MAX),
            Err(error) => return Some(Err(error)),
        };
        let Some(structure) = memory.slice(start, size).filter(|_| size >= HEADER) else {
            return Some(Err(fields.malformed("Size", 4)));
        };
        let row = row(structure);
        if row.is_ok() {
            next = start.saturating_add(size);
        }
        Some(row)
    })
}

fn row(structure: &[u8]) -> Result<LogicalProcessorInformation, ParseError> {
    let fields = Fields::new(SOURCE, Memory::new(structure, 0), 0);
    Ok(match fields.u32("Relationship", 0)? {
        0 => LogicalProcessorInformation::Core {
            efficiency_class: fields.u8("Processor.EfficiencyClass", 9)?,
        },
        other => LogicalProcessorInformation::Other(other),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn structure(relationship: u32, body: &[u8]) -> Vec<u8> {
        let size = u32::try_from(HEADER + body.len()).unwrap();
        let mut bytes = relationship.to_le_bytes().to_vec();
        bytes.extend(size.to_le_bytes());
        bytes.extend(body);
        bytes
    }

    /// A core with CPUs in one group.
    fn core(efficiency_class: u8, mask: u64, group: u16) -> Vec<u8> {
        let mut body = vec![u8::from(mask.count_ones() > 1), efficiency_class];
        body.extend([0; 20]);
        body.extend(1_u16.to_le_bytes());
        body.extend(mask.to_le_bytes());
        body.extend(group.to_le_bytes());
        body.extend([0; 6]);
        structure(0, &body)
    }

    #[test]
    fn cores_among_other_structures() {
        let mut input = core(1, 0b11, 0);
        // A package with two groups, and a relationship of a later Windows.
        input.extend(structure(3, &[0; 24 + 2 * 16]));
        input.extend(core(0, 0b100, 0));
        input.extend(structure(7, &[]));
        let rows: Vec<_> = rows(&input).map(Result::unwrap).collect();
        let core = |efficiency_class| LogicalProcessorInformation::Core { efficiency_class };
        assert_eq!(rows[0], core(1));
        assert_eq!(rows[1], LogicalProcessorInformation::Other(3));
        assert_eq!(rows[2], core(0));
        assert_eq!(rows[3], LogicalProcessorInformation::Other(7));
        assert_eq!(rows.len(), 4);
    }

    #[test]
    fn sizes_that_do_not_lead_on_end_in_an_error() {
        for size in [0, 1, 7, 9, 1_000, u32::MAX] {
            let mut input = core(0, 1, 0);
            input[4..8].copy_from_slice(&u32::to_le_bytes(size));
            let rows: Vec<_> = rows(&input).collect();
            assert_eq!(rows.len(), 1, "{size}");
            assert!(rows[0].is_err(), "{size}");
        }
        assert!(rows(&core(0, 1, 0)[..7]).all(|row| row.is_err()));
        assert_eq!(rows(&[]).count(), 0);
    }

    proptest! {
        #[test]
        fn logical_processors_never_panic_and_end(
            input in proptest::collection::vec(any::<u8>(), 0..200),
            relationship in 0_u32..9,
            size in 0_u32..100,
        ) {
            let mut structured = relationship.to_le_bytes().to_vec();
            structured.extend(size.to_le_bytes());
            structured.extend(&input);
            for input in [&input, &structured] {
                prop_assert!(rows(input).count() <= input.len() / HEADER + 1);
            }
        }
    }
}
