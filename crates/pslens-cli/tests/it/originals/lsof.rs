//! `lsof` beside lsof(8), of a process with files, sockets and mappings that are known.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command};

use serde_json::Value;
use tempfile::TempDir;

use super::{Comparison, original};
use crate::program::{answer, objects, skip};

/// A `bash` that holds one of everything, until its standard input ends.
pub(super) struct Holder {
    child: Child,
    talk: UnixStream,
    pub(super) directory: TempDir,
    /// What it is connected to.
    listener: TcpListener,
    _accepted: TcpStream,
}

impl Holder {
    pub(super) fn start(test: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in [("a file", "12345"), ("log", "1"), ("gone", "123")] {
            std::fs::write(directory.path().join(name), content).unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mut talk, theirs) = UnixStream::pair().unwrap();
        let named = UnixListener::bind(directory.path().join("named")).unwrap();
        let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
        // Bash, since no other shell opens connections.
        let script = format!(
            "exec 3<'a file' 4>>log 5<>gone 6<>/dev/tcp/127.0.0.1/{port} 7<. 8</dev/null; \
             rm gone; mkfifo pipe; exec 9<>pipe; echo ready >&0; read wait; :"
        );
        let started = Command::new("bash")
            .args(["-c", &script])
            .current_dir(directory.path())
            .stdin(OwnedFd::from(theirs))
            .stdout(OwnedFd::from(named))
            .stderr(OwnedFd::from(datagrams))
            .spawn();
        let Ok(child) = started else {
            skip(test, "no bash");
            return None;
        };
        let (accepted, _) = listener.accept().unwrap();
        let mut said = [0; 6];
        talk.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"ready\n");
        Some(Self {
            child,
            talk,
            directory,
            listener,
            _accepted: accepted,
        })
    }

    pub(super) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    fn path(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.talk.write_all(b"end\n");
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file of `lsof -F`: fields by their letters.
type Fields = BTreeMap<char, String>;

fn files(told: &str) -> Vec<Fields> {
    let mut files: Vec<Fields> = Vec::new();
    for line in told.lines() {
        let (letter, value) = line.split_at(1);
        match letter.chars().next().unwrap() {
            'p' => {}
            'f' => files.push(Fields::from([('f', value.to_owned())])),
            // Of a socket there are several: state and queues.
            'T' if !value.starts_with("ST=") => {}
            letter => {
                files.last_mut().unwrap().insert(letter, value.to_owned());
            }
        }
    }
    files
}

#[test]
fn lsof_has_everything_that_a_process_holds() {
    const TEST: &str = "originals::lsof::lsof_has_everything_that_a_process_holds";
    let Some(holder) = Holder::start(TEST) else {
        return;
    };
    let pid = holder.pid();
    let args = ["-nP", "-a", "-p", &pid, "-F", "ftasinPT"];
    let Some(theirs) = original(TEST, "lsof", &args) else {
        return;
    };
    let ours = objects(["lsof", "-p", &pid, "--json"]);
    let csv = ["lsof", "-p", &pid, "--csv", "--columns", "fd,type,path"];
    let table = answer(csv);
    let mut comparison = Comparison::of("lsof");
    let theirs = files(&theirs);
    // The library does not know the root directory.
    let theirs: Vec<&Fields> = theirs.iter().filter(|file| file[&'f'] != "rtd").collect();
    comparison.equal("rows", ours.len(), theirs.len());
    for file in &theirs {
        let same = |row: &&Value| match file[&'f'].as_str() {
            "mem" => row["use"] == "mem" && row["path"] == file[&'n'].as_str(),
            way @ ("cwd" | "txt") => row["use"] == way,
            fd => row["fd"] == fd.parse::<u64>().unwrap(),
        };
        let Some(row) = ours.iter().find(same) else {
            comparison.equal(file, "nothing", "a row");
            continue;
        };
        compare(&mut comparison, file, row);
    }
    let types: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| line.split(',').nth(1))
        .collect();
    let known: BTreeSet<&str> = theirs.iter().map(|file| file[&'t'].as_str()).collect();
    for kind in known {
        comparison.equal(kind, types.contains(kind), true);
    }
    comparison.finish();
}

fn compare(comparison: &mut Comparison, file: &Fields, row: &Value) {
    let number = |letter: char| file.get(&letter).and_then(|text| text.parse::<u64>().ok());
    if row["fd"].is_u64() {
        let mode = row["mode"].as_str().unwrap();
        let access = match mode {
            "r" => "r",
            "w" | "a" => "w",
            _ => "u",
        };
        comparison.equal(file, access, file[&'a'].trim());
        // Internet sockets have a protocol in its place.
        if let Some(inode) = number('i') {
            comparison.equal(file, row["inode"].as_u64(), Some(inode));
        }
        if let (Some(size), Some(ours)) = (number('s'), row["size"].as_u64()) {
            comparison.equal(file, ours, size);
        }
    } else if let Some(inode) = row["inode"].as_u64() {
        comparison.equal(file, Some(inode), number('i'));
    }
    let name = file[&'n'].as_str();
    match row["connection"]["family"].as_str() {
        None => {
            let path = row["path"].as_str().unwrap();
            let deleted = row["deleted"].as_bool().unwrap_or_default();
            let marked = if deleted { " (deleted)" } else { "" };
            match path.split_once(":[") {
                Some((kind, _)) => comparison.equal(file, kind, name),
                None => comparison.equal(file, format!("{path}{marked}"), name),
            }
        }
        Some("AF_UNIX") => {
            let path = row["connection"]["laddr"].as_str();
            let theirs = name
                .split(" type=")
                .next()
                .filter(|name| name.starts_with('/'));
            comparison.equal(file, path, theirs);
        }
        Some(_) => {
            let end = |end: &Value| {
                let ip = end["ip"].as_str()?;
                Some(format!("{ip}:{}", end["port"]))
            };
            let socket = &row["connection"];
            let local = end(&socket["laddr"]).unwrap();
            let ours = match end(&socket["raddr"]) {
                Some(remote) => format!("{local}->{remote}"),
                None => local,
            };
            comparison.equal(file, ours.as_str(), name);
            if let Some(state) = file.get(&'T') {
                let ours = socket["status"].as_str();
                comparison.equal(file, ours, state.strip_prefix("ST="));
            }
        }
    }
}

#[test]
fn lsof_finds_who_has_what() {
    const TEST: &str = "originals::lsof::lsof_finds_who_has_what";
    let Some(holder) = Holder::start(TEST) else {
        return;
    };
    let pid = holder.pid();
    let file = holder.path("a file");
    let fifo = holder.path("pipe");
    let directory = holder.path("");
    let directory = directory.trim_end_matches('/');
    let socket = holder.path("named");
    let link = holder.path("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let port = holder.listener.local_addr().unwrap().port();
    let internet = format!("tcp:{port}");
    let host = format!("4tcp@127.0.0.1:{port}");
    let mut comparison = Comparison::of("lsof");
    for options in [
        &["-t", &file][..],
        &["-t", &fifo],
        &["-t", &socket],
        &["-t", &link],
        &["-t", &format!("{directory}/./a file")],
        &["-t", "+D", directory],
        &["-t", "+d", directory],
        &["-t", "-i", &internet],
        &["-t", "-i", &host, "-s", "tcp:LISTEN"],
        &["-t", "-i", &host, "-s", "TCP:ESTABLISHED"],
        &["-t", "-a", "-p", &pid, "-U"],
        &["-t", "-a", "-p", &pid, "+L1"],
        &["-t", "-a", "-p", &pid, "-d", "3"],
        &["-t", "-a", "-c", "bash", "-i", &internet],
        &["-t", "-a", "-c", "/^b.sh$/", "-d", "cwd", directory],
        &["-t", "-a", "-p", &pid, "-u", "^nobody"],
    ] {
        let words: Vec<&str> = ["-w", "-n", "-P"].iter().chain(options).copied().collect();
        let Some(theirs) = original(TEST, "lsof", &words) else {
            return;
        };
        let ours = answer(["lsof"].iter().chain(&words));
        let numbers = |told: &str| -> BTreeSet<u32> {
            told.lines()
                .map(|line| line.trim().parse().unwrap())
                .collect()
        };
        comparison.equal(options, numbers(&ours), numbers(&theirs));
    }
    // Nobody: the same silence and status.
    let nobody = holder.path("nobody has this");
    std::fs::write(&nobody, "").unwrap();
    let status = |program: &mut Command| program.args(["-w", "-t", &nobody]).status();
    let ours = status(crate::program::pslens(["lsof"]).stdout(std::process::Stdio::null()));
    let theirs = status(Command::new("lsof").stdout(std::process::Stdio::null()));
    comparison.equal("status", ours.unwrap().code(), theirs.unwrap().code());
    comparison.finish();
}
