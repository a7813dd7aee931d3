//! `ENUM_SERVICE_STATUS_PROCESSW`: the services and what they do, as `EnumServicesStatusExW` lists them.
//!
//! Format (`winsvc.h`): an array of records of 56 bytes, and behind it the texts that its pointers lead to.
//! The same since Windows 2000.

use crate::error::{ParseError, Problem};
use crate::windows::memory::{Memory, Wide};

const SOURCE: &str = "ENUM_SERVICE_STATUS_PROCESSW";
const SIZE: usize = 56;

/// One service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// `lpServiceName`: the name in the data base.
    pub name: Wide<'a>,
    /// `lpDisplayName`: the name for people, in their language.
    pub display_name: Wide<'a>,
    /// `dwCurrentState`: 1 stopped, 2 start pending, 3 stop pending, 4 running, 5 continue pending, 6 pause
    /// pending, 7 paused.
    pub state: u32,
    /// `dwProcessId`: 0 if none runs.
    pub pid: u32,
}

/// The first `count` records, or as many as there is room for.
pub fn rows(memory: Memory<'_>, count: usize) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let room = memory.len().div_euclid(SIZE);
    (0..room.min(count)).map(move |index| row(memory, index.saturating_mul(SIZE)))
}

fn row(memory: Memory<'_>, start: usize) -> Result<Row<'_>, ParseError> {
    let number = |at, field| {
        let at = start.saturating_add(at);
        let missing = || ParseError::new(SOURCE, field, at, Problem::Missing);
        memory.u32(at).ok_or_else(missing)
    };
    let text = |at, field| {
        let at = start.saturating_add(at);
        let pointer = memory.u64(at).unwrap_or(0);
        let nowhere = || ParseError::new(SOURCE, field, at, Problem::Malformed);
        memory.wide_until_nul(pointer).ok_or_else(nowhere)
    };
    Ok(Row {
        name: text(0, "lpServiceName")?,
        display_name: text(8, "lpDisplayName")?,
        state: number(20, "dwCurrentState")?,
        pid: number(44, "dwProcessId")?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADDRESS: u64 = 0x7ff0_0000;

    fn wide(text: &[u16]) -> Vec<u8> {
        let units = text.iter().copied().chain([0]);
        units.flat_map(u16::to_le_bytes).collect()
    }

    fn record(name: u64, display_name: u64, state: u32, pid: u32) -> Vec<u8> {
        let mut bytes = [name.to_le_bytes(), display_name.to_le_bytes()].concat();
        // Type, state, controls, exit codes, check point, hint, process, flags; and what aligns the next.
        for number in [0x10, state, 1, 0, 0, 0, 0, pid, 0, 0] {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }

    /// Two services, the second with a lone surrogate in its display name.
    fn two() -> Vec<u8> {
        let texts = ADDRESS + 2 * 56;
        let mut bytes = record(texts, texts + 10, 4, 612);
        bytes.extend(record(texts + 24, texts + 24, 1, 0));
        bytes.extend(wide(&"Dhcp".encode_utf16().collect::<Vec<_>>()));
        bytes.extend(wide(&"Client".encode_utf16().collect::<Vec<_>>()));
        bytes.extend(wide(&[0xd83d, 0x78]));
        bytes
    }

    #[test]
    fn services_have_names_states_and_processes() {
        let bytes = two();
        let memory = Memory::new(&bytes, ADDRESS);
        let rows: Vec<_> = rows(memory, 2).map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].name.to_string(), "Dhcp");
        assert_eq!(rows[0].display_name.to_string(), "Client");
        assert_eq!((rows[0].state, rows[0].pid), (4, 612));
        assert_eq!(rows[1].name.units().collect::<Vec<_>>(), [0xd83d, 0x78]);
        assert_eq!((rows[1].state, rows[1].pid), (1, 0));
    }

    #[test]
    fn names_elsewhere_are_errors_and_counts_are_not_believed() {
        let bytes = two();
        // At another address every pointer leads outside.
        for address in [0, ADDRESS + 0x1000, u64::MAX] {
            let memory = Memory::new(&bytes, address);
            assert!(rows(memory, 2).all(|row| row.is_err()), "{address:#x}");
        }
        let null = record(0, ADDRESS, 4, 1);
        assert!(rows(Memory::new(&null, ADDRESS), 1).all(|row| row.is_err()));

        let memory = Memory::new(&bytes[..111], ADDRESS);
        assert_eq!(rows(memory, usize::MAX).count(), 1);
        assert_eq!(rows(Memory::new(&bytes, ADDRESS), 0).count(), 0);
        // Text that was cut in the middle of a unit ends before it.
        let cut = &bytes[..bytes.len() - 3];
        let last = rows(Memory::new(cut, ADDRESS), 2).last().unwrap().unwrap();
        assert_eq!(last.name.units().count(), 1);
    }

    proptest! {
        #[test]
        fn service_list_never_panics(input in proptest::collection::vec(any::<u8>(), 0..300), address: u64, count: usize) {
            prop_assert!(rows(Memory::new(&input, address), count).count() <= input.len());
        }
    }
}
