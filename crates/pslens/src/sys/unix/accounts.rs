//! Users and their numbers, from the system's user data base (files, or a directory service).

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;

use super::ffi::accounts;

/// The name of the user with this number, if the data base has one.
pub(crate) fn name(uid: u32) -> Option<OsString> {
    // A long entry does not fit the first buffer; nobody's entry is a megabyte long.
    let mut size = 1024;
    while size <= 1 << 20 {
        match accounts::user_name(uid, size) {
            Ok(name) => return name.map(OsString::from_vec),
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
    }
}
