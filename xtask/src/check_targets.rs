//! `cargo xtask check-targets`: type-checks every supported target whose standard library is here, or can be
//! built here.
//!
//! A backend that was never compiled must be visible, so the targets that were *not* checked are
//! printed, with the reason.

use crate::step::{self, Outcome};
use crate::toolchain::Toolchain;

/// Every system that the library is for, with one target that stands for it.
const TARGETS: &[&str] = &[
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-gnu",
    "armv7-unknown-linux-gnueabihf",
    "s390x-unknown-linux-gnu",
    "x86_64-pc-windows-gnu",
    "aarch64-apple-darwin",
    "x86_64-unknown-freebsd",
    "x86_64-unknown-netbsd",
    "x86_64-unknown-openbsd",
    "x86_64-unknown-illumos",
    "x86_64-pc-solaris",
];

fn check_all() -> Outcome {
    let mut missing = Vec::new();
    let mut checked = 0;
    for target in TARGETS {
        let Some(toolchain) = Toolchain::find(target) else {
            missing.push(*target);
            continue;
        };
        let mut check = toolchain.cargo("check", target);
        check.args([
            "--quiet",
            "--package",
            "pslens-parse",
            "--package",
            "pslens",
        ]);
        step::run(target, check.arg("--all-features"))?;
        checked += 1;
    }
    for target in &missing {
        println!(
            "NOT checked: {target} (its standard library is missing: {})",
            Toolchain::ADVICE
        );
    }
    println!("{checked} targets checked, {} not checked", missing.len());
    Ok(())
}

pub(crate) fn run(args: &[String]) -> Outcome {
    match args.first() {
        Some(unknown) => Err(format!("unknown argument {unknown:?}; there are none")),
        None => check_all(),
    }
}
