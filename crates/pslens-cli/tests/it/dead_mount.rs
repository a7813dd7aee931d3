//! A file system whose server never answers: a FUSE mount that nobody serves, in a mount namespace of
//! its own, which the test enters by starting itself once more through `unshare`.

use std::ffi::{CString, OsStr};
use std::fs;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use crate::program::{pslens, skip, stderr, stdout};

const NAME: &str = "dead_mount::df_shows_the_others_and_notes_the_one_that_does_not_answer";
const INSIDE: &str = "PSLENS_TEST_DEAD_MOUNT";

/// Much longer than anything here takes, much shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn df_shows_the_others_and_notes_the_one_that_does_not_answer() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    if !rustix::process::geteuid().is_root() {
        return skip(NAME, "only root may mount");
    }
    if fs::File::open("/dev/fuse").is_err() {
        return skip(NAME, "no /dev/fuse");
    }
    let unshare = |program: &Path| {
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--propagation", "private"])
            .arg(program);
        command
    };
    let tried = unshare(Path::new("true")).status();
    if !tried.is_ok_and(|status| status.success()) {
        return skip(NAME, "no mount namespaces, or no unshare");
    }
    let mut inside = unshare(&std::env::current_exe().unwrap());
    inside
        .args(["--exact", NAME, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1");
    let output = within(6 * PATIENCE, &mut inside);
    let said = format!("{}{}", stdout(&output), stderr(&output));
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

/// Runs the program; one that hangs is killed and fails the test.
fn within(deadline: Duration, command: &mut Command) -> Output {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    // The answers are shorter than a pipe.
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > deadline {
            child.kill().unwrap();
            panic!("{command:?} hangs");
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

fn inside() {
    let directory = tempfile::tempdir().unwrap();
    let dead = directory.path().join("dead");
    fs::create_dir(&dead).unwrap();
    let mount_dead = |source: &Path, fstype: &str, more: &str| {
        // Whoever holds this descriptor is the server. It reads no request, not even the first.
        let mut options = fs::File::options();
        let server = options.read(true).write(true).open("/dev/fuse").unwrap();
        let fd = server.as_raw_fd();
        let options = format!("fd={fd},rootmode=40000,user_id=0,group_id=0{more}");
        let options = CString::new(options).unwrap();
        mount(
            source,
            &dead,
            fstype,
            MountFlags::empty(),
            options.as_c_str(),
        )
        .map(|()| server)
    };
    let unmount_dead = |server: fs::File| {
        // To unmount is a request too: nobody waits for a server that is gone.
        drop(server);
        unmount(&dead, UnmountFlags::DETACH).unwrap();
    };

    // On no disk: `df` leaves it alone unless it is asked for it.
    let server = mount_dead(Path::new("nobody"), "fuse.dead", "").unwrap();
    let others = df(&["--no-header"]);
    assert_eq!(others.status.code(), Some(0), "{}", stderr(&others));
    assert!(!stdout(&others).contains("fuse.dead"));
    let all = expect_late(&["-a"], &dead, "nobody fuse.dead");
    assert!(all.contains(" proc "), "{all}");
    let named = [dead.as_os_str(), OsStr::new("/proc")];
    let both = expect_late(&named, &dead, "nobody fuse.dead");
    assert_eq!(both.lines().count(), 3, "{both}");
    assert!(both.contains(" proc "), "{both}");
    lsof_lists_what_is_there(&dead);
    unmount_dead(server);

    // On a disk.
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(1 << 20).unwrap();
    let attached = Command::new("losetup")
        .args(["--find", "--show"])
        .arg(file.path())
        .output();
    let Some(attached) = attached.ok().filter(|output| output.status.success()) else {
        return skip(NAME, "no loop devices, so `df -a` only");
    };
    let device = stdout(&attached).trim().to_owned();
    let server = mount_dead(Path::new(&device), "fuseblk", ",blksize=512");
    // As soon as nobody uses it, whatever becomes of this test.
    let detached = Command::new("losetup").args(["-d", &device]).status();
    assert!(detached.unwrap().success());
    let Ok(server) = server else {
        return skip(NAME, "no fuseblk, so `df -a` only");
    };
    let row = format!("{device} fuseblk");
    let disks = expect_late::<&str>(&[], &dead, &row);
    assert_eq!(
        disks.lines().count(),
        1 + 1 + stdout(&others).lines().count(),
        "{disks}"
    );
    expect_late(&["-a"], &dead, &row);
    let json = df(&["--json"]);
    assert_eq!(json.status.code(), Some(4));
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&json.stdout).unwrap();
    let row = rows.iter().find(|row| row["fstype"] == "fuseblk").unwrap();
    assert!(row["total"].is_null() && row["percent"].is_null(), "{row}");
    unmount_dead(server);
}

/// Somebody has the directory open. Nobody can ask it anything, and nobody has to.
fn lsof_lists_what_is_there(dead: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::PATH.bits().cast_signed();
    let held = fs::File::options()
        .read(true)
        .custom_flags(flags)
        .open(dead);
    let held = held.unwrap();
    let pid = std::process::id().to_string();
    let path = dead.to_str().unwrap();
    let lsof = |args: &[&str]| {
        let mut command = pslens(["lsof", "-w", "--csv", "--columns", "pid,fd,size,path"]);
        within(PATIENCE, command.args(args))
    };
    let told = stdout(&lsof(&["-p", &pid]));
    let row = format!("{pid},{}r,,{path}", held.as_raw_fd());
    assert!(told.lines().any(|line| line == row), "{row}: {told}");
    // Not for longer than that: other programs that look at this descriptor hang.
    drop(held);
    let output = lsof(&[path]);
    assert_eq!(output.status.code(), Some(1));
    let note = format!("pslens: lsof: '{path}' did not answer within 2s; looked for by its name\n");
    assert_eq!(stderr(&output), note);
}

fn df<S: AsRef<OsStr>>(args: &[S]) -> Output {
    let mut command = pslens(["df", "--timeout", "0.3"]);
    within(PATIENCE, command.args(args))
}

/// `df` says of the dead mount, and of nothing else, that it did not answer, and shows it without
/// sizes; returns the table.
fn expect_late<S: AsRef<OsStr>>(args: &[S], dead: &Path, row: &str) -> String {
    let output = df(args);
    let (table, notes) = (stdout(&output), stderr(&output));
    let place = dead.display();
    assert_eq!(output.status.code(), Some(4), "{table}{notes}");
    assert_eq!(
        notes,
        format!("pslens: df: '{place}' did not answer within 300ms\n")
    );
    let line = table
        .lines()
        .find(|line| line.ends_with(&format!(" {place}")));
    let words: Vec<&str> = line.unwrap().split_whitespace().collect();
    let expect = format!("{row} - - - - {place}");
    assert_eq!(words, expect.split(' ').collect::<Vec<_>>());
    table
}
