//! Who does the work of each row, and what of the answer is compared.

pub mod floor;
pub mod netstat2;
pub mod procfs;
pub mod pslens;
pub mod python;
pub mod sysinfo;

use std::sync::Barrier;
use std::time::Duration;

use anyhow::Result;
use rustix::process::{Pid, Signal, kill_process};
use rustix::time::{ClockId, clock_gettime};

use crate::measure::{Answer, Contender};
use crate::population::{Exits, Mappings, Sleepers, Sockets};

/// What there is to measure. Rows take the parts they need.
#[derive(Default)]
pub struct World {
    pub sleepers: Option<Sleepers>,
    pub sockets: Option<Sockets>,
    pub mappings: Option<Mappings>,
    pub exits: Option<Exits>,
}

impl World {
    /// Whether a process is one whose values are compared.
    pub fn holds(&self, pid: u32) -> bool {
        self.sleepers
            .as_ref()
            .is_some_and(|sleepers| sleepers.holds(pid))
    }

    /// The process of the rows about one process.
    pub fn subject(&self, row: &str) -> u32 {
        let sleepers = self.sleepers.as_ref();
        match row {
            "tcp-owners" | "tcp" => self.sockets.as_ref().map_or(0, Sockets::pid),
            "memory-maps" | "memory-full" => self.mappings.as_ref().map_or(0, Mappings::pid),
            "children" => sleepers.map_or(0, Sleepers::parent),
            _ => sleepers
                .and_then(|sleepers| sleepers.pids.first().copied())
                .unwrap_or(0),
        }
    }

    /// Ids of the sleeping processes.
    pub fn members(&self) -> &[u32] {
        self.sleepers
            .as_ref()
            .map_or(&[], |sleepers| &sleepers.pids)
    }
}

/// A contender of one row, or nothing if it cannot do that.
pub type Entry<'a> = Option<Box<dyn Contender + 'a>>;

/// A sum to compare: its name and how a record contributes.
type Term<'k, R> = (&'k str, &'k dyn Fn(&R) -> f64);

/// Reduces a table: rows and sums over the harness's processes, and how many others there are.
fn table_answer<'r, R: 'r>(
    world: &World,
    records: impl Iterator<Item = &'r R>,
    pid: impl Fn(&R) -> u32,
    terms: &[Term<'_, R>],
) -> Answer {
    let mut answer = Answer::default();
    let mut others = 0.0;
    for record in records {
        if !world.holds(pid(record)) {
            others += 1.0;
            continue;
        }
        answer.rows += 1;
        for (key, term) in terms {
            *answer.sums.entry((*key).to_owned()).or_default() += term(record);
        }
    }
    answer.with("others", others)
}

fn number(value: impl TryInto<u64>) -> f64 {
    value.try_into().map_or(f64::NAN, |value: u64| value as f64)
}

fn truth(answer: &bool) -> Answer {
    Answer::rows(usize::from(*answer))
}

/// Monotonic time, comparable between processes.
pub fn now() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Processor time of this process.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Long enough after a wait was armed that it is blocked.
const SETTLE: Duration = Duration::from_millis(15);

/// Kills a helper's child once the wait for it has settled, and says when that was.
pub fn kill_settled(pid: u32) -> Result<Duration> {
    std::thread::sleep(SETTLE);
    let at = now();
    if let Some(pid) = Pid::from_raw(pid as i32) {
        kill_process(pid, Signal::KILL)?;
    }
    Ok(at)
}

/// How long after the kill a wait in this process returned.
fn exit_latency(
    exits: &Exits,
    wait: impl FnOnce(u32) -> Result<()> + Send,
) -> Result<(Duration, Answer)> {
    let pid = exits.spawn()?;
    // On a busy machine a new thread may take longer to begin than a wait to settle.
    let begun = &Barrier::new(2);
    let (killed, seen) = std::thread::scope(|scope| -> Result<_> {
        let waiter = scope.spawn(move || {
            begun.wait();
            wait(pid).map(|()| now())
        });
        begun.wait();
        let killed = kill_settled(pid)?;
        let seen = waiter
            .join()
            .map_err(|_| anyhow::anyhow!("the waiting thread panicked"))??;
        Ok((killed, seen))
    })?;
    anyhow::ensure!(
        seen > killed,
        "the wait returned before the process was killed"
    );
    Ok((seen - killed, Answer::rows(1)))
}

/// How long waiting lasts in the row about its price.
pub const WAITING: Duration = Duration::from_secs(2);

/// Processor time that a wait, which finds nothing, took; it returns how many are alive.
fn waiting_cost(wait: impl FnOnce() -> Result<usize>) -> Result<(Duration, Answer)> {
    let before = spent();
    let start = now();
    let alive = wait()?;
    anyhow::ensure!(now() - start >= WAITING, "the wait returned early");
    Ok((spent() - before, Answer::rows(alive)))
}
