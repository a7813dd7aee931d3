//! Looking for processes, and ending them.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use crate::child::Child;
use crate::program::{answer, fails, objects, pslens, stderr, stdout};

fn own_name() -> String {
    let path = std::env::current_exe().unwrap();
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_process_is_what_the_test_has_started() {
    let child = Child::with_argument("äß€ 😀");
    let pid = child.pid();
    let process = &objects(["ps", "-p", &pid, "--json"])[0];
    assert_eq!(process["pid"], child.process.id());
    assert_eq!(process["ppid"], std::process::id());
    assert_eq!(process["name"], own_name());
    assert_eq!(process["status"], "running");
    assert_eq!(process["nice"], 0x20);
    assert_eq!(process["terminal"], Value::Null);
    assert_eq!(process["uids"], Value::Null);
    let words = process["cmdline"].as_array().unwrap();
    assert_eq!(words.last().unwrap(), "äß€ 😀");
    let username = process["username"].as_str().unwrap();
    assert!(username.contains('\\'), "{username}");

    // Tables are UTF-8 as well, and users are found without the name of the machine.
    let line = answer(["ps", "-p", &pid, "-o", "cmdline="]);
    assert!(line.ends_with("äß€ 😀\n"), "{line}");
    let (_, user) = username.split_once('\\').unwrap();
    for user in [user, username] {
        let line = answer([
            "ps",
            "-u",
            user,
            "-o",
            "pid,user",
            "--filter",
            &format!("pid={pid}"),
        ]);
        assert!(line.contains(username), "{line}");
    }
    let heading = answer(["ps", "-p", &pid]);
    let heading = heading.lines().next().unwrap();
    assert!(
        heading.contains("USER") && !heading.contains("TTY"),
        "{heading}"
    );
}

#[test]
fn names_are_found_in_any_case_and_without_exe() {
    let child = Child::start();
    let pid = child.pid();
    let name = own_name();
    let (short, _) = name.rsplit_once('.').unwrap();
    for typed in [name.clone(), short.to_owned(), short.to_ascii_uppercase()] {
        for line in [
            &["pgrep", "-x", &typed][..],
            &["pidof", &typed],
            &["ps", "-C", &typed, "-o", "pid="],
        ] {
            let found = answer(line);
            assert!(
                found.split_whitespace().any(|word| word == pid),
                "{line:?}: {found}"
            );
        }
    }
    fails(
        &["killall", "no such name"],
        1,
        "no process is called 'no such name'",
    );
    let tree = answer(["pstree", "-p"]);
    assert!(tree.contains(&format!("({pid})")), "{tree}");
}

#[test]
fn a_process_is_suspended_and_resumed() {
    let mut child = Child::start();
    let pid = child.pid();
    let ends_within = |seconds: &str| {
        let line = ["wait", "-t", seconds, &pid];
        pslens(line).output().unwrap().status.success()
    };
    answer(["kill", "-STOP", &pid]);
    // It would end now if it ran. (wine does not tell suspended threads from others, so ps cannot.)
    drop(child.process.stdin.take());
    assert!(!ends_within("0.5"));
    answer(["kill", "-CONT", &pid]);
    assert_eq!(child.process.wait().unwrap().code(), Some(0));
}

#[test]
fn a_process_is_ended_and_waited_for() {
    let mut child = Child::start();
    let pid = child.pid();
    answer(["kill", "-0", &pid]);
    fails(&["kill", "-HUP", &pid], 2, "accepted: SIGTERM or SIGKILL");
    let killed = objects(["kill", "--wait", "30", &pid, "--json"]);
    assert_eq!(killed[0]["result"], "done");
    assert_eq!(killed[0]["ended"], true);
    // What psutil's terminate() leaves as well.
    assert_eq!(child.process.wait().unwrap().code(), Some(15));
    fails(&["kill", &pid], 1, "there is no process");
}

#[test]
fn signals_are_those_that_windows_can_do() {
    assert_eq!(answer(["kill", "-l"]), "KILL TERM CONT STOP\n");
    assert_eq!(answer(["kill", "-l", "9"]), "KILL\n");
    fails(
        &["kill", "-FOO", "4"],
        2,
        "Accepted: KILL, TERM, CONT, STOP",
    );
    fails(&["kill", "4294967292"], 1, "there is no process 4294967292");
}

#[test]
fn open_files_and_sockets_are_listed_without_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("open.txt");
    let _open = std::fs::File::create(&path).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // wine knows whose a socket is once it was used.
    socket.write_all(b"x").unwrap();
    let port = socket.local_addr().unwrap().port();

    let pid = std::process::id().to_string();
    let rows = objects(["lsof", "-p", &pid, "--json"]);
    let used = |how: &str| rows.iter().find(|row| row["use"] == how).unwrap();
    assert_eq!(used("cwd")["kind"], "directory");
    let program = used("txt")["path"].as_str().unwrap();
    assert!(program.ends_with(&own_name()), "{program}");
    // wine gives long names where short ones were used and the other way round.
    let mut files = rows.iter().filter_map(|row| row["path"].as_str());
    assert!(files.any(|path| path.ends_with("open.txt")), "{rows:?}");
    assert!(rows.iter().all(|row| row["fd"].is_null()));
    let mut sockets = rows.iter().map(|row| &row["connection"]["laddr"]["port"]);
    assert!(sockets.any(|found| *found == port), "{port}: {rows:?}");

    let report = answer(["procinfo", "--all", "-s", "state,cpu,io,files", &pid]);
    let has = |start: &str, end: &str| {
        let mut lines = report.lines().map(str::trim);
        lines.any(|line| line.starts_with(start) && line.ends_with(end))
    };
    assert!(has("w", "open.txt"), "{report}");
    assert!(has("handles", "") && has("nice", " normal"), "{report}");
    assert!(has("other calls", "") && has("bytes moved", ""), "{report}");
    assert!(!report.contains("storage"), "{report}");
}

#[test]
fn the_map_of_a_process_has_its_program() {
    let pid = std::process::id().to_string();
    let output = pslens(["pmap", &pid]).output().unwrap();
    if output.status.success() {
        assert!(stdout(&output).contains(&own_name()));
    } else {
        // wine tells a process about its own memory only.
        let said = stderr(&output);
        assert!(said.contains("the system does not tell"), "{said}");
        assert_eq!(output.status.code(), Some(5));
    }
}
