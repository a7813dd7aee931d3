//! Children and parents of this process.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use pslens::{ErrorKind, Pid, Process};

/// A shell that starts `sleep` below itself and says its pid; both end when this is dropped.
struct Family {
    shell: std::process::Child,
    grandchild: Pid,
}

impl Family {
    fn new() -> Self {
        let mut shell = Command::new("/bin/sh")
            .args([
                "-c",
                "sleep 1000 <&- >/dev/null & echo $!; read line; kill $!; wait",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            shell,
            grandchild: line.trim().parse().unwrap(),
        }
    }

    fn child(&self) -> Pid {
        Pid::from(self.shell.id())
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().unwrap();
    }
}

#[test]
fn children_and_their_children_are_found() {
    let family = Family::new();
    let me = Process::current().unwrap();
    let pids = |found: Vec<Process>| found.iter().map(Process::pid).collect::<Vec<_>>();
    let direct = pids(me.children().unwrap());
    assert!(direct.contains(&family.child()) && !direct.contains(&family.grandchild));
    assert!(direct.is_sorted());
    let all = pids(me.children_recursive().unwrap());
    let at = |pid| all.iter().position(|found| *found == pid).unwrap();
    assert_eq!(at(family.grandchild), at(family.child()) + 1, "{all:?}");

    let shell = Process::new(family.child()).unwrap();
    assert_eq!(pids(shell.children().unwrap()), [family.grandchild]);
    assert_eq!(
        shell.children().unwrap(),
        shell.children_recursive().unwrap()
    );
    let sleep = Process::new(family.grandchild).unwrap();
    assert_eq!(sleep.children().unwrap(), []);
    assert_eq!(sleep.parent().unwrap().as_ref(), Some(&shell));
    let parents = sleep.parents().unwrap();
    assert_eq!(parents[..2], [shell, me.clone()]);
    assert_eq!(parents[2..], me.parents().unwrap());
}

#[test]
fn a_zombie_is_a_child_and_has_a_parent() {
    let mut child = Command::new("/bin/true").spawn().unwrap();
    let zombie = Process::new(child.id()).unwrap();
    while zombie.status().unwrap() != pslens::process::Status::Zombie {
        std::thread::yield_now();
    }
    let me = Process::current().unwrap();
    assert!(me.children().unwrap().contains(&zombie));
    assert_eq!(zombie.parent().unwrap().as_ref(), Some(&me));
    assert_eq!(zombie.children().unwrap(), []);
    child.wait().unwrap();
    for error in [
        zombie.children().unwrap_err(),
        zombie.children_recursive().unwrap_err(),
        zombie.parent().unwrap_err(),
        zombie.parents().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NoSuchProcess, "{error}");
    }
}

#[test]
fn the_first_process_has_no_parent() {
    let first = Process::new(1_u32).unwrap();
    assert_eq!(first.parent().unwrap(), None);
    assert_eq!(first.parents().unwrap(), []);
    assert!(!first.children_recursive().unwrap().contains(&first));
}
