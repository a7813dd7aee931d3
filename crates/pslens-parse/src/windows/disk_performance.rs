//! `DISK_PERFORMANCE`: what a disk has done, as `IOCTL_DISK_PERFORMANCE` fills it in.
//!
//! 88 bytes; the same on 32 and 64 bits and since Windows 2000. Times are in units of 100 ns.

use super::Memory;
use crate::error::{ParseError, Problem};

const SOURCE: &str = "DISK_PERFORMANCE";

/// What a disk has done since its counters were switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskPerformance {
    /// Bytes read.
    pub bytes_read: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Time that reads took, in units of 100 ns.
    pub read_time: u64,
    /// Time that writes took, in units of 100 ns.
    pub write_time: u64,
    /// Reads completed.
    pub read_count: u32,
    /// Writes completed.
    pub write_count: u32,
}

/// Decodes the structure.
///
/// # Errors
/// If it is cut off, or a number is negative.
pub fn parse(input: &[u8]) -> Result<DiskPerformance, ParseError> {
    let memory = Memory::new(input, 0);
    let error = |field, at, problem| ParseError::new(SOURCE, field, at, problem);
    let large = |at, field| {
        let number = memory.i64(at);
        let number = number.ok_or_else(|| error(field, at, Problem::Missing))?;
        u64::try_from(number).map_err(|_| error(field, at, Problem::OutOfRange))
    };
    let small = |at, field| {
        let number = memory.u32(at);
        number.ok_or_else(|| error(field, at, Problem::Missing))
    };
    Ok(DiskPerformance {
        bytes_read: large(0, "BytesRead")?,
        bytes_written: large(8, "BytesWritten")?,
        read_time: large(16, "ReadTime")?,
        write_time: large(24, "WriteTime")?,
        read_count: small(40, "ReadCount")?,
        write_count: small(44, "WriteCount")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk() -> Vec<u8> {
        let mut bytes = Vec::new();
        for large in [512_u64, 1 << 40, 123_456_789, 10_000_001, 77] {
            bytes.extend(large.to_le_bytes());
        }
        for small in [1_u32, u32::MAX, 3, 4] {
            bytes.extend(small.to_le_bytes());
        }
        // QueryTime, StorageDeviceNumber, StorageManagerName, padding.
        bytes.extend([9; 32]);
        bytes
    }

    #[test]
    fn every_field_has_its_place() {
        assert_eq!(disk().len(), 88);
        let expect = DiskPerformance {
            bytes_read: 512,
            bytes_written: 1 << 40,
            read_time: 123_456_789,
            write_time: 10_000_001,
            read_count: 1,
            write_count: u32::MAX,
        };
        assert_eq!(parse(&disk()), Ok(expect));
    }

    #[test]
    fn negative_and_missing_numbers() {
        for (at, field) in [
            (0, "BytesRead"),
            (8, "BytesWritten"),
            (16, "ReadTime"),
            (24, "WriteTime"),
        ] {
            let mut bytes = disk();
            bytes[at + 7] = 0x80;
            let error = parse(&bytes).unwrap_err();
            assert_eq!(
                (error.field(), error.problem()),
                (field, Problem::OutOfRange)
            );
        }
        for length in 0..48 {
            let error = parse(&disk()[..length]).unwrap_err();
            assert_eq!(error.problem(), Problem::Missing);
        }
        assert!(parse(&disk()[..48]).is_ok());
    }
}
