//! `ObjectNameInformation`: what an object is called in the kernel's name space.
//!
//! Layout (`OBJECT_NAME_INFORMATION`, all of Windows): a `UNICODE_STRING`, which is a length in bytes, the
//! room for it, a pointer; then the text that it points to. Objects without a name have a null pointer.

use super::{Memory, Wide};

/// The name: of a file its path, as `\Device\HarddiskVolume3\autoexec.bat`. `None` if it has none, or if
/// it is not all in the memory.
#[must_use]
pub fn name(memory: Memory<'_>) -> Option<Wide<'_>> {
    let length = usize::from(memory.u16(0)?);
    let text = memory.wide(memory.offset(memory.u64(8)?)?, length)?;
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: u64 = 0x7ff0_0000_0010;

    fn render(length: u16, pointer: u64, text: &[u16]) -> Vec<u8> {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend(length.saturating_add(2).to_le_bytes());
        bytes.extend([0xaa; 4]);
        bytes.extend(pointer.to_le_bytes());
        bytes.extend(text.iter().flat_map(|unit| unit.to_le_bytes()));
        bytes
    }

    fn check(length: u16, pointer: u64, expect: Option<&[u16]>) {
        let bytes = render(length, pointer, &[0x5c, 0xd800, 0x61, 0]);
        let name = name(Memory::new(&bytes, ADDRESS)).map(|name| name.units().collect::<Vec<_>>());
        assert_eq!(name.as_deref(), expect, "{length} at {pointer:#x}");
    }

    #[test]
    fn the_text_that_is_pointed_to() {
        check(6, ADDRESS + 16, Some(&[0x5c, 0xd800, 0x61]));
        check(2, ADDRESS + 20, Some(&[0x61]));
        check(5, ADDRESS + 16, Some(&[0x5c, 0xd800]));
    }

    #[test]
    fn nothing_and_nowhere() {
        check(0, 0, None);
        check(0, ADDRESS + 16, None);
        check(6, 0, None);
        check(6, 16, None);
        check(6, ADDRESS - 1, None);
        check(6, ADDRESS + 24, None);
        check(10, ADDRESS + 16, None);
        check(u16::MAX, ADDRESS + 16, None);
        check(6, u64::MAX, None);
    }

    #[test]
    fn cut_short() {
        let bytes = render(6, ADDRESS + 16, &[0x5c, 0x61, 0x62]);
        for length in 0..bytes.len() {
            assert_eq!(name(Memory::new(&bytes[..length], ADDRESS)), None);
        }
        assert!(name(Memory::new(&bytes, ADDRESS)).is_some());
    }
}
