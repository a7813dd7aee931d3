//! A file system whose server never answers: a FUSE mount that nobody serves.
//!
//! In a mount namespace of its own, so that nobody else can run into it: the test starts itself once
//! more through `unshare`.

use std::fs;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use pslens::ErrorKind;
use pslens::disk::{partitions_all, usage_within};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use crate::skip;

const NAME: &str = "stuck_mount::usage_keeps_its_deadline_on_a_file_system_that_does_not_answer";
const INSIDE: &str = "PSLENS_TEST_STUCK_MOUNT";

/// Much longer than anything here takes, much shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn usage_keeps_its_deadline_on_a_file_system_that_does_not_answer() {
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
    if !unshare(Path::new("true"))
        .status()
        .is_ok_and(|status| status.success())
    {
        return skip(NAME, "no mount namespaces, or no unshare");
    }
    let output = unshare(&std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

/// Threads of this process that wait for a file system.
fn waiting_threads() -> usize {
    fs::read_dir("/proc/self/task")
        .unwrap()
        .flatten()
        .filter(|task| {
            fs::read(task.path().join("comm")).is_ok_and(|name| name == b"pslens-statvfs\n")
        })
        .count()
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Asks and expects no answer; neither too early nor much too late.
fn expect_timeout(path: &Path, deadline: Duration) {
    let start = Instant::now();
    let error = usage_within(path, deadline).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
    assert_eq!(error.path(), Some(path));
    assert!(start.elapsed() >= deadline);
    assert!(start.elapsed() < PATIENCE);
}

fn inside() {
    let directory = tempfile::tempdir().unwrap();
    let stuck = directory.path().join("stuck");
    let link = directory.path().join("link");
    fs::create_dir(&stuck).unwrap();
    std::os::unix::fs::symlink(stuck.join("deep/inside"), &link).unwrap();

    // Whoever holds this descriptor is the server. It reads no request, not even the first.
    let server = fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/fuse")
        .unwrap();
    let options = format!(
        "fd={},rootmode=40000,user_id=0,group_id=0",
        server.as_raw_fd()
    );
    let options = std::ffi::CString::new(options).unwrap();
    mount(
        "nobody",
        &stuck,
        "fuse.stuck",
        MountFlags::empty(),
        options.as_c_str(),
    )
    .unwrap();

    // The mount itself, a path below it, and a path that leads through it.
    let moment = Duration::from_millis(100);
    let paths: [PathBuf; 3] = [stuck.clone(), stuck.join("below"), link];
    for path in &paths {
        expect_timeout(path, moment);
    }
    assert_eq!(waiting_threads(), 3);

    // Asking again costs time, not threads; also from several threads at once.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    expect_timeout(&stuck, Duration::from_millis(2));
                }
            });
        }
    });
    assert_eq!(waiting_threads(), 3);

    // Others are not disturbed, and listing does not touch it.
    usage_within("/", PATIENCE).unwrap();
    let mounts = partitions_all().unwrap();
    assert!(
        mounts
            .iter()
            .any(|mount| mount.mountpoint == stuck && mount.fstype == "fuse.stuck")
    );

    // Not even many different paths make more than 64 threads.
    for number in 0..80 {
        expect_timeout(&stuck.join(number.to_string()), Duration::from_millis(2));
    }
    assert_eq!(waiting_threads(), 64);
    expect_timeout(Path::new("/"), moment);

    // The server dies: who waits is told at once, and no thread stays.
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let start = Instant::now();
            (usage_within(&stuck, 3 * PATIENCE), start.elapsed())
        });
        thread::sleep(moment);
        drop(server);
        let (answer, elapsed) = waiter.join().unwrap();
        let error = answer.unwrap_err();
        assert!(error.raw_os_error().is_some(), "{error}");
        assert!(elapsed < PATIENCE);
    });
    until("the threads end", || waiting_threads() == 0);
    usage_within("/", PATIENCE).unwrap();
    unmount(&stuck, UnmountFlags::DETACH).unwrap();
}
