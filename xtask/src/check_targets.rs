//! `cargo xtask check-targets`: type-checks every supported target whose standard library is here.
//!
//! A backend that was never compiled must be visible, so the targets that were *not* checked are
//! printed, with the reason.

use std::process::Command;

use crate::step::{self, Outcome, cargo};

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
    let sysroot = Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir(step::root())
        .output()
        .map_err(|error| format!("rustc: {error}"))?;
    let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
    let mut missing = Vec::new();
    let mut checked = 0;
    for target in TARGETS {
        let std = format!("{sysroot}/lib/rustlib/{target}/lib");
        if std::fs::read_dir(std).is_ok_and(|mut entries| entries.next().is_some()) {
            let mut check = cargo(["check", "--locked", "--quiet", "--target", target]);
            check.args(["--package", "pslens-parse", "--package", "pslens"]);
            check.arg("--all-features");
            step::run(target, &mut check)?;
            checked += 1;
        } else {
            missing.push(*target);
        }
    }
    for target in &missing {
        println!(
            "NOT checked: {target} (its standard library is not installed: `rustup target add {target}`)"
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
