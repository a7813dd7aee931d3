//! Text of Windows: UTF-16 that need not be well-formed.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::{OsStrExt, OsStringExt};

use pslens_parse::windows::Wide;

/// With a NUL at the end, as the API wants it.
pub(super) fn terminated(text: &OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}

/// The text as it is.
pub(super) fn text(wide: Wide<'_>) -> OsString {
    OsString::from_wide(&wide.units().collect::<Vec<_>>())
}

/// What stands before the first NUL, or everything if there is none.
pub(super) fn until_nul(units: &[u16]) -> OsString {
    let end = units.iter().position(|&unit| unit == 0);
    OsString::from_wide(end.map_or(units, |end| &units[..end]))
}

/// The text, unless there is none.
pub(super) fn some_text(wide: Wide<'_>) -> Option<OsString> {
    (!wide.is_empty()).then(|| text(wide))
}

/// In upper case, which is how names of environment variables are shown. What is no text stays as it is.
pub(super) fn upper(wide: Wide<'_>) -> OsString {
    let mut units = Vec::with_capacity(wide.units().len());
    for character in char::decode_utf16(wide.units()) {
        match character {
            Ok(character) => character
                .to_uppercase()
                .for_each(|upper| units.extend_from_slice(upper.encode_utf16(&mut [0; 2]))),
            Err(lone) => units.push(lone.unpaired_surrogate()),
        }
    }
    OsString::from_wide(&units)
}

/// Texts that each end with a NUL, up to an empty one.
pub(super) fn list(units: &[u16]) -> impl Iterator<Item = &[u16]> {
    let texts = units.split(|&unit| unit == 0);
    texts.take_while(|text| !text.is_empty())
}
