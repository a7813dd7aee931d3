//! Reading what a child writes.
//!
//! A read that blocks would let the other pipe fill up, and a thread for each is not ours to start. So both
//! are read overlapped, as the standard library opens them for: the kernel reads, and one call waits for
//! whichever is done first.

use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::process::{ChildStderr, ChildStdout};

use windows_sys::Win32::Foundation::{ERROR_BROKEN_PIPE, ERROR_HANDLE_EOF};

use crate::sys::windows::errors::code;
use crate::sys::windows::ffi;
use crate::sys::windows::ffi::pipe::Reading;

/// Reads two pipes to their ends at the same time, so that neither fills up while the other is read.
pub(crate) fn drain(
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut pipes = [
        (start(stdout.map(OwnedHandle::from))?, Vec::new()),
        (start(stderr.map(OwnedHandle::from))?, Vec::new()),
    ];
    loop {
        let readings = pipes.iter().filter_map(|(reading, _)| reading.as_ref());
        let handles: Vec<BorrowedHandle<'_>> = readings.map(AsHandle::as_handle).collect();
        if handles.is_empty() {
            break;
        }
        ffi::wait::any(&handles, None)?;
        for (pipe, bytes) in &mut pipes {
            let Some(reading) = pipe else {
                continue;
            };
            if ffi::wait::any(&[reading.as_handle()], Some(0))?.is_some()
                && unless_ended(reading.finish(bytes))?.is_none()
            {
                *pipe = None;
            }
        }
    }
    let [(_, stdout), (_, stderr)] = pipes;
    Ok((stdout, stderr))
}

fn start(pipe: Option<OwnedHandle>) -> io::Result<Option<Reading>> {
    pipe.map_or(Ok(None), |pipe| unless_ended(Reading::start(pipe)))
}

/// `None` at the end of a pipe: nobody has it open for writing any more. That nothing was read is no end: it
/// means that nothing was written, in a call of its own.
fn unless_ended<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) => match code(&error) {
            Some(ERROR_BROKEN_PIPE | ERROR_HANDLE_EOF) => Ok(None),
            _ => Err(error),
        },
    }
}
