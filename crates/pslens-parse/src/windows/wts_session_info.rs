//! `WTS_SESSION_INFOW`: the sessions of a machine, as `WTSEnumerateSessionsW` lists them.
//!
//! Format (`wtsapi32.h`): an array of records of 24 bytes: number, name of the station (a pointer to
//! elsewhere) and state. The same since Windows 2000.

use crate::windows::memory::Memory;

const SIZE: usize = 24;

/// `SessionId` of every record; half a one at the end is none.
pub fn session_ids(memory: Memory<'_>) -> impl Iterator<Item = u32> + '_ {
    let records = memory.len().div_euclid(SIZE);
    (0..records).filter_map(move |index| memory.u32(index.checked_mul(SIZE)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sessions_have_numbers() {
        let mut bytes = vec![0; 72];
        bytes[24] = 2;
        // The listener's number.
        bytes[48..52].copy_from_slice(&0x1_0000_u32.to_le_bytes());
        let ids = |bytes| session_ids(Memory::new(bytes, 0)).collect::<Vec<_>>();
        assert_eq!(ids(&bytes), [0, 2, 0x1_0000]);
        assert_eq!(ids(&bytes[..71]), [0, 2]);
        assert_eq!(ids(&[]), []);
    }

    proptest! {
        #[test]
        fn sessions_never_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(session_ids(Memory::new(&input, 0)).count() <= input.len());
        }
    }
}
