//! Memory: the heap of this process, and what processes have mapped and resident.

use std::hint::black_box;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pslens::memory;

use crate::{evidence, ffi};

const MIB: u64 = 1 << 20;

/// One test at a time: each looks at memory of this process that another one might take or give back.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether `now` is `expect` bytes more than `before`, but for what other threads of the test program do.
#[track_caller]
fn grew(before: u64, now: u64, expect: u64) {
    let slack = 8 * MIB;
    let grown = now.saturating_sub(before);
    assert!(
        grown + slack >= expect && grown <= expect + slack,
        "from {before} to {now}, expected {expect} more"
    );
}

#[test]
fn the_heap_grows_with_a_leak_and_shrinks_when_it_is_mended() {
    let _alone = alone();
    let before = memory::heap_info().unwrap();
    let leak: Vec<Vec<u8>> = (0..1024).map(|_| vec![1; 64 << 10]).collect();
    let full = memory::heap_info().unwrap();
    grew(before.heap_used, full.heap_used, 64 * MIB);
    grew(before.mmap_used, full.mmap_used, 0);
    drop(black_box(leak));
    let after = memory::heap_info().unwrap();
    grew(after.heap_used, full.heap_used, 64 * MIB);
    evidence::called("memory::heap_info");
}

#[test]
fn large_blocks_have_mappings_of_their_own_and_are_counted_once() {
    let _alone = alone();
    let before = memory::heap_info().unwrap();
    let block = black_box(vec![1_u8; 64 << 20]);
    let full = memory::heap_info().unwrap();
    grew(before.mmap_used, full.mmap_used, 64 * MIB);
    grew(before.heap_used, full.heap_used, 0);
    drop(block);
    let after = memory::heap_info().unwrap();
    grew(after.mmap_used, full.mmap_used, 64 * MIB);
}

#[test]
fn heaps_are_counted_and_their_memory_is_no_mapping() {
    let _alone = alone();
    let before = memory::heap_info().unwrap();
    let heap = ffi::Heap::new(64 << 20);
    let with_it = memory::heap_info().unwrap();
    assert_eq!(with_it.heap_count.unwrap(), before.heap_count.unwrap() + 1);
    grew(before.mmap_used, with_it.mmap_used, 0);
    drop(heap);
    assert_eq!(memory::heap_info().unwrap().heap_count, before.heap_count);
}

#[test]
fn a_heap_can_be_trimmed() {
    let _alone = alone();
    for _ in 0..3 {
        memory::heap_trim().unwrap();
    }
    // wine has nothing to give back and says so; what Windows gives back nobody promises.
    assert!(memory::heap_info().unwrap().heap_used > 0);
    evidence::called("memory::heap_trim");
}
