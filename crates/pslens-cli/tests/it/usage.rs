//! Wrong command lines: one line that says what was wrong and what would be right.

use crate::program::{answer, pslens, refused, stderr, stdout};

#[test]
fn wrong_usage_is_one_line_and_status_2() {
    let check = refused;
    check(
        "pz",
        &[
            "no tool 'pz'",
            "did you mean 'ps'?",
            "Accepted: ps, top, pstree",
        ],
    );
    check(
        "ps -o usrname",
        &[
            "'usrname'",
            "did you mean 'username'?",
            "Accepted: ",
            "memory_info.rss",
        ],
    );
    check(
        "ps -o pid,memory_info.rrs",
        &["'memory_info.rrs'", "'memory_info.rss'?"],
    );
    check(
        "ps --sort -rsss",
        &["no such column", "did you mean 'rss'?"],
    );
    check("ps --sort", &["a value is required", "--sort"]);
    check("ps --sorted pid", &["--sorted", "--sort"]);
    check("ps -p abc", &["'abc'", "numbers of processes"]);
    check("ps -e -p 1", &["-e", "--pid"]);
    check("df --timeout 0", &["'0'", "more than 0"]);
    check("df --timeout soon", &["'soon'", "seconds"]);
    check("df -a /", &["--all", "PATH"]);
    check(
        "netstat --kind tpc",
        &["'tpc'", "did you mean 'tcp'?", "inet6", "unix"],
    );
    check("netstat -4 -6", &["--ipv4", "--ipv6"]);
    check("netstat -t --kind tcp", &["--tcp", "--kind"]);
    check("free -b -h", &["-b", "--human"]);
    check("free now", &["'now'"]);
    check("--procfs", &["--procfs", "DIR"]);
}

/// Every option that takes numbers or lists says what it accepts, also of what begins with a hyphen.
#[test]
fn wrong_numbers_and_lists_are_told_what_is_accepted() {
    let pids = "accepted: numbers of processes, separated by commas";
    let users = "accepted: names or numbers of users, separated by commas";
    let columns = "accepted: names of columns, separated by commas; ps --help lists them";
    let seconds = "accepted: seconds, more than 0 and at most 86400";
    let check = |args: &[&str], option: &str, value: &str, wrong: &str| {
        let output = pslens(args).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert_eq!(stdout(&output), "", "{args:?}");
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
        let expect = format!("pslens: invalid value '{value}' for '{option}");
        assert!(said.starts_with(&expect), "{args:?}: {said}");
        assert!(said.contains(wrong), "{args:?}: {said} lacks {wrong}");
    };
    let negative = format!("no process has a negative number; {pids}");
    check(&["ps", "-p", "-3"], "--pid", "-3", &negative);
    check(&["ps", "-p-3"], "--pid", "-3", &negative);
    check(&["ps", "--pid=-3"], "--pid", "-3", &negative);
    check(&["ps", "-p", "-3,4"], "--pid", "-3", &negative);
    check(&["ps", "-p", "1", "-p", "4,-3"], "--pid", "-3", &negative);
    let missing = format!("a number is missing; {pids}");
    for list in ["", ",", "1,", ",1", "1,,2"] {
        check(&["ps", "-p", list], "--pid", "", &missing);
    }
    for number in ["4294967296", "99999999999999999999999999"] {
        let large = format!("no process has a number so large; {pids}");
        check(&["ps", "-p", number], "--pid", number, &large);
    }
    for other in ["abc", " 1", "1 2", "0x1", "1.0", "-", "--tree", "-x", "½"] {
        let wrong = format!("this is not a number; {pids}");
        check(&["ps", "-p", other], "--pid", other, &wrong);
    }
    check(&["ps", "-u", ""], "--user", "", "a user is missing");
    check(&["ps", "-u", "root,"], "--user", "", users);
    check(&["ps", "-u", "-3"], "--user", "-3", users);
    for list in ["", ",", "pid,"] {
        check(&["ps", "-o", list], "--format", list, columns);
        check(&["ps", "--sort", list], "--sort", "", columns);
    }
    check(&["ps", "--sort", "-"], "--sort", "-", columns);
    check(&["ps", "-o", "-x"], "--format", "-x", "no such column");
    check(
        &["ps", "-o", "-name"],
        "--format",
        "-name",
        "did you mean 'name'?",
    );
    for number in ["", "-1", "-0.5", "0", "86401", "1e99", "nan", "inf"] {
        check(&["df", "--timeout", number], "--timeout", number, seconds);
    }
    check(&["netstat", "--kind", ""], "--kind", "", "Accepted: all");
    check(
        &["netstat", "--kind", "-x"],
        "--kind",
        "-x",
        "Accepted: all",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_named_twice_is_one() {
    let pid = std::process::id().to_string();
    let twice = format!("{pid},{pid}");
    for args in [
        &["ps", "-p", &twice][..],
        &["ps", "-p", &pid, "-p", &pid],
        &["ps", "-p", &twice, "-u", "no user,no user"],
    ] {
        let output = pslens(args).args(["-o", "pid", "--no-header"]).output();
        let output = output.unwrap();
        assert_eq!(stdout(&output).trim(), pid, "{args:?}");
    }
    // So is a note about it.
    let nobody = u32::MAX.to_string();
    let nobodies = format!("{nobody},{nobody}");
    for args in [
        &["ps", "-p", &nobodies][..],
        &["ps", "-p", &nobodies, "-u", "0"],
        &["ps", "-u", "no user,no user"],
    ] {
        let output = pslens(args).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
    }
}

#[test]
fn a_hostile_argument_does_not_reach_the_terminal() {
    let output = pslens(["ps", "-o", "a\x1b[31m\nb"]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!said.contains('\x1b'), "{said}");
}

#[test]
fn roots_that_are_not_there_are_said_to_be() {
    for option in ["--procfs", "--sysfs"] {
        let output = pslens([option, "/nowhere/at all", "ps"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            stderr(&output),
            format!("pslens: {option}: '/nowhere/at all' is not a directory\n")
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_without_processes_is_no_procfs() {
    let empty = tempfile::tempdir().unwrap();
    let mut command = pslens(["ps", "--procfs"]);
    let output = command.arg(empty.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("there are no processes here"));
}

#[test]
fn help_has_examples_legend_and_exit_statuses() {
    for tool in ["ps", "free", "df", "netstat", "top"] {
        let help = answer([tool, "--help"]);
        for part in [
            "Usage: pslens ",
            "Examples:",
            "Exit status: 0 done",
            "In tables",
        ] {
            assert!(help.contains(part), "{tool}: {help} lacks {part}");
        }
    }
    assert!(answer(["--help"]).contains("Exit status: 0 done"));
    assert!(answer(["--version"]).starts_with("pslens "));
}

/// A link with the name of a tool is that tool, and so is a copy with an extension.
#[cfg(unix)]
#[test]
fn the_name_of_the_program_chooses_the_tool() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["free", "free.exe"] {
        let link = directory.path().join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_pslens"), &link).unwrap();
        let output = std::process::Command::new(&link)
            .arg("--json")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("\"name\":\"virtual\""), "{name}");
        let output = std::process::Command::new(&link)
            .arg("--jsn")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
    }
}
