//! `SERVICE_DESCRIPTIONW`: what a service is for, as `QueryServiceConfig2W` tells it.
//!
//! Format (`winsvc.h`): a pointer, null if there is no description, and behind it the text. The same since
//! Windows 2000.

use crate::error::{ParseError, Problem};
use crate::windows::memory::{Memory, Wide};

const SOURCE: &str = "SERVICE_DESCRIPTIONW";
const FIELD: &str = "lpDescription";

/// Decodes the description at the beginning of `memory`; `None` for a null pointer.
///
/// # Errors
/// When it is cut short, or the pointer leads out of `memory`.
pub fn parse(memory: Memory<'_>) -> Result<Option<Wide<'_>>, ParseError> {
    match memory.u64(0) {
        None => Err(ParseError::new(SOURCE, FIELD, 0, Problem::Missing)),
        Some(0) => Ok(None),
        Some(pointer) => match memory.wide_until_nul(pointer) {
            None => Err(ParseError::new(SOURCE, FIELD, 0, Problem::Malformed)),
            text => Ok(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn description_is_behind_its_pointer() {
        let mut bytes = 0x1008_u64.to_le_bytes().to_vec();
        bytes.extend([0x48, 0, 0x69, 0, 0, 0, 0x21, 0]);
        let parse_at = |address| parse(Memory::new(&bytes, address));
        assert_eq!(parse_at(0x1000).unwrap().unwrap().to_string(), "Hi");
        assert!(parse_at(0x2000).is_err());
        assert!(parse_at(0x100).is_err());

        assert_eq!(parse(Memory::new(&[0; 8], 0)), Ok(None));
        assert!(parse(Memory::new(&[0; 7], 0)).is_err());
        assert!(parse(Memory::new(&[], 0)).is_err());
    }

    proptest! {
        #[test]
        fn service_description_never_panics(input in proptest::collection::vec(any::<u8>(), 0..60), address: u64) {
            let _ = parse(Memory::new(&input, address));
        }
    }
}
