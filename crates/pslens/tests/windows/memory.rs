//! Memory: the heap of this process, and what processes have mapped and resident.

use std::fs::{self, File};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pslens::process::MemoryMap;
use pslens::{ErrorKind, Process, memory};

use crate::child::Child;
use crate::evidence;
use crate::ffi::{Heap, system_info};

pub(crate) mod ffi;

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
    let heap = Heap::new(64 << 20);
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

fn this() -> Process {
    Process::current().unwrap()
}

/// The mapping in which an address is.
#[track_caller]
fn at(maps: &[MemoryMap], address: u64) -> &MemoryMap {
    let found = maps.iter().find(|map| {
        let place = map.address.unwrap();
        (place.start..place.end).contains(&address)
    });
    found.unwrap_or_else(|| panic!("{address:#x} is in none of {maps:?}"))
}

#[test]
fn mappings_are_in_order_and_their_sizes_fit() {
    let _alone = alone();
    let maps = this().memory_maps().unwrap();
    let page = u64::from(system_info().1);
    let mut last = 0;
    for map in &maps {
        let place = map.address.unwrap();
        assert!(last <= place.start && place.start < place.end, "{map:?}");
        last = place.end;
        assert_eq!(map.size, place.end - place.start, "{map:?}");
        let private = map.anonymous.unwrap();
        assert!(private <= map.rss && map.rss <= map.size, "{map:?}");
        assert_eq!((map.rss % page, private % page), (0, 0), "{map:?}");
        assert!(!map.path.is_empty(), "{map:?}");
        // Windows counts nothing else by page.
        assert_eq!(
            (&map.pss, &map.swap, &map.shared_clean),
            (&None, &None, &None)
        );
    }
    evidence::called("Process::memory_maps");
}

#[test]
fn code_data_stack_and_heap_are_where_they_are() {
    let _alone = alone();
    static CONSTANT: [u8; 64] = [7; 64];
    let (local, block) = (1_u8, black_box(vec![1_u8; 100]));
    let maps = this().memory_maps().unwrap();
    let program = std::env::current_exe().unwrap();

    let code = at(
        &maps,
        mappings_are_in_order_and_their_sizes_fit as fn() as usize as u64,
    );
    let place = code.address.unwrap();
    assert!(place.read && place.execute && !place.shared, "{code:?}");
    assert_eq!(Path::new(&code.path), program);
    assert!(code.rss > 0, "{code:?}");

    let constant = at(&maps, (&raw const CONSTANT).addr() as u64);
    let place = constant.address.unwrap();
    assert!(
        place.read && !place.execute && !place.shared,
        "{constant:?}"
    );
    assert_eq!(Path::new(&constant.path), program);

    for address in [(&raw const local).addr(), block.as_ptr().addr()] {
        let map = at(&maps, address as u64);
        let place = map.address.unwrap();
        assert!(
            place.read && place.write && !place.execute && !place.shared,
            "{map:?}"
        );
        assert_eq!(map.path, "[anon]");
        assert!(map.anonymous.unwrap() > 0, "{map:?}");
    }
}

/// psutil gives the size of a mapping as what is resident of it.
#[test]
fn what_was_never_touched_is_not_resident() {
    let _alone = alone();
    let mut block = vec![0_u8; 64 << 20];
    let address = block.as_ptr().addr() as u64;
    let before = this().memory_maps().unwrap();
    let untouched = at(&before, address);
    assert!(untouched.size >= 64 * MIB, "{untouched:?}");
    assert!(untouched.rss < 8 * MIB, "{untouched:?}");
    block[..32 << 20].fill(1);
    let after = this().memory_maps().unwrap();
    let half = at(&after, address);
    assert_eq!(half.size, untouched.size);
    grew(untouched.rss, half.rss, 32 * MIB);
    grew(
        untouched.anonymous.unwrap(),
        half.anonymous.unwrap(),
        32 * MIB,
    );
    drop(black_box(block));
}

#[test]
fn the_footprint_grows_with_memory_that_is_used() {
    let _alone = alone();
    let uss = || this().memory_footprint().unwrap().uss;
    let untouched = black_box(vec![0_u8; 64 << 20]);
    let before = uss();
    let block = black_box(vec![1_u8; 64 << 20]);
    let full = uss();
    grew(before, full, 64 * MIB);
    drop((block, untouched));
    grew(uss(), full, 64 * MIB);

    let footprint = this().memory_footprint().unwrap();
    assert_eq!((footprint.pss, footprint.swap), (None, None));
    let maps = this().memory_maps().unwrap();
    let sum = |size: fn(&MemoryMap) -> u64| maps.iter().map(size).sum::<u64>();
    let (resident, private) = (sum(|map| map.rss), sum(|map| map.anonymous.unwrap()));
    assert!(
        private <= footprint.uss + 8 * MIB,
        "{private} of {footprint:?}"
    );
    assert!(
        footprint.uss <= resident + 8 * MIB,
        "{footprint:?} of {resident}"
    );
    evidence::called("Process::memory_footprint");
}

#[test]
fn the_full_answer_is_both_answers() {
    let _alone = alone();
    let full = this().memory_full_info().unwrap();
    grew(this().memory_info().unwrap().vms, full.info.vms, 0);
    grew(
        this().memory_footprint().unwrap().uss,
        full.footprint.uss,
        0,
    );
    evidence::called("Process::memory_full_info");
}

#[test]
fn views_are_shared_unless_they_are_copied() {
    let _alone = alone();
    let shared = ffi::View::shared(1 << 20);
    shared.write(0, 1);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), vec![1; 1 << 16]).unwrap();
    let copied = ffi::View::copied(&File::open(file.path()).unwrap());
    copied.write(0, 2);
    let maps = this().memory_maps().unwrap();

    let map = at(&maps, shared.address());
    let place = map.address.unwrap();
    assert!(
        place.read && place.write && place.shared && !place.execute,
        "{map:?}"
    );
    assert_eq!(map.path, "[shared]");
    assert_eq!(map.size, MIB);

    let map = at(&maps, copied.address());
    let place = map.address.unwrap();
    assert!(
        place.read && place.write && !place.shared && !place.execute,
        "{map:?}"
    );
    assert_eq!(Path::new(&map.path).file_name(), file.path().file_name());
    let files = this().mapped_files().unwrap();
    assert_eq!(
        files.iter().filter(|found| found.path == map.path).count(),
        1
    );
}

#[test]
fn mapped_files_are_those_of_the_maps_each_once() {
    let _alone = alone();
    let files = this().mapped_files().unwrap();
    let mut paths: Vec<_> = files.iter().map(|file| file.path.clone()).collect();
    assert!(
        paths.contains(&std::env::current_exe().unwrap()),
        "{paths:?}"
    );
    assert!(
        files
            .iter()
            .all(|file| !file.deleted && file.inode.is_none())
    );
    for path in &paths {
        assert!(path.is_absolute(), "{path:?}");
    }
    paths.sort();
    let count = paths.len();
    paths.dedup();
    assert_eq!(paths.len(), count);
    let maps = this().memory_maps().unwrap();
    let of_files = maps
        .iter()
        .filter(|map| !map.path.to_string_lossy().starts_with('['));
    let mut expect: Vec<PathBuf> = of_files.map(|map| map.path.clone().into()).collect();
    expect.sort();
    expect.dedup();
    assert_eq!(paths, expect);
    evidence::called("Process::mapped_files");
}

#[test]
fn a_child_can_be_looked_into_until_it_ends() {
    let mut child = Child::waiting();
    let process = child.process();
    let program = std::env::current_exe().unwrap();
    let files = process.mapped_files().unwrap();
    assert!(files.iter().any(|file| file.path == program), "{files:?}");
    match (process.memory_maps(), process.memory_footprint()) {
        (Ok(maps), Ok(footprint)) => {
            let is_code = |map: &&MemoryMap| map.path == program && map.address.unwrap().execute;
            assert!(
                maps.iter().filter(is_code).any(|map| map.rss > 0),
                "{maps:?}"
            );
            assert!(footprint.uss > 0);
        }
        // wine 8 tells nobody about pages of others.
        (maps, footprint) => {
            assert_eq!(maps.unwrap_err().kind(), ErrorKind::Unsupported);
            assert_eq!(footprint.unwrap_err().kind(), ErrorKind::Unsupported);
        }
    }
    child.end();
    for error in [
        process.memory_maps().unwrap_err(),
        process.mapped_files().unwrap_err(),
        process.memory_footprint().unwrap_err(),
        process.memory_full_info().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NoSuchProcess, "{error}");
    }
}
