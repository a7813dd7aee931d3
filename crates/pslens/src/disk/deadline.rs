//! Asking a file system how full it is without waiting for it for ever.
//!
//! The exception to "no threads and no global state" of this library: see
//! [`usage_within`](super::usage_within). Classifying the file system first, to save the thread where
//! it is local, would not do: resolving the path alone can hang, and finding out which mount a path is
//! on costs more than the thread.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};
use std::{io, process, thread};

use super::Usage;
use crate::error::{Error, Result};
use crate::sys;

const OPERATION: &str = "disk usage_within";

/// How many threads may be waiting for file systems at the same time.
const LIMIT: usize = 64;

/// The thread makes one system call; its stack is address space, and mostly never touched.
const STACK: usize = 128 << 10;

/// How long the table of questions is waited for. It is held for microseconds, except in a child of a
/// `fork` that happened in just these: there it is held for ever, and must not deadlock the child.
const TABLE_PATIENCE: Duration = Duration::from_millis(20);

/// How often is looked whether one of [`LIMIT`] threads has ended.
const RETRY: Duration = Duration::from_millis(5);

/// Questions that no file system has answered yet.
static UNANSWERED: Mutex<Vec<Arc<Question>>> = Mutex::new(Vec::new());

struct Question {
    /// The process whose thread asks: after `fork` the table is inherited, the threads are not.
    process: u32,
    path: PathBuf,
    answer: Mutex<Option<Answer>>,
    answered: Condvar,
}

/// An error as its code, which every waiter can have; `None` if it has no code.
type Answer = std::result::Result<Usage, Option<i32>>;

pub(super) fn usage(path: &Path, deadline: Duration) -> Result<Usage> {
    let start = Instant::now();
    // The directory of the process may change before the thread gets to it.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let question = loop {
        match ask(&path)? {
            Some(question) => break question,
            None if start.elapsed() >= deadline => {
                return Err(Error::timed_out(OPERATION, deadline).of_path(path));
            }
            None => thread::sleep(RETRY.min(deadline)),
        }
    };
    let answer = lock(&question.answer);
    let (answer, _) = question
        .answered
        .wait_timeout_while(answer, deadline.saturating_sub(start.elapsed()), |answer| {
            answer.is_none()
        })
        .unwrap_or_else(PoisonError::into_inner);
    match &*answer {
        Some(Ok(usage)) => Ok(usage.clone()),
        Some(Err(Some(code))) => {
            let error = io::Error::from_raw_os_error(*code);
            Err(Error::os_path(OPERATION, path, error))
        }
        Some(Err(None)) => Err(Error::unsupported(OPERATION, "")),
        None => Err(Error::timed_out(OPERATION, deadline).of_path(path)),
    }
}

/// Joins the question about `path` that is already open, or starts a thread that asks; `None` if
/// there are too many.
fn ask(path: &Path) -> Result<Option<Arc<Question>>> {
    let mut table = table();
    if let Some(table) = &mut table {
        let process = process::id();
        table.retain(|question| question.process == process);
        if let Some(open) = table.iter().find(|question| question.path == path) {
            return Ok(Some(Arc::clone(open)));
        }
        if table.len() >= LIMIT {
            return Ok(None);
        }
    }
    let question = Arc::new(Question {
        process: process::id(),
        path: path.to_owned(),
        answer: Mutex::new(None),
        answered: Condvar::new(),
    });
    let asked = Arc::clone(&question);
    thread::Builder::new()
        .name("pslens-statvfs".to_owned())
        .stack_size(STACK)
        .spawn(move || answer(&asked))
        .map_err(|error| Error::os_path(OPERATION, path, error))?;
    // After the start, so that a failed one leaves nothing behind; the thread cannot remove its
    // question before, because the table is locked.
    if let Some(table) = &mut table {
        table.push(Arc::clone(&question));
    }
    Ok(Some(question))
}

/// On the thread.
fn answer(question: &Arc<Question>) {
    sys::disk::keep_signals_out();
    let answer = sys::disk::usage(&question.path).map_err(|error| error.raw_os_error());
    // First out of the table: who asks from now on gets a fresh answer.
    if let Some(mut table) = table() {
        table.retain(|open| !Arc::ptr_eq(open, question));
    }
    *lock(&question.answer) = Some(answer);
    question.answered.notify_all();
}

/// The table; `None` if it cannot be had, and then threads are started without it.
fn table() -> Option<MutexGuard<'static, Vec<Arc<Question>>>> {
    let start = Instant::now();
    loop {
        match UNANSWERED.try_lock() {
            Ok(table) => return Some(table),
            Err(TryLockError::Poisoned(table)) => return Some(table.into_inner()),
            Err(TryLockError::WouldBlock) if start.elapsed() >= TABLE_PATIENCE => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_micros(20)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
