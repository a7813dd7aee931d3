//! A compiler for other systems: the usual one where it has their standard library, else one that can build
//! it from source.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step;

/// Debian's compiler comes with the source of its standard library.
const DISTRIBUTION: &str = "/usr/bin";

/// A compiler with a standard library for some target.
#[derive(Debug)]
pub(crate) enum Toolchain {
    /// The usual one.
    Usual,
    /// That of the distribution, which builds the standard library first.
    Distribution,
}

impl Toolchain {
    /// How to get one.
    pub(crate) const ADVICE: &str = "`rustup target add`, or Debian's rustc-web and rust-web-src";

    /// Debian's packages.
    pub(crate) const PACKAGES: &[&str] = &[
        "rustc-web",
        "cargo-web",
        "rust-web-src",
        "rust-web-clippy",
        "libstd-rust-web-dev",
    ];

    pub(crate) fn find(target: &str) -> Option<Self> {
        let installed = |sysroot: PathBuf| {
            let library = sysroot.join("lib/rustlib").join(target).join("lib");
            std::fs::read_dir(library).is_ok_and(|mut entries| entries.next().is_some())
        };
        if sysroot(Path::new("rustc")).is_some_and(installed) {
            return Some(Self::Usual);
        }
        let source = "lib/rustlib/src/rust/library/Cargo.lock";
        let has_source = |sysroot: PathBuf| sysroot.join(source).exists();
        let rustc = Path::new(DISTRIBUTION).join("rustc");
        sysroot(&rustc)
            .is_some_and(has_source)
            .then_some(Self::Distribution)
    }

    /// Where it puts what it builds for `target`.
    pub(crate) fn built(&self, target: &str) -> PathBuf {
        step::target_dir().join("cross").join(target).join("debug")
    }

    /// Whether it has a command of cargo that not every compiler comes with.
    pub(crate) fn has(&self, subcommand: &str) -> bool {
        let mut command = match self {
            Self::Usual => step::cargo([subcommand, "--version"]),
            Self::Distribution => {
                let mut command = Command::new(Path::new(DISTRIBUTION).join("cargo"));
                command.args([subcommand, "--version"]);
                command.env_remove("RUSTUP_TOOLCHAIN");
                command
            }
        };
        command.output().is_ok_and(|output| output.status.success())
    }

    /// `cargo VERB` for `target`, into a directory of its own: two compilers must not share one.
    pub(crate) fn cargo(&self, verb: &str, target: &str) -> Command {
        let mut command = match self {
            Self::Usual => step::cargo([verb]),
            Self::Distribution => distribution(verb),
        };
        command.args(["--locked", "--target", target]);
        command.env("CARGO_TARGET_DIR", step::target_dir().join("cross"));
        command
    }
}

fn distribution(verb: &str) -> Command {
    let of = |program: &str| Path::new(DISTRIBUTION).join(program);
    let mut command = step::cargo([verb]);
    let mut direct = Command::new(of("cargo"));
    direct.args(command.get_args()).current_dir(step::root());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => direct.env(name, value),
            None => direct.env_remove(name),
        };
    }
    command = direct;
    // These would lead back to the usual compiler.
    for name in [
        "RUSTUP_TOOLCHAIN",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO",
        "CARGO_BUILD_TARGET",
    ] {
        command.env_remove(name);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = [PathBuf::from(DISTRIBUTION)];
    let path = std::env::join_paths(first.into_iter().chain(std::env::split_paths(&path)));
    if let Ok(path) = path {
        command.env("PATH", path);
    }
    command
        .env("RUSTC", of("rustc"))
        .env("RUSTDOC", of("rustdoc"))
        // The standard library may be built by compilers that may use unstable features.
        .env("RUSTC_BOOTSTRAP", "1")
        .arg("-Zbuild-std=std,panic_abort");
    command
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let mut command = Command::new(rustc);
    command
        .args(["--print", "sysroot"])
        .current_dir(step::root());
    if rustc.is_absolute() {
        command.env_remove("RUSTUP_TOOLCHAIN");
    }
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(PathBuf::from(
        String::from_utf8_lossy(&output.stdout).trim(),
    ))
}
