//! `cargo xtask bench`: the comparison with other libraries, which is a workspace of its own.

use crate::step::{self, Outcome, cargo};

pub(crate) fn run_args(args: &[String]) -> Vec<String> {
    let mut all: Vec<String> = ["run", "--release", "--manifest-path", "bench/Cargo.toml"]
        .map(str::to_owned)
        .to_vec();
    all.push("--target-dir".into());
    all.push(step::target_dir().join("bench").display().to_string());
    all.push("--".into());
    all.extend_from_slice(args);
    all
}

pub(crate) fn run(args: &[String]) -> Outcome {
    step::run("bench", &mut cargo(run_args(args)))
}
