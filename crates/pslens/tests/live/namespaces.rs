//! Processes in other namespaces, and a procfs that is mounted elsewhere.

use std::net::TcpListener;
use std::path::Path;

use pslens::net::{self, Address, ConnectionKind};
use pslens::process::{self, AttributeSet, IoPriority, Limit, Limits, Resource, Status};
use pslens::{ErrorKind, Process, Root};
use rustix::mount::{MountFlags, mount};

use crate::puppet::{Builder, Puppet, Role, Stage, is_root, until};
use crate::skip;

pub(crate) const ROLES: &[(&str, Role)] = &[
    ("namespaces::first", first),
    ("namespaces::mounted_elsewhere", mounted_elsewhere),
    ("namespaces::listening", listening),
];

/// Whether `unshare` may do this here.
fn may_unshare(test: &str, what: &[&str]) -> bool {
    let allowed = std::process::Command::new("unshare")
        .args(what)
        .arg("true")
        .output()
        .is_ok_and(|output| output.status.success());
    if !allowed {
        skip(test, "unshare is not there, or may not do this");
    }
    allowed
}

/// The only child of a process.
fn only_child(puppet: &Puppet) -> Process {
    let parent = puppet.process();
    until("the wrapper has a child", || {
        let mut children = parent.children().unwrap();
        assert!(children.len() < 2);
        children.pop()
    })
}

/// Process 1 of a pid namespace, with its own `/proc`.
fn first(stage: &Stage) {
    let me = Process::current().unwrap();
    assert_eq!(me.pid().as_u32(), 1);
    // Its parent is outside.
    assert_eq!(me.ppid().unwrap().as_u32(), 0);
    assert_eq!(me.parent().unwrap(), None);
    assert_eq!(me.parents().unwrap(), []);
    assert_eq!(process::pids().unwrap(), [1.into()]);
    let all: Vec<_> = process::all_with(AttributeSet::ALL)
        .unwrap()
        .map(|info| info.unwrap())
        .collect();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].process, me);
    assert!(!process::pid_exists(u32::MAX.into()).unwrap());
    let child = Builder::new("idle").ready();
    let child = child.process();
    assert_eq!(me.children().unwrap(), std::slice::from_ref(&child));
    assert_eq!(child.parents().unwrap(), [me]);
    stage.ready(child.pid());
    stage.hold();
}

#[test]
fn a_pid_namespace_is_seen_from_inside_and_from_outside() {
    let wrapper = ["--pid", "--fork", "--kill-child", "--mount-proc"];
    if !may_unshare("namespaces::pid", &wrapper) {
        return;
    }
    let mut puppet = Builder::new("namespaces::first")
        .through(&[&["unshare"][..], &wrapper].concat())
        .start();
    // Everything inside is said in numbers of the inside.
    assert!(puppet.hear().parse::<u32>().unwrap() > 1);
    let outside = only_child(&puppet);
    assert_ne!(outside.pid().as_u32(), 1);
    assert_eq!(outside.ppid().unwrap().as_u32(), puppet.pid());
    let program = std::env::current_exe().unwrap();
    assert_eq!(outside.exe().unwrap(), Some(program));
    let grandchildren = outside.children().unwrap();
    assert_eq!(grandchildren.len(), 1);
    assert!(
        puppet
            .process()
            .children_recursive()
            .unwrap()
            .contains(&grandchildren[0])
    );
    // A signal from outside finds it, too.
    grandchildren[0].kill().unwrap();
    until("it ends", || match grandchildren[0].status() {
        Ok(Status::Zombie) | Err(_) => Some(()),
        Ok(_) => None,
    });
}

fn listening(stage: &Stage) {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    stage.ready(listener.local_addr().unwrap().port());
    stage.hold();
}

#[test]
fn a_process_in_another_network_namespace_shows_its_own_sockets() {
    if !may_unshare("namespaces::net", &["--net"]) {
        return;
    }
    let here = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut puppet = Builder::new("namespaces::listening")
        .through(&["unshare", "--net"])
        .start();
    let port: u16 = puppet.hear().parse().unwrap();
    let rows = puppet
        .process()
        .net_connections(ConnectionKind::All)
        .unwrap();
    let expect = Some(Address::Inet(([0, 0, 0, 0], port).into()));
    let ours: Vec<_> = rows.iter().filter(|row| row.local == expect).collect();
    assert_eq!(ours.len(), 1, "{rows:?}");
    assert_eq!(ours[0].owners[0].pid.as_u32(), puppet.pid());
    assert!(
        rows.iter()
            .all(|row| row.local != Some(Address::Inet(here.local_addr().unwrap())))
    );
    // Of this namespace it holds none.
    let of_system = net::connections(ConnectionKind::Tcp).unwrap();
    let owners = of_system.iter().flat_map(|row| &row.owners);
    assert!(
        owners
            .into_iter()
            .all(|owner| owner.pid.as_u32() != puppet.pid())
    );
}

#[test]
fn a_user_namespace_changes_no_number_of_the_outside() {
    let wrapper = ["--user", "--map-root-user"];
    if !may_unshare("namespaces::user", &wrapper) {
        return;
    }
    let puppet = Builder::new("idle")
        .through(&[&["unshare"][..], &wrapper].concat())
        .ready();
    let own = Process::current().unwrap().uids().unwrap();
    assert_eq!(puppet.process().uids().unwrap(), own);
    let info = puppet.process().info(AttributeSet::ALL).unwrap();
    assert!(info.exe.value().is_some() && info.open_files.value().is_some());
}

/// What cannot be done to a process that is known from files only.
fn check_refused(process: &Process) {
    let limits = Limits {
        soft: Limit::At(0),
        hard: Limit::At(0),
    };
    let refused = [
        process.terminate(),
        process.suspend(),
        process.set_nice(1),
        process.set_ionice(IoPriority::Idle),
        process.set_cpu_affinity(&[0]),
        process.set_rlimit(Resource::Core, limits),
        process.ionice().map(drop),
    ];
    for result in refused {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

/// Process 1 of a pid namespace, with the `/proc` of the host, and its own mounted elsewhere: a container
/// looking at itself, and a container looking at its host, in one.
fn mounted_elsewhere(stage: &Stage) {
    let place = stage.argument();
    let place = Path::new(&place);
    mount("proc", place, "proc", MountFlags::empty(), None).unwrap();
    let root = Root::at(place, "/sys").unwrap();
    assert!(!root.is_running_system());
    assert_eq!(process::pids_in(&root).unwrap(), [1.into()]);
    let first = Process::new_in(1, &root).unwrap();
    assert_eq!(
        first.name().unwrap(),
        std::env::current_exe().unwrap().file_name().unwrap()
    );
    assert_eq!(first.exe().unwrap(), std::env::current_exe().ok());
    assert_eq!(
        first.cmdline().unwrap(),
        std::env::args_os().collect::<Vec<_>>()
    );
    assert_eq!(
        first.uids().unwrap().real,
        rustix::process::getuid().as_raw()
    );
    assert!(first.is_running().unwrap());
    assert!(process::pid_exists_in(1.into(), &root).unwrap());
    assert!(!process::pid_exists_in(2.into(), &root).unwrap());
    let all: Vec<_> = process::all_with_in(AttributeSet::ALL, &root)
        .unwrap()
        .map(|info| info.unwrap())
        .collect();
    assert_eq!(all.len(), 1);
    assert!(
        all[0]
            .memory_maps
            .value()
            .is_some_and(|maps| !maps.is_empty())
    );
    assert!(
        all[0]
            .threads
            .value()
            .is_some_and(|threads| threads.len() == 2)
    );
    check_refused(&first);
    stage.ready("");
    stage.hold();
}

#[test]
fn a_procfs_mounted_elsewhere_is_read_and_its_processes_are_left_alone() {
    let wrapper = [
        "--pid",
        "--mount",
        "--propagation",
        "private",
        "--fork",
        "--kill-child",
    ];
    if !is_root() || !may_unshare("namespaces::elsewhere", &wrapper) {
        return skip("namespaces::elsewhere", "only root may mount");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut puppet = Builder::new("namespaces::mounted_elsewhere")
        .argument(folder.path())
        .through(&[&["unshare"][..], &wrapper].concat())
        .start();
    puppet.hear();
    // The same from outside, through the links that lead there.
    let inside = only_child(&puppet);
    let path = format!("/proc/{}/root{}", inside.pid(), folder.path().display());
    let root = Root::at(&path, "/sys").unwrap();
    assert_eq!(process::pids_in(&root).unwrap(), [1.into()]);
    let first = Process::new_in(1, &root).unwrap();
    assert!(first.create_time().unwrap().elapsed().is_ok());
    assert_eq!(first.num_threads().unwrap(), 2);
    assert_ne!(first, inside, "another root, another number");
    check_refused(&first);
    assert!(inside.is_running().unwrap());
}
