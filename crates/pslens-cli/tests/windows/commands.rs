//! Commands that the program starts, and the names that it goes by.

use std::path::Path;
use std::process::Command;

use crate::program::{answer, fails, pslens, stdout};

#[test]
fn a_command_is_started_with_the_setting_and_its_status_is_the_tool_s() {
    let own = env!("CARGO_BIN_EXE_pslens");
    assert_eq!(answer(["nice", "--to", "idle", own, "nice"]), "idle\n");
    assert_eq!(answer(["nice", own, "nice"]), "below-normal\n");
    assert_eq!(answer(["nice", "-n", "-10", own, "nice"]), "above-normal\n");
    // More than fits into 8 bits.
    for code in [0, 7, 70_000, -2] {
        let line = ["nice", "cmd", "/c", "exit", &code.to_string()];
        let status = pslens(line).status().unwrap();
        assert_eq!(status.code(), Some(code));
    }
    let output = pslens(["nice", own, "ps", "nosuch"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(&output), "");
}

#[test]
fn what_cannot_be_started_is_told_from_what_does_not_exist() {
    fails(
        &["nice", "nosuch"],
        127,
        "nice: 'nosuch': there is no such program",
    );
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text.exe");
    std::fs::write(&path, "no program").unwrap();
    fails(&["nice", path.to_str().unwrap()], 126, "text.exe': ");
}

#[test]
fn a_setting_that_fails_keeps_the_command_from_running() {
    let directory = tempfile::tempdir().unwrap();
    let made = directory.path().join("made");
    let line = format!("echo x>{}", made.display());
    fails(
        &["prlimit", "--nofile=10", "cmd", "/c", &line],
        5,
        "not supported by this system",
    );
    assert!(!made.exists());
    // The same without the setting.
    answer(["nice", "cmd", "/c", &line]);
    assert!(made.exists());
}

#[test]
fn a_copy_with_the_name_of_a_tool_is_that_tool() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["nice.exe", "NICE.EXE"] {
        let path = directory.path().join(name);
        std::fs::copy(Path::new(env!("CARGO_BIN_EXE_pslens")), &path).unwrap();
        let output = Command::new(&path).output().unwrap();
        assert_eq!(stdout(&output), "normal\n", "{name}");
    }
}
