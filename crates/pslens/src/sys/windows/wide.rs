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
