//! What processes and users are called, and what of that is typed: the case of letters does not matter here,
//! and few type `.exe`, or the machine in front of a user's name.

use std::ffi::OsStr;

/// Names are kept as a whole.
pub(crate) const KEPT: Option<usize> = None;

/// Whether patterns match upper and lower case alike without being told to.
pub(crate) const ANY_CASE: bool = true;

/// What may stand behind a name without being typed, as a pattern.
pub(crate) const ENDING: &str = r"(?:\.exe)?";

/// True if this name of a process or of its file was typed.
pub(crate) fn is_same(name: &OsStr, typed: &OsStr) -> bool {
    let ending = name.to_str().and_then(|name| name.len().checked_sub(4));
    let parts = ending.and_then(|at| name.to_str()?.split_at_checked(at));
    let is_short = parts.is_some_and(|(short, ending)| {
        ending.eq_ignore_ascii_case(".exe") && typed.eq_ignore_ascii_case(short)
    });
    is_short || name.eq_ignore_ascii_case(typed)
}

/// True if a path was typed.
pub(crate) fn is_path(typed: &OsStr) -> bool {
    let bytes = typed.as_encoded_bytes();
    bytes.contains(&b'/') || bytes.contains(&b'\\')
}

/// True if this name of a user was typed.
pub(crate) fn is_user(name: &OsStr, typed: &str) -> bool {
    let alone = name.to_str().and_then(|name| name.split_once('\\'));
    alone.is_some_and(|(_, alone)| alone.eq_ignore_ascii_case(typed))
        || name.eq_ignore_ascii_case(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_recognised_as_people_type_them() {
        let same = |name: &str, typed: &str| is_same(name.as_ref(), typed.as_ref());
        assert!(same("Notepad.exe", "notepad"));
        assert!(same("Notepad.EXE", "NOTEPAD.exe"));
        assert!(same("Registry", "registry"));
        assert!(!same("notepad.com", "notepad"));
        assert!(!same("notepad.exe", "pad"));
        assert!(!same("exe", ""));
        assert!(!same("\u{e4}.exe", "a"));

        let user = |name: &str, typed: &str| is_user(name.as_ref(), typed);
        assert!(user(r"NT AUTHORITY\SYSTEM", "system"));
        assert!(user(r"BOX\Ann", r"box\ann"));
        assert!(!user(r"BOX\Ann", "box"));
        assert!(is_path(r"C:\a.exe".as_ref()) && is_path("a/b".as_ref()));
        assert!(!is_path("a.exe".as_ref()));
    }
}
