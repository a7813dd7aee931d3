//! The heaps of this process.

use std::io;

use windows_sys::Win32::Foundation::{ERROR_NO_MORE_ITEMS, HANDLE, NO_ERROR, SetLastError};
use windows_sys::Win32::System::Memory::{
    GetProcessHeap, GetProcessHeaps, HEAP_NONE, HeapCompact, HeapLock, HeapOptimizeResources,
    HeapSetInformation, HeapUnlock, HeapWalk, PROCESS_HEAP_ENTRY,
};
use windows_sys::Win32::System::SystemServices::{
    HEAP_OPTIMIZE_RESOURCES_CURRENT_VERSION, HEAP_OPTIMIZE_RESOURCES_INFORMATION,
    PROCESS_HEAP_ENTRY_BUSY, PROCESS_HEAP_REGION,
};

/// Smaller blocks never have a mapping of their own.
const LARGE: u32 = 0x7f000;

/// What the heap of the process, which the C library and Rust allocate from, consists of.
#[derive(Debug)]
pub(in crate::sys::windows) struct Heap {
    /// Bytes in blocks that are in use, without the large ones.
    pub(in crate::sys::windows) used: u64,
    /// Address and size of the large blocks in use.
    pub(in crate::sys::windows) large: Vec<(usize, u64)>,
    /// Where the pieces start that the heap has for blocks.
    pub(in crate::sys::windows) segments: Vec<usize>,
}

impl Heap {
    /// Only this heap is looked at: another one might be destroyed meanwhile, or used without a lock.
    pub(in crate::sys::windows) fn walk() -> io::Result<Self> {
        let mut room = 1 << 10;
        loop {
            let mut heap = Self {
                used: 0,
                large: Vec::with_capacity(room),
                segments: Vec::with_capacity(room),
            };
            if heap.fill()? {
                return Ok(heap);
            }
            room *= 4;
        }
    }

    /// False if there was not enough room: nothing may be allocated while the heap is walked through.
    fn fill(&mut self) -> io::Result<bool> {
        let lock = Locked::new()?;
        let mut entry = PROCESS_HEAP_ENTRY::default();
        // SAFETY: the heap is locked, so that it stays as it is; `entry` is empty or what the last call left.
        while unsafe { HeapWalk(lock.heap, &raw mut entry) } != 0 {
            if self.large.len() == self.large.capacity()
                || self.segments.len() == self.segments.capacity()
            {
                return Ok(false);
            }
            let is = |flag: u32| u32::from(entry.wFlags) & flag != 0;
            if is(PROCESS_HEAP_REGION) {
                self.segments.push(entry.lpData.addr());
            } else if is(PROCESS_HEAP_ENTRY_BUSY) && entry.cbData < LARGE {
                self.used += u64::from(entry.cbData);
            } else if is(PROCESS_HEAP_ENTRY_BUSY) {
                self.large.push((entry.lpData.addr(), entry.cbData.into()));
            }
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error().map(i32::cast_unsigned) {
            Some(ERROR_NO_MORE_ITEMS) => Ok(true),
            _ => Err(error),
        }
    }
}

/// The heap of the process, of which no other thread allocates.
struct Locked {
    heap: HANDLE,
}

impl Locked {
    fn new() -> io::Result<Self> {
        let heap = of_the_process();
        // SAFETY: the heap exists as long as the process does.
        if unsafe { HeapLock(heap) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { heap })
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // SAFETY: this thread has locked it.
        unsafe { HeapUnlock(self.heap) };
    }
}

fn of_the_process() -> HANDLE {
    // SAFETY: takes nothing.
    unsafe { GetProcessHeap() }
}

/// Where the heaps of the process start.
pub(in crate::sys::windows) fn all() -> io::Result<Vec<usize>> {
    let mut heaps: Vec<HANDLE> = vec![std::ptr::null_mut(); 64];
    loop {
        let room = u32::try_from(heaps.len()).unwrap_or(u32::MAX);
        // SAFETY: there is room for that many handles.
        let count = unsafe { GetProcessHeaps(room, heaps.as_mut_ptr()) } as usize;
        match heaps.get(..count) {
            Some([]) => return Err(io::Error::last_os_error()),
            Some(heaps) => return Ok(heaps.iter().map(|heap| heap.addr()).collect()),
            None => heaps.resize(count * 2, std::ptr::null_mut()),
        }
    }
}

/// Has all heaps give back what they keep for later, as far as they can.
pub(in crate::sys::windows) fn trim() -> io::Result<()> {
    let wish = HEAP_OPTIMIZE_RESOURCES_INFORMATION {
        Version: HEAP_OPTIMIZE_RESOURCES_CURRENT_VERSION,
        Flags: 0,
    };
    let (all, start, length) = (std::ptr::null_mut(), &raw const wish, size_of_val(&wish));
    // SAFETY: no heap stands for all of them, `wish` is what this class takes.
    let done = unsafe { HeapSetInformation(all, HeapOptimizeResources, start.cast(), length) };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: sets a number of this thread.
    unsafe { SetLastError(NO_ERROR) };
    // SAFETY: the heap exists as long as the process does.
    if unsafe { HeapCompact(of_the_process(), HEAP_NONE) } == 0 {
        // Also the size of the largest free block, which may be none.
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(NO_ERROR.cast_signed()) {
            return Err(error);
        }
    }
    Ok(())
}
