//! `ps` as the users of ps(1) type it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use insta::assert_snapshot;
use pslens_fixtures::materialise;

use crate::program::{answer, objects, pslens, stderr, stdout, told};

/// A process of ours, ended with the test.
struct Sleeper(Child);

impl Sleeper {
    fn start(line: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", line]).stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// One that is called sleep already.
    fn asleep() -> Self {
        let sleeper = Self::start("exec sleep 1000");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while answer(["ps", "-p", &sleeper.pid(), "-o", "comm="]).trim() != "sleep" {
            assert!(
                std::time::Instant::now() < deadline,
                "sh does not become sleep"
            );
        }
        sleeper
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn tables_of_ps() {
    for name in ["kernel-4.4", "kernel-6.18"] {
        let machine = materialise(name);
        let mut told_all = String::new();
        for line in [
            "aux",
            "axf",
            "axl",
            "-ef",
            "-eF",
            "-el",
            "-elf",
            "-eLf",
            "-efT",
            "axH",
            "-T",
            "a",
            "-t pts/0",
            "-C nginx,sshd -o pid=,comm=",
            "--ppid 1 -N -o pid,ppid,comm",
            "aux --csv",
            "-L --json -o comm,time -p 1",
        ] {
            let args: Vec<&str> = ["ps"].into_iter().chain(line.split(' ')).collect();
            told_all.push_str(&told(&machine, &args));
            told_all.push('\n');
        }
        assert_snapshot!(format!("ps_words_{name}"), told_all);
    }
}

#[test]
fn headings_can_be_chosen_and_left_out() {
    let sleeper = Sleeper::asleep();
    let pid = sleeper.pid();
    let check = |args: &[&str], expect: &str| {
        let found = answer(["ps", "-p", &pid].iter().chain(args));
        assert_eq!(found, expect.replace("PID", &pid), "{args:?}");
    };
    check(&["-o", "pid=", "-o", "comm="], "PID sleep\n");
    check(&["-o", "pid=,comm="], "PID sleep\n");
    check(&["-opid=,comm="], "PID sleep\n");
    check(&["-o", "comm=Name"], "Name\nsleep\n");
    check(&["h", "-o", "pid comm"], "PID sleep\n");
    check(&["--no-headers", "-o", "pid, comm"], "PID sleep\n");
    check(&["--no-heading", "o", "pid:12,comm:3"], "PID sleep\n");
    check(&["-o", "args="], "sleep 1000\n");
    check(
        &["--csv", "-o", "comm=Name,ppid="],
        &format!("comm,ppid\nsleep,{}\n", std::process::id()),
    );
}

#[test]
fn processes_are_chosen_in_every_way_of_ps() {
    let sleepers = [Sleeper::asleep(), Sleeper::asleep()];
    let [one, two] = [sleepers[0].pid(), sleepers[1].pid()];
    let me = std::process::id().to_string();
    let chosen = |args: &[&str]| -> Vec<String> {
        let found = answer(["ps", "-o", "pid="].iter().chain(args));
        found.lines().map(|line| line.trim().to_owned()).collect()
    };
    let mut both = [one.clone(), two.clone()];
    both.sort_by_key(|pid| pid.parse::<u32>().unwrap());
    let list = format!("{one},{two}");
    assert_eq!(chosen(&[&list]), both);
    assert_eq!(chosen(&[&one, &two]), both);
    assert_eq!(chosen(&["-p", &list]), both);
    assert_eq!(chosen(&["-q", &list]), both);
    assert_eq!(chosen(&["p", &list]), both);
    assert_eq!(chosen(&["-p", &one, &two]), both);
    let children = chosen(&["--ppid", &me]);
    assert!(
        both.iter().all(|pid| children.contains(pid)),
        "{children:?}"
    );
    let sleeping = chosen(&["-C", "sleep"]);
    assert!(
        both.iter().all(|pid| sleeping.contains(pid)),
        "{sleeping:?}"
    );
    assert!(!sleeping.contains(&me), "{sleeping:?}");
    // Any reason is enough.
    let any = chosen(&["-C", "sleep", "-p", &me]);
    assert!(any.contains(&one) && any.contains(&me), "{any:?}");
    let others = chosen(&["-N", "-p", &one]);
    assert!(
        others.contains(&two) && !others.contains(&one),
        "{others:?}"
    );
    let mine = chosen(&["x"]);
    assert!(mine.contains(&one), "{mine:?}");
    let uid = answer(["ps", "-p", &me, "-o", "uid="]);
    for option in ["-u", "-U", "U"] {
        assert!(chosen(&[option, uid.trim()]).contains(&one), "{option}");
    }
    let gid = answer(["ps", "-p", &me, "-o", "rgid="]);
    assert!(chosen(&["-G", gid.trim()]).contains(&one));
    let running = answer(["ps", "r", "-o", "s="]);
    assert!(
        running.lines().all(|state| state.trim() == "R"),
        "{running}"
    );
}

#[test]
fn whom_nothing_selects_is_said() {
    let check = |args: &[&str], expect: &str| {
        let output = pslens(["ps", "-o", "pid="].iter().chain(args))
            .output()
            .unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains(expect), "{args:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
    };
    let nobody = u32::MAX.to_string();
    check(&[&nobody], "there is no process 4294967295");
    check(
        &["-C", "no such name"],
        "-C: no process is called 'no such name'",
    );
    check(
        &["--ppid", &nobody],
        "--ppid: no process is a child of 4294967295",
    );
    check(
        &["-t", "pts/99999"],
        "-t: no process has the terminal 'pts/99999'",
    );
    check(
        &["-G", &nobody],
        "-G: no process belongs to the group 4294967295",
    );
    check(&["-U", "no user"], "-U: no process belongs to 'no user'");
}

#[test]
fn what_pslens_does_not_know_is_refused_by_name() {
    let check = |line: &str, expect: &str| {
        let args = ["ps"].into_iter().chain(line.split(' '));
        let output = pslens(args).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert_eq!(stdout(&output), "", "{line}");
        assert_eq!(said.lines().count(), 1, "{line}: {said}");
        assert!(said.contains(expect), "{line}: {said}");
    };
    check(
        "-o pid,pgid",
        "'pgid': ps(1) knows this, pslens does not; the nearest is 'ppid'",
    );
    check("-o wchan", "the nearest is 'status'");
    check("--sort sess", "the nearest is 'tty'");
    check(
        "-j",
        "-j: pslens does not know sessions and process groups; accepted: -f",
    );
    check("-a", "-a: pslens does not know sessions");
    check("-d", "-d: pslens does not know sessions");
    check("-s 1", "-s: pslens does not know sessions");
    check("auxj", "'auxj'");
    check("axm", "for threads there is H");
    check("axo", "its last letter needs a value");
    check("something", "accepted: numbers of processes, or letters");
    check("1,x", "accepted: numbers of processes, separated by commas");
    check(
        "aux -o pid",
        "-o chooses the columns, and so does the table",
    );
    check("-f -o pid", "-o chooses the columns, and so does the table");
    check("-G staff", "'staff'");
    check(
        "--traditional efg",
        "[possible values: ax, aux, axl, ef, eF, el, elf]",
    );
}

#[test]
fn rows_are_filtered_and_sorted_by_columns_that_are_not_shown() {
    let sleeper = Sleeper::asleep();
    let pid = sleeper.pid();
    let only = format!("pid={pid}");
    for filter in [
        &["--filter", &only][..],
        &["--filter", &only, "--filter", "name=sleep"],
        &["--filter", &only, "--filter", "rss>1K"],
        &["--filter", &only, "--filter", "args~1000$"],
        &["--filter", &only, "--filter", "etime<1d"],
        &["--filter", &only, "--filter", "status!=zombie"],
    ] {
        let found = answer(["ps", "-o", "comm="].iter().chain(filter));
        assert_eq!(found, "sleep\n", "{filter:?}");
    }
    for filter in [
        "rss>1T",
        "name!~sleep",
        "nlwp!=1",
        "cpu_percent>=0",
        "cpu_percent<0",
    ] {
        let found = answer(["ps", "-o", "comm=", "--filter", &only, "--filter", filter]);
        assert_eq!(found, "", "{filter}");
    }
    let sorted = |args: &[&str]| -> Vec<u64> {
        let found = answer(
            ["ps", "--csv", "--no-header", "-o", "pid"]
                .iter()
                .chain(args),
        );
        found.lines().map(|line| line.parse().unwrap()).collect()
    };
    assert!(sorted(&["--sort", "-pid"]).is_sorted_by(|a, b| a > b));
    assert!(sorted(&["k", "-pid"]).is_sorted_by(|a, b| a > b));
    assert!(sorted(&["--sort=-uid,+pid", "--filter", "uid=0"]).is_sorted());
    assert_eq!(sorted(&["--sort", "-pid", "--top", "1"]).len(), 1);
    assert_eq!(sorted(&["--top", "0"]).len(), 0);
    let shown = answer([
        "ps",
        "--columns",
        "pid,comm",
        "--filter",
        &only,
        "--no-header",
    ]);
    assert_eq!(shown, format!("{pid} sleep\n"));
}

#[test]
fn wrong_filters_are_told_what_is_accepted() {
    let check = |args: &[&str], expect: &str| {
        let output = pslens(["ps"].iter().chain(args)).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
        assert!(said.contains(expect), "{args:?}: {said} lacks {expect}");
    };
    check(&["--filter", "rss"], "accepted: COLUMN, one of = !=");
    check(&["--filter", "rs>1"], "did you mean 'rss'?");
    check(&["--filter", "wchan=x"], "the nearest is 'status'");
    check(&["--filter", "name~("], "not a regular expression");
    check(&["--top", "-1"], "'-1'");
    check(&["--columns", "pid,nam"], "did you mean 'name'?");
    check(&["--csv", "--json"], "choose one");
    check(&["--times", "2"], "--watch");
    check(&["--watch", "0"], "more than 0");
}

#[test]
fn the_use_of_cpu_is_known_from_the_second_answer_on() {
    let busy = Sleeper::start("while :; do :; done");
    let mut child = pslens([
        "ps",
        "--watch",
        "0.05",
        "--csv",
        "--no-header",
        "-o",
        "cpu_percent,pid",
    ])
    .args(["-p", &busy.pid()])
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let pid = busy.pid();
    assert_eq!(lines.next().unwrap().unwrap(), format!(",{pid}"));
    // The kernel counts in hundredths of a second, and may let the other wait.
    let used = lines.take(2000).map(|line| {
        let line = line.unwrap();
        let (percent, of) = line.split_once(',').unwrap();
        assert_eq!(of, pid);
        percent.parse::<f64>().unwrap()
    });
    let mut used = used.skip_while(|percent| *percent == 0.0);
    let found = used.next();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(found.is_some_and(|percent| percent > 0.0), "{found:?}");
}

#[test]
fn threads_are_objects_with_a_number() {
    let me = std::process::id().to_string();
    let rows = objects(["ps", "--json", "-L", "-p", &me, "-o", "comm"]);
    // The first thread and the one that runs this test.
    assert!(rows.len() > 1, "{rows:?}");
    for row in &rows {
        assert_eq!(row["pid"].to_string(), me);
        assert!(row["lwp"].is_u64() && row["name"].is_string(), "{row}");
        assert!(row.get("threads").is_none(), "{row}");
    }
    let rows = objects(["ps", "--json", "-L", "-p", &me, "-o", "threads"]);
    assert!(rows.iter().all(|row| row["threads"].is_array()), "{rows:?}");
}
