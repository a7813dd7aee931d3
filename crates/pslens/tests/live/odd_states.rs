//! Processes in unusual states, and readers with few rights: what can be told is right, what cannot is
//! said to be so, and nothing else fails.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use pslens::process::{self, AttributeSet, Field, Info, Status};
use pslens::{ErrorKind, Process};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

use crate::puppet::{
    Builder, PATIENCE, Puppet, Role, Stage, folder_beside_program, is_root, until,
};
use crate::{ffi, skip};

pub(crate) const ROLES: &[(&str, Role)] = &[
    ("odd_states::parent_of_zombie", parent_of_zombie),
    ("odd_states::tracer", tracer),
    ("odd_states::many_fds", many_fds),
    ("odd_states::many_threads", many_threads),
    ("odd_states::executing", executing),
    ("odd_states::leader_gone", leader_gone),
    ("odd_states::unprivileged_reader", unprivileged_reader),
    ("odd_states::hidden", hidden),
    ("odd_states::in_dead_mount", in_dead_mount),
    ("odd_states::dead_mount", dead_mount),
];

const NOBODY: u32 = 65534;

/// One field of an [`Info`], without its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    NotAsked,
    Value,
    Denied,
    Zombie,
    Unsupported,
    Failed,
}

fn fate<T: std::fmt::Debug>(name: &str, pid: u32, field: &Field<T>) -> Fate {
    match field {
        Field::NotAsked => Fate::NotAsked,
        Field::Value(_) => Fate::Value,
        Field::Denied => Fate::Denied,
        Field::Zombie => Fate::Zombie,
        Field::Unsupported => Fate::Unsupported,
        other => {
            eprintln!("{name} of {pid}: {other:?}");
            Fate::Failed
        }
    }
}

macro_rules! fates {
    ($($field:ident)*) => {
        /// What became of each attribute.
        fn fates(info: &Info) -> Vec<(&'static str, Fate)> {
            let pid = info.pid().as_u32();
            vec![$((stringify!($field), fate(stringify!($field), pid, &info.$field)),)*]
        }
    };
}

fates! {
    cmdline cpu_affinity cpu_num cpu_percent cpu_times create_time cwd environ exe gids io_counters
    ionice memory_footprint memory_full_info memory_info memory_info_ex memory_maps memory_percent name
    net_connections nice num_ctx_switches num_fds num_threads open_files page_faults ppid status terminal
    threads uids username
}

/// The attributes with this fate.
fn with_fate(info: &Info, wanted: Fate) -> BTreeSet<&'static str> {
    fates(info)
        .into_iter()
        .filter(|(_, fate)| *fate == wanted)
        .map(|(name, _)| name)
        .collect()
}

fn everything(process: &Process) -> Info {
    process.info(AttributeSet::ALL).unwrap()
}

/// Nothing is denied or missing.
fn expect_all(process: &Process) -> Info {
    let info = everything(process);
    for (name, fate) in fates(&info) {
        assert_eq!(fate, Fate::Value, "{name} of {process:?}");
    }
    info
}

fn until_status(process: &Process, wanted: Status) {
    until(wanted.as_str(), || {
        (process.status().unwrap() == wanted).then_some(())
    });
}

/// What went with the memory of a process that exited.
const GONE_WITH_MEMORY: &[&str] = &[
    "cmdline",
    "cwd",
    "environ",
    "exe",
    "memory_footprint",
    "memory_full_info",
    "memory_maps",
];

fn check_zombie(process: &Process) {
    let info = everything(process);
    assert_eq!(info.status.value(), Some(&Status::Zombie));
    let gone = with_fate(&info, Fate::Zombie);
    for name in GONE_WITH_MEMORY {
        assert!(gone.contains(name), "{name}: {:?}", fates(&info));
    }
    for (name, fate) in fates(&info) {
        // The kernel shows these of a zombie to the privileged only.
        let denied = !is_root() && ["io_counters", "net_connections", "open_files"].contains(&name);
        let fine = matches!(fate, Fate::Value | Fate::Zombie);
        assert!(fine || (denied && fate == Fate::Denied), "{name}: {fate:?}");
    }
    for name in [
        "name",
        "ppid",
        "uids",
        "cpu_times",
        "create_time",
        "nice",
        "num_threads",
    ] {
        assert!(!gone.contains(name), "{name}");
    }
    let single = [
        process.cmdline().map(drop),
        process.environ().map(drop),
        process.exe().map(drop),
        process.cwd().map(drop),
        process.memory_maps().map(drop),
        process.memory_full_info().map(drop),
    ];
    for result in single {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::ZombieProcess);
    }
    assert!(process.is_running().unwrap());
    assert!(process::pids().unwrap().contains(&process.pid()));
    assert!(process::pid_exists(process.pid()).unwrap());
    let mut listed = process::all_with(AttributeSet::ALL)
        .unwrap()
        .map(|info| info.unwrap());
    let row = listed.find(|info| info.pid() == process.pid()).unwrap();
    assert_eq!(row.status.value(), Some(&Status::Zombie));
}

#[test]
fn a_zombie_of_ours_has_what_did_not_go_with_its_memory() {
    let mut child = Command::new("true").spawn().unwrap();
    let process = Process::new(child.id()).unwrap();
    until_status(&process, Status::Zombie);
    check_zombie(&process);
    assert!(child.wait().unwrap().success());
    assert!(!process.is_running().unwrap());
    let gone = process.info(AttributeSet::ALL).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NoSuchProcess);
    assert_eq!(process.name().unwrap_err().kind(), ErrorKind::NoSuchProcess);
}

fn parent_of_zombie(stage: &Stage) {
    let mut child = Command::new("true").spawn().unwrap();
    stage.ready(child.id());
    stage.hold();
    child.wait().unwrap();
}

#[test]
fn a_zombie_of_another_process_is_the_same() {
    let mut puppet = Builder::new("odd_states::parent_of_zombie").start();
    let pid: u32 = puppet.hear().parse().unwrap();
    let process = Process::new(pid).unwrap();
    until_status(&process, Status::Zombie);
    check_zombie(&process);
}

#[test]
fn a_stopped_process_answers_everything() {
    let puppet = Builder::new("idle").ready();
    let process = puppet.process();
    kill_process(puppet.rustix_pid(), Signal::STOP).unwrap();
    until_status(&process, Status::Stopped);
    assert_eq!(expect_all(&process).status.value(), Some(&Status::Stopped));
}

fn tracer(stage: &Stage) {
    let pid = stage.argument().into_string().unwrap().parse().unwrap();
    match ffi::trace(pid) {
        Ok(()) => stage.ready("traces"),
        Err(error) => stage.ready(error),
    }
    stage.hold();
}

#[test]
fn a_traced_process_answers_everything() {
    let puppet = Builder::new("idle").ready();
    let mut tracer = Builder::new("odd_states::tracer")
        .argument(puppet.pid().to_string())
        .start();
    let said = tracer.hear();
    if said != "traces" {
        return skip("odd_states::traced", &said);
    }
    let process = puppet.process();
    until_status(&process, Status::TracingStop);
    expect_all(&process);
}

#[test]
fn kernel_threads_have_nothing_to_deny() {
    const KTHREADD: u32 = 2;
    let Ok(process) = Process::new(KTHREADD) else {
        return skip("odd_states::kernel_threads", "a container shows none");
    };
    if process.name().unwrap() != "kthreadd" {
        return skip("odd_states::kernel_threads", "a container shows none");
    }
    assert_eq!(process.cmdline().unwrap(), Vec::<std::ffi::OsString>::new());
    let mut seen = 0;
    for info in process::all_with(AttributeSet::ALL).unwrap() {
        let info = info.unwrap();
        if info
            .ppid
            .value()
            .is_none_or(|ppid| ppid.as_u32() != KTHREADD)
        {
            continue;
        }
        seen += 1;
        for (name, fate) in fates(&info) {
            let fine = fate == Fate::Value || (fate == Fate::Denied && !is_root());
            assert!(fine, "{name} of {:?}: {fate:?}", info.name);
        }
        if is_root() {
            assert_eq!(info.exe.value(), Some(&None));
            assert_eq!(info.environ.value(), Some(&Vec::new()));
            assert_eq!(info.memory_maps.value(), Some(&Vec::new()));
            assert_eq!(info.open_files.value(), Some(&Vec::new()));
        }
        assert_eq!(info.memory_info.value().unwrap().rss, 0);
    }
    assert!(seen > 0);
}

fn many_fds(stage: &Stage) {
    const WANTED: u64 = 3000;
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
    if limit.maximum.is_some_and(|most| most < WANTED + 100) {
        return stage.ready("");
    }
    let path = stage.argument();
    let files: Vec<fs::File> = (0..WANTED)
        .map(|_| fs::File::open(&path).unwrap())
        .collect();
    stage.ready(files.last().unwrap().as_raw_fd());
    stage.hold();
}

#[test]
fn more_than_a_thousand_descriptors_are_all_seen() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut puppet = Builder::new("odd_states::many_fds")
        .argument(file.path())
        .start();
    let said = puppet.hear();
    let Ok(last) = said.parse::<u32>() else {
        return skip("odd_states::many_fds", "the limit is too low");
    };
    assert!(last >= 3000);
    let process = puppet.process();
    let files = process.open_files().unwrap();
    let ours: Vec<_> = files
        .iter()
        .filter(|open| open.path == file.path())
        .collect();
    assert_eq!(ours.len(), 3000);
    assert_eq!(ours.last().unwrap().fd, Some(last));
    let count = process.num_fds().unwrap();
    assert_eq!(
        count as usize,
        fs::read_dir(format!("/proc/{}/fd", puppet.pid()))
            .unwrap()
            .count()
    );
    assert!(count > 3000);
}

fn many_threads(stage: &Stage) {
    const THREADS: usize = 1000;
    let (sender, receiver) = mpsc::channel();
    let started: Vec<_> = (0..THREADS)
        .map_while(|number| {
            let sender = sender.clone();
            std::thread::Builder::new()
                .name(format!("thread {number} )"))
                .stack_size(64 * 1024)
                .spawn(move || {
                    sender.send(()).unwrap();
                    loop {
                        std::thread::park();
                    }
                })
                .ok()
        })
        .collect();
    for _ in &started {
        receiver.recv().unwrap();
    }
    stage.ready(started.len());
    stage.hold();
}

#[test]
fn a_thousand_threads_have_their_names_and_are_no_processes() {
    let mut puppet = Builder::new("odd_states::many_threads").start();
    let made: usize = puppet.hear().parse().unwrap();
    if made < 1000 {
        return skip("odd_states::many_threads", "no more threads allowed");
    }
    let process = puppet.process();
    let info = expect_all(&process);
    let threads = info.threads.value().unwrap();
    assert_eq!(
        threads.len(),
        made + 2,
        "the first one, the test harness's, and ours"
    );
    assert_eq!(*info.num_threads.value().unwrap() as usize, threads.len());
    let ids: BTreeSet<u32> = threads.iter().map(|thread| thread.id).collect();
    assert_eq!(ids.len(), threads.len());
    let names: BTreeSet<_> = threads
        .iter()
        .filter_map(|thread| thread.name.clone())
        .collect();
    for number in 0..made {
        assert!(
            names.contains(std::ffi::OsStr::new(&format!("thread {number} )"))),
            "{number}"
        );
    }
    let pids: BTreeSet<u32> = process::pids()
        .unwrap()
        .iter()
        .map(|pid| pid.as_u32())
        .collect();
    let others: Vec<u32> = ids.into_iter().filter(|id| *id != puppet.pid()).collect();
    assert!(others.iter().all(|id| !pids.contains(id)));
    for id in others.iter().take(20) {
        // procfs opens the directory of a thread as if it were a process: it is none.
        assert!(!process::pid_exists((*id).into()).unwrap(), "{id}");
    }
}

#[test]
fn a_thread_cannot_be_acted_on_as_a_process() {
    let mut puppet = Builder::new("odd_states::many_threads").start();
    puppet.hear();
    let threads = puppet.process().threads().unwrap();
    let thread = threads
        .iter()
        .find(|thread| thread.id != puppet.pid())
        .unwrap();
    assert!(!process::pid_exists(thread.id.into()).unwrap());
    // procfs answers for a thread as for a process, to whoever knows the number.
    if let Ok(handle) = Process::new(thread.id) {
        assert_eq!(handle.kill().unwrap_err().kind(), ErrorKind::NoSuchProcess);
        assert_eq!(
            handle.suspend().unwrap_err().kind(),
            ErrorKind::NoSuchProcess
        );
    }
    assert_eq!(puppet.process().threads().unwrap().len(), threads.len());
}

/// Executes itself again and again, so that name, arguments and memory change all the time.
fn executing(stage: &Stage) {
    use std::os::unix::process::CommandExt;
    let rounds = stage.argument().into_string().unwrap();
    let left: u32 = rounds.parse().unwrap();
    if left == 200 {
        stage.ready("");
    }
    if left == 0 {
        stage.ready("");
        return stage.hold();
    }
    let arguments = std::env::args_os().skip(1);
    let error = Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .env("PSLENS_TEST_ARGUMENT", (left - 1).to_string())
        .exec();
    panic!("{error}");
}

#[test]
fn a_process_that_executes_stays_the_same_process() {
    let puppet = Builder::new("odd_states::executing")
        .argument("200")
        .ready();
    let process = puppet.process();
    let me = std::process::id();
    for _ in 0..300 {
        let info = everything(&process);
        for (name, fate) in fates(&info) {
            // Not the first thread executes, so for a moment the first is a zombie.
            let brief = match fate {
                Fate::Zombie => GONE_WITH_MEMORY.contains(&name),
                // Of what has no memory the kernel does not know who may look at it.
                Fate::Denied => !is_root(),
                _ => false,
            };
            assert!(fate == Fate::Value || brief, "{name}: {fate:?}");
        }
        assert_eq!(info.ppid.value().unwrap().as_u32(), me);
        assert!(process.is_running().unwrap());
        assert_eq!(puppet.process(), process);
    }
}

/// The first thread ends and another one goes on: a zombie that still works.
fn leader_gone(stage: &Stage) {
    let pid = ffi::fork(|| {
        std::thread::spawn(|| {
            loop {
                std::thread::park();
            }
        });
        ffi::exit_thread()
    });
    let pid = pid.unwrap();
    stage.ready(pid);
    stage.hold();
    end(pid);
}

/// Kills and reaps a child that was forked.
fn end(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).unwrap();
}

#[test]
fn a_process_whose_first_thread_ended_goes_on() {
    let mut puppet = Builder::new("odd_states::leader_gone").start();
    let pid: u32 = puppet.hear().parse().unwrap();
    let process = Process::new(pid).unwrap();
    until_status(&process, Status::Zombie);
    let info = everything(&process);
    assert_eq!(with_fate(&info, Fate::Failed), BTreeSet::new());
    assert_eq!(info.ppid.value().unwrap().as_u32(), puppet.pid());
    assert_eq!(info.num_threads.value(), Some(&2));
    assert_eq!(info.threads.value().unwrap().len(), 2);
    assert!(process.is_running().unwrap());
    puppet.finish();
    assert!(!process.is_running().unwrap());
}

#[test]
fn a_removed_program_and_directory_keep_their_paths() {
    let top = folder_beside_program();
    let top = top.path().canonicalize().unwrap();
    let (program, folder) = (top.join("program"), top.join("folder"));
    let original = std::env::current_exe().unwrap();
    if fs::hard_link(&original, &program).is_err() {
        fs::copy(&original, &program).unwrap();
    }
    fs::create_dir(&folder).unwrap();
    let here = folder.clone();
    let puppet = Builder::new("idle")
        .program(&program)
        .adjust(move |command| {
            command.current_dir(here);
        })
        .ready();
    fs::remove_file(&program).unwrap();
    fs::remove_dir(&folder).unwrap();
    let process = puppet.process();
    let info = expect_all(&process);
    assert_eq!(info.exe.value().unwrap().as_ref(), Some(&program));
    assert_eq!(info.cwd.value().unwrap().as_ref(), Some(&folder));
    let maps = info.memory_maps.value().unwrap();
    assert!(maps.iter().any(|map| map.path == program));
}

/// Gives up its rights, looks at what it is told to, and says what is denied.
fn unprivileged_reader(stage: &Stage) {
    ffi::become_user(NOBODY).unwrap();
    stage.ready("");
    while let Some(line) = stage.told() {
        let pid: u32 = line.parse().unwrap();
        let process = Process::new(pid).unwrap();
        let info = everything(&process);
        for (name, fate) in fates(&info) {
            assert_ne!(fate, Fate::Failed, "{name}");
        }
        // A getter says the same as the record.
        let single = [
            ("cwd", process.cwd().map(drop)),
            ("environ", process.environ().map(drop)),
            ("exe", process.exe().map(drop)),
            ("io_counters", process.io_counters().map(drop)),
            ("memory_maps", process.memory_maps().map(drop)),
            ("memory_footprint", process.memory_footprint().map(drop)),
            ("num_fds", process.num_fds().map(drop)),
            ("open_files", process.open_files().map(drop)),
            ("name", process.name().map(drop)),
            ("uids", process.uids().map(drop)),
            ("cmdline", process.cmdline().map(drop)),
        ];
        let denied = with_fate(&info, Fate::Denied);
        for (name, result) in single {
            let kind = result.err().map(|error| error.kind());
            assert_eq!(
                kind == Some(ErrorKind::AccessDenied),
                denied.contains(name),
                "{name} {kind:?}"
            );
        }
        // The whole listing goes through, whoever is in it.
        let all = process::all_with(AttributeSet::ALL).unwrap();
        assert!(
            all.map(|info| info.unwrap())
                .any(|info| info.pid() == process.pid())
        );
        let names: Vec<_> = denied.into_iter().collect();
        stage.ready(names.join(" "));
    }
}

#[test]
fn another_users_process_denies_its_own_affairs_and_nothing_else() {
    if !is_root() {
        return skip("odd_states::denied", "only root may become somebody else");
    }
    let mut reader = Builder::new("odd_states::unprivileged_reader").ready();
    let of_root = Builder::new("idle").ready();
    reader.say(&of_root.pid().to_string());
    let expect = "cwd environ exe io_counters memory_footprint memory_full_info memory_maps \
                  net_connections open_files";
    // Since Linux 6.2 everybody may know how many descriptors a process has.
    assert_eq!(reader.hear().replace("num_fds ", ""), expect);
    // Its own user's.
    let of_nobody = Builder::new("odd_states::unprivileged_reader").ready();
    reader.say(&of_nobody.pid().to_string());
    assert_eq!(reader.hear(), "");
    // A zombie of another user.
    let mut parent = Builder::new("odd_states::parent_of_zombie").start();
    let zombie = parent.hear();
    until_status(
        &Process::new(zombie.parse::<u32>().unwrap()).unwrap(),
        Status::Zombie,
    );
    reader.say(&zombie);
    let denied = reader.hear();
    assert!(
        !denied.contains("name") && !denied.contains("status"),
        "{denied}"
    );
    // And itself.
    let own = reader.pid().to_string();
    reader.say(&own);
    assert_eq!(reader.hear(), "");
    reader.finish();
}

/// In a mount namespace of its own, with another procfs over `/proc` that hides.
fn hidden(stage: &Stage) {
    let argument = stage.argument().into_string().unwrap();
    let (level, of_root) = argument.split_once(' ').unwrap();
    let options = std::ffi::CString::new(format!("hidepid={level}")).unwrap();
    mount(
        "proc",
        "/proc",
        "proc",
        MountFlags::empty(),
        options.as_c_str(),
    )
    .unwrap();
    ffi::become_user(NOBODY).unwrap();
    let other: u32 = of_root.parse().unwrap();
    let me = std::process::id();
    let listed = process::pids().unwrap();
    assert!(listed.contains(&me.into()));
    // Every scan goes through, with every set.
    let mut seen = BTreeSet::new();
    for info in process::all_with(AttributeSet::ALL).unwrap() {
        let info = info.unwrap();
        seen.insert(info.pid().as_u32());
        assert_eq!(with_fate(&info, Fate::Failed), BTreeSet::new());
        if info.pid().as_u32() == other {
            assert_eq!(level, "1", "hidepid=2 hides it altogether");
            let told: Vec<_> = with_fate(&info, Fate::Value).into_iter().collect();
            assert!(
                !told.contains(&"name") && !told.contains(&"cmdline"),
                "{told:?}"
            );
            assert!(with_fate(&info, Fate::Denied).contains("name"));
        }
    }
    assert!(seen.contains(&me));
    assert_eq!(seen.contains(&other), level == "1");
    assert_eq!(listed.contains(&other.into()), level == "1");
    assert!(process::all().unwrap().all(|process| process.is_ok()));
    match (Process::new(other), level) {
        (Ok(process), "1") => {
            assert!(process.is_running().unwrap());
            assert_eq!(process.name().unwrap_err().kind(), ErrorKind::AccessDenied);
        }
        (Err(error), "1") => assert_eq!(error.kind(), ErrorKind::AccessDenied),
        (Ok(process), _) => panic!("{process:?}"),
        (Err(error), _) => assert_eq!(error.kind(), ErrorKind::NoSuchProcess),
    }
    let own = Process::current().unwrap();
    assert_eq!(with_fate(&everything(&own), Fate::Denied), BTreeSet::new());
    stage.ready("");
}

#[test]
fn a_procfs_that_hides_processes_fails_no_scan() {
    if !is_root() {
        return skip("odd_states::hidden", "only root may mount");
    }
    let of_root = Builder::new("idle").ready();
    for level in ["1", "2"] {
        let puppet = Builder::new("odd_states::hidden")
            .argument(format!("{level} {}", of_root.pid()))
            .through(&["unshare", "--mount", "--propagation", "private"])
            .ready();
        puppet.finish();
    }
}

/// Enters the mount and stays there.
fn in_dead_mount(stage: &Stage) {
    stage.ready("");
    stage.hold();
}

/// Mounts a file system whose server is the returned file.
fn mount_fuse(place: &Path) -> fs::File {
    fs::create_dir(place).unwrap();
    let server = fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/fuse")
        .unwrap();
    let options = format!(
        "fd={},rootmode=40000,user_id=0,group_id=0",
        server.as_raw_fd()
    );
    let options = std::ffi::CString::new(options).unwrap();
    mount(
        "nobody",
        place,
        "fuse.dead",
        MountFlags::empty(),
        options.as_c_str(),
    )
    .unwrap();
    server
}

/// Answers the greeting and one question, and then dies without anybody noticing.
fn serve_once(mut server: fs::File) -> fs::File {
    const INIT: u32 = 26;
    loop {
        // `struct fuse_in_header` of linux/fuse.h: length, operation, number of the request.
        let mut request = [0; 16384];
        let _ = server.read(&mut request).unwrap();
        let operation = u32::from_ne_bytes(request[4..8].try_into().unwrap());
        let greeting = operation == INIT;
        // `struct fuse_init_out`: version 7.31, at most a page to write, times to the nanosecond.
        let mut body = [0_u32; 16];
        body[..7].copy_from_slice(&[7, 31, 0, 0, 0, 4096, 1]);
        let body: &[u32] = if greeting { &body } else { &[] };
        let error = if greeting { 0 } else { -libc::ENOSYS };
        let mut reply = Vec::new();
        reply.extend((16 + 4 * u32::try_from(body.len()).unwrap()).to_ne_bytes());
        reply.extend(error.to_ne_bytes());
        reply.extend(&request[8..16]);
        reply.extend(body.iter().flat_map(|word| word.to_ne_bytes()));
        server.write_all(&reply).unwrap();
        if !greeting {
            return server;
        }
    }
}

/// Looks at processes that have to do with file systems that do not answer.
fn dead_mount(stage: &Stage) {
    let folder = tempfile::tempdir().unwrap();
    // A process that waits for it, and that nothing but a deadly signal can interrupt.
    let silent = folder.path().join("silent");
    let never = mount_fuse(&silent);
    let path = silent.join("file");
    let pid = ffi::fork(|| u8::from(fs::metadata(path).is_ok())).unwrap();
    let waiting = Process::new(pid).unwrap();
    until_status(&waiting, Status::DiskSleep);
    expect_all(&waiting);
    end(pid);
    // A process in it.
    let place = folder.path().join("dead");
    let server = mount_fuse(&place);
    let serving = std::thread::spawn(|| serve_once(server));
    let puppet = sits_in(&place);
    let server = serving.join().unwrap();
    let process = puppet.process();
    assert_eq!(expect_all(&process).cwd.value(), Some(&Some(place.clone())));
    assert_eq!(process.cwd().unwrap(), Some(place.clone()));
    for info in process::all_with(AttributeSet::ALL).unwrap() {
        info.unwrap();
    }
    // Detached from the tree: now the path is what the kernel makes of it.
    unmount(&place, UnmountFlags::DETACH).unwrap();
    expect_all(&process);
    drop(puppet);
    drop((server, never));
    unmount(&silent, UnmountFlags::DETACH).unwrap();
    stage.ready("");
}

/// A process whose working directory is the root of a mount, without a look at it.
fn sits_in(place: &Path) -> Puppet {
    let puppet = Builder::new("odd_states::in_dead_mount");
    let here = place.to_owned();
    puppet
        .adjust(move |command| {
            command.current_dir(here);
        })
        .ready()
}

#[test]
fn a_process_in_a_mount_that_does_not_answer_can_be_read() {
    if !is_root() || fs::File::open("/dev/fuse").is_err() {
        return skip("odd_states::dead_mount", "needs root and /dev/fuse");
    }
    let mut puppet = Builder::new("odd_states::dead_mount")
        .through(&["unshare", "--mount", "--propagation", "private"])
        .start();
    puppet.hear_within(PATIENCE);
}
