//! `getpwuid_r`.

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

/// The name of a user, `None` if there is none with this number; `ERANGE` if `size` bytes do not hold the entry.
pub(crate) fn user_name(uid: u32, size: usize) -> io::Result<Option<Vec<u8>>> {
    let mut entry = MaybeUninit::<libc::passwd>::uninit();
    let mut found: *mut libc::passwd = ptr::null_mut();
    let mut strings = vec![0; size];
    // SAFETY: every pointer is to a live local; `strings` has exactly the given length, and the call
    // writes only to what it is given.
    let code = unsafe {
        libc::getpwuid_r(
            uid,
            entry.as_mut_ptr(),
            strings.as_mut_ptr(),
            strings.len(),
            &raw mut found,
        )
    };
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code));
    }
    if found.is_null() {
        return Ok(None);
    }
    // SAFETY: a non-null result is the address of `entry`, which the call has filled in.
    let name = unsafe { (*found).pw_name };
    // SAFETY: getpwuid_r(3): `pw_name` is a string that ends with NUL and lies in `strings`, still alive.
    let name = unsafe { CStr::from_ptr(name) };
    Ok(Some(name.to_bytes().to_vec()))
}
