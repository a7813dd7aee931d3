//! glibc's allocator: what it has handed out, and giving memory back. Found at run time, for other C
//! libraries lack both.

use std::ffi::{CStr, c_int};
use std::mem;

/// `struct mallinfo2` of glibc's `malloc.h`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mallinfo2 {
    arena: usize,
    ordblks: usize,
    smblks: usize,
    hblks: usize,
    /// Bytes in blocks with a mapping of their own.
    pub(crate) hblkhd: usize,
    usmblks: usize,
    fsmblks: usize,
    /// Bytes in use.
    pub(crate) uordblks: usize,
    fordblks: usize,
    keepcost: usize,
}

const _: () = assert!(size_of::<Mallinfo2>() == 10 * size_of::<usize>());

/// `mallinfo2`, since glibc 2.33.
pub(crate) fn mallinfo2() -> Option<Mallinfo2> {
    let symbol = symbol(c"mallinfo2")?;
    // SAFETY: malloc.h declares `struct mallinfo2 mallinfo2(void)`, and no other library's `malloc.h`
    // has a function of that name.
    let function =
        unsafe { mem::transmute::<*mut libc::c_void, extern "C" fn() -> Mallinfo2>(symbol) };
    Some(function())
}

/// `malloc_trim` of everything.
pub(crate) fn malloc_trim() -> Option<()> {
    let symbol = symbol(c"malloc_trim")?;
    // SAFETY: malloc.h declares `int malloc_trim(size_t)`.
    let function =
        unsafe { mem::transmute::<*mut libc::c_void, extern "C" fn(usize) -> c_int>(symbol) };
    function(0);
    Some(())
}

fn symbol(name: &CStr) -> Option<*mut libc::c_void> {
    // SAFETY: the name ends with NUL, and the default handle needs no library to be opened.
    let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!symbol.is_null()).then_some(symbol)
}
