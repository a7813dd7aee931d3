//! `cargo xtask test`: everything that a change must pass, the same on every machine.
//!
//! Needs Rust and a C compiler. What it can use beyond that (cargo-nextest) it uses if it is there.

use std::process::Command;
use std::time::Instant;

use crate::step::{self, Outcome, cargo};
use crate::suite::{self, Count};
use crate::{fuzz_smoke, gen_docs};

pub(crate) fn run(args: &[String]) -> Outcome {
    if let Some(unknown) = args.first() {
        return Err(format!("unknown argument {unknown:?}; there are none"));
    }
    let start = Instant::now();
    let mut count = Count::default();
    let outcome = steps(&mut count);
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    println!();
    if let Err(why) = &outcome {
        println!("FAILED after {minutes:.1} min: {why}");
        // Whatever failed, a line that says "0 failed" must not be the last word.
        count.failed = count.failed.max(1);
    } else {
        println!("every step passed in {minutes:.1} min");
    }
    println!(
        "{} passed, {} failed, {} skipped",
        count.passed, count.failed, count.skipped
    );
    outcome
}

fn steps(count: &mut Count) -> Outcome {
    step::run("format", &mut cargo(["fmt", "--all", "--", "--check"]))?;
    let mut clippy = cargo(["clippy", "--locked", "--workspace", "--all-targets"]);
    clippy.args(["--all-features", "--", "-D", "warnings"]);
    step::run("clippy", &mut clippy)?;
    step::timed("documents", || gen_docs::run(&["--check".into()]))?;
    suite::run(count)?;
    let mut doc = cargo([
        "doc",
        "--locked",
        "--workspace",
        "--no-deps",
        "--all-features",
    ]);
    step::run("rustdoc", doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    step::timed("fuzz-smoke", || fuzz_smoke::run(&[]))?;
    fuzz_smoke::check_targets_build()?;
    bench_builds()?;
    program()
}

fn bench_builds() -> Outcome {
    if !step::root().join("bench/Cargo.toml").exists() {
        return Err("bench/Cargo.toml is missing".into());
    }
    let mut check = cargo([
        "check",
        "--locked",
        "--quiet",
        "--manifest-path",
        "bench/Cargo.toml",
    ]);
    check
        .arg("--target-dir")
        .arg(step::target_dir().join("bench"));
    step::run("bench builds", &mut check)
}

/// The release build shows this machine's processes, this one among them.
fn program() -> Outcome {
    let mut build = cargo(["build", "--locked", "--release", "--package", "pslens-cli"]);
    step::run("release build", &mut build)?;
    step::timed("release run", || {
        let program = step::target_dir().join("release/pslens");
        let output = Command::new(&program)
            .args(["ps", "--json"])
            .output()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let own = format!("\"pid\":{}", std::process::id());
        let squeezed: String = text.split_whitespace().collect();
        let shown = [",", "}"]
            .iter()
            .any(|end| squeezed.contains(&format!("{own}{end}")));
        if output.status.success() && shown {
            println!("    pslens ps --json: {} bytes", text.len());
            Ok(())
        } else {
            let errors = String::from_utf8_lossy(&output.stderr);
            Err(format!(
                "`pslens ps --json` does not show process {}: {} {errors}",
                std::process::id(),
                output.status
            ))
        }
    })
}
