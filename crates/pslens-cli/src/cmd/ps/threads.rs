//! `-L`, `-T` and `H`: a row for each thread.

use pslens::process::{CpuTimes, Field, Info, Thread};

use super::Row;

/// Whether threads have rows of their own, and which columns tell them apart.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Threads")]
pub(super) struct Threads {
    /// A row for each thread, with its number (LWP) and how many there are (NLWP).
    #[arg(short = 'L')]
    pub(super) with_lwp: bool,
    /// A row for each thread, with its number (SPID).
    #[arg(short = 'T')]
    pub(super) with_spid: bool,
    /// A row for each thread, in the same columns.
    #[arg(long)]
    pub(super) threads: bool,
}

impl Threads {
    pub(super) const fn wanted(&self) -> bool {
        self.with_lwp || self.with_spid || self.threads
    }

    /// Whether a table has this one of its columns: some are for threads.
    pub(super) fn shows(&self, column: &str) -> bool {
        match column {
            "lwp" | "nlwp" => self.with_lwp,
            "spid" => self.with_spid,
            _ => true,
        }
    }
}

/// The rows of the threads of a process; one without a number if its threads cannot be told.
pub(super) fn rows(mut info: Info, keep: bool) -> Vec<Row> {
    let threads = match &mut info.threads {
        Field::Value(threads) if keep => threads.clone(),
        Field::Value(threads) => std::mem::take(threads),
        _ => Vec::new(),
    };
    if !keep {
        info.threads = Field::NotAsked;
    }
    if threads.is_empty() {
        return vec![Row::from(info)];
    }
    threads
        .into_iter()
        .map(|thread| row(thread, info.clone()))
        .collect()
}

/// What is known of a thread takes the place of what is known of the process. What else is a thread's
/// own is known of the first only, whose it is that the kernel tells of the process.
fn row(thread: Thread, mut info: Info) -> Row {
    let number = thread.id;
    if number != info.pid().as_u32() {
        forget(&mut info.status);
        forget(&mut info.create_time);
        forget(&mut info.cpu_num);
        forget(&mut info.cpu_percent);
        forget(&mut info.cpu_affinity);
        forget(&mut info.nice);
        forget(&mut info.ionice);
        forget(&mut info.num_ctx_switches);
    }
    // A sum over all threads.
    forget(&mut info.page_faults);
    if let (Field::Value(name), Some(own)) = (&mut info.name, thread.name) {
        *name = own;
    }
    if let Field::Value(times) = &mut info.cpu_times {
        let mut own = CpuTimes::default();
        own.user = thread.user_time;
        own.system = thread.system_time;
        *times = own;
    }
    Row {
        thread: Some(number),
        ..Row::from(info)
    }
}

/// Not known of this thread; what was not asked for stays so.
fn forget<T>(field: &mut Field<T>) {
    if !matches!(field, Field::NotAsked) {
        *field = Field::Unsupported;
    }
}
