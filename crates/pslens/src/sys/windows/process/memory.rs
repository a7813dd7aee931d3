//! Memory in detail: what is mapped, and which pages are resident.

use std::ffi::OsString;
use std::io;
use std::os::windows::io::BorrowedHandle;
use std::rc::Rc;

use pslens_parse::windows::memory_working_set_information::{self, Page as ListedPage};
use windows_sys::Win32::System::Memory::{
    MEM_MAPPED, PAGE_EXECUTE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY,
    PAGE_NOACCESS, PAGE_READWRITE, PAGE_WRITECOPY,
};
use windows_sys::Win32::System::Threading::{
    PROCESS_ACCESS_RIGHTS, PROCESS_QUERY_INFORMATION, PROCESS_VM_READ,
};

use super::reader::Reader;
use crate::error::Result;
use crate::process::{
    Attribute, MapAddress, MappedFile, MemoryFootprint, MemoryFullInfo, MemoryMap,
};
use crate::sys::windows::drives::Drives;
use crate::sys::windows::errors::is_unknown_question;
use crate::sys::windows::ffi;
use crate::sys::windows::ffi::address_space::{Page, Region, committed};

/// What looking at the memory of a process takes.
const LOOK: PROCESS_ACCESS_RIGHTS = PROCESS_QUERY_INFORMATION | PROCESS_VM_READ;

/// How many pages are asked about at a time.
const BATCH: usize = 4096;

/// Where NTFS keeps files that were deleted while they were open.
const DELETED: &str = r"\$Extend\$Deleted\";

impl Reader {
    pub(crate) fn memory_footprint(&mut self) -> Result<MemoryFootprint> {
        self.footprint_for(Attribute::MemoryFootprint)
    }

    pub(crate) fn memory_full_info(&mut self) -> Result<MemoryFullInfo> {
        let attribute = Attribute::MemoryFullInfo;
        Ok(MemoryFullInfo {
            info: self.memory_info_for(attribute)?,
            footprint: self.footprint_for(attribute)?,
        })
    }

    pub(crate) fn memory_maps(&mut self) -> Result<Vec<MemoryMap>> {
        let maps = self.look(Attribute::MemoryMaps, LOOK, |process| {
            let mut pages = Pages::new(process);
            let mut files = Files::new(process);
            committed(process)
                .map(|region| {
                    let region = region?;
                    let file = files.at(&region);
                    Ok((region, file, pages.count(&region)?))
                })
                .collect::<io::Result<Vec<_>>>()
        })?;
        let drives = self.names.drives();
        let map = |(region, file, count): (Region, Option<Rc<[u16]>>, Count)| MemoryMap {
            path: path(&region, file.as_deref(), drives),
            address: Some(address(&region)),
            rss: count.resident,
            size: region.size as u64,
            anonymous: Some(count.private),
            ..MemoryMap::default()
        };
        Ok(maps.into_iter().map(map).collect())
    }

    pub(crate) fn mapped_files(&mut self) -> Result<Vec<MappedFile>> {
        let found = self.look(Attribute::MemoryMaps, LOOK, |process| {
            let mut files = Files::new(process);
            let mut found: Vec<Rc<[u16]>> = Vec::new();
            for region in committed(process) {
                let file = files.at(&region?);
                found.extend(file.filter(|file| !found.contains(file)));
            }
            Ok(found)
        })?;
        let drives = self.names.drives();
        let file = |path: &Rc<[u16]>| {
            let path = drives.path_of_units(path);
            MappedFile {
                deleted: path.to_string_lossy().contains(DELETED),
                path,
                inode: None,
            }
        };
        Ok(found.iter().map(file).collect())
    }

    fn footprint_for(&mut self, attribute: Attribute) -> Result<MemoryFootprint> {
        let pages = self.look(attribute, LOOK, |process| {
            match listed_unique_pages(process)? {
                Some(count) => Ok(count),
                None => unique_pages(process),
            }
        })?;
        Ok(MemoryFootprint {
            uss: pages.saturating_mul(ffi::address_space::page_size() as u64),
            ..MemoryFootprint::default()
        })
    }
}

/// How many pages no other process has; `None` where the kernel gives no list, or not such a long one.
fn listed_unique_pages(process: BorrowedHandle<'_>) -> io::Result<Option<u64>> {
    let list = match ffi::address_space::working_set(process) {
        Err(error) if is_unknown_question(&error) => None,
        list => list?,
    };
    Ok(list.map(|list| {
        let pages = memory_working_set_information::pages(&list);
        pages.filter(|page| ListedPage::is_unique(*page)).count() as u64
    }))
}

/// The same, by asking about each page that may be resident.
fn unique_pages(process: BorrowedHandle<'_>) -> io::Result<u64> {
    let mut pages = Pages::new(process);
    committed(process).try_fold(0, |sum: u64, region| {
        let mut unique = 0;
        pages.each(&region?, |page| unique += u64::from(page.is_unique()))?;
        Ok(sum.saturating_add(unique))
    })
}

/// Bytes of a region.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    resident: u64,
    /// Resident, and neither of a file nor shared with anybody.
    private: u64,
}

/// Asks about pages, many at a time.
struct Pages<'a> {
    process: BorrowedHandle<'a>,
    size: usize,
    batch: Vec<Page>,
}

impl<'a> Pages<'a> {
    fn new(process: BorrowedHandle<'a>) -> Self {
        Self {
            process,
            size: ffi::address_space::page_size(),
            batch: Vec::new(),
        }
    }

    fn count(&mut self, region: &Region) -> io::Result<Count> {
        let size = self.size as u64;
        let mut count = Count::default();
        self.each(region, |page| {
            count.resident += u64::from(page.is_resident()) * size;
            count.private += u64::from(page.is_private()) * size;
        })?;
        Ok(count)
    }

    fn each(&mut self, region: &Region, mut tell: impl FnMut(Page)) -> io::Result<()> {
        let end = region.end().unwrap_or(usize::MAX);
        let mut addresses = (region.start..end).step_by(self.size);
        loop {
            self.batch.clear();
            self.batch
                .extend(addresses.by_ref().take(BATCH).map(Page::at));
            if self.batch.is_empty() {
                return Ok(());
            }
            ffi::address_space::ask_pages(self.process, &mut self.batch)?;
            self.batch.iter().for_each(|&page| tell(page));
        }
    }
}

/// Asks which file is mapped, once for regions that lie together and are of the same.
struct Files<'a> {
    process: BorrowedHandle<'a>,
    /// The allocation of the last region, and its file.
    last: Option<(usize, Option<Rc<[u16]>>)>,
    buffer: Vec<u16>,
}

impl<'a> Files<'a> {
    const fn new(process: BorrowedHandle<'a>) -> Self {
        Self {
            process,
            last: None,
            buffer: Vec::new(),
        }
    }

    /// The path as the kernel has it. `None` if it is no file's, or that is not told.
    fn at(&mut self, region: &Region) -> Option<Rc<[u16]>> {
        if region.is_private() {
            return None;
        }
        if let Some((allocation, file)) = &self.last
            && *allocation == region.allocation
        {
            return file.clone();
        }
        let path = ffi::address_space::mapped_file(self.process, region.start, &mut self.buffer);
        let file: Option<Rc<[u16]>> = path.ok().map(Rc::from);
        self.last = Some((region.allocation, file.clone()));
        file
    }
}

fn path(region: &Region, file: Option<&[u16]>, drives: &Drives) -> OsString {
    match file {
        Some(file) => drives.path_of_units(file).into_os_string(),
        None if region.is_private() => "[anon]".into(),
        // Memory that is made to be shared, by its name or its handle.
        None => "[shared]".into(),
    }
}

fn address(region: &Region) -> MapAddress {
    // The highest bits say how an access is announced or cached.
    let protection = region.protection & 0xff;
    let copied = |protection| matches!(protection, PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY);
    MapAddress {
        start: region.start as u64,
        end: region.end().unwrap_or(usize::MAX) as u64,
        read: !matches!(protection, PAGE_NOACCESS | PAGE_EXECUTE),
        write: copied(protection) || matches!(protection, PAGE_READWRITE | PAGE_EXECUTE_READWRITE),
        execute: matches!(
            protection,
            PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY
        ),
        // A page that was copied when it was written to is told as one that may be written.
        shared: region.kind == MEM_MAPPED && !copied(region.first_protection & 0xff),
    }
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::System::Memory::{
        MEM_COMMIT, MEM_IMAGE, MEM_PRIVATE, PAGE_GUARD, PAGE_READONLY,
    };

    use super::*;

    fn check(kind: u32, first_protection: u32, protection: u32, expect: &str) {
        let place = address(&Region {
            start: 0x1000,
            size: 0x2000,
            allocation: 0x1000,
            first_protection,
            protection,
            kind,
            state: MEM_COMMIT,
        });
        assert_eq!((place.start, place.end), (0x1000, 0x3000));
        let letter = |permitted, letter| if permitted { letter } else { '-' };
        let found = [
            letter(place.read, 'r'),
            letter(place.write, 'w'),
            letter(place.execute, 'x'),
            if place.shared { 's' } else { 'p' },
        ];
        let what = format!("{kind:#x} {first_protection:#x} {protection:#x}");
        assert_eq!(String::from_iter(found), expect, "{what}");
    }

    #[test]
    fn what_may_be_done_with_a_region() {
        for (protection, expect) in [
            (PAGE_NOACCESS, "---p"),
            (PAGE_READONLY, "r--p"),
            (PAGE_READWRITE, "rw-p"),
            (PAGE_WRITECOPY, "rw-p"),
            (PAGE_EXECUTE, "--xp"),
            (PAGE_EXECUTE_READ, "r-xp"),
            (PAGE_EXECUTE_READWRITE, "rwxp"),
            (PAGE_EXECUTE_WRITECOPY, "rwxp"),
            (PAGE_GUARD | PAGE_READWRITE, "rw-p"),
        ] {
            check(MEM_PRIVATE, PAGE_READWRITE, protection, expect);
            check(MEM_IMAGE, PAGE_EXECUTE_WRITECOPY, protection, expect);
        }
    }

    #[test]
    fn views_are_shared_unless_writing_makes_copies() {
        check(MEM_MAPPED, PAGE_READWRITE, PAGE_READWRITE, "rw-s");
        check(MEM_MAPPED, PAGE_READONLY, PAGE_READONLY, "r--s");
        check(MEM_MAPPED, PAGE_WRITECOPY, PAGE_WRITECOPY, "rw-p");
        // Written to, and so copied.
        check(MEM_MAPPED, PAGE_WRITECOPY, PAGE_READWRITE, "rw-p");
    }
}
