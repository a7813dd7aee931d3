//! Where answers go: pipes that close, disks that are full.

use crate::program::{answer, pslens, stderr};

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    for args in [&["ps"][..], &["ps", "--json"], &["free"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = pslens(args).stdout(writer).output().unwrap();
        assert_eq!(stderr(&output), "", "{args:?}");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = std::fs::File::create("/dev/full").unwrap();
    let output = pslens(["free"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(stderr(&output).starts_with("pslens: cannot write the answer: "));
}

#[test]
fn the_header_can_be_left_out() {
    let with = answer(["free", "--bytes"]);
    let without = answer(["free", "--bytes", "--no-header"]);
    assert_eq!(with.lines().count(), without.lines().count() + 1);
    assert!(without.starts_with("Mem:"));
}

#[test]
fn nothing_is_bold_where_nobody_asked_for_it() {
    assert!(!answer(["free"]).contains('\x1b'));
    let bold = answer(["free", "--color", "always"]);
    assert!(bold.starts_with("\x1b[1m"), "{bold:?}");
    // The option is stronger than the variable.
    let always = pslens(["free", "--color=always"])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(always.stdout.starts_with(b"\x1b[1m"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_has_colours_unless_somebody_objects() {
    const TEST: &str = "output::a_terminal_has_colours_unless_somebody_objects";
    let script = |objection: &str| on_a_terminal(TEST, "free", objection);
    let Some(colored) = script("") else { return };
    assert!(colored.contains("\x1b[1m"), "{colored:?}");
    let plain = script("1").unwrap();
    assert!(
        plain.contains("Mem:") && !plain.contains('\x1b'),
        "{plain:?}"
    );
}

/// What the tool writes to a terminal, which script(1) gives it.
#[cfg(target_os = "linux")]
fn on_a_terminal(test: &str, tool: &str, no_color: &str) -> Option<String> {
    let line = format!("{} {tool}", env!("CARGO_BIN_EXE_pslens"));
    let mut command = std::process::Command::new("script");
    command.args(["-q", "-e", "-c", &line, "/dev/null"]);
    command.env("TERM", "xterm").env("NO_COLOR", no_color);
    match command.output() {
        Ok(output) => Some(String::from_utf8(output.stdout).unwrap()),
        Err(error) => {
            crate::program::skip(test, &format!("no script: {error}"));
            None
        }
    }
}

/// What the options of an original repeat stays to be compared, as there.
#[cfg(target_os = "linux")]
#[test]
fn watching_is_in_place_and_what_originals_repeat_scrolls() {
    const TEST: &str = "output::watching_is_in_place_and_what_originals_repeat_scrolls";
    let clears = |tool: &str| {
        let told = on_a_terminal(TEST, tool, "1")?;
        assert_eq!(told.matches("Mem:").count(), 2, "{told:?}");
        Some(told.matches("\x1b[2J").count())
    };
    let Some(watched) = clears("free --watch 0.01 --times 2") else {
        return;
    };
    assert_eq!(watched, 2);
    assert_eq!(clears("free -s 0.01 -c 2"), Some(0));
}
