//! `cargo xtask capture DIR`: this machine's /proc and /sys as a fixture, without what is private.
//!
//! Of processes it takes pid 1, the kernel's `kthreadd`, and children made for the purpose: one with a
//! hostile name, one with threads and sockets, one whose program is deleted, a zombie. Nobody's command
//! lines, environments, paths or addresses get into a fixture that way.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::step::Outcome;

/// Where the children and their files are: part of what is captured, so always the same.
const STAGE: &str = "/tmp/pslens-capture";

/// The hostile name; the kernel keeps 15 bytes of it.
const ODD: &[u8] = b"odd) R 1\n(\xff x";

const SYSTEM: &[&str] = &[
    "cpuinfo",
    "diskstats",
    "filesystems",
    "loadavg",
    "meminfo",
    "net/dev",
    "net/tcp",
    "net/tcp6",
    "net/udp",
    "net/udp6",
    "net/unix",
    "partitions",
    "self/mountinfo",
    "self/mounts",
    "stat",
    "tty/drivers",
    "uptime",
    "vmstat",
    "zoneinfo",
];

const PROCESS: &[&str] = &[
    "cgroup",
    "cmdline",
    "comm",
    "environ",
    "io",
    "limits",
    "maps",
    "smaps",
    "smaps_rollup",
    "stat",
    "statm",
    "status",
];

/// What is taken of a thread; the kernel has the other files too, and they are the process's.
const THREAD: &[&str] = &["comm", "stat", "statm", "status"];

/// What is taken of sysfs: folders (one level below, links followed), and the names of their files.
const SYSFS: &[(&str, &str, &[&str])] = &[
    ("block", "", &["stat", "size"]),
    ("class/block", "", &["dev", "uevent"]),
    (
        "devices/system/cpu",
        "topology",
        &["core_cpus_list", "thread_siblings_list"],
    ),
    (
        "devices/system/cpu/cpufreq",
        "",
        &[
            "affected_cpus",
            "related_cpus",
            "scaling_cur_freq",
            "scaling_min_freq",
            "scaling_max_freq",
        ],
    ),
    (
        "class/thermal",
        "",
        &[
            "type",
            "temp",
            "trip_point_0_type",
            "trip_point_0_temp",
            "trip_point_1_type",
            "trip_point_1_temp",
        ],
    ),
    (
        "class/power_supply",
        "",
        &[
            "type",
            "status",
            "scope",
            "online",
            "capacity",
            "energy_now",
            "energy_full",
            "power_now",
            "charge_now",
            "charge_full",
            "current_now",
            "voltage_now",
        ],
    ),
];

pub(crate) fn run(args: &[String]) -> Outcome {
    let result = match args {
        [child] if child == "--child" => be_captured(),
        [folder] if !folder.starts_with('-') => capture(Path::new(folder)),
        _ => return Err("accepted: one folder, which must not exist".into()),
    };
    result.map_err(|error| error.to_string())
}

/// The children's part: have something to show, then wait until the parent closes our input.
fn be_captured() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    let accepted = listener.accept()?;
    let unix = UnixListener::bind(format!("{STAGE}/socket of {}", std::process::id()))?;
    let mut log = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(format!("{STAGE}/a log"))?;
    log.write_all(b"five\n")?;
    for name in ["worker", "x) R 1 (y"] {
        let builder = std::thread::Builder::new().name(name.into());
        builder.spawn(std::thread::park)?;
    }
    io::stdout().write_all(b"ready\n")?;
    io::stdin().read_to_end(&mut Vec::new())?;
    drop((listener, client, accepted, unix, log));
    Ok(())
}

/// A fixture that is being written.
struct Fixture {
    folder: PathBuf,
    links: Vec<String>,
}

fn capture(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    fs::create_dir(STAGE)?;
    let outcome = stage(folder);
    let cleaned = fs::remove_dir_all(STAGE);
    outcome.and(cleaned)
}

fn stage(folder: &Path) -> io::Result<()> {
    let mut children = Vec::new();
    for name in [
        OsStr::from_bytes(ODD),
        OsStr::new("threads and sockets"),
        OsStr::new("deleted"),
    ] {
        let program = Path::new(STAGE).join(name);
        fs::copy("/proc/self/exe", &program)?;
        let mut command = Command::new(&program);
        command.args(["capture", "--child"]);
        children.push(start(command)?);
        if name == "deleted" {
            fs::remove_file(&program)?;
        }
    }
    // Only its parent can reap it, and that is busy.
    let zombie = start(Command::new("true"))?;
    let mut fixture = Fixture {
        folder: folder.to_owned(),
        links: Vec::new(),
    };
    for child in &mut children {
        let mut ready = [0; 6];
        if let Some(output) = &mut child.stdout {
            output.read_exact(&mut ready)?;
        }
    }
    let written = fixture.write(&children, zombie.id());
    for mut child in children.into_iter().chain([zombie]) {
        drop(child.stdin.take());
        child.wait()?;
    }
    written
}

fn start(mut command: Command) -> io::Result<Child> {
    let odd = OsString::from_vec(b"\xff\xfe=x\ny".to_vec());
    command
        .arg0("a name\nof its own")
        .env_clear()
        .env("HOME", "/root")
        .env("PATH", "/usr/bin:/bin")
        .env("EMPTY", "")
        .env("BYTES", odd)
        .current_dir(STAGE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

impl Fixture {
    fn write(&mut self, children: &[Child], zombie: u32) -> io::Result<()> {
        for name in SYSTEM {
            if let Ok(bytes) = fs::read(Path::new("/proc").join(name)) {
                self.put(&format!("proc/{name}"), &private(name, bytes))?;
            }
        }
        let release = fs::read_to_string("/proc/sys/kernel/osrelease")?;
        // "6.18.44-cloud-amd64" says who built it.
        let kernel = release.trim().split('-').next().unwrap_or_default();
        self.put(
            "proc/version",
            format!("Linux version {kernel} (build@host)\n").as_bytes(),
        )?;
        self.links.push("proc/mounts\tself/mounts".into());
        self.init()?;
        self.process(2)?;
        self.process(zombie)?;
        for child in children {
            self.process(child.id())?;
        }
        for (group, below, names) in SYSFS {
            self.sysfs(group, below, names)?;
        }
        for name in ["online", "offline", "possible", "present"] {
            self.sysfs_file(&format!("devices/system/cpu/{name}"))?;
        }
        self.hwmon()?;
        self.links.sort();
        let mut text = self.links.join("\n");
        text.push('\n');
        self.put("links.txt", text.as_bytes())?;
        let name = self
            .folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let readme = format!(
            "# {name}\n\nCaptured by `cargo xtask capture` on a machine that runs Linux {kernel}. Addresses, mount\n\
             points, socket names and the name of pid 1 are replaced; the processes are pid 1, `kthreadd` and\n\
             children that the capture started. Do not edit: capture again.\n"
        );
        self.put("README.md", readme.as_bytes())
    }

    fn put(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let file = self.folder.join(path);
        fs::create_dir_all(file.parent().unwrap_or(&self.folder))?;
        fs::write(file, bytes)
    }

    /// Pid 1 keeps its numbers; its name says which distribution or sandbox this is.
    fn init(&mut self) -> io::Result<()> {
        let comm = fs::read("/proc/1/comm")?;
        let comm = comm.trim_ascii_end();
        for name in ["stat", "statm", "status"] {
            let bytes = fs::read(format!("/proc/1/{name}"))?;
            for base in ["proc/1", "proc/1/task/1"] {
                self.put(
                    &format!("{base}/{name}"),
                    &replaced_once(&bytes, comm, b"init"),
                )?;
            }
        }
        self.put("proc/1/comm", b"init\n")?;
        self.put("proc/1/cmdline", b"/sbin/init\0")?;
        self.links.push("proc/1/exe\t/sbin/init".into());
        self.links.push("proc/1/cwd\t/".into());
        self.links.push("proc/1/fd/".into());
        Ok(())
    }

    fn process(&mut self, pid: u32) -> io::Result<()> {
        let base = format!("proc/{pid}");
        self.task(&base, PROCESS)?;
        for entry in fs::read_dir(format!("/{base}/task"))? {
            let thread = entry?.file_name();
            self.task(&format!("{base}/task/{}", thread.display()), THREAD)?;
        }
        for link in ["exe", "cwd", "root"] {
            self.link(&format!("{base}/{link}"));
        }
        let mut any = false;
        for entry in fs::read_dir(format!("/{base}/fd")).into_iter().flatten() {
            let fd = entry?.file_name();
            let fd = fd.display();
            // Children have ten of their own at most; higher ones come from whoever started us.
            if fd.to_string().len() > 1 {
                continue;
            }
            self.link(&format!("{base}/fd/{fd}"));
            let info = fs::read(format!("/{base}/fdinfo/{fd}"))?;
            self.put(&format!("{base}/fdinfo/{fd}"), &info)?;
            any = true;
        }
        if !any {
            self.links.push(format!("{base}/fd/"));
        }
        Ok(())
    }

    fn task(&self, base: &str, names: &[&str]) -> io::Result<()> {
        for name in names {
            // Some have no memory, and not every kernel has every file.
            if let Ok(bytes) = fs::read(format!("/{base}/{name}")) {
                self.put(&format!("{base}/{name}"), &private(name, bytes))?;
            }
        }
        Ok(())
    }

    fn link(&mut self, path: &str) {
        if let Ok(target) = fs::read_link(format!("/{path}")) {
            let target = escaped(target.as_os_str().as_bytes());
            self.links.push(format!("{path}\t{target}"));
        }
    }

    fn sysfs(&self, group: &str, below: &str, names: &[&str]) -> io::Result<()> {
        for entry in fs::read_dir(format!("/sys/{group}")).into_iter().flatten() {
            let member = entry?.file_name();
            for name in names {
                let path = Path::new(group).join(&member).join(below).join(name);
                self.sysfs_file(&path.to_string_lossy())?;
            }
        }
        Ok(())
    }

    fn hwmon(&self) -> io::Result<()> {
        for chip in fs::read_dir("/sys/class/hwmon").into_iter().flatten() {
            let chip = chip?;
            for file in fs::read_dir(chip.path())? {
                let file = file?.file_name();
                let name = file.to_string_lossy();
                if name == "name" || name.starts_with("temp") || name.starts_with("fan") {
                    let chip = chip.file_name();
                    self.sysfs_file(&format!("class/hwmon/{}/{name}", chip.display()))?;
                }
            }
        }
        Ok(())
    }

    fn sysfs_file(&self, path: &str) -> io::Result<()> {
        // Attributes may refuse to be read, and a fixture has no way to say so.
        match fs::read(Path::new("/sys").join(path)) {
            Ok(bytes) => self.put(&format!("sys/{path}"), &bytes),
            Err(_) => Ok(()),
        }
    }
}

/// Printable ASCII stays; everything else, the blank and the backslash are `\xNN`.
fn escaped(target: &[u8]) -> String {
    let mut text = String::new();
    for &byte in target {
        if byte.is_ascii_graphic() && byte != b'\\' {
            text.push(char::from(byte));
        } else {
            text += &format!("\\x{byte:02x}");
        }
    }
    text
}

fn replaced_once(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = bytes.windows(old.len().max(1)).position(|part| part == old);
    match at {
        Some(at) => [&bytes[..at], new, &bytes[at + old.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

/// Replaces what could tell who or where this machine is.
fn private(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    match name {
        "net/tcp" | "net/udp" | "net/tcp6" | "net/udp6" => by_line(&bytes, addresses),
        "net/unix" => by_line(&bytes, socket_path),
        "self/mounts" => by_line(&bytes, |line| mount(line, 1)),
        "self/mountinfo" => by_line(&bytes, |line| mount(line, 4)),
        "cgroup" => by_line(&bytes, cgroup),
        _ => bytes,
    }
}

fn by_line(bytes: &[u8], change: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().filter_map(change);
    lines
        .map(|line| line + "\n")
        .collect::<String>()
        .into_bytes()
}

/// `0100007F:1F90` keeps loopback and unspecified addresses; others become 192.0.2.1 and 2001:db8::1.
fn addresses(line: &str) -> Option<String> {
    let mut line = line.to_owned();
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    for word in words.iter().skip(1).take(2) {
        let Some((address, port)) = word.split_once(':') else {
            continue;
        };
        let known = address.ends_with("7F") || address.chars().all(|c| c == '0');
        let loopback6 = address == "00000000000000000000000001000000";
        if !known && !loopback6 && address.chars().all(|c| c.is_ascii_hexdigit()) {
            let new = if address.len() == 8 {
                "010200C0"
            } else {
                "B80D0120000000000000000001000000"
            };
            line = line.replacen(word.as_str(), &format!("{new}:{port}"), 1);
        }
    }
    Some(line)
}

fn socket_path(line: &str) -> Option<String> {
    let Some(at) = line.find(['/', '@']) else {
        return Some(line.to_owned());
    };
    let (row, path) = line.split_at_checked(at)?;
    if path.starts_with(STAGE) {
        return Some(line.to_owned());
    }
    let mark = if path.starts_with('@') { "@" } else { "" };
    let inode = row.split_whitespace().last().unwrap_or_default();
    Some(format!("{row}{mark}/run/socket-{inode}"))
}

/// Keeps the mounts that every system has, with options that say nothing.
fn mount(line: &str, point: usize) -> Option<String> {
    let word = line.split(' ').nth(point)?;
    let usual = [
        "/", "/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/run", "/tmp",
    ];
    if !usual.contains(&word) && !word.starts_with("/sys/fs/cgroup") {
        return None;
    }
    // The last options of either file are the file system's own.
    let (known, _) = line.rsplit_once(if point == 1 { " rw," } else { " rw" })?;
    let zeros = if point == 1 { " 0 0" } else { "" };
    Some(format!("{known} rw{zeros}"))
}

fn cgroup(line: &str) -> Option<String> {
    let (controllers, _) = line.rsplit_once(':')?;
    Some(format!("{controllers}:/capture"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_things_do_not_get_into_a_fixture() {
        let check = |name: &str, before: &str, after: &str| {
            let got = private(name, before.as_bytes().to_vec());
            assert_eq!(String::from_utf8_lossy(&got), after);
        };
        check(
            "net/tcp",
            "  0: 0100007F:0016 0A0B0C0D:0050 01 1\n",
            "  0: 0100007F:0016 010200C0:0050 01 1\n",
        );
        check(
            "net/unix",
            "0: 2 0 0 0001 01 77 /home/user/secret\n0: 2 0 0 0001 01 78\n",
            "0: 2 0 0 0001 01 77 /run/socket-77\n0: 2 0 0 0001 01 78\n",
        );
        check(
            "self/mounts",
            "/dev/vda / ext4 rw,relatime,secret 0 0\nx /home/user nfs rw,x 0 0\n",
            "/dev/vda / ext4 rw 0 0\n",
        );
        check("cgroup", "0::/user/secret\n", "0::/capture\n");
    }

    #[test]
    fn targets_are_escaped() {
        assert_eq!(escaped(b"/a b\\\n\xff"), "/a\\x20b\\x5c\\x0a\\xff");
        assert_eq!(
            replaced_once(b"1 (old) old", b"old", b"new"),
            b"1 (new) old"
        );
    }
}
