//! nice, ionice, taskset, prlimit and tty: what they do to processes and to themselves, and what they say.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};

use pslens_fixtures::materialise;
use serde_json::{Value, json};

use crate::program::{answer, objects, pslens, refused, skip, stderr, stdout};

const PSLENS: &str = env!("CARGO_BIN_EXE_pslens");

/// A process to act on, which ends with the test.
#[derive(Debug)]
pub(crate) struct Sleeper(Child);

impl Sleeper {
    pub(crate) fn start() -> Self {
        Self(Command::new("sleep").arg("1000").spawn().unwrap())
    }

    pub(crate) fn pid(&self) -> String {
        self.0.id().to_string()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// A number that no process has.
fn nobody() -> String {
    u32::MAX.to_string()
}

#[test]
fn niceness_is_adjusted_and_set_and_who_is_missing_is_told() {
    let sleeper = Sleeper::start();
    let pid = sleeper.pid();
    let before: i32 = answer(["nice", "-p", &pid]).trim().parse().unwrap();
    assert_eq!(answer(["nice", "-n", "2", "-p", &pid]), "");
    let now = (before + 2).min(19);
    assert_eq!(answer(["nice", "-p", &pid]), format!("{now}\n"));
    // What is beyond the end of the scale is its end.
    assert_eq!(answer(["nice", "-100", "-p", &pid]), "");
    assert_eq!(answer(["nice", "-p", &pid]), "19\n");
    let nobody = nobody();
    let line = ["nice", "--to", "19", "-p", &pid, &nobody, "--json"];
    let output = pslens(line).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let missing = format!("there is no process {nobody}");
    assert_eq!(stderr(&output), format!("pslens: nice: {missing}\n"));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |pid: &str| pid.parse::<u32>().unwrap();
    let expect = json!([
        {"pid": number(&pid), "nice": 19, "former": 19, "result": "done", "message": null},
        {"pid": u32::MAX, "nice": null, "former": null, "result": "not-found", "message": missing},
    ]);
    assert_eq!(told, expect);
    // Several are told apart.
    let own = std::process::id().to_string();
    let told = answer(["nice", "-p", &format!("{pid},{own}")]);
    assert!(told.contains(&format!("{pid}: 19\n")), "{told}");
    assert_eq!(told.lines().count(), 2);
}

#[test]
fn processes_are_named_by_user() {
    let sleeper = Sleeper::start();
    let pid = sleeper.pid();
    let user = objects(["ps", "--json", "-o", "uids", "-p", &pid])[0]["uids"]["real"].to_string();
    // Others of them come and go meanwhile, which is no failure.
    let all = objects(["nice", "--json", "-u", &user]);
    let number: u32 = pid.parse().unwrap();
    assert!(all.iter().any(|object| object["pid"] == number));
    let output = pslens(["ionice", "-u", "no such user"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no user is called 'no such user'"));
    let output = pslens(["ionice", "-u", "4000000000"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no process belongs to user 4000000000"));
}

/// The process that the caller started is the command itself: its number, status and signals.
#[test]
fn a_command_takes_the_place_of_the_program() {
    for tool in [
        &["nice"][..],
        &["ionice", "-c", "3"],
        &["taskset", "-c", "0"],
        &["prlimit", "--core=0"],
    ] {
        let start = |script: &str| {
            let mut command = pslens(tool.iter().chain(&["sh", "-c", script]));
            command.stdout(Stdio::piped()).spawn().unwrap()
        };
        let child = start("echo $$; exit 7");
        let pid = child.id();
        let output = child.wait_with_output().unwrap();
        assert_eq!(stdout(&output), format!("{pid}\n"), "{tool:?}");
        assert_eq!(output.status.code(), Some(7), "{tool:?}");
        let output = start("kill -TERM $$").wait_with_output().unwrap();
        assert_eq!(output.status.signal(), Some(15), "{tool:?}");
        // It is told about a broken pipe as any other program is.
        let script = "grep SigIgn /proc/self/status";
        let ours = start(script).wait_with_output().unwrap();
        let plain = Command::new("sh").args(["-c", script]).output().unwrap();
        assert_eq!(stdout(&ours), stdout(&plain), "{tool:?}");
    }
}

#[test]
fn a_command_has_what_was_asked_for() {
    let own: i32 = answer(["nice"]).trim().parse().unwrap();
    let nicer = |by: i32| format!("{}\n", (own + by).clamp(-20, 19));
    assert_eq!(answer(["nice", PSLENS, "nice"]), nicer(10));
    assert_eq!(answer(["nice", "-3", PSLENS, "nice"]), nicer(3));
    assert_eq!(answer(["nice", "--adjustment=4", PSLENS, "nice"]), nicer(4));
    let level = ["ionice", "-n", "6", PSLENS, "ionice"];
    assert_eq!(answer(level), "best-effort: prio 6\n");
    let affinity = objects([
        "taskset",
        "-c",
        "0",
        PSLENS,
        "ps",
        "--json",
        "-o",
        "cpu_affinity",
    ]);
    assert!(
        affinity
            .iter()
            .any(|object| object["cpu_affinity"] == json!([0]))
    );
    let own = objects(["prlimit", "--core", "--json"]);
    let core = ["prlimit", "-c0:", PSLENS, "prlimit", "--core", "--json"];
    let limited = objects(core);
    assert_eq!(limited[0]["soft"], 0);
    assert_eq!(limited[0]["hard"], own[0]["hard"]);
}

#[test]
fn a_command_that_cannot_be_started_is_126_or_127() {
    for tool in [
        &["nice"][..],
        &["ionice", "-c3"],
        &["taskset", "1"],
        &["prlimit", "-c"],
    ] {
        let check = |command: &str, status: i32, reason: &str| {
            let output = pslens(tool.iter().chain(&[command])).output().unwrap();
            assert_eq!(output.status.code(), Some(status), "{tool:?}");
            let name = tool[0];
            let expect = format!("pslens: {name}: '{command}': {reason}\n");
            assert_eq!(stderr(&output), expect);
        };
        check("/no/such program", 127, "there is no such program");
        check("/etc/passwd", 126, "it may not be started");
    }
}

/// As an ordinary user, who may not do some things.
fn unprivileged(args: &[&str]) -> Option<std::process::Output> {
    const NOBODY: u32 = 65_534;
    let mut command = pslens(args);
    if rustix::process::getuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/").output().ok()
}

#[test]
fn what_is_denied_is_said_to_be() {
    const TEST: &str = "settings::what_is_denied_is_said_to_be";
    let check = |line: &[&str], status: i32| -> Option<String> {
        let output = unprivileged(line)?;
        assert_eq!(output.status.code(), Some(status), "{line:?}: {output:?}");
        let said = stderr(&output);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.starts_with(&format!("pslens: {}: ", line[0])),
            "{said}"
        );
        assert!(said.contains("access denied"), "{said}");
        Some(stdout(&output))
    };
    // The command is started all the same, as nice(1) does.
    let own = answer(["nice"]);
    let Some(niceness) = check(&["nice", "-n", "-1", PSLENS, "nice"], 0) else {
        return skip(TEST, "an ordinary user cannot start the program");
    };
    assert_eq!(niceness, own);
    for (line, status) in [
        (&["nice", "--to", "-1", "-p", "1"][..], 3),
        (&["ionice", "-c", "1", "true"], 3),
        (&["ionice", "-t", "-c", "1", "true"], 0),
        (&["ionice", "-c", "1", "-p", "1"], 3),
        (&["taskset", "-p", "1", "1"], 3),
        (&["prlimit", "--pid", "1", "--core=0"], 3),
    ] {
        assert_eq!(check(line, status).unwrap(), "", "{line:?}");
    }
}

#[test]
fn limits_are_set_one_by_one_and_shown_if_asked_for() {
    let sleeper = Sleeper::start();
    let pid = sleeper.pid();
    let limits = |resource: &str| {
        let found = objects(["prlimit", "--pid", &pid, resource, "--json"]);
        (found[0]["soft"].clone(), found[0]["hard"].clone())
    };
    let set = |limit: &str| answer(["prlimit", "--pid", &pid, limit]);
    assert_eq!(set("--nofile=100:200"), "");
    assert_eq!(limits("--nofile"), (json!(100), json!(200)));
    assert_eq!(set("-n=:150"), "");
    assert_eq!(limits("-n"), (json!(100), json!(150)));
    assert_eq!(set("-n50:"), "");
    assert_eq!(limits("-n"), (json!(50), json!(150)));
    assert_eq!(set("-n40"), "");
    assert_eq!(limits("-n"), (json!(40), json!(40)));
    // -1 is psutil's word for unlimited.
    let unlimited = objects(["prlimit", "--pid", &pid, "--as", "--json"]);
    assert_eq!(unlimited[0]["resource"], "RLIMIT_AS");
    let told = answer([
        "prlimit",
        "--pid",
        &pid,
        "--core=0",
        "-n",
        "-o",
        "resource,soft",
    ]);
    assert_eq!(told, "RESOURCE SOFT\nNOFILE     40\n");
    let told = answer(["prlimit", "--pid", &pid, "-n", "--noheadings", "-o", "hard"]);
    assert_eq!(told, "40\n");
    // In one order, whatever the order of the options.
    let told = answer([
        "prlimit",
        "--pid",
        &pid,
        "-u",
        "-n",
        "--no-header",
        "-o",
        "resource",
    ]);
    assert_eq!(told, "NOFILE\nNPROC\n");
    let told = objects(["prlimit", "--pid", &pid, "--core=0", "--json"]);
    assert_eq!(told[0]["hard"], 0);
    let output = pslens(["prlimit", "--pid", &pid, "-n=5:4"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("soft 5, hard 4"));
}

/// This program needs descriptors itself to set the limits that come after theirs. The command, which needs
/// some for its libraries, then complains in its own name.
#[test]
fn the_limit_of_descriptors_comes_last() {
    let line = [
        "--nofile=3",
        "--core=0",
        "--stack=8388608:",
        "sh",
        "-c",
        ":",
    ];
    let output = pslens(["prlimit"].iter().chain(&line)).output().unwrap();
    let said = stderr(&output);
    assert!(!said.contains("pslens"), "{said}");
}

#[test]
fn cpus_that_are_not_there_change_nothing() {
    let sleeper = Sleeper::start();
    let pid = sleeper.pid();
    let before = answer(["taskset", "-pc", &pid]);
    for cpus in ["0,65535", "65535"] {
        let output = pslens(["taskset", "-pc", cpus, &pid]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("65535"), "{}", stderr(&output));
    }
    assert_eq!(answer(["taskset", "-pc", &pid]), before);
}

#[test]
fn tty_without_a_terminal() {
    let ask = |args: &[&str]| {
        let mut command = pslens(["tty"]);
        let output = command.args(args).stdin(Stdio::null()).output().unwrap();
        assert_eq!(stderr(&output), "");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        stdout(&output)
    };
    assert_eq!(ask(&[]), "not a tty\n");
    assert_eq!(ask(&["-s"]), "");
    assert_eq!(ask(&["--quiet"]), "");
    assert!(ask(&["--json"]).contains("\"terminal\":null"));
}

#[test]
fn services_are_elsewhere() {
    let output = pslens(["services"]).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let expect = "pslens: services: there are services on Windows only, and this is linux\n";
    assert_eq!(stderr(&output), expect);
}

#[test]
fn processes_of_another_root_are_looked_at_only() {
    let machine = materialise("laptop");
    let ask = |args: &[&str]| {
        let mut command = pslens(["--procfs".as_ref(), machine.proc().as_os_str()]);
        command.args(args).output().unwrap()
    };
    for line in [
        &["nice", "--to", "5", "-p", "1"][..],
        &["nice", "true"],
        &["ionice", "-c3", "-p", "1"],
        &["taskset", "-p", "1", "1"],
        &["taskset", "1", "true"],
        &["prlimit", "--pid", "1", "--core=0"],
    ] {
        let output = ask(line);
        let tool = line[0];
        assert_eq!(output.status.code(), Some(2), "{line:?}");
        assert_eq!(
            stderr(&output),
            format!("pslens: {tool}: the processes of another --procfs can only be looked at\n")
        );
    }
    assert_eq!(stdout(&ask(&["nice", "-p", "1"])), "0\n");
    let mask = "pid 1's current affinity mask: ff\n";
    assert_eq!(stdout(&ask(&["taskset", "-p", "1"])), mask);
    let limits = stdout(&ask(&["prlimit", "--pid", "1", "--nofile", "--no-header"]));
    assert!(limits.starts_with("NOFILE"), "{limits}");
}

#[test]
fn wrong_words_are_one_line_and_status_2() {
    let check = refused;
    check("nice -n 5", &["nobody is named", "COMMAND", "-p PID"]);
    check(
        "nice -n five ls",
        &["'five'", "--adjustment", "a whole number"],
    );
    check("nice --to 20 -p 1", &["'20'", "--to", "from -20 to 19"]);
    check("nice --to 1 -n 1 -p 1", &["--to", "--adjustment"]);
    check("nice -p x", &["'x'", "numbers of processes"]);
    check("nice --json ls", &["--json", "COMMAND"]);
    check("ionice -c bestefort ls", &["'best-effort'", "0 to 3"]);
    check("ionice -n 8 ls", &["'8'", "0..=7"]);
    check("ionice -c 3", &["nobody is named"]);
    check("taskset xyz ls", &["'xyz'", "hexadecimal mask", "0xff"]);
    check("taskset -c 3-1 ls", &["'3-1'", "a list of CPUs"]);
    check("taskset 3", &["a command is missing", "-p [CPUS] PID"]);
    check("taskset -p 1 one", &["'one'", "numbers of processes"]);
    check("taskset -ap 1", &["-a", "main thread"]);
    check("taskset 0 ls", &["none", "one or more CPUs"]);
    check("prlimit --nofile=x ls", &["'x'", "SOFT:HARD", "unlimited"]);
    check("prlimit --nofile=5", &["nobody is named", "--pid PID"]);
    check("prlimit --nofil", &["--nofil", "'--nofile'"]);
    check("prlimit -o resorce", &["'resorce'", "'resource'"]);
    check("tty x", &["'x'", "numbers of processes"]);
    check("tty -s --json", &["--silent", "--json"]);
}
