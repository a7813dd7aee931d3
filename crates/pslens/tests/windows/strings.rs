//! Program file, command line, directory, environment and user: text that is not always text.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::io::AsHandle;
use std::os::windows::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pslens::process::{self, Attribute, AttributeSet, Field};
use pslens::{ErrorKind, Process};
use pslens_parse::windows::{Wide, command_line};

use crate::child::{Child, wait_for_the_end};
use crate::{evidence, ffi};

/// `CREATE_SUSPENDED`: it has everything that it was given, and does nothing with it.
const SUSPENDED: u32 = 4;

/// A child that never starts to run, so that it need not understand what it is given.
struct Still(std::process::Child);

impl Still {
    fn start(prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.stdin(Stdio::null()).creation_flags(SUSPENDED);
        prepare(&mut command);
        Self(command.spawn().unwrap())
    }

    fn process(&self) -> Process {
        Process::new(self.0.id()).unwrap()
    }

    fn end(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        // Whoever has ended cannot be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wide(units: &[u16]) -> OsString {
    OsString::from_wide(units)
}

/// Text of every kind: quotes, backslashes, blanks, beyond 16 bits, and what is no text at all.
fn odd() -> Vec<OsString> {
    let mut odd: Vec<OsString> = [
        "",
        " ",
        "plain",
        "two words",
        "a\tb",
        "\"",
        "\"quoted\"",
        "a\"b c\"\"d",
        r"C:\dir\",
        r"C:\dir with blanks\",
        r#"\\\"\\""#,
        "\\",
        "/?",
        "line\r\nline",
        "\u{1}\u{7f}",
        "Größe €",
        "\u{1f600}\u{10ffff}",
        "\u{feff}",
    ]
    .map(OsString::from)
    .to_vec();
    odd.push(wide(&[0xd83d]));
    odd.push(wide(&[0x61, 0xdc00, 0x20, 0xd800, 0x62]));
    odd.push(wide(&[0xffff, 0xdc00, 0xd800]));
    odd
}

#[test]
fn this_process_is_described_as_it_sees_itself() {
    let me = Process::current().unwrap();
    assert_eq!(me.exe().unwrap(), Some(std::env::current_exe().unwrap()));
    evidence::called("Process::exe");
    assert_eq!(
        me.cmdline().unwrap(),
        std::env::args_os().collect::<Vec<_>>()
    );
    evidence::called("Process::cmdline");
    let here = std::env::current_dir().unwrap().into_os_string();
    assert_eq!(directory(&me), here);
    evidence::called("Process::cwd");
    let upper = |(name, value): (OsString, OsString)| {
        let name = name.into_string().unwrap().to_uppercase();
        (name.into(), value)
    };
    // What starts with `=` is no variable, though Rust shows it.
    let mine: Vec<(OsString, OsString)> = std::env::vars_os()
        .filter(|(name, _)| !name.as_encoded_bytes().starts_with(b"="))
        .map(upper)
        .collect();
    assert!(!mine.is_empty());
    assert_eq!(me.environ().unwrap(), mine);
    evidence::called("Process::environ");
    let user = std::env::var("USERNAME").unwrap();
    let full = me.username().unwrap().into_string().unwrap();
    let (domain, name) = full.split_once('\\').unwrap();
    assert_eq!(name, user);
    assert!(!domain.is_empty());
    evidence::called("Process::username");
}

#[test]
fn arguments_are_those_that_were_given() {
    let child = Still::start(|command| {
        command.args(odd());
    });
    let mut expect = vec![std::env::current_exe().unwrap().into_os_string()];
    expect.extend(odd());
    assert_eq!(child.process().cmdline().unwrap(), expect);
    assert_eq!(
        child.process().exe().unwrap(),
        Some(std::env::current_exe().unwrap())
    );
}

#[test]
fn arguments_need_not_be_quoted_as_programs_are_told_to() {
    let line = r#"a "b c"d "e""f g" h"""i j \\\"k "l"#;
    let child = Still::start(|command| {
        command.raw_arg(line);
    });
    let cmdline = child.process().cmdline().unwrap();
    assert_eq!(cmdline[1..], ["a", "b cd", "e\"f", "g h\"i j \\\"k l"]);
    // Which is what the system sees in it.
    let full: Vec<u16> = format!("x {line}").encode_utf16().collect();
    let asked = ffi::command_line_to_argv(&full);
    let asked: Vec<_> = asked.iter().map(|argument| wide(argument)).collect();
    assert_eq!(cmdline[1..], asked[1..]);
}

#[test]
fn the_environment_is_the_one_that_was_given() {
    let odd: Vec<_> = odd()
        .into_iter()
        .filter(|value| !value.is_empty())
        .collect();
    // More than what is read at once, and more than a page.
    let long = "x".repeat(30_000);
    let child = Still::start(|command| {
        command.env("pslens long", &long).env("pslens=", "");
        command.env_remove("pslens=");
        for (number, value) in odd.iter().enumerate() {
            command.env(format!("pslens{number:02}"), value);
        }
        command.env(wide(&[0x70, 0xd800, 0xe9, 0x69]), "name");
    });
    let environ = child.process().environ().unwrap();
    let find = |name: &OsStr| {
        let mut found = environ.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next().unwrap_or_else(|| panic!("no {name:?}"));
        assert!(found.next().is_none());
        value
    };
    for (number, value) in odd.iter().enumerate() {
        assert_eq!(find(OsStr::new(&format!("PSLENS{number:02}"))), value);
    }
    assert_eq!(find(OsStr::new("PSLENS LONG")), OsStr::new(&long));
    // What is no text has no upper case, and stays.
    assert_eq!(find(&wide(&[0x50, 0xd800, 0xc9, 0x49])), OsStr::new("name"));
}

#[test]
fn what_was_not_given_is_not_in_the_environment() {
    let child = Still::start(|command| {
        command.env_clear().env("only", "this");
    });
    let environ = child.process().environ().unwrap();
    let has = |name| environ.iter().any(|(known, _)| known == name);
    assert!(has("ONLY"));
    // (wine adds variables of its own.)
    assert!(std::env::var_os("USERNAME").is_some());
    assert!(!has("USERNAME"), "{environ:?}");
}

/// As text: paths are equal with and without a backslash at the end.
fn directory(process: &Process) -> OsString {
    process.cwd().unwrap().unwrap().into_os_string()
}

#[test]
fn a_directory_has_no_backslash_at_its_end_but_a_drive_does() {
    let root = tempfile::tempdir().unwrap();
    let mut places: Vec<PathBuf> = vec![root.path().to_owned()];
    for name in ["with blank", "Größe €", "\u{1f600}"] {
        places.push(root.path().join(name));
    }
    for place in &places[1..] {
        std::fs::create_dir(place).unwrap();
    }
    // (What wine keeps its files in has no name for this.)
    let no_text = root.path().join(wide(&[0x61, 0xd800, 0x62]));
    if std::fs::create_dir(&no_text).is_ok() {
        places.push(no_text);
    }
    for place in &places {
        let child = Still::start(|command| {
            command.current_dir(place);
        });
        assert_eq!(directory(&child.process()), *place.as_os_str());
    }
    let child = Still::start(|command| {
        command.current_dir(r"C:\");
    });
    assert_eq!(directory(&child.process()), r"C:\");
}

#[test]
#[ignore = "the part of a child"]
fn moves() {
    std::env::set_current_dir(r"C:\").unwrap();
    ffi::set_variable("pslens moved", "there");
    wait_for_the_end();
}

#[test]
fn directory_and_environment_are_those_of_now() {
    let child = Child::start("strings::moves");
    let process = child.process();
    assert_eq!(directory(&process), r"C:\");
    let variable = (OsString::from("PSLENS MOVED"), OsString::from("there"));
    assert!(process.environ().unwrap().contains(&variable));
}

#[test]
fn the_user_of_a_child_is_that_of_its_parent() {
    let child = Still::start(|_| {});
    assert_eq!(
        child.process().username().unwrap(),
        Process::current().unwrap().username().unwrap()
    );
}

#[test]
fn who_has_ended_has_no_strings() {
    let mut child = Still::start(|_| {});
    let process = child.process();
    child.end();
    let errors = [
        process.exe().unwrap_err(),
        process.cmdline().unwrap_err(),
        process.cwd().unwrap_err(),
        process.environ().unwrap_err(),
        process.username().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::NoSuchProcess, "{error}");
        assert_eq!(error.pid(), Some(process.pid()));
    }
}

/// Whoever has the privilege to debug is refused nothing.
fn refused_or<T: PartialEq + std::fmt::Debug>(result: pslens::Result<T>, expect: &T) {
    match result {
        Ok(answer) => assert_eq!(answer, *expect),
        Err(error) => assert_eq!(error.kind(), ErrorKind::AccessDenied, "{error}"),
    }
}

#[test]
fn what_may_not_be_read_is_refused() {
    let child = Still::start(|command| {
        command.arg("one argument");
    });
    let process = child.process();
    let environ = process.environ().unwrap();
    let cwd = process.cwd().unwrap();
    // Everybody may ask it who it is, and wait for it.
    ffi::protect(child.0.as_handle(), "D:P(A;;0x101000;;;WD)");
    assert!(process.exe().unwrap().is_some());
    process.username().unwrap();
    refused_or(process.environ(), &environ);
    refused_or(process.cwd(), &cwd);
    match process.cmdline() {
        Ok(cmdline) => assert_eq!(cmdline[1..], ["one argument"]),
        // (wine 8.0 has no ProcessCommandLineInformation.)
        Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}"),
    }
}

#[test]
fn who_may_not_be_opened_has_a_program_and_refuses_the_rest() {
    let child = Still::start(|_| {});
    let process = child.process();
    let (exe, cmdline) = (process.exe().unwrap(), process.cmdline().unwrap());
    let (environ, cwd) = (process.environ().unwrap(), process.cwd().unwrap());
    let user = process.username().unwrap();
    ffi::protect(child.0.as_handle(), "D:P");
    refused_or(process.cmdline(), &cmdline);
    refused_or(process.environ(), &environ);
    refused_or(process.cwd(), &cwd);
    refused_or(process.username(), &user);
    match process.exe() {
        Ok(told) => assert_eq!(told, exe),
        // (wine 8.0 has no SystemProcessIdInformation.)
        Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}"),
    }
}

#[test]
fn a_process_that_is_being_made_is_waited_for() {
    let child = Still::start(|command| {
        command.arg("given");
    });
    let process = child.process();
    let at = ffi::parameters_pointer(child.0.as_handle());
    let parameters = ffi::replace_memory(child.0.as_handle(), at, 0);
    std::thread::scope(|scope| {
        let cwd = scope.spawn(|| process.cwd());
        let environ = scope.spawn(|| process.environ());
        // In the midst of what they do next; whichever comes first, the answer is the same.
        std::thread::sleep(Duration::from_millis(100));
        ffi::replace_memory(child.0.as_handle(), at, parameters);
        assert!(cwd.join().unwrap().unwrap().is_some());
        assert!(!environ.join().unwrap().unwrap().is_empty());
    });
    assert_eq!(process.cmdline().unwrap()[1..], ["given"]);
}

#[test]
fn what_is_not_readable_is_waited_for_once() {
    let child = Still::start(|_| {});
    let process = child.process();
    let at = ffi::parameters_pointer(child.0.as_handle());
    ffi::replace_memory(child.0.as_handle(), at, 0);
    let attributes = [Attribute::Cmdline, Attribute::Cwd, Attribute::Environ];
    let started = Instant::now();
    let info = process.info(AttributeSet::of(&attributes)).unwrap();
    let elapsed = started.elapsed();
    assert!(elapsed >= Duration::from_secs(1), "{elapsed:?}");
    assert!(matches!(info.cwd, Field::Denied));
    assert!(matches!(info.environ, Field::Denied));
    // Each alone would take as long.
    let started = Instant::now();
    for _ in attributes {
        process.environ().unwrap_err();
    }
    assert!(elapsed < started.elapsed(), "{elapsed:?}");
}

#[test]
fn one_string_that_is_not_readable_does_not_spoil_the_others() {
    let child = Still::start(|_| {});
    let process = child.process();
    let at = ffi::parameters_pointer(child.0.as_handle());
    let parameters = ffi::replace_memory(child.0.as_handle(), at, 0);
    ffi::replace_memory(child.0.as_handle(), at, parameters);
    // The environment.
    ffi::replace_memory(child.0.as_handle(), parameters + 128, 16);
    let mut query = process.oneshot().unwrap();
    let refused = query.environ().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AccessDenied);
    assert!(query.cwd().unwrap().is_some());
    assert_eq!(query.cmdline().unwrap().len(), 1);
}

#[test]
fn what_a_process_writes_over_its_description_does_no_harm() {
    let child = Still::start(|_| {});
    let process = child.process();
    let at = ffi::parameters_pointer(child.0.as_handle());
    let parameters = ffi::replace_memory(child.0.as_handle(), at, 0);
    let [length, line, environment] = [112, 120, 128].map(|offset| parameters + offset);
    // Nothing, nowhere, at the end of everything, and other memory that is there.
    let places = [0, 16, 0x7fff_0000_0000, usize::MAX - 1, at, parameters + 1];
    let look = || {
        let started = Instant::now();
        for result in [
            process.cmdline().map(drop),
            process.cwd().map(drop),
            process.environ().map(drop),
        ] {
            if let Err(error) = result {
                // (Who is refused asks what wine 8.0 does not know.)
                let kind = error.kind();
                assert!(
                    matches!(kind, ErrorKind::AccessDenied | ErrorKind::Unsupported),
                    "{error}"
                );
            }
        }
        assert!(started.elapsed() < Duration::from_secs(20));
    };
    for place in places {
        ffi::replace_memory(child.0.as_handle(), at, place);
        look();
    }
    ffi::replace_memory(child.0.as_handle(), at, parameters);
    ffi::replace_memory(child.0.as_handle(), length, usize::MAX);
    for place in places {
        ffi::replace_memory(child.0.as_handle(), line, place);
        ffi::replace_memory(child.0.as_handle(), environment, place);
        look();
    }
}

#[test]
fn the_idle_process_has_a_user_and_nothing_else() {
    let idle = Process::new(0).unwrap();
    assert_eq!(idle.exe().unwrap(), None);
    assert_eq!(idle.cmdline().unwrap(), Vec::<OsString>::new());
    assert_eq!(idle.environ().unwrap(), []);
    assert_eq!(idle.cwd().unwrap_err().kind(), ErrorKind::AccessDenied);
    assert_eq!(idle.username().unwrap(), r"NT AUTHORITY\SYSTEM");
}

#[test]
fn every_process_tells_or_refuses() {
    let attributes = AttributeSet::of(&[
        Attribute::Exe,
        Attribute::Cmdline,
        Attribute::Cwd,
        Attribute::Environ,
        Attribute::Username,
    ]);
    fn told<T>(field: &Field<T>) -> bool {
        match field {
            Field::Value(_) => true,
            Field::Denied => false,
            // (Of whom wine 8.0 refuses to open: it has no SystemProcessIdInformation.)
            Field::Unsupported => false,
            _ => panic!("neither told nor refused"),
        }
    }
    let mut found = false;
    for info in process::all_with(attributes).unwrap() {
        let info = info.unwrap();
        let answers = [
            told(&info.exe),
            told(&info.cmdline),
            told(&info.cwd),
            told(&info.environ),
            told(&info.username),
        ];
        if info.pid() == std::process::id().into() {
            assert_eq!(answers, [true; 5]);
            assert_eq!(
                info.cmdline.value().unwrap(),
                &std::env::args_os().collect::<Vec<_>>()
            );
            found = true;
        }
    }
    assert!(found);
}

/// Splits as the library does.
fn split(line: &[u16]) -> Vec<Vec<u16>> {
    let bytes: Vec<u8> = line.iter().copied().flat_map(u16::to_le_bytes).collect();
    command_line::arguments(Wide(&bytes)).collect()
}

fn compare(line: &[u16]) {
    assert_eq!(
        split(line),
        ffi::command_line_to_argv(line),
        "{:?}",
        wide(line)
    );
}

#[test]
fn command_lines_are_split_as_the_system_splits_them() {
    for line in [
        r"program",
        r#""C:\Program Files\a.exe" -x "y z""#,
        r#""a"b c"#,
        r#"a"b c"d"#,
        " leading",
        "  leading",
        "\tleading",
        "trailing  ",
        r#"x "" """ """" """"" """""" y"#,
        r#"x a"" b"" """c d""" e"#,
        r#"x "a"" b "c""" d "e"""" f" g"#,
        r#"x \ \\ \" \\" \\\" \\\\" a"b" c\"#,
        r#"x "\" \\" "\\" "\\\" \"" y"#,
        r#"x "unclosed \"#,
        "x a\rb\nc\u{b}d\u{a0}e\u{3000}f",
    ] {
        compare(&line.encode_utf16().collect::<Vec<_>>());
    }
    for argument in odd() {
        let line: Vec<u16> = OsStr::new("x ")
            .encode_wide()
            .chain(argument.encode_wide())
            .collect();
        compare(&line);
    }
}

/// Characters that mean something, and some that do not.
const ALPHABET: [u16; 8] = [0x22, 0x22, 0x5c, 0x5c, 0x20, 0x09, 0x61, 0xd800];

#[test]
fn random_command_lines_are_split_as_the_system_splits_them() {
    // The numbers of a xorshift generator: the same in every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..50_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let length = state as usize % 20 + 1;
        let units = (0..length).map(|at| ALPHABET[(state >> (3 * at)) as usize % 8]);
        compare(&units.collect::<Vec<_>>());
    }
}

#[test]
fn where_this_library_and_the_system_split_differently() {
    // Of no line the system makes the path of the program that asks: not that of the one that is asked about.
    assert_eq!(split(&[]), Vec::<Vec<u16>>::new());
    let mine: Vec<u16> = std::env::current_exe()
        .unwrap()
        .as_os_str()
        .encode_wide()
        .collect();
    assert_eq!(ffi::command_line_to_argv(&[]), [mine]);
    // A control character ends the program's name on Windows; wine 8.0 takes blanks and tabs only.
    let line = [0x61, 1, 0x62, 0x20, 0x63];
    assert_eq!(split(&line), [vec![0x61], vec![0x62], vec![0x63]]);
    let asked = ffi::command_line_to_argv(&line);
    assert!(asked == split(&line) || asked == [vec![0x61, 1, 0x62], vec![0x63]]);
}
