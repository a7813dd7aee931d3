//! `TOKEN_USER`: whose a process is.
//!
//! `GetTokenInformation(TokenUser)`: a pointer to a SID, 4 bytes of attributes, and the SID behind them. A
//! SID is its revision (1 byte), how many sub-authorities it has (1 byte, at most 15), the authority
//! (6 bytes), and the sub-authorities (4 bytes each).

use super::Memory;
use crate::{ParseError, Problem};

const MOST_SUB_AUTHORITIES: u8 = 15;

/// The bytes of the SID.
///
/// # Errors
/// Bytes are missing, the pointer leads outside, or what it leads to is no SID.
pub fn sid(memory: Memory<'_>) -> Result<&[u8], ParseError> {
    let error = |problem, at| ParseError::new("TOKEN_USER", "Sid", at, problem);
    let pointer = memory.u64(0).ok_or(error(Problem::Missing, 0))?;
    let at = memory
        .offset(pointer)
        .ok_or(error(Problem::OutOfRange, 0))?;
    let sub_authorities = memory
        .u8(at.saturating_add(1))
        .ok_or(error(Problem::Missing, at))?;
    if memory.u8(at) != Some(1) || sub_authorities > MOST_SUB_AUTHORITIES {
        return Err(error(Problem::Malformed, at));
    }
    let length = usize::from(sub_authorities)
        .saturating_mul(4)
        .saturating_add(8);
    memory.slice(at, length).ok_or(error(Problem::Missing, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S-1-5-21-1-2-3-1000.
    const SID: [u8; 28] = [
        1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xe8, 3, 0, 0,
    ];

    /// The answer at address 0x1000, with what follows the attributes.
    fn token(pointer: u64, rest: &[u8]) -> Vec<u8> {
        let mut bytes = pointer.to_le_bytes().to_vec();
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(rest);
        bytes
    }

    fn check(bytes: &[u8], expect: Result<&[u8], Problem>) {
        let got = sid(Memory::new(bytes, 0x1000)).map_err(|error| error.problem());
        assert_eq!(got, expect, "{bytes:02x?}");
    }

    #[test]
    fn token_user_leads_to_its_sid() {
        check(&token(0x1010, &SID), Ok(&SID));
        let mut more = SID.to_vec();
        more.push(7);
        check(&token(0x1010, &more), Ok(&SID));
        check(
            &token(0x1010, &[1, 0, 0, 0, 0, 0, 0, 5]),
            Ok(&[1, 0, 0, 0, 0, 0, 0, 5]),
        );
    }

    #[test]
    fn token_user_that_leads_nowhere() {
        check(&[], Err(Problem::Missing));
        check(&token(0, &SID), Err(Problem::OutOfRange));
        check(&token(0x0fff, &SID), Err(Problem::OutOfRange));
        check(&token(0x2000, &SID), Err(Problem::OutOfRange));
        check(&token(0x1010, &SID[..27]), Err(Problem::Missing));
        check(&token(0x1010, &SID[..1]), Err(Problem::Missing));
        check(&token(0x1010, &[2, 1, 0, 0]), Err(Problem::Malformed));
        check(&token(0x1010, &[1, 16, 0, 0]), Err(Problem::Malformed));
    }
}
