//! Every tool on every machine of the fixtures: the tables, and the JSON of two of them.
//!
//! `INSTA_UPDATE=always cargo test -p pslens-cli` writes the snapshots anew: read the diff. A change of
//! a table is free, a change of JSON breaks what `docs/JSON.md` promises.

use std::ffi::OsString;

use insta::assert_snapshot;
use pslens_fixtures::{MACHINES, materialise};

use crate::program::{pslens, stderr, stdout, told};

#[test]
fn tables() {
    for name in MACHINES {
        let machine = materialise(name);
        let mut told_all = String::new();
        for args in [
            &["ps"][..],
            &[
                "ps",
                "--tree",
                "-o",
                "pid,ppid,stat,nlwp,rss,vsz,uid,lstart,args",
            ],
            &["ps", "--bytes", "--sort", "-rss,name", "-o", "pid,rss,name"],
            &["ps", "-o", "pid,cpu_times,num_fds,num_ctx_switches,exe,cwd"],
            &["free"],
            &["free", "-b"],
            &["df"],
            &["df", "-a"],
            &["netstat", "-p"],
            &["netstat", "-tuxl"],
        ] {
            told_all.push_str(&told(&machine, args));
            told_all.push('\n');
        }
        assert_snapshot!(format!("tables_{name}"), told_all);
    }
}

#[test]
fn json() {
    for name in ["kernel-4.4", "kernel-6.18"] {
        let machine = materialise(name);
        let mut told_all = String::new();
        for args in [
            &["ps", "--json"][..],
            &["ps", "--json", "--tree", "-o", "rss,uid,started"],
            &[
                "ps",
                "--json",
                "-o",
                "environ,threads,open_files,memory_maps",
                "-p",
                "1",
            ],
            &["free", "--json"],
            &["df", "--json", "-a"],
            &["netstat", "--json", "--kind", "all"],
        ] {
            told_all.push_str(&told(&machine, args));
            told_all.push('\n');
        }
        assert_snapshot!(format!("json_{name}"), told_all);
    }
}

#[test]
fn the_root_may_stand_before_and_after_the_tool() {
    let machine = materialise("kernel-4.4");
    let ask = |args: &[&OsString]| {
        let output = pslens(args).output().unwrap();
        assert_eq!(stderr(&output), "");
        stdout(&output)
    };
    let (ps, option, proc) = ("ps".into(), "--procfs".into(), machine.proc().into());
    let before = ask(&[&option, &proc, &ps]);
    assert!(before.lines().count() > 3, "{before}");
    assert_eq!(before, ask(&[&ps, &option, &proc]));
}

#[test]
fn what_is_named_and_not_there_is_said_and_the_rest_is_shown() {
    let machine = materialise("kernel-4.4");
    assert_snapshot!(
        told(&machine, &["ps", "-p", "2,77777,1", "-o", "pid,name"]),
        @"
    $ pslens ps -p 2,77777,1 -o pid,name
    PID NAME
      1 systemd
      2 kthreadd
    pslens: ps: there is no process 77777
    exit status 1
    "
    );
    // Under another root users are numbers: their names are in files that are not looked at.
    assert_snapshot!(
        told(&machine, &["ps", "-u", "0,nobody", "-p", "1601,5", "-o", "pid,user"]),
        @"
    $ pslens ps -u 0,nobody -p 1601,5 -o pid,user
     PID USER
       1 0
       2 0
     411 0
    1601 1000
    pslens: ps: -u: no process belongs to 'nobody'. Users with processes: 0, 1000, 33
    pslens: ps: there is no process 5
    exit status 1
    "
    );
}

#[test]
fn a_row_that_cannot_be_read_does_not_take_the_others_along() {
    let machine = materialise("kernel-4.4");
    machine.write("proc/411/stat", "411 (broken");
    let told = told(&machine, &["ps", "-o", "pid,name"]);
    assert!(told.contains("\n   1 systemd\n"), "{told}");
    assert!(told.contains("\n1203 nginx"), "{told}");
    assert!(told.contains("could not be understood"), "{told}");
    assert!(told.ends_with("exit status 4\n"), "{told}");
}

#[test]
fn parents_that_go_round_in_a_circle_lose_nobody() {
    let machine = materialise("kernel-4.4");
    let relate = |pid: &str, ppid: &str| {
        let path = machine.proc().join(pid).join("stat");
        let stat = std::fs::read_to_string(&path).unwrap();
        let (name, rest) = stat.rsplit_once(") ").unwrap();
        let mut fields: Vec<&str> = rest.split(' ').collect();
        fields[1] = ppid;
        // All started at the same moment: none can be told not to be a parent.
        fields[19] = "5000";
        machine.write(
            &format!("proc/{pid}/stat"),
            format!("{name}) {}", fields.join(" ")),
        );
    };
    relate("411", "1203");
    relate("1203", "1702");
    relate("1702", "411");
    relate("1803", "1803");
    assert_snapshot!(told(&machine, &["ps", "--tree", "-o", "pid,ppid"]), @r"
    $ pslens ps --tree -o pid,ppid
     PID PPID NAME
       1    0 systemd
    1601    1 \_ x) R 1\n(\xff y
       2    0 kthreadd
     411 1203 sshd
    1702  411 \_ java
    1203 1702    \_ nginx
    1500 1203       \_ defunct
    1803 1803 a-very-long-name-of-a-server
    exit status 0
    ");
}

#[test]
fn a_parent_is_not_younger_than_its_child() {
    let machine = materialise("kernel-4.4");
    let path = machine.proc().join("411/stat");
    let stat = std::fs::read_to_string(path).unwrap();
    machine.write("proc/411/stat", stat.replacen(" S 1 ", " S 1702 ", 1));
    let told = told(&machine, &["ps", "--tree", "--json", "-o", "pid"]);
    let row = told
        .lines()
        .find(|line| line.contains("\"pid\":411,"))
        .unwrap();
    assert!(
        row.contains("\"ppid\":1702,") && row.contains("\"depth\":0"),
        "{row}"
    );
}
