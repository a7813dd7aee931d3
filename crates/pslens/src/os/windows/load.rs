//! Load averages, of which Windows keeps none.

use std::time::{Duration, Instant};

use crate::error::Result;
use crate::host::LoadAverage;
use crate::sys::windows::host::processor_queue;

/// Load averages of a program that asks for them regularly.
///
/// Windows tells how many threads wait for a CPU, at this moment. Each call of
/// [`sample`](LoadSampler::sample) reads that number and folds it into averages, with the time that has
/// passed since the call before. Call it every few seconds: once in five psutil does so, in the background.
///
/// Other than the averages of Unix these do not count the threads that run, only those that would like
/// to: they are 0 on a machine that has a CPU for everybody. The averages begin at 0, as after boot, and
/// mean nothing until a sampler is as old as they are long.
///
/// # Examples
/// ```
/// let mut sampler = pslens::os::windows::LoadSampler::new();
/// assert_eq!(sampler.sample()?.one, 0.0);
/// # Ok::<(), pslens::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct LoadSampler {
    averages: LoadAverage,
    last: Option<Instant>,
}

impl LoadSampler {
    /// One that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the queue of threads that wait for a CPU, and returns the averages until now; all 0 in
    /// the first call, which only starts the clock.
    ///
    /// It reads the table of all processes, and costs as much as listing them.
    ///
    /// # Units
    /// Threads, not rounded.
    /// # Availability
    /// Windows.
    /// # Errors
    /// [`ErrorKind::Os`](crate::ErrorKind::Os) if the table cannot be read; the averages then stay as they are.
    /// # Sources
    /// `SystemProcessInformation`: the threads in the states `Ready` and `DeferredReady`, without those of the
    /// idle process. The performance counter `\System\Processor Queue Length` is the same number.
    #[doc(alias = "getloadavg")]
    pub fn sample(&mut self) -> Result<LoadAverage> {
        let waiting = processor_queue("host load_average")?;
        let now = Instant::now();
        let elapsed = self.last.map_or(Duration::ZERO, |last| now - last);
        self.averages = self.averages.after(elapsed, waiting);
        self.last = Some(now);
        Ok(self.averages.clone())
    }
}
