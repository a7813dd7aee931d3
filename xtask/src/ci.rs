//! `cargo xtask test`: everything that a change must pass, the same on every machine.
//!
//! Needs Rust and a C compiler. What it can use beyond that (cargo-nextest) it uses if it is there.

use std::process::Command;
use std::time::Instant;

use crate::step::{self, Outcome, cargo};
use crate::suite::{self, Count};
use crate::{
    conformance, fuzz_smoke, gen_docs, invariants, originals, programs, python, wheels, windows,
};

/// A step of the gate: its name, and what it does. Tests add to the count.
type Step = (&'static str, fn(&mut Count) -> Outcome);

const STEPS: &[Step] = &[
    ("format", |_| format()),
    ("clippy", |_| clippy()),
    ("documents", |_| documents()),
    ("invariants", |_| {
        step::timed("invariants", invariants::check)
    }),
    ("originals", |_| originals::install()),
    ("tests", suite::run),
    ("python", python::tests),
    ("wheels", |_| wheels::check()),
    ("programs", programs::run),
    ("conformance", conformance::check),
    ("rustdoc", |_| rustdoc()),
    ("fuzz", |_| fuzz()),
    ("bench", |_| bench_builds()),
    ("program", |_| program()),
    ("windows", windows::gate),
];

pub(crate) fn run(args: &[String]) -> Outcome {
    let names: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = args.iter().find(|arg| !names.contains(&arg.as_str())) {
        let names = names.join(" ");
        return Err(format!(
            "unknown step {unknown:?}; without arguments every step runs: {names}"
        ));
    }
    let start = Instant::now();
    let mut count = Count::default();
    let chosen = STEPS
        .iter()
        .filter(|(name, _)| args.is_empty() || args.iter().any(|arg| arg == name));
    let mut outcome = Ok(());
    for (_, step) in chosen {
        outcome = outcome.and_then(|()| step(&mut count));
    }
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    println!();
    match &outcome {
        Ok(()) if args.is_empty() => println!("every step passed in {minutes:.1} min"),
        Ok(()) => println!("passed in {minutes:.1} min: {}", args.join(" ")),
        Err(why) => {
            println!("FAILED after {minutes:.1} min: {why}");
            // Whatever failed, a line that says "0 failed" must not be the last word.
            count.failed = count.failed.max(1);
        }
    }
    // A run without the tests has nothing to count.
    if outcome.is_err() || count != Count::default() {
        println!(
            "{} passed, {} failed, {} skipped",
            count.passed, count.failed, count.skipped
        );
    }
    outcome
}

fn format() -> Outcome {
    step::run("format", &mut cargo(["fmt", "--all", "--", "--check"]))?;
    // Workspaces of their own are not reached by `--all`.
    for workspace in ["fuzz", "bench"] {
        let mut format = cargo(["fmt", "--manifest-path"]);
        format.arg(format!("{workspace}/Cargo.toml"));
        step::run(
            &format!("format {workspace}"),
            format.args(["--", "--check"]),
        )?;
    }
    Ok(())
}

fn clippy() -> Outcome {
    let mut clippy = cargo(["clippy", "--locked", "--workspace", "--all-targets"]);
    clippy.args(["--all-features", "--", "-D", "warnings"]);
    step::run("clippy", &mut clippy)
}

fn documents() -> Outcome {
    step::timed("documents", || gen_docs::run(&["--check".into()]))
}

fn rustdoc() -> Outcome {
    let mut doc = cargo(["doc", "--locked", "--workspace", "--no-deps"]);
    doc.arg("--all-features").env("RUSTDOCFLAGS", "-D warnings");
    step::run("rustdoc", &mut doc)
}

fn fuzz() -> Outcome {
    step::timed("fuzz-smoke", || fuzz_smoke::run(&[]))?;
    fuzz_smoke::check_targets_build()
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
