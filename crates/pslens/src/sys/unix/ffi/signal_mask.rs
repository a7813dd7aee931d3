//! `pthread_sigmask`: which signals a thread takes.

use std::mem::MaybeUninit;
use std::ptr;

/// Blocks all signals on the calling thread, so that the kernel hands them to another one.
pub(crate) fn block_all() {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset writes a whole sigset_t to the memory that `all` owns.
    unsafe { libc::sigfillset(all.as_mut_ptr()) };
    // SAFETY: sigfillset, which cannot fail for a valid pointer, has initialised `all`, which outlives
    // the call; a null pointer for the old mask means that it is not wanted.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), ptr::null_mut()) };
}
