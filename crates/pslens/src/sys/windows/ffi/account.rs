//! Users: whose a process is, and what they are called.

use std::ffi::OsString;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::ERROR_INVALID_SID;
use windows_sys::Win32::Security::{
    GetTokenInformation, LookupAccountSidW, SECURITY_MAX_SID_SIZE, TOKEN_QUERY, TokenUser,
};
use windows_sys::Win32::System::Threading::OpenProcessToken;

use super::buffer::Buffer;
use crate::sys::windows::wide::until_nul;

/// Names of users, machines and domains are shorter.
const LONGEST_NAME: usize = 512;

/// The token of a process, to be asked.
pub(in crate::sys::windows) fn token(process: BorrowedHandle<'_>) -> io::Result<OwnedHandle> {
    let mut token = ptr::null_mut();
    // SAFETY: the handle is open, the pointer leads to a place for one.
    if unsafe { OpenProcessToken(process.as_raw_handle(), TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made, for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

/// The `TOKEN_USER` of a token, with pointers into the bytes themselves.
pub(in crate::sys::windows) fn token_user(token: BorrowedHandle<'_>) -> io::Result<Buffer> {
    // A pointer, attributes, and the largest SID.
    let mut buffer = Buffer::with_room(16 + SECURITY_MAX_SID_SIZE as usize);
    let room = u32::try_from(buffer.room()).unwrap_or(u32::MAX);
    let mut needed = 0;
    let token = token.as_raw_handle();
    let start = buffer.start();
    // SAFETY: the handle is open, and at most `room` bytes are written, which there is room for.
    if unsafe { GetTokenInformation(token, TokenUser, start, room, &raw mut needed) } == 0 {
        return Err(io::Error::last_os_error());
    }
    buffer.fill(needed as usize);
    Ok(buffer)
}

/// Domain (or machine) and name of the account that has this SID. May ask another machine, and wait for it.
pub(in crate::sys::windows) fn account(sid: &[u8]) -> io::Result<(OsString, OsString)> {
    let mut aligned = [0_u32; SECURITY_MAX_SID_SIZE as usize / 4];
    // The second byte says how many numbers of four bytes follow the first eight.
    let numbers = sid.get(1).map(|&numbers| usize::from(numbers));
    if numbers.is_none_or(|numbers| numbers * 4 + 8 != sid.len() || numbers > 15) {
        return Err(io::Error::from_raw_os_error(
            ERROR_INVALID_SID.cast_signed(),
        ));
    }
    for (number, bytes) in aligned.iter_mut().zip(sid.as_chunks::<4>().0) {
        *number = u32::from_ne_bytes(*bytes);
    }
    let mut name = [0_u16; LONGEST_NAME];
    let mut domain = [0_u16; LONGEST_NAME];
    #[expect(clippy::cast_possible_truncation, reason = "a small constant")]
    let (mut name_room, mut domain_room) = (LONGEST_NAME as u32, LONGEST_NAME as u32);
    let mut kind = 0;
    // SAFETY: no machine's name means this one; the SID is as long as it says; both texts have the room that is
    // said, and the other pointers lead to places for a number.
    let done = unsafe {
        LookupAccountSidW(
            ptr::null(),
            aligned.as_mut_ptr().cast(),
            name.as_mut_ptr(),
            &raw mut name_room,
            domain.as_mut_ptr(),
            &raw mut domain_room,
            &raw mut kind,
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok((until_nul(&domain), until_nul(&name)))
}
