//! The calls that tests need and safe wrappers do not offer: forking, tracing, changing the user for good.

#![allow(
    unsafe_code,
    reason = "the one module of the live tests that may; each block is one call"
)]

use std::io;

fn checked(result: libc::c_long) -> io::Result<libc::c_long> {
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}

/// Forks; `child` runs in the new process, which ends with what it returns.
///
/// Only for puppets (see [`crate::puppet`]): their first thread does nothing but wait. Where they have made
/// more threads, `child` makes system calls only, and takes no lock.
pub(crate) fn fork(child: impl FnOnce() -> u8) -> io::Result<u32> {
    // SAFETY: what another thread holds at this moment stays locked in the child; by the rule above the child
    // needs nothing of that. libc resets its own locks, the allocator's among them.
    let pid = unsafe { libc::fork() };
    match checked(pid.into())? {
        0 => exit(child()),
        _ => Ok(pid.cast_unsigned()),
    }
}

/// Ends the process without running what the parent has registered for its own end.
pub(crate) fn exit(code: u8) -> ! {
    // SAFETY: never returns, runs no code of this process.
    unsafe { libc::_exit(code.into()) }
}

/// Ends the calling thread only, without what a thread does at its end.
pub(crate) fn exit_thread() -> ! {
    // SAFETY: takes an integer, and never returns.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    exit(1)
}

/// Attaches to a process and stops it as a debugger does.
pub(crate) fn trace(pid: u32) -> io::Result<()> {
    let none = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: this request takes no memory of ours; both pointers are ignored.
    let seized = unsafe { libc::ptrace(libc::PTRACE_SEIZE, pid, none, none) };
    checked(seized)?;
    // SAFETY: as above.
    let stopped = unsafe { libc::ptrace(libc::PTRACE_INTERRUPT, pid, none, none) };
    checked(stopped).map(drop)
}

/// Catches a signal and does nothing about it; system calls that it meets fail with `EINTR`.
pub(crate) fn catch(signal: i32) -> io::Result<()> {
    extern "C" fn ignore(_: libc::c_int) {}
    // SAFETY: all zero is a valid `sigaction`: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = ignore as *const () as libc::sighandler_t;
    // SAFETY: the handler does nothing at all; `action` lives through the call.
    let result = unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    checked(result.into()).map(drop)
}

/// Becomes another user, with all threads and for good, and stays readable for its equals.
pub(crate) fn become_user(id: u32) -> io::Result<()> {
    // SAFETY: no group is read from the null pointer, because there are none.
    checked(unsafe { libc::setgroups(0, std::ptr::null()) }.into())?;
    // SAFETY: takes integers only.
    checked(unsafe { libc::setresgid(id, id, id) }.into())?;
    // SAFETY: takes integers only.
    checked(unsafe { libc::setresuid(id, id, id) }.into())?;
    // The kernel hides a process that changed its user from that user; a program that was started by
    // that user is not hidden.
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::Dumpable)?;
    Ok(())
}
