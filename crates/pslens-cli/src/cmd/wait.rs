//! `pslens wait`: until processes have ended, whoever started them.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pslens::process::{self, ExitStatus, WaitEvent};
use pslens::{Pid, Process};
use serde::{Serialize, Serializer};

use crate::args::{pid, seconds};
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output::time::Style;
use crate::output::{self, Cell, json, text};
use crate::select;
use crate::targets::process_with;

/// Wait until processes have ended, whoever started them, and print each as it does.
///
/// A process has ended when it exits, whether its parent takes note or not. How it ended is known only
/// of children of this very process (after `exec pslens wait` in a shell that had started them), on
/// Windows of every process that may be opened. Nothing is polled: waiting costs no CPU time.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The processes.
    #[arg(value_name = "PID", required = true, value_parser = pid, allow_negative_numbers = true)]
    pids: Vec<Pid>,
    /// Give up after this.
    #[arg(short, long, value_name = "SECONDS", value_parser = seconds, allow_hyphen_values = true)]
    timeout: Option<Duration>,
    /// The first that ends is enough.
    #[arg(long)]
    any: bool,
    /// Print nothing but notes.
    #[arg(short, long)]
    quiet: bool,
}

const LEGEND: &str = "Examples and exit status: --help.";

const EXAMPLES: &str = "\
Examples:
  pslens wait 1234 && echo done
  pslens wait --timeout 30 1234 1235 || echo 'still busy'
  pslens wait --any $(pgrep -d ' ' make)

STATUS is the exit status, or the number of the signal with a minus sign, and -
where it is not known. With --json one array is printed when the waiting ends.
Exit status: 0 all have ended (with --any one has), 1 a PID was nobody's and the
others have ended, 2 wrong usage, 4 some still run after --timeout, 5 other
failures.";

/// A process that was waited for.
#[derive(Debug, Serialize)]
struct Row {
    pid: Pid,
    #[serde(serialize_with = "json::some_text")]
    name: Option<OsString>,
    /// psutil's number; null if it is not known.
    returncode: Option<ExitStatus>,
    /// Null if it still runs.
    #[serde(serialize_with = "epoch")]
    exited_at: Option<SystemTime>,
}

#[expect(
    clippy::ref_option,
    reason = "serde calls it with a reference to the field"
)]
fn epoch<S: Serializer>(
    time: &Option<SystemTime>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map(|since| since.as_secs_f64()).serialize(serializer)
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    select::refuse_captures("wait", context)?;
    let (processes, mut exit) = args.processes();
    let mut rows: Vec<Row> = Vec::with_capacity(processes.len());
    // Asked now: who has ended cannot be asked.
    for process in &processes {
        rows.push(Row {
            pid: process.pid(),
            name: process.name().ok(),
            returncode: None,
            exited_at: None,
        });
    }
    let mut out = output::stdout();
    let prints_rows = !context.json && !args.quiet;
    if prints_rows && context.layout.header {
        writeln!(out, "    PID ENDED               STATUS NAME")?;
        out.flush()?;
    }
    let mut written = Ok(());
    let waited = process::wait_all_interruptible(processes, args.timeout, |event| {
        let WaitEvent::Gone(process, status) = event else {
            return ControlFlow::Continue(());
        };
        let Some(row) = rows.iter_mut().find(|row| row.pid == process.pid()) else {
            return ControlFlow::Continue(());
        };
        row.returncode = status;
        row.exited_at = Some(SystemTime::now());
        if prints_rows {
            written = row.write(&mut out, context);
        }
        if args.any || written.is_err() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    written?;
    if context.json {
        json::write(&rows, &mut out)?;
    }
    out.flush()?;
    let is_over = waited.alive.is_empty() || (args.any && !waited.gone.is_empty());
    if !is_over {
        let left: Vec<String> = waited
            .alive
            .iter()
            .map(|left| left.pid().to_string())
            .collect();
        output::note(&format!("wait: still running: {}", left.join(", ")));
        exit = Exit::PartlyFailed;
    }
    Ok(exit)
}

impl Args {
    /// Those that exist; the others are noted.
    fn processes(&self) -> (Vec<Process>, Exit) {
        let mut exit = Exit::Success;
        let mut processes = Vec::new();
        for pid in self.pids.iter().copied().collect::<BTreeSet<_>>() {
            match process_with(pid) {
                Ok(process) => processes.push(process),
                Err(trouble) => {
                    output::note(&format!("wait: {}", trouble.text));
                    exit = trouble.exit;
                }
            }
        }
        (processes, exit)
    }
}

impl Row {
    /// Writes a line at once: somebody may be waiting for it.
    fn write(&self, out: &mut impl Write, context: &Context) -> io::Result<()> {
        let mut line = format!("{:>7} ", self.pid);
        let ended = self
            .exited_at
            .map_or(Cell::Unknown, |at| Cell::Time(at, Style::Full));
        ended.push(&mut line, context.layout, &context.clock);
        match self.returncode {
            Some(status) => text::append(&mut line, format_args!(" {:>6} ", status.returncode())),
            None => line.push_str("      - "),
        }
        Cell::some_text(self.name.as_ref()).push(&mut line, context.layout, &context.clock);
        line.push('\n');
        out.write_all(line.as_bytes())?;
        out.flush()
    }
}
