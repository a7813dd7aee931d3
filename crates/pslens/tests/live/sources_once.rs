//! Each source is read at most once per query.
//!
//! On a root made of files, the kernel counts the opens for us (inotify). On the running system
//! `strace` writes down what the library asks, file by file.

use std::collections::{BTreeMap, HashMap};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use pslens::net::ConnectionKind;
use pslens::process::{self, Attribute, AttributeSet, Info, Oneshot, Pid};
use pslens::{Process, Result, Root, cpu, disk, host, memory, net, sensors};
use pslens_fixtures::{MACHINES, Machine, materialise};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use crate::puppet::{Builder, PATIENCE, Role, Stage, is_root};
use crate::{ffi, skip};

/// Counts how often each file and directory below a root is opened.
struct Counter {
    inotify: OwnedFd,
    folders: HashMap<i32, PathBuf>,
    tops: [PathBuf; 2],
}

impl Counter {
    fn new(machine: &Machine) -> Self {
        let mut counter = Self {
            inotify: inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap(),
            folders: HashMap::new(),
            tops: [machine.proc(), machine.sys()],
        };
        for top in counter.tops.clone() {
            counter.watch(&top);
        }
        counter.opens();
        counter
    }

    fn watch(&mut self, folder: &Path) {
        // The closes are watched only because two equal events in a row are reported as one.
        let flags = WatchFlags::OPEN | WatchFlags::CLOSE_NOWRITE;
        let watch = inotify::add_watch(&self.inotify, folder, flags).unwrap();
        self.folders.insert(watch, folder.to_owned());
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                self.watch(&entry.path());
            }
        }
    }

    /// What was opened since the last call, and how often.
    fn opens(&self) -> BTreeMap<PathBuf, u32> {
        let mut opens = BTreeMap::new();
        let mut buffer = [MaybeUninit::uninit(); 65536];
        let mut events = Reader::new(&self.inotify, &mut buffer);
        loop {
            let event = match events.next() {
                Ok(event) => event,
                Err(Errno::AGAIN) => return opens,
                Err(error) => panic!("inotify: {error}"),
            };
            assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW));
            if !event.events().contains(ReadFlags::OPEN) {
                continue;
            }
            let folder = &self.folders[&event.wd()];
            match event.file_name() {
                Some(name) => {
                    *opens
                        .entry(folder.join(name.to_str().unwrap()))
                        .or_default() += 1
                }
                // A folder reports its own opening to itself and to its parent, which the tops do not have.
                None if self.tops.contains(folder) => {
                    *opens.entry(folder.clone()).or_default() += 1
                }
                None => {}
            }
        }
    }

    /// Runs one query and insists on at most one open per source.
    fn check(&self, what: &str, query: impl FnOnce() -> Outcome) -> BTreeMap<PathBuf, u32> {
        assert_eq!(self.opens(), BTreeMap::new(), "before {what}");
        let outcome = query();
        let opens = self.opens();
        for (path, count) in &opens {
            let state = path.file_name().is_some_and(|name| name == "stat");
            let allowed = match outcome {
                // The documented exception: the state of the process is looked at again after a failure.
                Outcome::Incomplete if state => u32::MAX,
                // A device's folder is opened as the place to read below, and "." in it to list it.
                Outcome::System if path.is_dir() => 2,
                _ => 1,
            };
            assert!(
                *count <= allowed,
                "{what}: {path:?} was opened {count} times"
            );
        }
        opens
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Not about a process.
    System,
    Complete,
    /// Something could not be read, or there was nothing to read.
    Incomplete,
}

impl<T> From<Result<T>> for Outcome {
    fn from(result: Result<T>) -> Self {
        if result.is_ok() {
            Self::Complete
        } else {
            Self::Incomplete
        }
    }
}

/// Every getter, on a handle and on a oneshot.
macro_rules! getters {
    ($($name:ident)*) => {
        const GETTERS: &[(&str, fn(&Process) -> Outcome)] = &[
            $((stringify!($name), |process| process.$name().into()),)*
            ("net_connections", |process| process.net_connections(ConnectionKind::All).into()),
            ("descriptors", |process| process.descriptors().into()),
            ("mapped_files", |process| process.mapped_files().into()),
        ];
        const LOOKS: &[fn(&mut Oneshot) -> Outcome] = &[
            $(|look| look.$name().into(),)*
            |look| look.net_connections(ConnectionKind::All).into(),
        ];
    };
}

getters! {
    cmdline cpu_affinity cpu_num cpu_times create_time cwd environ exe gids io_counters ionice
    memory_footprint memory_full_info memory_info memory_info_ex memory_maps memory_percent name nice
    num_ctx_switches num_fds num_threads open_files page_faults ppid status terminal threads uids
    username
}

type SystemCall = fn(&Root) -> Outcome;

const SYSTEM: &[(&str, SystemCall)] = &[
    ("cpu times", |root| cpu::times_in(root).into()),
    ("cpu times_per_cpu", |root| {
        cpu::times_per_cpu_in(root).into()
    }),
    ("cpu count_logical", |root| {
        cpu::count_logical_in(root).into()
    }),
    ("cpu count_cores", |root| cpu::count_cores_in(root).into()),
    ("cpu stats", |root| cpu::stats_in(root).into()),
    ("cpu frequency", |root| cpu::frequency_in(root).into()),
    ("cpu frequency_per_cpu", |root| {
        cpu::frequency_per_cpu_in(root).into()
    }),
    ("host load_average", |root| {
        host::load_average_in(root).into()
    }),
    ("host boot_time", |root| host::boot_time_in(root).into()),
    ("memory virtual_memory", |root| {
        memory::virtual_memory_in(root).into()
    }),
    ("memory swap_memory", |root| {
        memory::swap_memory_in(root).into()
    }),
    ("disk partitions", |root| disk::partitions_in(root).into()),
    ("disk partitions_all", |root| {
        disk::partitions_all_in(root).into()
    }),
    ("disk io_counters", |root| disk::io_counters_in(root).into()),
    ("disk io_counters_per_disk", |root| {
        disk::io_counters_per_disk_in(root).into()
    }),
    ("net io_counters", |root| net::io_counters_in(root).into()),
    ("net io_counters_per_nic", |root| {
        net::io_counters_per_nic_in(root).into()
    }),
    ("net if_stats", |root| net::if_stats_in(root).into()),
    ("net connections", |root| {
        net::connections_in(root, ConnectionKind::All).into()
    }),
    ("net connections_without_owners", |root| {
        net::connections_without_owners_in(root, ConnectionKind::All).into()
    }),
    ("sensors temperatures", |root| {
        sensors::temperatures_in(root).into()
    }),
    ("sensors fans", |root| sensors::fans_in(root).into()),
    ("sensors batteries", |root| {
        sensors::batteries_in(root).into()
    }),
    ("process pids", |root| process::pids_in(root).into()),
    ("process pid_exists", |root| {
        process::pid_exists_in(Pid::from(1), root).into()
    }),
    ("process all", |root| match process::all_in(root) {
        Ok(all) => worst(all.map(Outcome::from)),
        Err(_) => Outcome::Incomplete,
    }),
];

#[test]
fn system_functions_open_each_file_of_every_machine_once() {
    for name in MACHINES {
        let machine = materialise(name);
        let root = Root::at(machine.proc(), machine.sys()).unwrap();
        let counter = Counter::new(&machine);
        let mut blind = 0;
        for (function, call) in SYSTEM {
            let opens = counter.check(&format!("{name}: {function}"), || {
                call(&root);
                Outcome::System
            });
            blind += u32::from(opens.is_empty());
        }
        // A machine may lack a file or two, and some folders are only links.
        assert!(
            blind <= 5,
            "{name}: {blind} functions opened nothing: is the counter blind?"
        );
    }
}

#[test]
fn process_queries_open_each_file_of_every_machine_once() {
    for name in MACHINES {
        let machine = materialise(name);
        let root = Root::at(machine.proc(), machine.sys()).unwrap();
        let counter = Counter::new(&machine);
        let handles: Vec<Process> = process::all_in(&root)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(!handles.is_empty());
        counter.opens();
        for handle in &handles {
            let pid = handle.pid();
            // An empty answer is one of a living process only, which the state must confirm.
            let state = handle
                .info(AttributeSet::ALL)
                .map_or(Outcome::Incomplete, |info| completeness(&info));
            counter.opens();
            counter.check(&format!("{name}: new {pid}"), || {
                Process::new_in(pid, &root).into()
            });
            counter.check(&format!("{name}: is_running {pid}"), || {
                handle.is_running().into()
            });
            for (getter, call) in GETTERS {
                let opens = counter.check(&format!("{name}: {getter} of {pid}"), || {
                    call(handle).max(state)
                });
                // The anchor is no open that is reported, so one file is one file.
                assert!(
                    !opens.is_empty(),
                    "{name}: {getter} of {pid} opened nothing"
                );
            }
            counter.check(&format!("{name}: oneshot of {pid}"), || {
                let mut look = handle.oneshot().unwrap();
                worst(LOOKS.iter().map(|call| call(&mut look)))
            });
            counter.check(&format!("{name}: info of {pid}"), || {
                handle
                    .info(AttributeSet::ALL)
                    .map_or(Outcome::Incomplete, |info| completeness(&info))
            });
        }
        let mut seen = 0;
        counter.check(&format!("{name}: all_with"), || {
            let infos = process::all_with_in(AttributeSet::ALL, &root).unwrap();
            worst(infos.map(|info| {
                seen += 1;
                completeness(&info.unwrap())
            }))
        });
        assert_eq!(seen, handles.len());
    }
}

fn worst(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    outcomes.max().unwrap_or(Outcome::Complete)
}

fn completeness(info: &Info) -> Outcome {
    let complete = info.cmdline.value().is_some_and(|all| !all.is_empty())
        && info.environ.value().is_some_and(|all| !all.is_empty())
        && info.exe.value().is_some()
        && info.cwd.value().is_some()
        && info.open_files.value().is_some()
        && info.memory_maps.value().is_some();
    if complete {
        Outcome::Complete
    } else {
        Outcome::Incomplete
    }
}

pub(crate) const ROLES: &[(&str, Role)] = &[
    ("sources_once::scan", scan),
    ("sources_once::listener", listener),
];

const TABLE: AttributeSet = AttributeSet::of(&[
    Attribute::Ppid,
    Attribute::Name,
    Attribute::Status,
    Attribute::CpuTimes,
    Attribute::MemoryInfo,
    Attribute::NumThreads,
    Attribute::CreateTime,
    Attribute::Uids,
    Attribute::Username,
]);

/// Opening these fails, and so marks in the trace where the query is.
const BEGIN: &str = "/pslens query begins";
const END: &str = "/pslens query ends";

/// Stands for the socket that the kernel is asked for socket tables with.
const NETLINK: &str = "netlink";

/// Two processes with a socket.
fn listener(stage: &Stage) {
    let _socket = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let pause = || {
        std::thread::sleep(PATIENCE);
        0
    };
    let child = ffi::fork(pause).unwrap();
    stage.ready(child);
    stage.hold();
    let child = rustix::process::Pid::from_raw(child.cast_signed()).unwrap();
    rustix::process::kill_process(child, rustix::process::Signal::KILL).unwrap();
}

fn scan(stage: &Stage) {
    let attributes = match stage.argument().to_str() {
        Some("table") => TABLE,
        _ => AttributeSet::ALL,
    };
    // What is looked up once per program (the user data base) is no source of a process.
    process::all_with(AttributeSet::of(&[Attribute::Username]))
        .unwrap()
        .for_each(drop);
    std::fs::read(BEGIN).unwrap_err();
    for info in process::all_with(attributes).unwrap() {
        info.unwrap();
    }
    std::fs::read(END).unwrap_err();
    stage.ready("");
}

/// Per file below `/proc`: how often it was opened, read and listed by the query.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Calls {
    opens: u32,
    reads: u32,
}

/// Runs [`scan`] under `strace`; `None` if that is not possible here.
fn traced(argument: &str) -> Option<BTreeMap<String, Calls>> {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let path = trace.to_str().unwrap();
    let calls = "trace=openat,open,read,pread64,readlinkat,readlink,getdents64,socket";
    let strace = ["strace", "-f", "-y", "-s", "0", "-e", calls, "-o", path];
    let mut probe = Command::new(strace[0]);
    if !probe
        .args(&strace[1..])
        .arg("true")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return None;
    }
    let puppet = Builder::new("sources_once::scan")
        .argument(argument)
        .through(&strace)
        .ready();
    puppet.finish();
    let text = String::from_utf8_lossy(&std::fs::read(&trace).unwrap()).into_owned();
    let (_, query) = text.split_once(BEGIN).unwrap();
    let (query, _) = query.split_once(END).unwrap();
    let mut calls: BTreeMap<String, Calls> = BTreeMap::new();
    for line in query.lines().skip(1) {
        // `1234 openat(3</proc/17>, "stat", O_RDONLY|...) = 5</proc/17/stat>`; `... = -1 ENOENT (...)`
        let Some((_, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if call.starts_with("socket(AF_NETLINK") {
            calls.entry(NETLINK.to_owned()).or_default().opens += 1;
        } else if call.starts_with("open") {
            if let Some((_, opened)) = call.rsplit_once(" = ")
                && let Some(path) = within_brackets(opened)
            {
                calls.entry(path.to_owned()).or_default().opens += 1;
            }
        } else if call.starts_with("read(") || call.starts_with("pread64(") {
            let path = within_brackets(call).unwrap();
            calls.entry(path.to_owned()).or_default().reads += 1;
        }
    }
    calls.retain(|path, _| path.starts_with("/proc") || path == NETLINK);
    Some(calls)
}

fn within_brackets(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('<')?;
    rest.split('>').next()
}

#[test]
fn a_table_of_the_running_system_reads_what_is_planned_and_no_more() {
    let Some(calls) = traced("table") else {
        return skip("sources_once::table", "no strace, or it may not trace");
    };
    let listing = calls["/proc"];
    assert_eq!(listing, Calls { opens: 1, reads: 0 });
    let of = |name: &str| calls.keys().filter(|path| path.ends_with(name)).count();
    let processes = of("/stat");
    let mut long_names = 0;
    for (path, calls) in &calls {
        let mut parts = path.trim_start_matches("/proc").split('/').skip(1);
        let (Some(pid), file) = (parts.next(), parts.next()) else {
            continue;
        };
        assert!(
            pid.bytes().all(|byte| byte.is_ascii_digit()),
            "{path} is read"
        );
        match file {
            // Only where no pidfd ties the reads together.
            None => assert_eq!(*calls, Calls { opens: 1, reads: 0 }, "{path}"),
            // The kernel cuts names at 15 bytes: only then the arguments are needed.
            Some("cmdline") => {
                assert_eq!(calls.opens, 1, "{path}");
                long_names += 1;
            }
            // `status` only where the kernel has no cheaper way to tell the user.
            Some("stat" | "statm" | "status") => {
                assert_eq!(*calls, Calls { opens: 1, reads: 1 }, "{path}");
            }
            Some(_) => panic!("{path} is no part of the plan"),
        }
    }
    assert!(processes > 2, "{processes}");
    assert!(long_names < processes / 2, "{long_names} of {processes}");
    // One that vanishes between the opens is not in both.
    assert!(of("/statm").abs_diff(processes) <= 5);
}

#[test]
fn a_scan_with_every_attribute_opens_no_file_of_the_running_system_twice() {
    let _socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listeners = is_root().then(|| {
        let builder = Builder::new("sources_once::listener");
        let mut puppet = builder.through(&["unshare", "--net"]).start();
        let child: u32 = puppet.hear().parse().unwrap();
        (puppet, child)
    });
    let Some(calls) = traced("all") else {
        return skip("sources_once::all", "no strace, or it may not trace");
    };
    let me = format!("/{}/", std::process::id());
    assert_eq!(calls[NETLINK].opens, 1);
    // Of any member of the other namespace, but of one only.
    if let Some((listener, child)) = &listeners {
        let read = |pid: &u32| calls.contains_key(&format!("/proc/{pid}/net/tcp"));
        assert!(read(&listener.pid()) != read(child));
    }
    let mut mine = 0;
    for (path, calls) in &calls {
        // After a failure, and after an empty answer, the state is looked at again.
        let state = path.ends_with("/stat") && !path.contains("/task/");
        assert!(state || calls.opens <= 1, "{path}: {calls:?}");
        if path.contains(&me) {
            mine += 1;
            // Of a process like this one nothing fails, so nothing is read twice.
            assert_eq!(calls.opens, 1, "{path}: {calls:?}");
        }
    }
    assert!(mine > 10, "{mine}");
}
