//! The tools beside those whose names they have, on this machine at the same moment.
//!
//! Originals come from procps, psmisc, util-linux, iproute2, net-tools, lsof, sysstat and coreutils. A test
//! whose original is not installed is skipped, and says so.

mod df;
mod free;
mod ifconfig;
mod ionice;
mod iostat;
mod iotop;
mod kill;
mod killall;
mod lsof;
mod netstat;
mod nice;
mod pgrep;
mod pidof;
mod pmap;
mod prlimit;
mod ps;
mod ps_tables;
mod pstree;
mod taskset;
mod top;
mod tty;
mod uptime;
mod who;

use std::fmt::Debug;
use std::io::Write;
use std::process::Command;

use serde_json::Value;

use crate::program::skip;

/// The answer of an original tool; `None` where it is not installed, and the test is skipped.
pub(crate) fn original(test: &str, program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .output();
    match output {
        // df has complaints about mounts that it may not look at, and an answer.
        Ok(output) if output.status.success() || program == "df" => {
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => {
            skip(
                test,
                &format!("{program} {args:?} does not work: {output:?}"),
            );
            None
        }
        Err(error) => {
            skip(test, &format!("no {program}: {error}"));
            None
        }
    }
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Equal within `tolerance`, or between two readings of something that moves, widened by it.
pub(crate) fn is_close(ours: f64, theirs: [f64; 2], tolerance: f64) -> bool {
    let low = theirs[0].min(theirs[1]) - tolerance;
    let high = theirs[0].max(theirs[1]) + tolerance;
    (low..=high).contains(&ours)
}

/// Values of a tool that were compared with the original's. Says so at its end, and fails if any differ.
#[derive(Debug)]
pub(crate) struct Comparison {
    tool: &'static str,
    values: usize,
    /// What differs, and how.
    differences: Vec<(String, String)>,
}

impl Comparison {
    pub(crate) fn of(tool: &'static str) -> Self {
        Self {
            tool,
            values: 0,
            differences: Vec::new(),
        }
    }

    pub(crate) fn equal<T: PartialEq<U> + Debug, U: Debug>(
        &mut self,
        what: impl Debug,
        ours: T,
        theirs: U,
    ) {
        self.values += 1;
        if ours != theirs {
            let difference = format!("{ours:?} is not {theirs:?}");
            self.differences.push((format!("{what:?}"), difference));
        }
    }

    /// Equal within `tolerance`.
    pub(crate) fn close(&mut self, what: impl Debug, ours: f64, theirs: f64, tolerance: f64) {
        self.between(what, ours, [theirs; 2], tolerance);
    }

    /// Between two readings of the original, widened by `tolerance`.
    pub(crate) fn between(
        &mut self,
        what: impl Debug,
        ours: f64,
        theirs: [f64; 2],
        tolerance: f64,
    ) {
        self.values += 1;
        if !is_close(ours, theirs, tolerance) {
            let difference = format!("{ours} is not {theirs:?} within {tolerance}");
            self.differences.push((format!("{what:?}"), difference));
        }
    }

    /// Takes over what was compared elsewhere.
    pub(crate) fn add(&mut self, values: usize) {
        self.values += values;
    }

    /// `cargo xtask test` adds up the lines in the file `PSLENS_COMPARISONS`.
    pub(crate) fn finish(self) {
        let line = format!("{} {} {}\n", self.tool, self.values, self.differences.len());
        if let Some(path) = std::env::var_os("PSLENS_COMPARISONS") {
            let mut options = std::fs::OpenOptions::new();
            let mut list = options.append(true).create(true).open(path).unwrap();
            list.write_all(line.as_bytes()).unwrap();
        }
        print!("compared: {line}");
        assert!(self.differences.is_empty(), "{:#?}", self.differences);
        assert!(self.values > 0, "{}: nothing was compared", self.tool);
    }
}

/// Compares what changes all the time: a value may change just between the readings and back again, but not
/// every time. `look` gives up (`None`) where there is nothing to compare with.
pub(crate) fn agree(tool: &'static str, mut look: impl FnMut(&mut Comparison) -> Option<()>) {
    let mut comparison = Comparison::of(tool);
    for look_again in [false, true, true, true, true] {
        let mut now = Comparison::of(tool);
        if look(&mut now).is_none() {
            return;
        }
        if look_again {
            let stays = |what: &String| comparison.differences.iter().any(|(it, _)| it == what);
            now.differences.retain(|(what, _)| stays(what));
        }
        comparison = now;
        if comparison.differences.is_empty() {
            break;
        }
    }
    comparison.finish();
}
