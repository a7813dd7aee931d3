//! `cargo xtask fuzz-smoke`: every fuzz target replays its seeds and deterministic mutations of them,
//! on stable Rust and without a fuzzing engine.

use crate::step::{self, Outcome, cargo};

pub(crate) fn run(args: &[String]) -> Outcome {
    // No default features: the engine needs a C++ compiler, replaying does not.
    let mut command = cargo([
        "run",
        "--locked",
        "--quiet",
        "--release",
        "--no-default-features",
    ]);
    command.args(["--manifest-path", "fuzz/Cargo.toml", "--bin", "smoke"]);
    command
        .arg("--target-dir")
        .arg(step::target_dir().join("fuzz"));
    command.arg("--").args(args);
    step::run("replay", &mut command)
}

/// Type-checks the targets as the fuzzing engine sees them.
pub(crate) fn check_targets_build() -> Outcome {
    let mut check = cargo([
        "check",
        "--locked",
        "--quiet",
        "--manifest-path",
        "fuzz/Cargo.toml",
    ]);
    check.arg("--bins");
    check
        .arg("--target-dir")
        .arg(step::target_dir().join("fuzz"));
    // Nothing is linked here, so the engine need not be compiled (it is C++).
    check.env("CUSTOM_LIBFUZZER_PATH", "/usr/lib/libFuzzer.a");
    step::run("fuzz targets build", &mut check)
}
