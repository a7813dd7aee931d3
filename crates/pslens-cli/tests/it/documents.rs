//! Manual pages and completions: every tool has them, and those who read them understand them.

use std::path::Path;
use std::process::{Command, Output};

use crate::program::{answer, skip, stderr, stdout};

/// The tools, as the help lists them.
fn tools() -> Vec<String> {
    let help = answer(["--help"]);
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let tools: Vec<String> = lines
        .take_while(|line| !line.is_empty())
        // A description that goes on stands further to the right.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|tool| tool != "help")
        .collect();
    assert!(tools.len() > 25, "{tools:?}");
    tools
}

/// What another program says; `None` where it is not installed, and the test is skipped.
fn ask(test: &str, program: &str, args: &[&str]) -> Option<Output> {
    match Command::new(program)
        .args(args)
        .env("LC_ALL", "C.UTF-8")
        .output()
    {
        Ok(output) => Some(output),
        Err(error) => {
            skip(test, &format!("no {program}: {error}"));
            None
        }
    }
}

#[test]
fn every_tool_has_a_manual_page() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("man1");
    assert_eq!(answer(["manual", path.to_str().unwrap()]), "");
    for tool in tools() {
        let page = std::fs::read_to_string(path.join(format!("pslens-{tool}.1"))).unwrap();
        for part in [
            "SH NAME",
            "SH SYNOPSIS",
            "Options of every tool",
            "Exit status",
        ] {
            assert!(
                page.to_lowercase().contains(&part.to_lowercase()),
                "{tool} lacks {part}"
            );
        }
    }
    assert!(path.join("pslens.1").exists());
}

#[test]
fn a_page_that_cannot_be_written_is_a_failure() {
    let output = crate::program::pslens(["manual", "/dev/null/man1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(stderr(&output).starts_with("pslens: manual: '/dev/null/man1': "));
}

#[test]
fn manual_pages_are_set_without_a_warning() {
    const TEST: &str = "documents::manual_pages_are_set_without_a_warning";
    let directory = tempfile::tempdir().unwrap();
    answer(["manual", directory.path().to_str().unwrap()]);
    for page in std::fs::read_dir(directory.path()).unwrap() {
        let page = page.unwrap().path();
        let page = page.to_str().unwrap();
        let args = ["-man", "-Tutf8", "-P-cbou", "-ww", "-K", "utf8", page];
        let Some(output) = ask(TEST, "groff", &args) else {
            return;
        };
        // Words that are too long for their line are set nevertheless.
        let complaints = stderr(&output);
        let mut complaints = complaints.lines().filter(|line| {
            !line.contains("adjust line")
                && !line.contains("break line")
                && !line.contains("can't find macro file")
        });
        assert_eq!(complaints.next(), None, "{page}");
        assert!(stdout(&output).contains("SYNOPSIS"), "{page}");
    }
}

fn script(directory: &Path, shell: &str) -> String {
    let path = directory.join(shell);
    std::fs::write(&path, answer(["completions", shell])).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn bash_completes_tools_and_options() {
    const TEST: &str = "documents::bash_completes_tools_and_options";
    let directory = tempfile::tempdir().unwrap();
    let script = script(directory.path(), "bash");
    let complete = |words: &str, current: usize| {
        let program = format!(
            "source {script}; COMP_WORDS=({words}); COMP_CWORD={current}; \
             _pslens pslens \"${{COMP_WORDS[{current}]}}\" \"${{COMP_WORDS[{current}-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        ask(TEST, "bash", &["--norc", "-c", &program]).map(|output| stdout(&output))
    };
    let Some(found) = complete("pslens net", 1) else {
        return;
    };
    assert_eq!(found.lines().collect::<Vec<_>>(), ["netstat", "nettop"]);
    let options = complete("pslens df --js", 2).unwrap();
    assert_eq!(options.trim(), "--json");
}

#[test]
fn zsh_understands_its_completions() {
    const TEST: &str = "documents::zsh_understands_its_completions";
    let directory = tempfile::tempdir().unwrap();
    let script = script(directory.path(), "zsh");
    if let Some(output) = ask(TEST, "zsh", &["-f", "-n", &script]) {
        assert_eq!(stderr(&output), "");
        assert!(output.status.success());
    }
}

#[test]
fn fish_completes_tools_and_options() {
    const TEST: &str = "documents::fish_completes_tools_and_options";
    let directory = tempfile::tempdir().unwrap();
    let script = script(directory.path(), "fish");
    let complete = |line: &str| {
        let program = format!("source {script}; complete -C '{line}'");
        ask(TEST, "fish", &["--no-config", "-c", &program]).map(|output| stdout(&output))
    };
    let Some(found) = complete("pslens net") else {
        return;
    };
    let tools: Vec<&str> = found
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(tools, ["netstat", "nettop"]);
    assert!(complete("pslens df --js").unwrap().starts_with("--json"));
}
