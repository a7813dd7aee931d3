//! The reader: one process at a time, each source at most once, all of it of the same process.
//!
//! Nothing that was read of one process and something of its successor ever meet in a record: while a
//! process is looked at, something is held open that dies with it ([`Tie`]), and the last word of a
//! query ([`Reader::finish`]) is a proof that it was alive until then. A getter that needs one source
//! compares the identity after the read instead.

use std::ffi::CStr;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use pslens_parse::ParseError;
use pslens_parse::linux::pid_stat;
use rustix::fs::{CWD, Mode, OFlags};

use super::files::Descriptors;
use super::identity;
use super::names::Names;
use super::pids::open_directory;
use super::plan::{Plan, Source};
use super::tie::{self, Tie};
use crate::error::{Error, Result};
use crate::process::{Attribute, AttributeSet, Identity, Pid, Sameness};
use crate::sys::linux::Root;
use crate::sys::linux::net::Namespaces;
use crate::sys::linux::root::{open_at, read_at, read_record, read_record_at};
use crate::sys::linux::ticks::Ticks;

/// Files of a process directory that are kept as text until the next process.
#[derive(Debug, Clone, Copy)]
pub(super) enum File {
    Stat,
    Statm,
    Status,
    Cmdline,
    Environ,
    Io,
    Rollup,
    Smaps,
}

const FILES: usize = 8;

impl File {
    const fn name(self) -> &'static CStr {
        match self {
            Self::Stat => c"stat",
            Self::Statm => c"statm",
            Self::Status => c"status",
            Self::Cmdline => c"cmdline",
            Self::Environ => c"environ",
            Self::Io => c"io",
            Self::Rollup => c"smaps_rollup",
            Self::Smaps => c"smaps",
        }
    }

    /// Room for what is usually in it. The two that nearly every query reads fit into blocks that the
    /// allocator keeps at hand.
    const fn usual_size(self) -> usize {
        match self {
            Self::Stat => 1024,
            Self::Statm => 256,
            _ => 4096,
        }
    }

    /// Rendered by the kernel row by row, so one `read` does not return it all.
    const fn is_table(self) -> bool {
        matches!(self, Self::Smaps)
    }
}

/// What became of a file of the current process.
#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Unread,
    Read,
    /// The errno, so that asking again does not read again.
    Failed(i32),
}

#[derive(Debug, Default)]
struct Slot {
    state: State,
    bytes: Vec<u8>,
}

/// What is used of `stat`, decoded once per process.
#[derive(Debug, Clone)]
pub(super) struct Stat {
    /// Where the name is in the text.
    comm: Range<usize>,
    pub(super) state: u8,
    pub(super) flags: u64,
    pub(super) ppid: u32,
    pub(super) tty_nr: i64,
    pub(super) minflt: u64,
    pub(super) majflt: u64,
    pub(super) utime: u64,
    pub(super) stime: u64,
    pub(super) cutime: i64,
    pub(super) cstime: i64,
    pub(super) nice: i64,
    pub(super) num_threads: u32,
    pub(super) starttime: u64,
    pub(super) processor: Option<u32>,
    pub(super) delayacct_blkio_ticks: Option<u64>,
}

/// How often is asked what a process has that changes its program just then.
pub(super) const TRIES: u32 = 5;

/// `PF_EXITING` and `PF_KTHREAD` of the kernel's `include/linux/sched.h`.
const EXITING: u64 = 0x4;
const KERNEL_THREAD: u64 = 0x0020_0000;

impl Stat {
    fn parse(text: &[u8]) -> Result<Self, ParseError> {
        let stat = pid_stat::parse(text)?;
        // The name starts after the first "(" by definition.
        let start = text.iter().position(|&byte| byte == b'(').unwrap_or(0) + 1;
        Ok(Self {
            comm: start..start + stat.comm.len(),
            state: stat.state,
            flags: stat.flags,
            ppid: stat.ppid,
            tty_nr: stat.tty_nr,
            minflt: stat.minflt,
            majflt: stat.majflt,
            utime: stat.utime,
            stime: stat.stime,
            cutime: stat.cutime,
            cstime: stat.cstime,
            nice: stat.nice,
            num_threads: stat.num_threads,
            starttime: stat.starttime,
            processor: stat.processor,
            delayacct_blkio_ticks: stat.delayacct_blkio_ticks,
        })
    }

    /// It has no memory any more: a zombie, or on the way to become one.
    pub(super) fn has_exited(&self) -> bool {
        matches!(self.state, b'Z' | b'X' | b'x') || self.flags & EXITING != 0
    }

    /// It never had memory, files or arguments of its own.
    pub(super) fn is_kernel_thread(&self) -> bool {
        self.flags & KERNEL_THREAD != 0 && !self.has_exited()
    }
}

/// Reads processes of one root, one after the other, into the same buffers.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(super) root: Root,
    pub(super) plan: Plan,
    pub(super) pid: Pid,
    /// `/proc`, held open while many processes are read.
    proc: Option<OwnedFd>,
    /// The clock tick in which the scan began: younger processes may share their start time with others.
    began: Option<u64>,
    /// What ties the reads to the current process.
    pub(super) tie: Tie,
    /// Something was asked since the last proof that the process is still the one of the tie.
    pub(super) unproved: bool,
    /// Leads to the process directory, with a slash at the end: from `proc` if that is open, else absolute.
    path: Vec<u8>,
    /// Which process a getter expects; scans take what they find.
    expected: Option<Identity>,
    slots: [Slot; FILES],
    stat: Option<Stat>,
    /// A second look at `stat` found that it has exited. Nobody comes back from there.
    exited: bool,
    /// What it holds, or the errno of listing that.
    pub(super) descriptors: Option<Result<Arc<Descriptors>, i32>>,
    /// User and group ids: real, effective, saved of each.
    pub(super) ids: Option<super::attributes::AllIds>,
    /// Whether `PIDFD_GET_INFO` answers, once that is known.
    pub(super) pidfds_know_ids: Option<bool>,
    /// When the system was booted.
    pub(super) boot: Option<SystemTime>,
    /// Names of users and terminals: looked up once.
    pub(super) names: Option<Box<Names>>,
    /// Socket tables, if they may be asked for more than once.
    pub(super) namespaces: Option<Namespaces>,
}

impl Reader {
    pub(crate) fn new(root: &Root) -> Self {
        Self {
            root: root.clone(),
            plan: Plan::open_ended(),
            pid: Pid::default(),
            proc: None,
            began: None,
            tie: Tie::None,
            unproved: false,
            path: Vec::with_capacity(64),
            expected: None,
            slots: Default::default(),
            stat: None,
            exited: false,
            descriptors: None,
            ids: None,
            pidfds_know_ids: None,
            boot: None,
            names: None,
            namespaces: None,
        }
    }

    /// Prepares for many processes, each to be moved to with [`Reader::move_to`].
    pub(crate) fn scan(root: &Root, attributes: AttributeSet) -> Result<Self> {
        let path = root.proc("");
        let proc =
            open_directory(&path).map_err(|error| Error::os_path("process scan", path, error))?;
        let mut reader = Self::new(root);
        reader.plan = Plan::of(attributes);
        reader.proc = Some(proc);
        reader.began = root.proc_is_running().then(Ticks::since_boot);
        reader.namespaces = Some(Namespaces::default());
        Ok(reader)
    }

    /// The pids that the scanned root has now.
    pub(crate) fn pids(&self) -> Result<Vec<Pid>> {
        let fail = |error| Error::os_path("process pids", self.root.proc(""), error);
        let Some(proc) = &self.proc else {
            return super::pids(&self.root);
        };
        super::pids::numbers(proc)
            .map(|numbers| numbers.into_iter().map(Pid::from).collect())
            .map_err(fail)
    }

    /// Forgets the last process and looks at the next one; says who it is.
    ///
    /// A process whose `stat` is hidden (`hidepid=1`) has an unknown identity and is no error.
    pub(crate) fn move_to(&mut self, pid: Pid) -> Result<Identity> {
        const OPERATION: &str = "process scan";
        self.forget(pid, None);
        if self.plan.is_stat_only() {
            return self.identify(OPERATION);
        }
        if self.plan.suits_pidfd() && self.pidfds_know_ids() {
            match tie::pidfd(pid) {
                Ok(pidfd) => self.tie = Tie::Pidfd(pidfd),
                Err(libc::ESRCH) => return Err(Error::no_such_process(OPERATION, pid)),
                // Refused, or no descriptor left: the directory will say.
                Err(_) => {}
            }
        }
        if matches!(self.tie, Tie::None) {
            self.hold_directory(OPERATION)?;
        }
        self.identify(OPERATION)
    }

    /// Looks at a process of which several attributes will be read, and checks that it is the expected one.
    pub(crate) fn open(
        root: &Root,
        pid: Pid,
        expected: Identity,
        attributes: Option<AttributeSet>,
        operation: &'static str,
    ) -> Result<Self> {
        let mut reader = Self::new(root);
        reader.plan = attributes.map_or_else(Plan::open_ended, Plan::of);
        reader.namespaces = attributes.is_none().then(Namespaces::default);
        reader.forget(pid, Some(expected));
        reader.hold_directory(operation)?;
        let needs_stat = attributes.is_none() || reader.plan.has(Source::Stat);
        let by_number = || identity::by_number(root, pid, &expected);
        let found = match (!needs_stat).then(by_number).flatten() {
            Some(found) => {
                // Only if the directory outlives this look is it the one of that number.
                reader.going_by_number();
                found
            }
            None => reader.identify(operation)?,
        };
        reader.compare(&found, operation)?;
        Ok(reader)
    }

    /// Looks at a process that a call is made of which goes by its number.
    pub(crate) fn by_number(root: &Root, pid: Pid, expected: Identity) -> Self {
        let mut reader = Self::new(root);
        reader.forget(pid, Some(expected));
        reader.going_by_number();
        reader
    }

    /// Looks at a process of which one attribute will be read.
    pub(crate) fn open_single(
        root: &Root,
        pid: Pid,
        expected: Identity,
        attribute: Attribute,
    ) -> Result<Self> {
        let set = AttributeSet::of(&[attribute]);
        if !Plan::is_single(attribute) {
            return Self::open(root, pid, expected, Some(set), attribute.operation());
        }
        let mut reader = Self::new(root);
        reader.plan = Plan::of(set);
        reader.forget(pid, Some(expected));
        Ok(reader)
    }

    /// Makes sure, after the last read, that all of it was of the one expected process.
    pub(crate) fn finish(&mut self, operation: &'static str) -> Result<()> {
        if !matches!(self.tie, Tie::None) {
            if self.unproved {
                let proof = self.tie.prove();
                proof.map_err(|errno| self.absent(operation, errno))?;
                self.unproved = false;
            }
            return Ok(());
        }
        let Some(expected) = self.expected else {
            return Ok(());
        };
        let found = match &self.stat {
            Some(stat) if !self.unproved && !expected.needs_unique() => Identity {
                start: Some(stat.starttime),
                ..Identity::default()
            },
            _ => identity::comparable(&self.root, self.pid, &expected, operation)?,
        };
        self.compare(&found, operation)
    }

    /// When the current process was looked at: every process is read when it is moved to.
    pub(crate) fn moment(&self) -> Instant {
        Instant::now()
    }

    /// When the process was started, if that could be read.
    pub(super) fn start(&self) -> Option<u64> {
        self.stat.as_ref().map(|stat| stat.starttime)
    }

    fn compare(&self, found: &Identity, operation: &'static str) -> Result<()> {
        match self.expected.map(|expected| expected.compare(found)) {
            Some(Sameness::Different) => Err(Error::pid_reused(operation, self.pid)),
            _ => Ok(()),
        }
    }

    fn forget(&mut self, pid: Pid, expected: Option<Identity>) {
        self.pid = pid;
        self.path.clear();
        if self.proc.is_none() {
            self.path
                .extend_from_slice(self.root.proc_path().as_os_str().as_bytes());
            self.path.push(b'/');
        }
        push_decimal(&mut self.path, pid.as_u32());
        self.path.push(b'/');
        self.expected = expected;
        self.tie = Tie::None;
        self.unproved = false;
        self.stat = None;
        self.exited = false;
        self.descriptors = None;
        self.ids = None;
        for slot in &mut self.slots {
            slot.state = State::Unread;
        }
    }

    fn hold_directory(&mut self, operation: &'static str) -> Result<()> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = self.at(c"", |dir, path| {
            Ok(rustix::fs::openat(dir, path, flags, Mode::empty())?)
        });
        match opened {
            Ok(directory) => {
                self.tie = Tie::Directory(directory);
                self.unproved = false;
                self.ids_first();
                Ok(())
            }
            Err(errno) => Err(self.absent(operation, errno)),
        }
    }

    /// The directory, or the `stat`, of the process could not be opened.
    #[cold]
    fn absent(&self, operation: &'static str, errno: i32) -> Error {
        match errno {
            libc::ENOENT | libc::ESRCH => Error::no_such_process(operation, self.pid),
            _ => Error::os_pid(operation, self.pid, io::Error::from_raw_os_error(errno)),
        }
    }

    fn identify(&mut self, operation: &'static str) -> Result<Identity> {
        match self.read(File::Stat) {
            Ok(_) => {}
            Err(libc::EACCES | libc::EPERM) => return Ok(Identity::default()),
            Err(errno) => return Err(self.absent(operation, errno)),
        }
        let start = self.decoded_stat(operation)?.starttime;
        let young = self.began.is_some_and(|began| start >= began);
        let expected_unique = self.expected.is_some_and(|who| who.needs_unique());
        let unique = if young || expected_unique {
            self.going_by_number();
            identity::unique(self.pid)
        } else {
            None
        };
        Ok(Identity {
            start: Some(start),
            unique,
            young,
        })
    }

    /// `stat`, for `attribute`.
    pub(super) fn stat(&mut self, attribute: Attribute) -> Result<&Stat> {
        if let Err(errno) = self.read(File::Stat) {
            return Err(self.failed(attribute, errno));
        }
        self.decoded_stat(attribute.operation())
    }

    /// The name in `stat`, which [`Reader::stat`] has read.
    pub(super) fn comm(&self) -> &[u8] {
        let range = self.stat.as_ref().map_or(0..0, |stat| stat.comm.clone());
        self.text(File::Stat).get(range).unwrap_or_default()
    }

    fn decoded_stat(&mut self, operation: &'static str) -> Result<&Stat> {
        if self.stat.is_none() {
            let mut stat = self.parsed_stat(operation)?;
            for _ in 1..TRIES {
                if !self.is_hollow(&stat) {
                    break;
                }
                std::thread::yield_now();
                self.slots[File::Stat as usize].state = State::Unread;
                self.read(File::Stat)
                    .map_err(|errno| self.absent(operation, errno))?;
                stat = self.parsed_stat(operation)?;
            }
            if self.is_hollow(&stat) {
                return Err(Error::no_such_process(operation, self.pid));
            }
            self.stat = Some(stat);
        }
        self.stat
            .as_ref()
            .ok_or_else(|| Error::no_such_process(operation, self.pid))
    }

    fn parsed_stat(&self, operation: &'static str) -> Result<Stat> {
        let text = self.text(File::Stat);
        // The file opened, and the process was gone before the read.
        if text.is_empty() {
            return Err(Error::no_such_process(operation, self.pid));
        }
        Stat::parse(text).map_err(|error| Error::invalid_data(operation, error).of_pid(self.pid))
    }

    /// The kernel prints a process that it is taking apart with zeros for parent, threads and times. A
    /// moment later it is gone; or, where another thread executes a program, that thread has the number.
    fn is_hollow(&self, stat: &Stat) -> bool {
        stat.num_threads == 0 && self.root.proc_is_running()
    }

    /// The text of `file`, read the first time it is asked for.
    ///
    /// A failure is classified for `attribute`.
    pub(super) fn file(&mut self, file: File, attribute: Attribute) -> Result<&[u8]> {
        match self.read(file) {
            Ok(()) => Ok(self.text(file)),
            Err(errno) => Err(self.failed(attribute, errno)),
        }
    }

    /// What [`Reader::read`] has read.
    pub(super) fn text(&self, file: File) -> &[u8] {
        &self.slots[file as usize].bytes
    }

    /// Reads `file` unless that was done already; an errno if it cannot be read.
    pub(super) fn read(&mut self, file: File) -> Result<(), i32> {
        let at = file as usize;
        match self.slots[at].state {
            State::Read => return Ok(()),
            State::Failed(errno) => return Err(errno),
            State::Unread => {}
        }
        let mut bytes = std::mem::take(&mut self.slots[at].bytes);
        bytes.reserve(file.usual_size());
        let of_scan = self.proc.is_some();
        let hold = of_scan && matches!((file, &self.tie), (File::Stat, Tie::None));
        let mut held = None;
        let result = self.at(file.name(), |dir, path| {
            if file.is_table() {
                read_at(dir, path, &mut bytes)
            } else if hold {
                read_record(held.insert(open_at(dir, path)?), &mut bytes)
            } else {
                read_record_at(dir, path, &mut bytes)
            }
        });
        if let Some(stat) = held {
            self.tie = Tie::Stat(stat);
        }
        let state = match result {
            Ok(()) => State::Read,
            Err(errno) => State::Failed(errno),
        };
        self.slots[at] = Slot { state, bytes };
        result
    }

    /// Reads `file` once more: what it said was the state of a moment.
    #[cold]
    pub(super) fn read_again(&mut self, file: File) -> Result<(), i32> {
        self.slots[file as usize].state = State::Unread;
        self.read(file)
    }

    /// A call is about to go by the number: [`Reader::finish`] must prove whose it was.
    pub(super) fn going_by_number(&mut self) -> i32 {
        self.unproved = true;
        i32::try_from(self.pid.as_u32()).unwrap_or(-1)
    }

    /// Calls with a directory and the path of `name` below the process directory from there.
    ///
    /// An errno if it failed.
    pub(super) fn at<T>(
        &mut self,
        name: &CStr,
        mut call: impl FnMut(BorrowedFd<'_>, &CStr) -> io::Result<T>,
    ) -> Result<T, i32> {
        let mut result = self.at_once(name, &mut call);
        for _ in 1..TRIES {
            match result {
                Err(errno) if self.is_between_programs(name, errno) => {
                    std::thread::yield_now();
                    result = self.at_once(name, &mut call);
                }
                _ => break,
            }
        }
        result
    }

    /// A program executed by another thread than the first takes over the number of the first, and until
    /// it has, memory, files and directories of that number are missing. That is no property of the
    /// process, and over in a moment.
    fn is_between_programs(&mut self, name: &CStr, errno: i32) -> bool {
        let missing = match errno {
            libc::ESRCH => true,
            libc::ENOENT => [c"exe", c"cwd", c"fd", c"fdinfo", c"task"].contains(&name),
            _ => false,
        };
        // Where this is the question, `stat` is not the answer; and what is known to lack all this stays so.
        let settled = |stat: &Stat| stat.has_exited() || stat.is_kernel_thread();
        missing
            && name != File::Stat.name()
            && self.root.proc_is_running()
            && !self.exited
            && !self.stat.as_ref().is_some_and(settled)
            && self.stat_now().is_some_and(|stat| !settled(&stat))
    }

    fn at_once<T>(
        &mut self,
        name: &CStr,
        call: &mut impl FnMut(BorrowedFd<'_>, &CStr) -> io::Result<T>,
    ) -> Result<T, i32> {
        let result = match &self.tie {
            Tie::Directory(directory) => {
                let result = call(directory.as_fd(), name);
                // What could be looked up there is alive, and was while calls went by the number.
                self.unproved &= result.is_err();
                result
            }
            tie => {
                // A stat alone needs no proof: it is what the identity is taken from.
                self.unproved |= matches!(tie, Tie::Pidfd(_)) || name != File::Stat.name();
                let stem = self.path.len();
                self.path.extend_from_slice(name.to_bytes_with_nul());
                let dir = self.proc.as_ref().map_or(CWD, AsFd::as_fd);
                let result = CStr::from_bytes_with_nul(&self.path)
                    .map_err(|_| io::ErrorKind::InvalidInput.into())
                    .and_then(|path| call(dir, path));
                self.path.truncate(stem);
                result
            }
        };
        result.map_err(|error| error.raw_os_error().unwrap_or(libc::EIO))
    }

    /// Whether pidfds tell ids: asked once per scan.
    pub(super) fn pidfds_know_ids(&mut self) -> bool {
        let running = self.root.proc_is_running();
        *self
            .pidfds_know_ids
            .get_or_insert_with(|| running && tie::pidfds_know_ids())
    }

    /// `stat` was read already, so what is in it comes free.
    pub(super) fn has_stat(&self) -> bool {
        self.has_read(File::Stat)
    }

    /// The file was read already.
    pub(super) fn has_read(&self, file: File) -> bool {
        matches!(self.slots[file as usize].state, State::Read)
    }

    /// Turns an errno into the error of `attribute`: denied, gone, zombie, or not in this kernel.
    #[cold]
    pub(super) fn failed(&mut self, attribute: Attribute, errno: i32) -> Error {
        let operation = attribute.operation();
        let error = io::Error::from_raw_os_error(errno);
        if !matches!(errno, libc::ENOENT | libc::ESRCH) {
            return Error::os_pid(operation, self.pid, error);
        }
        if self.exited || self.stat.as_ref().is_some_and(Stat::has_exited) {
            return Error::zombie(operation, self.pid);
        }
        match self.stat_now() {
            None => Error::no_such_process(operation, self.pid),
            Some(stat) if stat.has_exited() => Error::zombie(operation, self.pid),
            Some(_) => Error::unsupported(operation, "this kernel does not offer it"),
        }
    }

    /// What `stat` says at this moment; `None` if the process is gone.
    ///
    /// The only second read of a source in a query, and only after a failure: whether the process went
    /// between two reads cannot be told from what was read before.
    #[cold]
    pub(super) fn stat_now(&mut self) -> Option<Stat> {
        let mut text = Vec::new();
        let mut stat;
        let mut tries = TRIES;
        loop {
            self.at_once(c"stat", &mut |dir, path| {
                read_record_at(dir, path, &mut text)
            })
            .ok()?;
            stat = Stat::parse(&text).ok()?;
            if !self.is_hollow(&stat) {
                break;
            }
            tries = tries.checked_sub(1)?;
            std::thread::yield_now();
        }
        let found = Identity {
            start: Some(stat.starttime),
            ..Identity::default()
        };
        let other = self
            .expected
            .is_some_and(|expected| expected.compare(&found) == Sameness::Different);
        if other {
            return None;
        }
        self.exited = stat.has_exited();
        Some(stat)
    }
}

/// Opens a directory to list it, or to read below it.
pub(super) fn directory_at(dir: BorrowedFd<'_>, path: &CStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(dir, path, flags, Mode::empty())?)
}

/// Appends a number in decimal: formatting machinery costs more than the open that follows.
fn push_decimal(text: &mut Vec<u8>, number: u32) {
    let start = text.len();
    let mut rest = number;
    loop {
        text.push(b'0' + u8::try_from(rest % 10).unwrap_or_default());
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text[start..].reverse();
}
