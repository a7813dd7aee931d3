//! The project's own chores. `cargo xtask help` lists them.

#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to the person who started it"
)]

mod bench;
mod capture;
mod check_targets;
mod ci;
mod conformance;
mod crosscheck;
mod fuzz_smoke;
mod gen_docs;
mod invariants;
mod originals;
mod programs;
mod python;
mod sources;
mod step;
mod stress;
mod suite;
mod toolchain;
mod top_session;
mod wheels;
mod windows;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask CHORE

  test [STEP...]     everything that a change must pass, or only the named steps; `ci` is the same
  gen-docs [--check] write docs/PLATFORMS.md from the availability table; --check only compares, and
                     compares the sources' `# Availability` sections with the table as well
  fuzz-smoke [N]     replay every fuzz seed and N mutations of each (default 2000) on stable Rust
  check-targets      type-check for every installed target; names those that were not checked
  capture DIR        write this machine's /proc and /sys to DIR as a fixture, names replaced
  wheels [ARGS...]   build both Python packages into target/wheels and try them with every Python that is
                     here; ARGS are for `maturin build`
  bench [ARGS...]    run the comparison with other libraries (bench/)
  crosscheck         compare every answer with psutil's (makes a Python environment in target/);
                     --verbose shows examples of the differences that are explained
  conformance        run psutil's own tests with psutil and with pslens (fetches them with pip)
  stress [--seconds N]
                     read everything for N seconds (default 30) while processes come and go
  windows-test       run the tests of Windows under wine; says what is missing, installs nothing
  top-session [MINUTES]
                     type into `pslens top` for so long (default 10) and watch its memory; needs tmux
  help               this text
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (chore, rest) = match args.split_first() {
        Some((chore, rest)) => (chore.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    let outcome = match chore {
        "test" | "ci" => ci::run(rest),
        "gen-docs" => gen_docs::run(rest),
        "fuzz-smoke" => fuzz_smoke::run(rest),
        "check-targets" => check_targets::run(rest),
        "capture" => capture::run(rest),
        "wheels" => wheels::run(rest),
        "bench" => bench::run(rest),
        "windows-test" => windows::run(rest),
        "stress" => stress::run(rest),
        "top-session" => top_session::run(rest),
        "crosscheck" => crosscheck::run(rest),
        "conformance" => conformance::run(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(format!("no chore is called {unknown:?}\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask {chore}: {message}");
            ExitCode::FAILURE
        }
    }
}
