//! `SystemExtendedHandleInformation`: the handles of all processes.
//!
//! Layout (`SYSTEM_HANDLE_INFORMATION_EX`, since Windows XP): how many, a reserved word, then 40 bytes for
//! each, `SYSTEM_HANDLE_TABLE_ENTRY_INFO_EX`.

use super::Memory;

/// Where the first entry is.
const HEADER: usize = 16;
const ENTRY: usize = 40;

/// One handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its owner.
    pub unique_process_id: u64,
    /// Its value, which means something to its owner only.
    pub handle_value: u64,
    /// What it may be used for.
    pub granted_access: u32,
    /// What kind of object it leads to: a number that the kernel gives out as it starts.
    pub object_type_index: u16,
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
        unique_process_id: entry.u64(8)?,
        handle_value: entry.u64(16)?,
        granted_access: entry.u32(24)?,
        object_type_index: entry.u16(30)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(count: u64, rows: &[Row]) -> Vec<u8> {
        let mut bytes = count.to_le_bytes().to_vec();
        bytes.extend(0_u64.to_le_bytes());
        for row in rows {
            // Object: null, or an address of the kernel.
            bytes.extend(0xffff_a00d_1234_5060_u64.to_le_bytes());
            bytes.extend(row.unique_process_id.to_le_bytes());
            bytes.extend(row.handle_value.to_le_bytes());
            bytes.extend(row.granted_access.to_le_bytes());
            // CreatorBackTraceIndex.
            bytes.extend(0xeeee_u16.to_le_bytes());
            bytes.extend(row.object_type_index.to_le_bytes());
            // HandleAttributes, Reserved.
            bytes.extend([0xff; 8]);
        }
        bytes
    }

    const ROWS: [Row; 2] = [
        Row {
            unique_process_id: 4,
            handle_value: 4,
            granted_access: 0x001f_ffff,
            object_type_index: 7,
        },
        Row {
            unique_process_id: 4312,
            handle_value: 0x20c,
            granted_access: 0x0012_019f,
            object_type_index: 300,
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
