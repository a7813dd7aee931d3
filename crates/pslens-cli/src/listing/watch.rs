//! `--watch`: the same answer again and again.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output;

/// How often is answered.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct Watch {
    /// Answer again every SECONDS until interrupted; on a terminal in place.
    #[arg(long, value_name = "SECONDS", value_parser = crate::args::seconds, allow_hyphen_values = true)]
    watch: Option<Duration>,
    /// Stop after N answers.
    #[arg(long, value_name = "N", requires = "watch", value_parser = clap::value_parser!(u64).range(1..))]
    times: Option<u64>,
    /// One answer below the other, also on a terminal.
    #[arg(skip)]
    scrolls: bool,
}

/// Moves to the upper left corner and clears what is below.
const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";

impl Watch {
    pub(crate) const fn interval(self) -> Option<Duration> {
        self.watch
    }

    /// The same, unless something else is said: in the way of the original, which leaves what it has printed.
    pub(super) fn or(self, interval: Option<Duration>, times: Option<u64>) -> Self {
        Self {
            watch: interval.or(self.watch),
            times: times.or(self.times),
            scrolls: interval.is_some(),
        }
    }

    /// The last answer's exit status counts.
    pub(crate) fn repeat(
        self,
        context: &Context,
        mut once: impl FnMut(&Context, &mut dyn Write) -> Result<Exit>,
    ) -> Result<Exit> {
        let mut out = output::stdout();
        let Some(interval) = self.watch else {
            let exit = once(context, &mut out)?;
            out.flush()?;
            return Ok(exit);
        };
        let in_place = !self.scrolls && std::io::stdout().is_terminal();
        let mut answers = 0;
        // Counted from the first answer on, so that the time an answer takes does not add up.
        let mut next = Instant::now();
        loop {
            if in_place {
                out.write_all(CLEAR.as_bytes())?;
            }
            let exit = once(&context.now(), &mut out)?;
            out.flush()?;
            answers += 1;
            if self.times == Some(answers) {
                return Ok(exit);
            }
            next = (next + interval).max(Instant::now());
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }
}
