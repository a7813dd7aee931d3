//! Processes: which there are, what the table of all of them and a handle tell, scans.
//!
//! wine 8 counts neither context switches, page faults nor what a process reads and writes; its
//! `GetProcessTimes` tells the caller's times of every process, its `GetProcessHandleCount` 0, and its table no
//! private bytes. The processes that Windows always has (0 and 4) are not in its table.

use std::collections::HashSet;
use std::time::{Duration, Instant, SystemTime};

use pslens::process::{self, Attribute, AttributeSet, Cache, Field, PercentSampler, Pid, Status};
use pslens::{ErrorKind, Process};

use crate::child::Child;
use crate::evidence::{called, without_data};

/// What only the table has, and what it has as well.
const IN_TABLE: AttributeSet = AttributeSet::of(&[
    Attribute::CpuTimes,
    Attribute::CreateTime,
    Attribute::IoCounters,
    Attribute::MemoryInfo,
    Attribute::MemoryInfoEx,
    Attribute::Name,
    Attribute::NumCtxSwitches,
    Attribute::NumHandles,
    Attribute::NumThreads,
    Attribute::PageFaults,
    Attribute::Ppid,
    Attribute::Status,
    Attribute::Threads,
]);

fn me() -> Process {
    Process::current().unwrap()
}

fn my_pid() -> Pid {
    Pid::from(std::process::id())
}

/// Asks until the answer is right.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn children_are_listed_while_they_live() {
    let mut child = Child::waiting();
    let pid = Pid::from(child.pid());
    let pids = process::pids().unwrap();
    assert!(pids.contains(&my_pid()) && pids.contains(&pid));
    assert!(pids.is_sorted_by(|a, b| a < b), "{pids:?}");
    assert!(process::pid_exists(pid).unwrap());
    let all: Vec<_> = process::all().unwrap().map(Result::unwrap).collect();
    assert!(all.contains(&me()) && all.contains(&child.process()));
    child.end();
    // Its handle is still open.
    assert!(!process::pids().unwrap().contains(&pid));
    assert!(!process::pid_exists(pid).unwrap());
    assert!(process::all().unwrap().all(|of| of.unwrap().pid() != pid));
    called("process::pids");
    called("process::pid_exists");
    called("process::all");
}

#[test]
fn the_numbers_above_a_process_and_of_its_threads_are_nobodys() {
    let child = Child::waiting();
    let threads = child.process().threads().unwrap();
    let above = (1..4).map(|more| child.pid() + more);
    for number in above.chain(threads.iter().map(|thread| thread.id)) {
        assert!(!process::pid_exists(number.into()).unwrap(), "{number}");
        let error = Process::new(number).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSuchProcess, "{number}");
    }
}

#[test]
fn a_child_has_a_parent_a_name_and_a_beginning() {
    let before = SystemTime::now();
    let child = Child::waiting();
    let after = SystemTime::now();
    let process = child.process();
    assert_eq!(process.ppid().unwrap(), my_pid());
    assert_eq!(process.parent().unwrap(), Some(me()));
    assert_eq!(process.parents().unwrap().first(), Some(&me()));
    assert!(me().children().unwrap().contains(&process));
    assert!(me().children_recursive().unwrap().contains(&process));
    let program = std::env::current_exe().unwrap();
    assert_eq!(process.name().unwrap(), program.file_name().unwrap());
    // The clock that stamps processes may be behind by one of its ticks.
    let tick = Duration::from_millis(20);
    let created = process.create_time().unwrap();
    assert!(
        before - tick <= created && created <= after + tick,
        "{created:?}"
    );
    for path in [
        "ppid",
        "parent",
        "parents",
        "children",
        "children_recursive",
        "name",
        "create_time",
    ] {
        called(&format!("Process::{path}"));
    }
    called("Process");
    called("Process::pid");
}

#[test]
fn memory_is_counted() {
    let process = me();
    let memory = process.memory_info().unwrap();
    assert!(memory.rss > 1 << 20 && memory.vms > 1 << 20, "{memory:?}");
    let block = vec![1_u8; 64 << 20];
    let grown = process.memory_info().unwrap();
    assert!(grown.rss > memory.rss + (32 << 20), "{memory:?} {grown:?}");
    assert!(grown.vms > memory.vms + (32 << 20), "{memory:?} {grown:?}");
    let percent = process.memory_percent().unwrap();
    assert!(percent > 0.0 && percent < 100.0, "{percent}");
    drop(block);
    let ex = process.memory_info_ex().unwrap();
    assert!(ex.peak_rss.unwrap() > 64 << 20, "{ex:?}");
    // wine knows no peak of it.
    assert!(ex.peak_vms.unwrap() >= ex.info.vms, "{ex:?}");
    assert!(ex.virtual_size.unwrap() >= ex.info.vms, "{ex:?}");
    assert!(ex.peak_virtual_size.unwrap() >= ex.virtual_size.unwrap());
    for path in ["memory_info", "memory_info_ex", "memory_percent"] {
        called(&format!("Process::{path}"));
    }
}

const HELPERS: u32 = 5;

#[test]
#[ignore = "the part of a child"]
fn has_threads() {
    for _ in 0..HELPERS {
        std::thread::spawn(|| {
            loop {
                std::thread::park();
            }
        });
    }
    crate::child::wait_for_the_end();
}

#[test]
fn threads_are_counted_and_told_apart() {
    let child = Child::waiting();
    let process = child.process();
    let threads = process.threads().unwrap();
    assert!(!threads.is_empty());
    assert!(threads.is_sorted_by_key(|thread| thread.id));
    let ids: HashSet<_> = threads.iter().map(|thread| thread.id).collect();
    assert_eq!(ids.len(), threads.len());
    assert_eq!(process.num_threads().unwrap() as usize, threads.len());

    let crowd = Child::start("process::has_threads");
    let more = crowd.process();
    assert!(more.num_threads().unwrap() > HELPERS);
    assert!(more.threads().unwrap().len() > HELPERS as usize);
    called("Process::threads");
    called("Process::num_threads");
}

#[test]
fn work_takes_time() {
    let busy = Child::start("process::works");
    let process = busy.process();
    // From the table: see above.
    let times = || {
        let wanted = AttributeSet::of(&[Attribute::CpuTimes, Attribute::NumThreads]);
        let info = process.info(wanted).unwrap();
        info.cpu_times.into_value().unwrap()
    };
    let before = times();
    eventually("a child that works uses time", || {
        times().total() > before.total() + Duration::from_millis(50)
    });
    assert_eq!((before.children_user, before.iowait), (None, None));
    let threads = process.threads().unwrap();
    let sum: Duration = threads.iter().map(|t| t.user_time + t.system_time).sum();
    assert!(sum > Duration::ZERO, "{threads:?}");

    let mut sampler = PercentSampler::new(process.clone());
    assert_eq!(sampler.percent().unwrap(), None);
    assert!(
        sampler
            .percent()
            .unwrap()
            .is_some_and(|percent| percent >= 0.0)
    );
    assert!(process.cpu_percent(Duration::from_millis(1)).unwrap() >= 0.0);
    assert!(process.cpu_times().unwrap().total() > Duration::ZERO);
    called("Process::cpu_times");
    called("Process::cpu_percent");
}

#[test]
#[ignore = "the part of a child"]
fn works() {
    std::thread::spawn(|| {
        loop {
            std::hint::spin_loop();
        }
    });
    crate::child::wait_for_the_end();
}

#[test]
fn what_is_counted_elsewhere_only() {
    let process = me();
    let io = process.io_counters().unwrap();
    assert!(io.read_bytes.is_some() && io.write_bytes.is_some());
    assert!(io.other_count.is_some() && io.read_chars.is_none());
    assert_eq!(process.num_ctx_switches().unwrap().involuntary, None);
    process.page_faults().unwrap();
    process.num_handles().unwrap();
    without_data("Process::io_counters", "wine counts no input and output");
    without_data(
        "Process::num_ctx_switches",
        "wine counts no context switches",
    );
    without_data("Process::page_faults", "wine counts no page faults");
    without_data(
        "Process::num_handles",
        "wine's GetProcessHandleCount says 0, its table how many there is room for",
    );
}

#[test]
fn what_windows_does_not_have_is_unsupported() {
    let process = me();
    for error in [
        process.uids().map(drop).unwrap_err(),
        process.gids().map(drop).unwrap_err(),
        process.terminal().map(drop).unwrap_err(),
        process.num_fds().map(drop).unwrap_err(),
        process.cpu_num().map(drop).unwrap_err(),
    ] {
        assert!(error.is_unsupported(), "{error}");
        assert_eq!(error.pid(), Some(my_pid()));
    }
}

/// A set with something that only the table has is answered from the table, one without from a handle.
#[test]
fn both_sources_tell_the_same() {
    let child = Child::waiting();
    for process in [me(), child.process()] {
        let wanted = AttributeSet::of(&[Attribute::Name, Attribute::Ppid, Attribute::CreateTime]);
        let handle = process.info(wanted).unwrap();
        let table = process.info(wanted.with(Attribute::NumThreads)).unwrap();
        assert_eq!(handle.name.value().unwrap(), table.name.value().unwrap());
        assert_eq!(handle.ppid.value(), table.ppid.value());
        assert_eq!(handle.create_time.value(), table.create_time.value());
        assert!(table.num_threads.value().is_some());
        let mut look = process.oneshot().unwrap();
        assert_eq!(look.name().unwrap(), *table.name.value().unwrap());
        assert!(look.num_threads().unwrap() > 0);
        assert_eq!(look.ppid().unwrap(), *table.ppid.value().unwrap());
        assert_eq!(
            look.create_time().unwrap(),
            *table.create_time.value().unwrap()
        );
    }
    called("Process::info");
    called("Process::oneshot");
}

#[test]
fn a_scan_has_everybody_with_everything() {
    let child = Child::waiting();
    let mut seen = HashSet::new();
    for info in process::all_with(IN_TABLE).unwrap() {
        let info = info.unwrap();
        assert!(seen.insert(info.pid()));
        // wine shows processes that are just being made, without a name: those of the other tests.
        assert!(
            info.name.value().is_none_or(|name| !name.is_empty()),
            "{info:?}"
        );
        assert!(info.ppid.value().is_some() && info.cpu_times.value().is_some());
        assert!(info.memory_info_ex.value().is_some() && info.status.value().is_some());
        let threads = info.threads.value().map(Vec::len);
        assert_eq!(
            info.num_threads.value().map(|&count| count as usize),
            threads
        );
        if info.pid().as_u32() == child.pid() {
            assert_eq!(info.process, child.process());
            assert_eq!(info.name.value(), Some(&child.process().name().unwrap()));
            assert_eq!(info.ppid.value(), Some(&my_pid()));
            assert!(matches!(info.cmdline, Field::NotAsked));
        }
    }
    assert!(seen.contains(&my_pid()) && seen.contains(&child.pid().into()));
}

/// Whatever a process is, whatever refuses: nothing fails but with a reason.
#[test]
fn everything_can_be_asked_of_everybody() {
    let mut count = 0;
    for info in process::all_with(AttributeSet::ALL).unwrap() {
        let info = info.unwrap();
        let text = format!("{info:?}");
        assert!(!text.contains("Failed("), "{text}");
        count += 1;
    }
    assert!(count > 1);
    let mine = me().info(AttributeSet::ALL).unwrap();
    assert!(!format!("{mine:?}").contains("Denied"), "{mine:?}");
}

#[test]
fn a_cache_knows_processes_again() {
    let mut child = Child::waiting();
    let pid = Pid::from(child.pid());
    let wanted = AttributeSet::of(&[Attribute::CpuPercent]);
    let mut cache = Cache::new();
    for round in 0..3 {
        if round == 2 {
            child.end();
        }
        let infos: Vec<_> = cache.scan(wanted).unwrap().map(Result::unwrap).collect();
        let mine = infos.iter().find(|info| info.pid() == my_pid()).unwrap();
        let percent = mine.cpu_percent.value().unwrap();
        assert_eq!(percent.is_some(), round > 0);
        assert!(matches!(mine.cpu_times, Field::NotAsked));
        assert_eq!(cache.get(my_pid()), Some(&me()));
        assert_eq!(cache.get(pid).is_some(), round < 2);
    }
    cache.clear();
    assert_eq!(cache.get(my_pid()), None);
    called("process::Cache::clear");
}

#[test]
fn a_suspended_process_is_stopped() {
    let child = Child::waiting();
    let process = child.process();
    assert_eq!(process.status().unwrap(), Status::Running);
    process.suspend().unwrap();
    let suspended = process.status().unwrap();
    process.resume().unwrap();
    assert_eq!(process.status().unwrap(), Status::Running);
    if suspended == Status::Stopped {
        called("Process::status");
    } else {
        without_data(
            "Process::status",
            "wine tells no thread that is suspended from others",
        );
    }
}
