//! Names, arguments, environments and paths made to confuse parsers: their own row is exact, and no
//! other row changes.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pslens::net::{self, Address, Connection, ConnectionKind};
use pslens::process::{self, Attribute, AttributeSet, Info, Status};
use pslens::{Process, Root};

use crate::ffi;
use crate::puppet::{Builder, Puppet, Role, Stage, folder_beside_program, is_root, until};

pub(crate) const ROLES: &[(&str, Role)] = &[
    ("hostile_names::called", called),
    ("hostile_names::rewritten", rewritten),
    ("hostile_names::holding", holding),
];

/// A user who owns nothing, so that a name that passes for `Uid: 0` would be seen.
const NOBODY: u32 = 65534;

/// The running system, and the same once more of which only files are read.
fn both_sources() -> [Root; 2] {
    [
        Root::running(),
        Root::at("/proc/../proc", "/sys/../sys").unwrap(),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// Takes a name, gives up its rights, and stays.
fn called(stage: &Stage) {
    let name = stage.argument();
    // The leader's, whichever thread this is. An empty write would be none.
    let name = [name.as_bytes(), b"\0"].concat();
    fs::write("/proc/self/comm", name).unwrap();
    if is_root() {
        ffi::become_user(NOBODY).unwrap();
    }
    stage.ready("");
    stage.hold();
}

const NAMES: &[&[u8]] = &[
    b"",
    b" ",
    b") R 1 1 1 1 1",
    b"a) S 1 (b",
    b"(((((((((((((((",
    b")))))))))))))))",
    b"two  blanks ",
    b"\nUid:\t0\t0\t0\t0",
    b"Uid:\t0\t0\t0\t0",
    b"x\nTgid:\t1\nPid:1",
    b"\t\t",
    b"\xff\xfe\x80",
    b"\x1b[2J\x07",
    b"\\n\\040\\",
    b"(deleted)",
    b"%s%n%d",
];

#[test]
fn a_name_shifts_no_field_and_no_other_row() {
    let victim = Builder::new("idle").ready();
    let hostile: Vec<Puppet> = NAMES
        .iter()
        .map(|name| {
            Builder::new("hostile_names::called")
                .argument(OsStr::from_bytes(name))
                .start()
        })
        .collect();
    let hostile: Vec<Puppet> = hostile
        .into_iter()
        .map(|mut puppet| {
            puppet.hear();
            puppet
        })
        .collect();
    let me = std::process::id();
    let uid = if is_root() {
        NOBODY
    } else {
        rustix::process::getuid().as_raw()
    };
    let own = Process::current().unwrap().uids().unwrap().real;
    let attributes = AttributeSet::of(&[
        Attribute::Ppid,
        Attribute::Name,
        Attribute::Status,
        Attribute::NumThreads,
        Attribute::Uids,
        Attribute::Gids,
        Attribute::Threads,
        Attribute::NumCtxSwitches,
        Attribute::MemoryInfo,
        Attribute::CpuTimes,
        Attribute::CreateTime,
    ]);
    for root in both_sources() {
        let listed = process::pids_in(&root).unwrap();
        let rows: BTreeMap<u32, Info> = process::all_with_in(attributes, &root)
            .unwrap()
            .map(|info| info.unwrap())
            .map(|info| (info.pid().as_u32(), info))
            .collect();
        let missing = listed
            .iter()
            .filter(|pid| !rows.contains_key(&pid.as_u32()));
        for pid in missing {
            assert!(
                !process::pid_exists_in(*pid, &root).unwrap(),
                "{pid} is not listed"
            );
        }
        for (puppet, name) in hostile.iter().zip(NAMES) {
            let shown = String::from_utf8_lossy(name);
            let row = &rows[&puppet.pid()];
            assert_eq!(row.name.value().unwrap().as_bytes(), *name);
            assert_eq!(row.ppid.value().unwrap().as_u32(), me, "{shown:?}");
            // Between the word that it is ready and sleep it still runs.
            let status = *row.status.value().unwrap();
            assert!(
                matches!(status, Status::Sleeping | Status::Running),
                "{shown:?}: {status}"
            );
            assert_eq!(row.uids.value().unwrap().effective, uid, "{shown:?}");
            assert!(!is_root() || row.gids.value().unwrap().real == NOBODY);
            let threads = row.threads.value().unwrap();
            assert_eq!(*row.num_threads.value().unwrap() as usize, threads.len());
            assert_eq!(threads[0].id, puppet.pid(), "{shown:?}");
            assert_eq!(threads[0].name.as_ref().unwrap().as_bytes(), *name);
            assert!(row.memory_info.value().unwrap().rss > 0);
            assert!(row.num_ctx_switches.value().unwrap().voluntary > 0);
            let made = row.create_time.value().unwrap();
            assert!(
                made.elapsed().is_ok_and(|age| age.as_secs() < 3600),
                "{shown:?}"
            );
            let single = Process::new_in(puppet.pid(), &root).unwrap();
            assert_eq!(single.name().unwrap().as_bytes(), *name);
            assert_eq!(single.uids().unwrap().real, uid);
        }
        let row = &rows[&victim.pid()];
        let program = std::env::current_exe().unwrap();
        assert_eq!(row.name.value().unwrap(), program.file_name().unwrap());
        assert_eq!(row.uids.value().unwrap().real, own);
        assert_eq!(row.ppid.value().unwrap().as_u32(), me);
    }
}

/// Overwrites its own arguments and environment, each to its full length.
fn rewritten(stage: &Stage) {
    let argument = stage.argument().into_string().unwrap();
    let (arguments, environment) = argument.split_once(',').unwrap();
    let stat = fs::read("/proc/self/stat").unwrap();
    let end = stat.iter().rposition(|byte| *byte == b')').unwrap();
    let rest = String::from_utf8_lossy(&stat[end + 2..]).into_owned();
    // Fields 48 to 51 of proc(5); the first one here is the third.
    let fields: Vec<u64> = rest
        .split_whitespace()
        .skip(45)
        .take(4)
        .map(|field| field.parse().unwrap())
        .collect();
    let memory = fs::OpenOptions::new()
        .write(true)
        .open("/proc/self/mem")
        .unwrap();
    let overwrite = |start: u64, end: u64, text: &str| {
        let length = usize::try_from(end - start).unwrap();
        let mut bytes = unhex(text);
        assert!(bytes.len() <= length);
        // "..." fills up with itself, so that the last byte is not NUL.
        let filler = if bytes.ends_with(b"...") { b'.' } else { 0 };
        bytes.resize(length, filler);
        memory.write_all_at(&bytes, start).unwrap();
        length
    };
    let first = overwrite(fields[0], fields[1], arguments);
    let second = overwrite(fields[2], fields[3], environment);
    stage.ready(format_args!("{first} {second}"));
    stage.hold();
}

fn rewrite(arguments: &[u8], environment: &[u8]) -> (Puppet, usize, usize) {
    let mut puppet = Builder::new("hostile_names::rewritten")
        .argument(format!("{},{}", hex(arguments), hex(environment)))
        .start();
    let said = puppet.hear();
    let (first, second) = said.split_once(' ').unwrap();
    (puppet, first.parse().unwrap(), second.parse().unwrap())
}

fn strings(words: &[&[u8]]) -> Vec<OsString> {
    words
        .iter()
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect()
}

#[test]
fn arguments_and_environment_rewritten_in_place_are_shown_as_they_are() {
    // Whatever it writes, it is followed by NULs: empty arguments to the end.
    let odd: &[u8] = b"a\nUid:\t0\0\0\xff\xfe (x) R 1\0--";
    let variables: &[u8] = b"no equals sign\0=no name\0A=\0B=x=y\nC=\xff\0A=2\0\0HIDDEN=1\0";
    let (puppet, length, _) = rewrite(odd, variables);
    for root in both_sources() {
        let process = Process::new_in(puppet.pid(), &root).unwrap();
        let got = process.cmdline().unwrap();
        assert_eq!(
            got[..4],
            strings(&[b"a\nUid:\t0", b"", b"\xff\xfe (x) R 1", b"--"])
        );
        assert_eq!(got.len(), 4 + length - odd.len() - 1);
        assert!(got[4..].iter().all(|argument| argument.is_empty()));
        let pairs = [(&b"A"[..], &b""[..]), (b"B", b"x=y\nC=\xff"), (b"A", b"2")];
        let expect: Vec<(OsString, OsString)> = pairs
            .iter()
            .map(|(name, value)| (strings(&[name]).remove(0), strings(&[value]).remove(0)))
            .collect();
        assert_eq!(process.environ().unwrap(), expect);
        // The name does not follow: it is the kernel's, and is shorter than what the kernel cuts.
        assert!(!process.name().unwrap().is_empty());
    }

    // A title without an end runs into the environment, as the kernel has it since setproctitle(3).
    let (puppet, length, _) = rewrite(b"worker: idle ...", b"and on\0X=1\0");
    let got = puppet.process().cmdline().unwrap();
    assert_eq!(got[..2], strings(&[b"worker:", b"idle"]));
    let title = got[2..].join(OsStr::new(" "));
    assert!(title.as_bytes().ends_with(b"...and on"), "{title:?}");
    assert_eq!(title.len(), length - "worker: idle ".len() + "and on".len());
    assert_eq!(
        puppet.process().environ().unwrap(),
        [("X".into(), "1".into())]
    );

    // Nothing at all.
    let (puppet, length, _) = rewrite(b"", b"");
    assert_eq!(puppet.process().cmdline().unwrap().len(), length);
    assert_eq!(puppet.process().environ().unwrap(), []);
}

struct KillOnDrop(std::process::Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_megabyte_of_arguments_and_environment_is_returned_whole() {
    let mut arguments: Vec<OsString> = ["-c", "read _", "Uid:\t0\t0\t0\t0", "", "\n\n"]
        .map(OsString::from)
        .into();
    arguments.extend((0_u8..9).map(|n| OsString::from_vec(vec![b'a' + n; 120_000])));
    arguments.push(OsString::from_vec(b"\xff".to_vec()));
    let child = KillOnDrop(
        Command::new("/bin/sh")
            .args(&arguments)
            .env_clear()
            .env("BIG", OsString::from_vec(vec![b'='; 100_000]))
            .env("ODD", OsStr::from_bytes(b"\nUid:\t0\xff"))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let process = Process::new(child.0.id()).unwrap();
    // Spawning returns when the old memory is gone; the arguments are set a little later.
    let cmdline = until("the new program begins", || {
        process.cmdline().ok().filter(|words| !words.is_empty())
    });
    assert_eq!(cmdline[0], "/bin/sh");
    assert!(cmdline[1..] == arguments, "{} arguments", cmdline.len());
    let environ: BTreeMap<OsString, OsString> = process.environ().unwrap().into_iter().collect();
    assert_eq!(environ[OsStr::new("BIG")].len(), 100_000);
    assert_eq!(environ[OsStr::new("ODD")].as_bytes(), b"\nUid:\t0\xff");
}

/// Opens every file of the current directory, and holds them.
fn holding(stage: &Stage) {
    let files: Vec<fs::File> = fs::read_dir(".")
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| fs::File::open(entry.path()).unwrap())
        .collect();
    stage.ready(files.len());
    stage.hold();
}

const PATHS: &[&[u8]] = &[
    b"plain",
    b"really (deleted)",
    b" (deleted)",
    b"two  blanks",
    b"new\nline",
    b"\n7f0000000000-7f0000001000 rwxp 00000000 00:00 0 [heap]",
    b"\xff\xfe\x80",
    b"socket:[1]",
    b"\\012\\040",
    b"\x1b[31m\t",
];

/// A second name for this program, or a copy where there can be none.
fn program_at(path: &Path) {
    let program = std::env::current_exe().unwrap();
    if fs::hard_link(&program, path).is_err() {
        fs::copy(&program, path).unwrap();
    }
}

#[test]
fn paths_of_programs_directories_and_files_are_exact() {
    let top = folder_beside_program();
    let top = top.path().canonicalize().unwrap();
    for name in PATHS {
        let folder = top.join(OsStr::from_bytes(name));
        fs::create_dir(&folder).unwrap();
        let expect: Vec<PathBuf> = PATHS
            .iter()
            .map(|name| folder.join(OsStr::from_bytes(name)))
            .collect();
        for path in &expect {
            fs::write(path, "").unwrap();
        }
        let program = top.join([b"program ", *name].concat().as_slice().to_os());
        program_at(&program);
        let here = folder.clone();
        let puppet = Builder::new("hostile_names::holding")
            .program(&program)
            .adjust(move |command| {
                // The test harness wants arguments in UTF-8.
                command.current_dir(here).arg0("program");
            })
            .ready();
        let process = puppet.process();
        assert_eq!(process.cwd().unwrap().as_ref(), Some(&folder));
        assert_eq!(process.exe().unwrap().as_ref(), Some(&program));
        let held = |process: &Process| -> Vec<(PathBuf, Option<bool>)> {
            let mut files: Vec<_> = process
                .open_files()
                .unwrap()
                .into_iter()
                .filter(|file| file.path.starts_with(&folder))
                .map(|file| (file.path, file.deleted))
                .collect();
            files.sort();
            files
        };
        let mut expect: Vec<_> = expect.into_iter().map(|path| (path, Some(false))).collect();
        expect.sort();
        assert_eq!(held(&process), expect);
        let maps = process.memory_maps().unwrap();
        // The table of mappings writes a newline as `\012` and leaves a backslash alone, so that a name
        // with `\012` in it is read as one with a newline.
        if !name.contains(&b'\\') {
            assert!(maps.iter().any(|map| map.path == program), "{program:?}");
        }
        assert!(
            maps.iter()
                .any(|map| map.path == "[stack]" || map.path == "[vdso]")
        );
        // What is gone keeps its name.
        for (path, deleted) in &mut expect {
            fs::remove_file(path).unwrap();
            *deleted = Some(true);
        }
        fs::remove_file(&program).unwrap();
        fs::remove_dir(&folder).unwrap();
        assert_eq!(process.exe().unwrap().as_ref(), Some(&program));
        assert_eq!(process.cwd().unwrap().as_ref(), Some(&folder));
        assert_eq!(held(&process), expect);
    }
}

trait ToOs {
    fn to_os(&self) -> &OsStr;
}

impl ToOs for [u8] {
    fn to_os(&self) -> &OsStr {
        OsStr::from_bytes(self)
    }
}

#[test]
fn a_path_of_a_socket_changes_no_other_row() {
    let folder = tempfile::tempdir().unwrap();
    let victim = UnixListener::bind(folder.path().join("victim")).unwrap();
    let rows = |root: &Root| -> Vec<Connection> {
        let mut rows = net::connections_in(root, ConnectionKind::All).unwrap();
        for row in &mut rows {
            // A child that another test starts holds our descriptors until its program begins.
            row.owners
                .retain(|owner| owner.pid.as_u32() == std::process::id());
        }
        rows.retain(|row| !row.owners.is_empty());
        rows
    };
    let is_ours = |row: &Connection| match &row.local {
        Some(Address::Unix(name)) => name
            .as_bytes()
            .starts_with(folder.path().as_os_str().as_bytes()),
        _ => false,
    };
    for root in both_sources() {
        let before: Vec<Connection> = rows(&root).into_iter().filter(is_ours).collect();
        assert_eq!(before.len(), 1);
        for (number, name) in PATHS.iter().enumerate() {
            let path = folder
                .path()
                .join([format!("{number}").as_bytes(), name].concat().to_os());
            let listener = UnixListener::bind(&path).unwrap();
            let after: Vec<Connection> = rows(&root).into_iter().filter(is_ours).collect();
            let (ours, others): (Vec<_>, Vec<_>) = after
                .into_iter()
                .partition(|row| row.local == Some(Address::Unix(path.clone().into())));
            assert_eq!(ours.len(), 1, "{path:?}");
            assert_eq!(others, before, "{path:?}");
            drop(listener);
            fs::remove_file(&path).unwrap();
            until("the socket goes", || {
                (rows(&root).iter().filter(|row| is_ours(row)).count() == 1).then_some(())
            });
        }
    }
    drop(victim);
}
