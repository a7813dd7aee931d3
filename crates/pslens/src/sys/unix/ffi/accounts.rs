//! `getpwuid_r`, `getpwnam_r`.

use std::ffi::{CStr, c_char, c_int};
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

/// The name of a user, `None` if there is none with this number; `ERANGE` if `size` bytes do not hold the entry.
pub(crate) fn user_name(uid: u32, size: usize) -> io::Result<Option<Vec<u8>>> {
    let ask = |entry, strings, size, found| {
        // SAFETY: `look_up` passes pointers to live locals, of the given size, and the call writes only to them.
        unsafe { libc::getpwuid_r(uid, entry, strings, size, found) }
    };
    look_up(size, ask, |entry| {
        // SAFETY: getpwuid_r(3): `pw_name` is a string that ends with NUL and lies in the strings that
        // `look_up` keeps while it calls this.
        let name = unsafe { CStr::from_ptr(entry.pw_name) };
        name.to_bytes().to_vec()
    })
}

/// The number of a user, `None` if there is none of this name; `ERANGE` if `size` bytes do not hold the entry.
pub(crate) fn user_id(name: &CStr, size: usize) -> io::Result<Option<u32>> {
    let ask = |entry, strings, size, found| {
        // SAFETY: as in `user_name`; `name` ends with NUL.
        unsafe { libc::getpwnam_r(name.as_ptr(), entry, strings, size, found) }
    };
    look_up(size, ask, |entry| entry.pw_uid)
}

/// What `take` finds in the entry that `ask` fills in: the entry, room for its strings and how much that
/// is, and where the address of the entry goes if there is one.
fn look_up<T>(
    size: usize,
    ask: impl FnOnce(*mut libc::passwd, *mut c_char, usize, *mut *mut libc::passwd) -> c_int,
    take: impl FnOnce(&libc::passwd) -> T,
) -> io::Result<Option<T>> {
    let mut entry = MaybeUninit::<libc::passwd>::uninit();
    let mut found: *mut libc::passwd = ptr::null_mut();
    let mut strings = vec![0; size];
    let code = ask(
        entry.as_mut_ptr(),
        strings.as_mut_ptr(),
        size,
        &raw mut found,
    );
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code));
    }
    if found.is_null() {
        return Ok(None);
    }
    // SAFETY: a non-null result is the address of `entry`, which the call has filled in.
    let entry = unsafe { &*found };
    Ok(Some(take(entry)))
}
