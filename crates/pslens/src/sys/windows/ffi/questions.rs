//! Questions about files that may never be answered.
//!
//! A synchronous file object answers one caller at a time: as long as somebody reads from a pipe in which there
//! is nothing, whoever asks what the pipe is called waits as well, also through a handle of his own. A file
//! of a server that has died may answer after minutes. No such call can be called off, so they are made on a
//! thread that can be done away with, one for as many files as will answer.
//!
//! Ending a thread by force is safe only if nothing of the process is in its hands. This is how that is had:
//!
//! - It is ended only when it has taken a question and not answered it, and then it is in the loop of [`serve`],
//!   at worst having just announced the answer and waiting for the next question. There it makes system calls
//!   and writes to its stack and to [`Shared::answer`]: no lock is taken, nothing is allocated or freed, no
//!   other code of Rust or C runs. The functions of `kernel32` among them put a system call and its error
//!   code together and do nothing else.
//! - A thread that starts or ends holds the lock of the loader: the first question is not asked before it has
//!   announced that it runs, and it ends on its own only when it is told to, which nobody does who ends it by force.
//! - What both sides use is freed by the last one of them. The share of a thread that was ended by force is
//!   given back once it has really ended; until then the kernel may write there, and if that takes too long,
//!   the memory is left to it.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::time::{Duration, Instant};

use pslens_parse::windows::Memory;
use windows_sys::Wdk::Foundation::{NtQueryObject, OBJECT_INFORMATION_CLASS};
use windows_sys::Win32::Foundation::{WAIT_FAILED, WAIT_OBJECT_0};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_DIRECTORY, FILE_BASIC_INFO, FILE_STANDARD_INFO, FILE_TYPE_DISK, FileBasicInfo,
    FileStandardInfo, GetFileInformationByHandleEx, GetFileType,
};
use windows_sys::Win32::System::Threading::{
    CreateEventW, CreateThread, INFINITE, STACK_SIZE_PARAM_IS_A_RESERVATION, SetEvent,
    TerminateThread, WaitForSingleObject,
};

/// How long an answer is waited for; they take microseconds.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long it may take until a new thread runs, and takes a question: on a machine with much to do, or while
/// somebody loads a library.
const START: Duration = Duration::from_secs(5);

/// Address space for the thread, of which it touches the first pages.
const STACK: usize = 256 << 10;

/// Not in the headers of Windows, but in its documentation.
#[expect(non_upper_case_globals, reason = "named as its neighbours")]
const ObjectNameInformation: OBJECT_INFORMATION_CLASS = 1;

/// Room for the longest name, 65,534 bytes, a NUL, and the structure before it.
const ROOM: u32 = 65_552;

/// Asks for the names of files, one after the other.
#[derive(Debug)]
pub(in crate::sys::windows) struct Questions {
    work: Work,
    helper: Option<Helper>,
}

impl Default for Questions {
    fn default() -> Self {
        Self {
            work: name_of_file,
            helper: None,
        }
    }
}

impl Questions {
    /// The `ObjectNameInformation` of a regular file that is not being deleted. `None` for everything else,
    /// also for what has not answered in time.
    pub(in crate::sys::windows) fn name_of_file(
        &mut self,
        file: BorrowedHandle<'_>,
    ) -> io::Result<Option<Memory<'_>>> {
        let helper = match self.helper.take() {
            Some(helper) => helper,
            None => Helper::start(self.work)?,
        };
        match helper.ask(file)? {
            Some(helper) => Ok(self.helper.insert(helper).answer()),
            None => Ok(None),
        }
    }
}

/// What the thread does with a handle. System calls and nothing else: see above.
type Work = fn(RawHandle, &mut Answer);

/// The name as the kernel writes it, a structure with a pointer into itself.
#[repr(C, align(8))]
struct Answer {
    bytes: [u8; ROOM as usize],
    /// How many of the bytes are the answer; none if there is nothing to say.
    length: usize,
}

/// What this side and the thread both use.
#[derive(Debug)]
struct Shared {
    work: Work,
    /// Set by this side: there is a question, or the thread shall end.
    asked: OwnedHandle,
    /// Null when the thread has taken it.
    question: AtomicPtr<c_void>,
    end: AtomicBool,
    /// Set by the thread: it runs, or there is an answer.
    answered: OwnedHandle,
    /// The thread's from `asked` to `answered`, this side's from then on.
    answer: UnsafeCell<Answer>,
}

// SAFETY: the two events say whose the answer is; the rest may be used by both at any time.
unsafe impl Sync for Shared {}

/// A thread that runs and has nothing to do.
#[derive(Debug)]
struct Helper {
    thread: OwnedHandle,
    shared: Arc<Shared>,
}

impl Helper {
    fn start(work: Work) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            work,
            asked: event()?,
            question: AtomicPtr::default(),
            end: AtomicBool::new(false),
            answered: event()?,
            answer: UnsafeCell::new(Answer {
                bytes: [0; ROOM as usize],
                length: 0,
            }),
        });
        let share = Arc::into_raw(Arc::clone(&shared));
        let parameter = share.cast_mut().cast();
        let flags = STACK_SIZE_PARAM_IS_A_RESERVATION;
        let id = ptr::null_mut();
        // SAFETY: `serve` takes a share of `Shared`, and gets the one that was made for it.
        let thread = unsafe { CreateThread(ptr::null(), STACK, Some(serve), parameter, flags, id) };
        if thread.is_null() {
            let error = io::Error::last_os_error();
            // SAFETY: nobody has taken the share.
            drop(unsafe { Arc::from_raw(share) });
            return Err(error);
        }
        let helper = Self {
            // SAFETY: the handle was just made, for us alone.
            thread: unsafe { OwnedHandle::from_raw_handle(thread) },
            shared,
        };
        // If it does not run in time it ends as soon as it does.
        if wait(&helper.shared.answered, START)? {
            Ok(helper)
        } else {
            Err(io::ErrorKind::TimedOut.into())
        }
    }

    /// Asks about a handle. `None` if there was no answer: then the thread is no more.
    fn ask(self, file: BorrowedHandle<'_>) -> io::Result<Option<Self>> {
        let shared = &self.shared;
        shared
            .question
            .store(file.as_raw_handle(), Ordering::Release);
        set(&shared.asked)?;
        let start = Instant::now();
        while start.elapsed() < START {
            if wait(&shared.answered, PATIENCE)? {
                return Ok(Some(self));
            }
            if shared.question.load(Ordering::Acquire).is_null() {
                self.end_by_force();
                return Ok(None);
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    /// What the last question was answered with; `None` if with nothing.
    fn answer(&self) -> Option<Memory<'_>> {
        // SAFETY: the thread has announced the answer, and will not touch it before the next question, for which
        // the one who reads it must have let go of this helper.
        let answer = unsafe { &*self.shared.answer.get() };
        let bytes = answer.bytes.get(..answer.length)?;
        (!bytes.is_empty()).then(|| Memory::new(bytes, bytes.as_ptr().addr() as u64))
    }

    fn end_by_force(self) {
        let thread = self.thread.as_raw_handle();
        // SAFETY: the thread has an unanswered question, so it holds nothing: see above.
        unsafe { TerminateThread(thread, 0) };
        if wait(&self.thread, PATIENCE).unwrap_or(false) {
            // SAFETY: this is the share that the thread was given and can no longer give back.
            unsafe { Arc::decrement_strong_count(Arc::as_ptr(&self.shared)) };
        }
    }
}

impl Drop for Helper {
    /// Has the thread end on its own, which it does at once unless it was ended by force.
    fn drop(&mut self) {
        self.shared.end.store(true, Ordering::Release);
        if set(&self.shared.asked).is_ok() {
            // So that a library that uses this one can be unloaded afterwards. Not for ever: while a
            // library is loaded or unloaded no thread can end.
            let _ = wait(&self.thread, PATIENCE);
        }
    }
}

/// On the thread.
unsafe extern "system" fn serve(parameter: *mut c_void) -> u32 {
    let share = parameter.cast_const().cast::<Shared>();
    // SAFETY: who started the thread has made this share for it, and it is given back below.
    let shared = unsafe { &*share };
    loop {
        // Neither can fail: both events stay open as long as there is a share.
        let _ = set(&shared.answered);
        wait_for_ever(&shared.asked);
        if shared.end.load(Ordering::Acquire) {
            break;
        }
        let file = shared.question.swap(ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: from `asked` to `answered` the answer is this thread's.
        let answer = unsafe { &mut *shared.answer.get() };
        (shared.work)(file, answer);
    }
    // SAFETY: this is the share that was made for this thread, and is not used any more.
    drop(unsafe { Arc::from_raw(share) });
    0
}

/// On the thread: system calls and nothing else.
fn name_of_file(file: RawHandle, answer: &mut Answer) {
    answer.length = 0;
    // SAFETY: takes no pointers.
    if unsafe { GetFileType(file) } != FILE_TYPE_DISK {
        return;
    }
    let mut standard = FILE_STANDARD_INFO::default();
    let (start, length) = (&raw mut standard, size_u32(&standard));
    // SAFETY: there is room for a FILE_STANDARD_INFO.
    let known =
        unsafe { GetFileInformationByHandleEx(file, FileStandardInfo, start.cast(), length) };
    if known == 0 || standard.Directory || standard.DeletePending {
        return;
    }
    // Some file systems say it here only. Not every handle may ask.
    let mut basic = FILE_BASIC_INFO::default();
    let (start, length) = (&raw mut basic, size_u32(&basic));
    // SAFETY: there is room for a FILE_BASIC_INFO.
    let known = unsafe { GetFileInformationByHandleEx(file, FileBasicInfo, start.cast(), length) };
    if known != 0 && basic.FileAttributes & FILE_ATTRIBUTE_DIRECTORY != 0 {
        return;
    }
    let start = answer.bytes.as_mut_ptr().cast();
    let mut length = 0;
    // SAFETY: there is room for that many bytes.
    let status =
        unsafe { NtQueryObject(file, ObjectNameInformation, start, ROOM, &raw mut length) };
    if status >= 0 {
        answer.length = (length as usize).min(answer.bytes.len());
    }
}

fn size_u32<T>(structure: &T) -> u32 {
    u32::try_from(size_of_val(structure)).unwrap_or(0)
}

/// One that is reset when a thread has waited for it.
fn event() -> io::Result<OwnedHandle> {
    // SAFETY: no attributes, no name.
    let event = unsafe { CreateEventW(ptr::null(), 0, 0, ptr::null()) };
    if event.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made, for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(event) })
}

fn set(event: &OwnedHandle) -> io::Result<()> {
    // SAFETY: the handle is open.
    if unsafe { SetEvent(event.as_raw_handle()) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Whether an event is set, or a thread has ended, in that time.
fn wait(object: &OwnedHandle, patience: Duration) -> io::Result<bool> {
    let patience = u32::try_from(patience.as_millis()).unwrap_or(INFINITE - 1);
    // SAFETY: the handle is open.
    match unsafe { WaitForSingleObject(object.as_raw_handle(), patience) } {
        WAIT_OBJECT_0 => Ok(true),
        WAIT_FAILED => Err(io::Error::last_os_error()),
        _ => Ok(false),
    }
}

fn wait_for_ever(event: &OwnedHandle) {
    // SAFETY: the handle is open.
    unsafe { WaitForSingleObject(event.as_raw_handle(), INFINITE) };
}

#[cfg(test)]
mod tests {
    use std::os::windows::io::AsHandle;
    use std::thread;

    use windows_sys::Win32::System::Threading::{ResumeThread, SuspendThread};

    use super::*;

    /// Answers with one byte as soon as the handle is set.
    fn when_set(handle: RawHandle, answer: &mut Answer) {
        answer.length = 0;
        // SAFETY: the tests hand in open handles.
        if unsafe { WaitForSingleObject(handle, INFINITE) } == WAIT_OBJECT_0 {
            answer.length = 1;
        }
    }

    #[test]
    fn what_is_not_answered_is_given_up_and_the_next_question_is_answered() {
        let (ready, never) = (event().unwrap(), event().unwrap());
        let mut questions = Questions {
            work: when_set,
            helper: None,
        };
        for _ in 0..3 {
            set(&ready).unwrap();
            let answer = questions.name_of_file(ready.as_handle()).unwrap();
            assert_eq!(answer.unwrap().len(), 1);
            assert!(questions.helper.is_some());

            let start = Instant::now();
            assert!(questions.name_of_file(never.as_handle()).unwrap().is_none());
            let took = start.elapsed();
            assert!(took >= PATIENCE && took < PATIENCE * 20, "{took:?}");
            assert!(questions.helper.is_none());
        }
    }

    #[test]
    fn a_thread_that_is_not_needed_any_more_ends() {
        let ready = event().unwrap();
        let mut questions = Questions {
            work: when_set,
            helper: None,
        };
        set(&ready).unwrap();
        questions.name_of_file(ready.as_handle()).unwrap();
        let helper = questions.helper.take().unwrap();
        let thread = helper.thread.try_clone().unwrap();
        let shared = Arc::downgrade(&helper.shared);
        drop(helper);
        assert!(wait(&thread, PATIENCE).unwrap());
        assert_eq!(shared.strong_count(), 0);
    }

    #[test]
    fn nothing_stays_of_a_thread_that_was_ended_by_force() {
        let never = event().unwrap();
        let helper = Helper::start(when_set).unwrap();
        let shared = Arc::downgrade(&helper.shared);
        assert!(helper.ask(never.as_handle()).unwrap().is_none());
        assert_eq!(shared.strong_count(), 0);
    }

    #[test]
    fn a_thread_that_gets_no_time_is_waited_for() {
        let ready = event().unwrap();
        set(&ready).unwrap();
        let helper = Helper::start(when_set).unwrap();
        let thread = helper.thread.try_clone().unwrap();
        // SAFETY: the handle is open, and the thread waits for a question.
        assert_eq!(unsafe { SuspendThread(thread.as_raw_handle()) }, 0);
        let resumer = thread::spawn(move || {
            thread::sleep(PATIENCE * 3);
            // SAFETY: the handle is open.
            assert_eq!(unsafe { ResumeThread(thread.as_raw_handle()) }, 1);
        });
        let start = Instant::now();
        let helper = helper.ask(ready.as_handle()).unwrap().unwrap();
        assert!(start.elapsed() > PATIENCE);
        assert_eq!(helper.answer().unwrap().len(), 1);
        resumer.join().unwrap();
    }
}
