//! Descriptors of every kind, and mapped files.

use std::collections::HashSet;
use std::fs;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::MetadataExt;

use pslens::process::{Descriptor, DescriptorKind, OpenMode};
use pslens::{Process, Root, process};
use pslens_fixtures::materialise;

fn held(fd: RawFd) -> Descriptor {
    let all = Process::current().unwrap().descriptors().unwrap();
    assert!(all.is_sorted_by_key(|held| held.fd));
    let fd = u32::try_from(fd).unwrap();
    all.into_iter().find(|held| held.fd == fd).unwrap()
}

#[test]
fn descriptors_of_every_kind_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a (deleted)");
    fs::write(&path, "12345").unwrap();

    let file = fs::File::options().append(true).open(&path).unwrap();
    let found = held(file.as_raw_fd());
    assert_eq!(found.kind, Some(DescriptorKind::File));
    assert_eq!(found.target, path);
    assert_eq!((found.deleted, found.size), (false, Some(5)));
    assert_eq!(found.mode, OpenMode::Append);
    assert_eq!(found.inode, Some(file.metadata().unwrap().ino()));
    fs::remove_file(&path).unwrap();
    let found = held(file.as_raw_fd());
    assert_eq!((found.target, found.deleted), (path.into(), true));

    let here = fs::File::open(directory.path()).unwrap();
    let found = held(here.as_raw_fd());
    assert_eq!(found.kind, Some(DescriptorKind::Directory));
    assert_eq!(found.target, directory.path());

    let null = fs::File::open("/dev/null").unwrap();
    let found = held(null.as_raw_fd());
    assert_eq!(found.kind, Some(DescriptorKind::CharacterDevice));
    assert_eq!((found.target, found.size), ("/dev/null".into(), None));

    let (reader, _writer) = std::io::pipe().unwrap();
    let found = held(reader.as_raw_fd());
    assert_eq!(found.kind, Some(DescriptorKind::Pipe));
    let inode = found.inode.unwrap();
    assert_eq!(found.target, format!("pipe:[{inode}]").as_str());

    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let found = held(socket.as_raw_fd());
    assert_eq!(found.kind, Some(DescriptorKind::Socket));
    let inode = found.inode.unwrap();
    assert_eq!(found.target, format!("socket:[{inode}]").as_str());

    let events = rustix::event::epoll::create(rustix::event::epoll::CreateFlags::CLOEXEC).unwrap();
    let found = held(events.as_raw_fd());
    assert_eq!(found.kind, Some(DescriptorKind::Other));
    assert_eq!(found.target, "anon_inode:[eventpoll]");
}

#[test]
fn mapped_files_are_those_of_the_maps_each_once() {
    let this = Process::current().unwrap();
    let files = this.mapped_files().unwrap();
    let maps = this.memory_maps().unwrap();
    let mut expect: Vec<_> = maps
        .iter()
        .map(|map| &map.path)
        .filter(|path| path.as_encoded_bytes().starts_with(b"/"))
        .collect();
    let mut seen = HashSet::new();
    expect.retain(|path| seen.insert(*path));
    let found: Vec<_> = files.iter().map(|file| file.path.as_os_str()).collect();
    assert_eq!(found, expect);
    let program = std::env::current_exe().unwrap();
    let mapped = files.iter().find(|file| file.path == program).unwrap();
    assert_eq!(mapped.inode, Some(fs::metadata(&program).unwrap().ino()));
    assert!(!mapped.deleted);
}

/// Nothing is asked of the running system about another root's files.
#[test]
fn what_another_root_holds_is_told_by_its_links_alone() {
    let machine = materialise("kernel-4.4");
    let root = Root::at(machine.proc(), machine.sys()).unwrap();
    let process = process::Process::new_in(1601, &root).unwrap();
    let all: Vec<_> = process
        .descriptors()
        .unwrap()
        .into_iter()
        .map(|held| (held.fd, held.kind, held.target, held.deleted, held.size))
        .collect();
    assert!(
        all.contains(&(3, None, "/home/user/file".into(), true, None)),
        "{all:?}"
    );
    let socket = Some(DescriptorKind::Socket);
    assert!(
        all.contains(&(5, socket, "socket:[11082]".into(), false, None)),
        "{all:?}"
    );
    let kernel_thread = process::Process::new_in(2, &root).unwrap();
    assert_eq!(kernel_thread.descriptors().unwrap(), []);
    assert_eq!(kernel_thread.mapped_files().unwrap(), []);
}
