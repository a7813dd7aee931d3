//! `WTSINFOW`: a session's user and when things happened to it, as `WTSQuerySessionInformationW` tells it.
//!
//! Format (`wtsapi32.h`): one record of 216 bytes. Times count 100 ns since 1601, and are 0 for what has not
//! happened. Since Windows Vista.

use crate::error::{ParseError, Problem};
use crate::windows::memory::Memory;

const SOURCE: &str = "WTSINFOW";

/// When things happened to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// `ConnectTime`: the client's last connection.
    pub connect: i64,
    /// `LogonTime`: the user's login.
    pub logon: i64,
}

/// Decodes the times of the record.
///
/// # Errors
/// When it is cut short.
pub fn parse(memory: Memory<'_>) -> Result<Times, ParseError> {
    let time = |at, field| {
        let missing = || ParseError::new(SOURCE, field, at, Problem::Missing);
        memory.i64(at).ok_or_else(missing)
    };
    Ok(Times {
        connect: time(176, "ConnectTime")?,
        logon: time(200, "LogonTime")?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn render(times: [i64; 5]) -> Vec<u8> {
        // State, session and counters; names of 32, 17 and 21 units; what aligns the times.
        let mut bytes = vec![0xff; 8 * 4 + 2 * (32 + 17 + 21) + 4];
        bytes.extend(times.into_iter().flat_map(i64::to_le_bytes));
        bytes
    }

    #[test]
    fn times_stand_behind_the_names() {
        let bytes = render([1, 2, 3, -4, 5]);
        assert_eq!(bytes.len(), 216);
        let times = parse(Memory::new(&bytes, 0)).unwrap();
        assert_eq!(
            times,
            Times {
                connect: 1,
                logon: -4
            }
        );
        for length in 0..208 {
            assert!(parse(Memory::new(&bytes[..length], 0)).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn session_times_never_panic(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(Memory::new(&input, 0));
        }
    }
}
