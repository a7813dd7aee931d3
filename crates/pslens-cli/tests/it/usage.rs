//! Wrong command lines: one line that says what was wrong and what would be right.

use crate::program::{answer, pslens, stderr, stdout};

#[test]
fn wrong_usage_is_one_line_and_status_2() {
    let check = |line: &str, expect: &[&str]| {
        let output = pslens(line.split(' ')).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert_eq!(stdout(&output), "", "{line}");
        assert_eq!(said.lines().count(), 1, "{line}: {said}");
        for part in expect {
            assert!(said.contains(part), "{line}: {said} lacks {part}");
        }
    };
    check(
        "pz",
        &[
            "no tool 'pz'",
            "did you mean 'ps'?",
            "Accepted: ps, free, df, netstat",
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
    check("ps -p -1", &["-1"]);
    check(
        "ps -p 99999999999",
        &["'99999999999'", "numbers of processes"],
    );
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
    for tool in ["ps", "free", "df", "netstat"] {
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
