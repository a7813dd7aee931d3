//! Open files: of this process and of a child, and whatever else a handle can lead to.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use pslens::process::{self, Attribute, AttributeSet, OpenFile, OpenMode};
use pslens::{ErrorKind, Process};
use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_BACKUP_SEMANTICS;

use crate::child::{self, Child};
use crate::evidence;
use crate::ffi::own_handle_count;
use crate::memory::ffi::is_being_deleted;

/// The child's file.
const FILE: &str = "PSLENS_TEST_FILE";

/// A directory for the files of one test, by the name that it has without links.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        let folder = fs::canonicalize(self.0.path()).unwrap();
        // Without the prefix that says that the path is to be taken as it is.
        let folder = folder
            .to_str()
            .unwrap()
            .trim_start_matches(r"\\?\")
            .to_owned();
        Path::new(&folder).join(name)
    }
}

fn ours() -> Vec<OpenFile> {
    Process::current().unwrap().open_files().unwrap()
}

fn times<'a>(files: &'a [OpenFile], path: &Path) -> Vec<&'a OpenFile> {
    files.iter().filter(|file| file.path == path).collect()
}

#[test]
fn a_file_is_listed_as_long_as_it_is_open() {
    let folder = Folder::new();
    let path = folder.file("a file.txt");
    let file = File::create(&path).unwrap();
    let files = ours();
    let found = times(&files, &path);
    assert_eq!(found.len(), 1, "{path:?} in {files:?}");
    assert_eq!(found[0].mode, Some(OpenMode::Write));
    assert_eq!(
        (found[0].fd, found[0].position, found[0].flags),
        (None, None, None)
    );
    let again = File::open(&path).unwrap();
    assert_eq!(times(&ours(), &path).len(), 2);
    drop((file, again));
    assert_eq!(times(&ours(), &path), Vec::<&OpenFile>::new());
    evidence::called("Process::open_files");
}

#[test]
fn what_a_file_was_opened_for() {
    let folder = Folder::new();
    let path = folder.file("modes");
    File::create(&path).unwrap();
    for (options, expect) in [
        (OpenOptions::new().read(true), OpenMode::Read),
        (OpenOptions::new().write(true), OpenMode::Write),
        (OpenOptions::new().append(true), OpenMode::Append),
        (
            OpenOptions::new().read(true).write(true),
            OpenMode::ReadWrite,
        ),
        (
            OpenOptions::new().read(true).append(true),
            OpenMode::ReadAppend,
        ),
    ] {
        let file = options.open(&path).unwrap();
        let files = ours();
        let modes: Vec<_> = times(&files, &path).iter().map(|file| file.mode).collect();
        assert_eq!(modes, [Some(expect)]);
        drop(file);
    }
}

#[test]
fn names_are_exact() {
    let folder = Folder::new();
    let lone = OsString::from_wide(&[0x61, 0xd800, 0x62]);
    for name in [
        "ünïcode 文件".into(),
        "\u{1f600}".into(),
        "x".repeat(200).into(),
        lone,
    ] {
        let path = folder.file(&name);
        // Not every file system takes half a pair.
        let Ok(file) = File::create(&path) else {
            assert!(name.to_str().is_none(), "{name:?}");
            continue;
        };
        let files = ours();
        assert_eq!(times(&files, &path).len(), 1, "{name:?} in {files:?}");
        drop(file);
    }
}

#[test]
fn what_is_no_file_is_not_listed() {
    let folder = Folder::new();
    let witness = folder.file("witness");
    let directory = folder.file("directory");
    fs::create_dir(&directory).unwrap();
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
        .open(&directory)
        .unwrap();
    let held = (
        opened,
        io::pipe().unwrap(),
        TcpListener::bind("127.0.0.1:0").unwrap(),
        File::open(r"\\.\NUL").unwrap(),
        File::create(&witness).unwrap(),
    );
    let files = ours();
    assert_eq!(times(&files, &witness).len(), 1);
    assert_eq!(times(&files, &directory).len(), 0);
    for file in &files {
        let path = file.path.to_str().unwrap_or_default().to_ascii_lowercase();
        assert!(!path.contains("pipe") && !path.ends_with("nul"), "{path}");
        assert!(!path.contains("afd") && !path.contains("socket"), "{path}");
    }
    drop(held);
}

#[test]
fn a_file_that_is_being_deleted_is_not_listed() {
    let folder = Folder::new();
    let (path, witness) = (folder.file("deleted"), folder.file("witness"));
    let held = (
        File::create(&path).unwrap(),
        File::create(&witness).unwrap(),
    );
    assert_eq!(times(&ours(), &path).len(), 1);
    fs::remove_file(&path).unwrap();
    if !is_being_deleted(&held.0) {
        // wine 8 says of no file that it is.
        return;
    }
    let files = ours();
    assert_eq!(times(&files, &witness).len(), 1);
    let name = path.file_name().unwrap();
    let same: Vec<_> = files
        .iter()
        .filter(|file| file.path.file_name() == Some(name))
        .collect();
    assert_eq!(same, Vec::<&OpenFile>::new());
    drop(held);
}

#[test]
fn a_child_holds_its_file() {
    let folder = Folder::new();
    let path = folder.file("of the child");
    let mut child = Child::start_with("files::holds_a_file", |command| {
        command.env(FILE, &path);
    });
    let process = child.process();
    let files = process.open_files().unwrap();
    assert_eq!(times(&files, &path).len(), 1, "{files:?}");
    assert_eq!(times(&ours(), &path).len(), 0);

    // The same in a scan, with our own.
    let mine = folder.file("mine");
    let file = File::create(&mine).unwrap();
    let mut found = 0;
    for info in process::all_with(AttributeSet::of(&[Attribute::OpenFiles])).unwrap() {
        let info = info.unwrap();
        let pid = info.process.pid().as_u32();
        let files = info.open_files.into_value().unwrap_or_default();
        assert_eq!(times(&files, &path).len(), usize::from(pid == child.pid()));
        assert_eq!(
            times(&files, &mine).len(),
            usize::from(pid == std::process::id())
        );
        found += times(&files, &path).len() + times(&files, &mine).len();
    }
    assert_eq!(found, 2);
    drop(file);

    child.end();
    let error = process.open_files().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSuchProcess);
}

#[test]
#[ignore = "the part of a child"]
fn holds_a_file() {
    let _file = File::create(std::env::var_os(FILE).unwrap()).unwrap();
    child::wait_for_the_end();
}

/// A read that waits has the pipe for itself, and whoever asks what it is called waits as well.
#[test]
fn a_pipe_that_somebody_reads_from_holds_nobody_up() {
    let folder = Folder::new();
    let path = folder.file("witness");
    let file = File::create(&path).unwrap();
    let (mut reader, mut writer) = io::pipe().unwrap();
    let waiting = thread::spawn(move || reader.read(&mut [0]).unwrap());
    // The children's standard input is such a pipe as well, and they read from it.
    let child = Child::waiting();
    for process in [Process::current().unwrap(), child.process()] {
        for _ in 0..3 {
            let start = Instant::now();
            process.open_files().unwrap();
            let took = start.elapsed();
            assert!(took < Duration::from_secs(5), "{took:?}");
        }
    }
    assert_eq!(times(&ours(), &path).len(), 1);
    writer.write_all(&[1]).unwrap();
    assert_eq!(waiting.join().unwrap(), 1);
    drop(file);
}

/// In a program of its own: in this one other tests open and close handles as well.
#[test]
fn nothing_is_left_open_by_looking() {
    let mut child = Child::start("files::looks_often");
    child.end();
}

/// The child refuses everybody, as processes of other users do.
#[test]
fn who_refuses_to_be_opened_refuses_to_tell() {
    let child = Child::start("odd_input::refuses_everybody");
    let process = child.process();
    for error in [
        process.open_files().unwrap_err(),
        process.memory_maps().unwrap_err(),
        process.mapped_files().unwrap_err(),
        process.memory_footprint().unwrap_err(),
        process.memory_full_info().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::AccessDenied, "{error}");
    }
}

#[test]
#[ignore = "the part of a child"]
fn looks_often() {
    let this = Process::current().unwrap();
    let open_files = || {
        this.open_files().unwrap();
    };
    open_files();
    let before = (own_handle_count(), this.num_threads().unwrap());
    (0..1000).for_each(|_| open_files());
    let after = (own_handle_count(), this.num_threads().unwrap());
    assert_eq!(before, after);
    child::wait_for_the_end();
}
