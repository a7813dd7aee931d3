//! What is measured: sleeping processes, sockets, mappings and processes that exit, held by helpers.
//!
//! A helper is this program started again with `--helper KIND N`. It ends when its standard input
//! closes or when the harness dies, and takes its children with it, so nothing outlives a run.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Resource, Rlimit};

/// A helper process.
pub struct Helper {
    child: Child,
    input: RefCell<Option<ChildStdin>>,
    output: RefCell<BufReader<ChildStdout>>,
}

impl Helper {
    /// Starts a helper and returns it with its first line.
    fn start(kind: &str, size: usize) -> Result<(Self, String)> {
        let mut command = Command::new("/proc/self/exe");
        command
            .args(["--helper", kind, &size.to_string()])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // Two dozen variables of common length: environ is a row, and the caller's would make its
        // numbers depend on the shell the bench was started from.
        for index in 0..24 {
            command.env(
                format!("PSLENS_BENCH_VARIABLE_{index:02}"),
                "/usr/local/share/some/path:/usr/share/other",
            );
        }
        // SAFETY: prctl(PR_SET_PDEATHSIG) is async-signal-safe and touches no memory.
        unsafe { command.pre_exec(die_with_parent) };
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start the helper {kind}"))?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("the helper has no output")?;
        let helper = Self {
            child,
            input: RefCell::new(input),
            output: RefCell::new(BufReader::new(output)),
        };
        let line = helper.line()?;
        Ok((helper, line))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn line(&self) -> Result<String> {
        let mut line = String::new();
        self.output.borrow_mut().read_line(&mut line)?;
        let line = line.trim_end();
        ensure!(!line.is_empty(), "a helper ended early");
        if let Some(message) = line.strip_prefix("error ") {
            bail!("{message}");
        }
        Ok(line.to_owned())
    }

    fn ask(&self, question: &str) -> Result<String> {
        let mut input = self.input.borrow_mut();
        writeln!(
            input.as_mut().context("the helper has ended")?,
            "{question}"
        )?;
        self.line()
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.input.borrow_mut().take());
        // A helper that has already died needs no ending.
        let _status = self.child.wait();
    }
}

/// Sleeping processes, all children of one helper.
pub struct Sleepers {
    helper: Helper,
    pub pids: Vec<u32>,
    member: Vec<bool>,
}

impl Sleepers {
    pub fn start(count: usize) -> Result<Self> {
        room_for(count)?;
        let (helper, line) = Helper::start("sleep", count)?;
        let pids: Vec<u32> = line
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        ensure!(
            pids.len() == count,
            "{} of {count} processes were started",
            pids.len()
        );
        let mut member = vec![false; pids.iter().max().map_or(0, |pid| *pid as usize + 1)];
        for pid in &pids {
            member[*pid as usize] = true;
        }
        // Nearly every process that is looked at is older than a clock tick (10 ms). pslens reads one
        // proof more through a handle that was made before that.
        std::thread::sleep(Duration::from_millis(20));
        Ok(Self {
            helper,
            pids,
            member,
        })
    }

    pub fn parent(&self) -> u32 {
        self.helper.pid()
    }

    /// Whether `pid` is one of the sleepers (not their parent).
    pub fn holds(&self, pid: u32) -> bool {
        self.member.get(pid as usize).copied().unwrap_or(false)
    }
}

/// One process that holds many connected loopback sockets.
pub struct Sockets(Helper);

impl Sockets {
    pub fn start(count: usize) -> Result<Self> {
        let needed = count as u64 + 64;
        let limit = rustix::process::getrlimit(Resource::Nofile);
        if limit.maximum.is_some_and(|maximum| maximum < needed)
            && !rustix::process::geteuid().is_root()
        {
            bail!(
                "{count} sockets need {needed} open files, but the hard limit is {}: raise it (ulimit -Hn) or use --sockets",
                limit.maximum.unwrap_or(0)
            );
        }
        Ok(Self(Helper::start("sockets", count)?.0))
    }

    pub fn pid(&self) -> u32 {
        self.0.pid()
    }
}

/// One process with many mappings.
pub struct Mappings(Helper);

impl Mappings {
    pub fn start(count: usize) -> Result<Self> {
        Ok(Self(Helper::start("mappings", count)?.0))
    }

    pub fn pid(&self) -> u32 {
        self.0.pid()
    }
}

/// Makes processes that are not our children and that somebody reaps at once.
pub struct Exits(Helper);

impl Exits {
    pub fn start() -> Result<Self> {
        Ok(Self(Helper::start("exits", 0)?.0))
    }

    /// A new sleeping process.
    pub fn spawn(&self) -> Result<u32> {
        Ok(self.0.ask("fork")?.parse()?)
    }
}

fn die_with_parent() -> std::io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}

/// Says in one sentence why `count` processes cannot be had, before trying.
fn room_for(count: usize) -> Result<()> {
    let number = |path: &str| -> Result<usize> {
        Ok(std::fs::read_to_string(path)
            .with_context(|| path.to_owned())?
            .trim()
            .parse()?)
    };
    let running = std::fs::read_dir("/proc")?
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .as_encoded_bytes()
                .first()
                .is_some_and(u8::is_ascii_digit)
        })
        .count();
    let wanted = count + running + 256;
    for limit in ["/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max"] {
        let most = number(limit)?;
        ensure!(
            wanted <= most,
            "{count} processes beside the {running} that run need about {wanted} ids, but {limit} is {most}: \
             write a larger number there or use --processes"
        );
    }
    let limit = rustix::process::getrlimit(Resource::Nproc);
    if let Some(maximum) = limit.maximum
        && (maximum as usize) < wanted
        && !rustix::process::geteuid().is_root()
    {
        bail!(
            "{count} processes exceed the hard limit of {maximum} (ulimit -Hu): raise it or use --processes"
        );
    }
    Ok(())
}

/// Raises a soft limit to `needed`, and the hard one where we may.
fn raise(resource: Resource, needed: u64) -> Result<()> {
    let limit = rustix::process::getrlimit(resource);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let maximum = limit.maximum.map(|maximum| maximum.max(needed));
    rustix::process::setrlimit(
        resource,
        Rlimit {
            current: Some(needed),
            maximum,
        },
    )
    .with_context(|| format!("cannot raise {resource:?} to {needed}"))
}

/// The whole life of a helper process.
pub fn helper(kind: &str, size: usize) -> Result<()> {
    let result = match kind {
        "sleep" => sleep(size),
        "sockets" => sockets(size),
        "mappings" => mappings(size),
        "exits" => exits(),
        other => bail!("no helper is called {other}"),
    };
    if let Err(error) = &result {
        println!("error {}", format!("{error:#}").replace('\n', " "));
    }
    result
}

fn until_input_closes() -> Result<()> {
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest)?;
    Ok(())
}

/// Forks one child that only sleeps, and returns its id.
fn fork_sleeper(index: usize, own_groups: bool) -> Result<u32> {
    let parent = rustix::process::getpid();
    // SAFETY: a helper has one thread, so the child may go on as its parent could.
    let pid = unsafe { libc::fork() };
    if pid < 0 {
        return Err(std::io::Error::last_os_error()).context("cannot fork a sleeping process");
    }
    if pid > 0 {
        return Ok(pid as u32);
    }
    if own_groups {
        // SAFETY: changes only this child's real, effective and saved user.
        let _denied = unsafe { libc::setuid([0, 1, 2, 65534][index % 4]) };
    }
    // After setuid, which resets it.
    let armed = die_with_parent().is_ok() && rustix::process::getppid() == Some(parent);
    let name = std::ffi::CString::new(format!("sleeper-{index}")).unwrap_or_default();
    let named = rustix::thread::set_name(&name).is_ok();
    if armed && named {
        loop {
            // SAFETY: pause has no arguments.
            unsafe { libc::pause() };
        }
    }
    // SAFETY: ends this child without running what its parent registered.
    unsafe { libc::_exit(1) }
}

fn sleep(count: usize) -> Result<()> {
    raise(Resource::Nproc, count as u64 + 1_024)?;
    let root = rustix::process::geteuid().is_root();
    let mut line = String::new();
    let mut pids = Vec::with_capacity(count);
    for index in 0..count {
        let pid = fork_sleeper(index, root).with_context(|| format!("after {index} of {count}"))?;
        pids.push(pid);
        line.push_str(&pid.to_string());
        line.push(' ');
    }
    // Sleeping, under its own name and user: what is measured must not be changing.
    for pid in &pids {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            let stat = std::fs::read(format!("/proc/{pid}/stat"))?;
            let text = String::from_utf8_lossy(&stat);
            if text.contains("(sleeper-") && text.contains(") S ") {
                break;
            }
            ensure!(
                std::time::Instant::now() < deadline,
                "{pid} does not fall asleep"
            );
            std::thread::yield_now();
        }
    }
    println!("{line}");
    until_input_closes()?;
    for pid in &pids {
        // SAFETY: our own unreaped child.
        unsafe { libc::kill(*pid as i32, libc::SIGKILL) };
    }
    for pid in pids {
        // SAFETY: our own child; the status is not wanted.
        unsafe { libc::waitpid(pid as i32, std::ptr::null_mut(), 0) };
    }
    Ok(())
}

fn sockets(count: usize) -> Result<()> {
    raise(Resource::Nofile, count as u64 + 64)?;
    let mut held = Vec::with_capacity(count);
    // One listener per 10,000 pairs: the ports of the connecting side are a few ten thousand.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    for pair in 0..count / 2 {
        held.push(
            std::net::TcpStream::connect(address).with_context(|| format!("after {pair} pairs"))?,
        );
        held.push(listener.accept()?.0);
    }
    println!("ready {}", listener.as_raw_fd());
    until_input_closes()?;
    for socket in &held {
        // End without TIME_WAIT: thousands of those would be in the rows measured next.
        let linger = libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        // SAFETY: the option's value is a linger of the stated size.
        unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_LINGER,
                std::ptr::from_ref(&linger).cast(),
                size_of::<libc::linger>() as u32,
            )
        };
    }
    Ok(())
}

fn mappings(count: usize) -> Result<()> {
    use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous};
    let already = std::fs::read_to_string("/proc/self/maps")?.lines().count();
    let path =
        std::env::temp_dir().join(format!("pslens-bench-mapped-file-{}", std::process::id()));
    let file = std::fs::File::create_new(&path)?;
    file.set_len(4096 * 2)?;
    let file = std::fs::File::open(&path)?;
    let page = rustix::param::page_size();
    for index in already..count {
        // Neighbours of different kinds, so that the kernel cannot merge them.
        let address = if index % 2 == 0 {
            // SAFETY: a new mapping at an address of the kernel's choice.
            unsafe {
                mmap(
                    std::ptr::null_mut(),
                    page,
                    ProtFlags::READ,
                    MapFlags::PRIVATE,
                    &file,
                    0,
                )
            }?
        } else {
            // SAFETY: as above.
            unsafe {
                mmap_anonymous(
                    std::ptr::null_mut(),
                    page,
                    ProtFlags::READ | ProtFlags::WRITE,
                    MapFlags::PRIVATE,
                )
            }?
        };
        if index % 2 == 1 {
            // SAFETY: the page is ours, writable and mapped until this process ends.
            unsafe { address.cast::<u8>().write_volatile(1) };
        } else {
            // SAFETY: the page is ours, readable and within the file.
            let _first = unsafe { address.cast::<u8>().read_volatile() };
        }
    }
    println!("ready");
    let ended = until_input_closes();
    std::fs::remove_file(&path)?;
    ended
}

fn exits() -> Result<()> {
    // Ignored: the kernel reaps the children itself, at once.
    // SAFETY: sets a disposition that runs no code.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    println!("ready");
    for (index, line) in std::io::stdin().lines().enumerate() {
        line?;
        println!("{}", fork_sleeper(index, false)?);
    }
    Ok(())
}
