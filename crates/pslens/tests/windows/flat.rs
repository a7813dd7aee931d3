//! A hundred thousand calls over the whole library leave nothing behind: no handle, no thread, no memory.
//!
//! In a process of its own, where no other test opens and closes what is counted.

use std::collections::HashSet;
use std::fmt::Write;
use std::hint::black_box;
use std::io::Read;
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pslens::availability::{Kind, System, TABLE};
use pslens::net::ConnectionKind;
use pslens::os::windows::{CtrlEvent, LoadSampler, PriorityClass, ProcessExt, services};
use pslens::process::{Attribute, AttributeSet, Cache, Child, PercentSampler, Signal};
use pslens::{Process, Result, cpu, disk, host, memory, net, os, process, sensors};

use crate::ffi;

/// All calls together.
const CALLS: u32 = 100_000;

/// Of each function at least so many, however slow it is: more than [`SLACK`].
const LEAST: u32 = 24;

/// What Windows itself may open and keep open, once: less than [`LEAST`].
const SLACK: usize = 12;

/// What the heap may have grown by: less than 30 bytes for each call of a cheap function.
const MEMORY: u64 = 2 << 20;

/// There always is one.
const DISK: &str = "C:\\";

/// A function of the library, ready to be called again and again.
struct Call {
    name: &'static str,
    /// True if Windows has it.
    run: Box<dyn FnMut() -> bool>,
    count: u32,
    spent: Duration,
    supported: bool,
}

impl Call {
    fn run(&mut self) {
        let start = Instant::now();
        self.supported = (self.run)();
        self.spent += start.elapsed();
        self.count += 1;
    }
}

/// The calls, one beside the other.
#[derive(Default)]
struct Calls(Vec<Call>);

impl Calls {
    /// Whatever the answer is, it is thrown away; it may well be an error.
    fn add<T>(&mut self, name: &'static str, mut call: impl FnMut() -> Result<T> + 'static) {
        let run = move || match black_box(call()) {
            Ok(answer) => {
                drop(answer);
                true
            }
            Err(error) => !error.is_unsupported(),
        };
        self.0.push(Call {
            name,
            run: Box::new(run),
            count: 0,
            spent: Duration::ZERO,
            supported: true,
        });
    }

    fn add_for<T: 'static>(
        &mut self,
        process: &Process,
        name: &'static str,
        call: fn(&Process) -> Result<T>,
    ) {
        let process = process.clone();
        self.add(name, move || call(&process));
    }
}

/// Adds functions without arguments by their paths.
macro_rules! add {
    ($calls:ident: $($path:path,)*) => { $($calls.add(stringify!($path), $path);)* };
}

/// Adds methods of a process by their names.
macro_rules! add_methods {
    ($calls:ident, $process:ident: $($method:ident,)*) => {
        $($calls.add_for($process, concat!("Process::", stringify!($method)), |p| p.$method());)*
    };
}

const MOMENT: Duration = Duration::from_millis(1);

fn system(calls: &mut Calls) {
    add! { calls:
        cpu::times, cpu::times_per_cpu, cpu::count_logical, cpu::count_cores, cpu::count_usable,
        cpu::stats, cpu::frequency, cpu::frequency_per_cpu,
        memory::virtual_memory, memory::swap_memory, memory::heap_info, memory::heap_trim,
        disk::partitions, disk::partitions_all, disk::io_counters, disk::io_counters_per_disk,
        net::io_counters, net::io_counters_per_nic, net::if_addrs, net::if_stats,
        sensors::temperatures, sensors::fans, sensors::batteries,
        host::load_average, host::boot_time, host::users,
        process::pids, process::all, Process::current,
        os::windows::services::all, os::windows::enable_debug_privilege,
    }
    calls.add("cpu::percent", || cpu::percent(MOMENT));
    calls.add("cpu::percent_per_cpu", || cpu::percent_per_cpu(MOMENT));
    calls.add("cpu::times_percent", || cpu::times_percent(MOMENT));
    calls.add("cpu::times_percent_per_cpu", || {
        cpu::times_percent_per_cpu(MOMENT)
    });
    let mut sampler = cpu::PercentSampler::new();
    calls.add("cpu::PercentSampler::percent", move || sampler.percent());
    let mut sampler = LoadSampler::new();
    calls.add("os::windows::LoadSampler::sample", move || sampler.sample());
    calls.add("disk::usage", || disk::usage(DISK));
    calls.add("disk::usage", || disk::usage("C:\\there is no such\\place"));
    calls.add("disk::usage_within", || {
        disk::usage_within(DISK, Duration::from_secs(10))
    });
    calls.add("net::connections", || net::connections(ConnectionKind::All));
    calls.add("net::connections_without_owners", || {
        net::connections_without_owners(ConnectionKind::Tcp)
    });
    calls.add("host::user_name", || host::user_name(0));
    calls.add("host::user_id", || host::user_id("nobody"));
    calls.add("os::windows::services::get", || {
        services::get("there is no such service")
    });
    let service = services::all().unwrap().pop().unwrap();
    let name = service.name.clone();
    calls.add("os::windows::services::get", move || services::get(&name));
    let again = service.clone();
    calls.add("os::windows::services::Service::state", move || {
        again.state()
    });
    let again = service.clone();
    calls.add("os::windows::services::Service::config", move || {
        again.config()
    });
    calls.add("os::windows::services::Service::description", move || {
        service.description()
    });
}

/// What a process, alive or gone, is asked.
fn process(calls: &mut Calls, process: &Process) {
    add_methods! { calls, process:
        ppid, name, exe, cmdline, environ, create_time, status, cwd, username, uids, gids, terminal,
        nice, ionice, io_counters, num_ctx_switches, num_fds, num_handles, num_threads, threads,
        cpu_times, cpu_affinity, cpu_num, memory_info, memory_info_ex, memory_footprint,
        memory_full_info, memory_percent, memory_maps, page_faults, open_files, descriptors,
        mapped_files, is_running, oneshot, children, children_recursive, parent, parents, try_wait,
        priority_class, io_priority, reset_cpu_affinity,
    }
    calls.add_for(process, "Process", |process| Process::new(process.pid()));
    calls.add_for(process, "process::pid_exists", |process| {
        process::pid_exists(process.pid())
    });
    calls.add_for(process, "Process::net_connections", |process| {
        process.net_connections(ConnectionKind::Inet)
    });
    calls.add_for(process, "Process::info", |process| {
        process.info(AttributeSet::ALL)
    });
    calls.add_for(process, "Process::cpu_percent", |process| {
        process.cpu_percent(MOMENT)
    });
    calls.add_for(process, "Process::wait_timeout", |process| {
        process.wait_timeout(Duration::ZERO)
    });
    calls.add_for(process, "Process::wait_interruptible", |process| {
        process.wait_interruptible(Some(Duration::ZERO), || ControlFlow::Continue(()))
    });
    calls.add_for(process, "process::wait_all", |process| {
        let processes = [process.clone(), Process::current()?];
        process::wait_all(processes, Some(Duration::ZERO), |_, _| {})
    });
    calls.add_for(process, "Process::set_nice", |process| {
        process.set_nice(process.nice()?)
    });
    calls.add_for(process, "Process::set_ionice", |process| {
        process.set_ionice(process.ionice()?)
    });
    calls.add_for(process, "Process::set_cpu_affinity", |process| {
        process.set_cpu_affinity(&[0])
    });
    calls.add_for(process, "Process::set_priority_class", |process| {
        process.set_priority_class(PriorityClass::Normal)
    });
    calls.add_for(process, "Process::set_io_priority", |process| {
        process.set_io_priority(process.io_priority()?)
    });
    let mut sampler = PercentSampler::new(process.clone());
    calls.add("process::PercentSampler::percent", move || {
        sampler.percent()
    });
}

/// What does not take a second for all processes together; [`process`] asks for everything.
const CHEAP: AttributeSet = AttributeSet::ALL
    .without(Attribute::MemoryFootprint)
    .without(Attribute::MemoryFullInfo)
    .without(Attribute::MemoryMaps)
    .without(Attribute::NetConnections)
    .without(Attribute::OpenFiles);

/// All processes at once.
fn processes(calls: &mut Calls) {
    let mut cache = Cache::new();
    calls.add("process::Cache::scan", move || {
        Ok(cache.scan(CHEAP)?.count())
    });
    calls.add(
        "process::all_with",
        || Ok(process::all_with(CHEAP)?.count()),
    );
}

/// What stops a process or ends it.
fn acts(calls: &mut Calls, alive: &Process, gone: &Process) {
    calls.add_for(alive, "Process::suspend", |process| {
        process.suspend().and(process.resume())
    });
    calls.add_for(alive, "Process::resume", |process| process.resume());
    calls.add_for(gone, "Process::send_signal", |process| {
        process.send_signal(Signal::TERM)
    });
    calls.add_for(gone, "Process::terminate", |process| process.terminate());
    calls.add_for(gone, "Process::kill", |process| process.kill());
    calls.add_for(gone, "Process::wait", |process| process.wait());
    calls.add_for(gone, "Process::send_ctrl_event", |process| {
        process.send_ctrl_event(CtrlEvent::Break)
    });
    calls.add("process::Child", || {
        let mut child = sleeper()?;
        child.process().terminate()?;
        child.wait()
    });
    calls.add("Child::wait_with_output", || sleeper()?.wait_with_output());
}

/// A child that does nothing until it is ended.
fn sleeper() -> Result<Child> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["flat::sleeper_role", "--exact", "--ignored", "--nocapture"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Child::spawn(&mut command)
}

#[test]
#[ignore = "the part of a child"]
fn sleeper_role() {
    let _ = std::io::stdin().read(&mut [0]);
}

/// What must not grow.
#[derive(Debug, Clone, Copy)]
struct Possessions {
    handles: usize,
    threads: u32,
    heap: u64,
    heaps: Option<u64>,
}

impl Possessions {
    fn now(me: &Process) -> Self {
        let heap = memory::heap_info().unwrap();
        Self {
            handles: ffi::own_handle_count(),
            threads: me.num_threads().unwrap(),
            heap: heap.heap_used + heap.mmap_used,
            heaps: heap.heap_count,
        }
    }
}

#[test]
#[ignore = "the part of a child"]
fn caller_role() {
    let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let me = Process::current().unwrap();
    let mut child = sleeper().unwrap();
    let mut gone = sleeper().unwrap();
    gone.kill().unwrap();
    gone.wait().unwrap();

    let mut calls = Calls::default();
    system(&mut calls);
    for one in [&me, child.process(), gone.process()] {
        process(&mut calls, one);
    }
    processes(&mut calls);
    acts(&mut calls, child.process(), gone.process());
    let mut calls = calls.0;

    // What is loaded and connected once.
    for call in &mut calls {
        call.run();
    }
    for call in &mut calls {
        (call.count, call.spent) = (0, Duration::ZERO);
    }
    let before = Possessions::now(&me);
    for _ in 0..LEAST {
        for call in &mut calls {
            call.run();
        }
    }
    // The rest goes to the cheapest third of what there is.
    calls.sort_by_key(|call| (!call.supported, call.spent));
    let mut left = CALLS.saturating_sub(calls.iter().map(|call| call.count).sum());
    let cheap = calls.iter().filter(|call| call.supported).count() / 3;
    for index in (0..cheap).cycle() {
        if left == 0 {
            break;
        }
        calls[index].run();
        left -= 1;
    }
    // Watchers of questions that were given up, and processes that were ended, go when they like to.
    let start = Instant::now();
    let mut after = Possessions::now(&me);
    while after.handles > before.handles + SLACK && start.elapsed() < Duration::from_secs(20) {
        std::thread::yield_now();
        after = Possessions::now(&me);
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let mut table = String::new();
    for call in &calls {
        let mean = call.spent / call.count;
        let missing = if call.supported {
            ""
        } else {
            " (not on Windows)"
        };
        let name = call.name;
        writeln!(table, "{:>7} {mean:>10.1?} {name}{missing}", call.count).unwrap();
    }
    let total: u32 = calls.iter().map(|call| call.count).sum();
    println!("{table}{total} calls: {before:?} -> {after:?}");
    assert!(total >= CALLS);
    assert!(after.handles <= before.handles + SLACK, "handles");
    assert!(after.threads <= before.threads + 1, "threads");
    assert!(after.heap <= before.heap + MEMORY, "memory");
    assert_eq!(after.heaps, before.heaps, "heaps");
    let missing = missing(&calls.iter().map(|call| call.name).collect());
    assert!(missing.is_empty(), "not called: {missing:?}");
}

/// What the availability table has for Windows and is not among the `called`.
fn missing(called: &HashSet<&str>) -> Vec<&'static str> {
    // Not functions of the system: numbers of a process that are known, and tables of this process.
    const PURE: &[&str] = &[
        "Process::pid",
        "counters::NoWrap::clear",
        "process::Cache::clear",
        "os::windows::services::Service",
    ];
    TABLE
        .iter()
        .filter(|row| row.implemented.contains(System::Windows))
        .filter(|row| matches!(row.kind, Kind::Function | Kind::Method | Kind::Class))
        .filter_map(|row| row.windows_path.or(row.path))
        .filter(|path| !PURE.contains(path) && !called.contains(path))
        .collect()
}

#[test]
fn a_hundred_thousand_calls_leave_nothing_open() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["flat::caller_role", "--exact", "--ignored", "--nocapture"]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{error}");
}
