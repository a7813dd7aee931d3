//! `QUERY_SERVICE_CONFIGW`: how a service is set up, as `QueryServiceConfigW` tells it.
//!
//! Format (`winsvc.h`): one record of 64 bytes, and behind it the texts that its pointers lead to. The same
//! since Windows NT.

use crate::error::{ParseError, Problem};
use crate::windows::memory::{Memory, Wide};

const SOURCE: &str = "QUERY_SERVICE_CONFIGW";

/// The settings of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config<'a> {
    /// `dwStartType`: 0 boot, 1 system, 2 automatic, 3 on demand, 4 disabled.
    pub start_type: u32,
    /// `lpBinaryPathName`: the command line, quoted as its author thought fit. `None` for a null pointer,
    /// here and below.
    pub binary_path_name: Option<Wide<'a>>,
    /// `lpServiceStartName`: the account, or the driver object.
    pub service_start_name: Option<Wide<'a>>,
    /// `lpDisplayName`: the name for people, in their language.
    pub display_name: Option<Wide<'a>>,
}

/// Decodes the record at the beginning of `memory`.
///
/// # Errors
/// When it is cut short, or a pointer leads out of `memory`.
pub fn parse(memory: Memory<'_>) -> Result<Config<'_>, ParseError> {
    let missing = |field, at| ParseError::new(SOURCE, field, at, Problem::Missing);
    let text = |at, field| match memory.u64(at).ok_or_else(|| missing(field, at))? {
        0 => Ok(None),
        pointer => match memory.wide_until_nul(pointer) {
            None => Err(ParseError::new(SOURCE, field, at, Problem::Malformed)),
            text => Ok(text),
        },
    };
    Ok(Config {
        start_type: memory.u32(4).ok_or_else(|| missing("dwStartType", 4))?,
        binary_path_name: text(16, "lpBinaryPathName")?,
        service_start_name: text(48, "lpServiceStartName")?,
        display_name: text(56, "lpDisplayName")?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADDRESS: u64 = 0x10_0000;

    fn render(start_type: u32, texts: [Option<&str>; 3]) -> Vec<u8> {
        let mut record = vec![0; 64];
        record[4..8].copy_from_slice(&start_type.to_le_bytes());
        for (text, at) in texts.into_iter().zip([16, 48, 56]) {
            let Some(text) = text else { continue };
            let pointer = ADDRESS + record.len() as u64;
            record[at..at + 8].copy_from_slice(&pointer.to_le_bytes());
            record.extend(text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        }
        record
    }

    #[test]
    fn settings_are_found_and_null_is_none() {
        let path = r#""C:\Program Files\a.exe" -k netsvcs"#;
        let bytes = render(2, [Some(path), Some("LocalSystem"), Some("")]);
        let config = parse(Memory::new(&bytes, ADDRESS)).unwrap();
        assert_eq!(config.start_type, 2);
        assert_eq!(config.binary_path_name.unwrap().to_string(), path);
        assert_eq!(
            config.service_start_name.unwrap().to_string(),
            "LocalSystem"
        );
        assert!(config.display_name.unwrap().is_empty());

        let bytes = render(1, [None; 3]);
        let config = parse(Memory::new(&bytes, ADDRESS)).unwrap();
        assert_eq!(config.binary_path_name, None);
        assert_eq!(config.service_start_name, None);
        assert_eq!(config.display_name, None);
    }

    #[test]
    fn cut_short_or_with_pointers_elsewhere_is_an_error() {
        let bytes = render(2, [Some("a"), Some("b"), Some("c")]);
        for length in 0..64 {
            assert!(
                parse(Memory::new(&bytes[..length], ADDRESS)).is_err(),
                "{length}"
            );
        }
        assert!(parse(Memory::new(&bytes, ADDRESS + 0x1000)).is_err());
        assert!(parse(Memory::new(&bytes[..64], ADDRESS)).is_err());
    }

    proptest! {
        #[test]
        fn service_config_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200), address: u64) {
            let _ = parse(Memory::new(&input, address));
        }
    }
}
