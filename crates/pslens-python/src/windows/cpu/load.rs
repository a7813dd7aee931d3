//! The load average: Windows has none, so this extension makes one from the first question on, as psutil does.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use pslens::host::LoadAverage;
use pslens::os::windows::LoadSampler;
use pyo3::prelude::*;

use crate::errors;

/// So often it looks, as Linux and psutil do.
const INTERVAL: Duration = Duration::from_secs(5);

/// As of the last look; None before somebody has asked.
static AVERAGES: Mutex<Option<LoadAverage>> = Mutex::new(None);

/// The averages as of at most five seconds ago; all 0.0 when they are asked for the first time.
pub(crate) fn load_average(py: Python<'_>) -> PyResult<LoadAverage> {
    let load = py.detach(|| {
        let mut averages = AVERAGES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*averages {
            return Ok(known.clone());
        }
        let mut sampler = LoadSampler::new();
        let first = sampler.sample().map_err(Failure::Looking)?;
        // It ends with the interpreter's process, and knows nothing of Python.
        thread::Builder::new()
            .name("pslens load average".to_owned())
            .spawn(move || look_again_and_again(sampler))
            .map_err(Failure::Starting)?;
        Ok(averages.insert(first).clone())
    });
    let mut load = load.map_err(|failure| match failure {
        Failure::Looking(error) => errors::of_system(py, &error),
        Failure::Starting(error) => error.into(),
    })?;
    for average in [&mut load.one, &mut load.five, &mut load.fifteen] {
        // COMPAT(psutil): hundredths, which is what Linux has.
        *average = (*average * 100.0).round() / 100.0;
    }
    Ok(load)
}

enum Failure {
    Looking(pslens::Error),
    Starting(std::io::Error),
}

fn look_again_and_again(mut sampler: LoadSampler) {
    loop {
        thread::sleep(INTERVAL);
        // What cannot be looked at now leaves the averages as they are.
        if let Ok(now) = sampler.sample() {
            *AVERAGES.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        }
    }
}
