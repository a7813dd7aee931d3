//! Processes that chose their names and arguments to confuse whoever lists them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::program::{answer, objects};

const NAME: &[u8] = b"a\nb\x1b[2J\xff) R 1";
const ARGUMENT: &[u8] = b"x\n    1 root  0.0\x1b]0;t\x07\xc3(\t\xe2\x80\xae";

struct Hostile(Child);

impl Hostile {
    /// A `sleep` that is called [`NAME`], with arguments of its own.
    fn start() -> (Self, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(OsStr::from_bytes(NAME));
        // `sh` does not care what it is called; the name is that of the link.
        std::os::unix::fs::symlink(PathBuf::from("/bin/sh"), &program).unwrap();
        let child = Command::new(&program)
            .arg0(OsStr::from_bytes(b"\x1b[1;31margv0\xfe"))
            // The second command keeps `sh` from becoming the first.
            .args(["-c", "read wait; :"])
            .arg(OsStr::from_bytes(ARGUMENT))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        (Self(child), folder)
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_hostile_process_is_one_line() {
    let (process, _folder) = Hostile::start();
    for columns in [
        "pid,name,cmdline",
        "pid,command",
        "pid,comm,args,exe,environ",
    ] {
        let line = answer(["ps", "--no-header", "-o", columns, "-p", &process.pid()]);
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        assert!(line.ends_with('\n'), "{line:?}");
        assert!(line.starts_with(&process.pid()), "{line:?}");
        assert!(!line.trim_end().contains(char::is_control), "{line:?}");
        assert!(!line.contains('\u{202e}'), "{line:?}");
    }
    let line = answer([
        "ps",
        "--no-header",
        "-o",
        "name,cmdline",
        "-p",
        &process.pid(),
    ]);
    assert!(line.contains(r"a\nb\x1b[2J\xff) R 1"), "{line:?}");
    assert!(
        line.contains(r"\x1b[1;31margv0\xfe -c read wait; : x\n    1 root"),
        "{line:?}"
    );
    assert!(line.contains(r"\xc3(\t\u{202e}"), "{line:?}");
    let all = answer(["ps", "--no-header", "-o", "pid,user,command"]);
    for line in all.lines() {
        let pid = line.split_whitespace().next().unwrap();
        assert!(pid.parse::<u32>().is_ok(), "{line:?}");
    }
}

#[test]
fn what_is_told_about_a_hostile_process_stays_in_its_lines() {
    let (process, _folder) = Hostile::start();
    let pid = process.pid();
    for tool in [
        &["lsof", "-p"][..],
        &["lsof", "-a", "--csv", "-p"],
        &["pmap", "-p"],
        &["pmap", "-x"],
        &["procinfo", "--all"],
        &["iotop", "-d", "0.01", "-n", "1", "-p"],
    ] {
        let told = answer(tool.iter().chain(&[&*pid]));
        assert!(told.contains(r"\x1b["), "{tool:?}: {told:?}");
        for line in told.lines() {
            assert!(!line.contains(char::is_control), "{tool:?}: {line:?}");
            assert!(!line.contains('\u{202e}'), "{tool:?}: {line:?}");
        }
    }
}

#[test]
fn json_has_every_byte() {
    let (process, _folder) = Hostile::start();
    let found = objects(["ps", "--json", "-o", "name,cmdline", "-p", &process.pid()]);
    let [object] = &found[..] else {
        panic!("{found:?}");
    };
    let bytes = |value: &serde_json::Value| -> Vec<u8> {
        let numbers = value.as_array().unwrap().iter();
        numbers
            .map(|number| u8::try_from(number.as_u64().unwrap()).unwrap())
            .collect()
    };
    assert_eq!(bytes(&object["name"]), NAME);
    let words = object["cmdline"].as_array().unwrap();
    assert_eq!(bytes(&words[0]), b"\x1b[1;31margv0\xfe");
    assert_eq!(words[1], "-c");
    assert_eq!(bytes(words.last().unwrap()), ARGUMENT);
}
