//! `ProcessHandleInformation`: the handles that one process holds.
//!
//! Layout (`PROCESS_HANDLE_SNAPSHOT_INFORMATION`, since Windows 8): how many, a reserved word, then 40 bytes
//! for each, `PROCESS_HANDLE_TABLE_ENTRY_INFO`.

use super::Memory;

/// Where the first entry is.
const HEADER: usize = 16;
const ENTRY: usize = 40;

/// One handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its value, which means something to its owner only.
    pub handle_value: u64,
    /// What it may be used for.
    pub granted_access: u32,
    /// What kind of object it leads to: a number that the kernel gives out as it starts.
    pub object_type_index: u32,
}

/// Iterates over the handles. What was cut off is not there.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Row> {
    let count = Memory::new(input, 0).u64(0).unwrap_or_default();
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let entries = input.get(HEADER..).unwrap_or_default().chunks_exact(ENTRY);
    entries.take(count).filter_map(row)
}

fn row(entry: &[u8]) -> Option<Row> {
    let entry = Memory::new(entry, 0);
    Some(Row {
        handle_value: entry.u64(0)?,
        granted_access: entry.u32(24)?,
        object_type_index: entry.u32(28)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(count: u64, rows: &[Row]) -> Vec<u8> {
        let mut bytes = count.to_le_bytes().to_vec();
        bytes.extend(0_u64.to_le_bytes());
        for row in rows {
            bytes.extend(row.handle_value.to_le_bytes());
            // HandleCount, PointerCount.
            bytes.extend(1_u64.to_le_bytes());
            bytes.extend(32_769_u64.to_le_bytes());
            bytes.extend(row.granted_access.to_le_bytes());
            bytes.extend(row.object_type_index.to_le_bytes());
            // HandleAttributes, Reserved.
            bytes.extend(2_u32.to_le_bytes());
            bytes.extend([0xff; 4]);
        }
        bytes
    }

    const ROWS: [Row; 2] = [
        Row {
            handle_value: 4,
            granted_access: 0x001f_0003,
            object_type_index: 16,
        },
        Row {
            handle_value: 0x1_0000_0008,
            granted_access: 0x0012_0089,
            object_type_index: 37,
        },
    ];

    #[test]
    fn as_many_as_are_said_to_be() {
        assert!(rows(&render(2, &ROWS)).eq(ROWS));
        assert!(rows(&render(1, &ROWS)).eq([ROWS[0]]));
        assert!(rows(&render(0, &ROWS)).eq([]));
    }

    #[test]
    fn as_many_as_there_are() {
        for count in [3, u64::MAX] {
            assert!(rows(&render(count, &ROWS)).eq(ROWS));
        }
        let bytes = render(2, &ROWS);
        for length in 0..bytes.len() {
            let found = rows(&bytes[..length]).count();
            assert_eq!(found, length.saturating_sub(HEADER) / ENTRY);
        }
    }
}
