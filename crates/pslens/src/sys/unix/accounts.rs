//! Users and their numbers, from the system's user data base (files, or a directory service).

use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::ffi::accounts;

/// The name of the user with this number, if the data base has one.
pub(crate) fn name(uid: u32) -> Option<OsString> {
    let name = look_up(|size| accounts::user_name(uid, size))?;
    Some(OsString::from_vec(name))
}

/// The number of the user with this name, if the data base has one.
pub(crate) fn id(name: &OsStr) -> Option<u32> {
    // Nobody's name has a NUL in it.
    let name = CString::new(name.as_bytes()).ok()?;
    look_up(|size| accounts::user_id(&name, size))
}

fn look_up<T>(ask: impl Fn(usize) -> io::Result<Option<T>>) -> Option<T> {
    // A long entry does not fit the first buffer; nobody's entry is a megabyte long.
    let mut size = 1024;
    while size <= 1 << 20 {
        match ask(size) {
            Ok(found) => return found,
            Err(error) if error.raw_os_error() == Some(libc::ERANGE) => size *= 4,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_called_root_and_nobody_has_the_last_number() {
        assert_eq!(name(0), Some("root".into()));
        assert_eq!(name(u32::MAX - 7), None);
        assert_eq!(id("root".as_ref()), Some(0));
        for nobody in ["", "no such user", "ro\0ot"] {
            assert_eq!(id(nobody.as_ref()), None, "{nobody:?}");
        }
    }
}
