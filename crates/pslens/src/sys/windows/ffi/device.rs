//! Names of devices.

use std::io;

use windows_sys::Win32::Storage::FileSystem::QueryDosDeviceW;

/// What a drive letter is a name of now, ended by a NUL: `\Device\HarddiskVolume3`, or `\??\C:\dir` if a directory
/// was given a letter.
pub(in crate::sys::windows) fn dos_device(letter: u8) -> io::Result<Vec<u16>> {
    let name = [u16::from(letter), u16::from(b':'), 0];
    let mut target = vec![0; 1024];
    #[expect(clippy::cast_possible_truncation, reason = "a small constant")]
    let room = target.len() as u32;
    // SAFETY: the name ends with a NUL, and at most `room` characters are written, which there is room for.
    match unsafe { QueryDosDeviceW(name.as_ptr(), target.as_mut_ptr(), room) } {
        0 => Err(io::Error::last_os_error()),
        length => {
            target.truncate(length as usize);
            Ok(target)
        }
    }
}
