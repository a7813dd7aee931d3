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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use crate::{sources, step};

    #[test]
    fn every_parser_has_a_fuzz_target() {
        let root = step::root();
        let manifest = fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap();
        let bodies: String = sources::under("fuzz/src")
            .unwrap()
            .into_iter()
            .map(|source| source.text)
            .collect();
        // A public module of a system is a parser; what parsers share is private.
        let mut parsers = BTreeSet::new();
        for source in sources::under("crates/pslens-parse/src").unwrap() {
            let inner = source.path.strip_prefix("crates/pslens-parse/src").unwrap();
            let system = inner.parent().unwrap().to_str().unwrap();
            if !system.is_empty() && inner.ends_with("mod.rs") {
                let names = source
                    .text
                    .lines()
                    .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
                parsers.extend(names.map(|name| format!("{system}_{name}")));
            }
        }
        assert!(parsers.len() > 30);
        for name in &parsers {
            let file = root.join(format!("fuzz/fuzz_targets/{name}.rs"));
            let wrapper = fs::read_to_string(&file).unwrap_or_default();
            assert!(
                wrapper.contains(&format!("pslens_fuzz::{name}(data)")),
                "{name}: no fuzz/fuzz_targets/{name}.rs"
            );
            assert!(
                manifest.contains(&format!("name = \"{name}\"\n")),
                "{name}: not in fuzz/Cargo.toml"
            );
            assert!(
                bodies.contains(&format!("\"{name}\",")),
                "{name}: not in the targets of fuzz/src"
            );
        }
        for entry in fs::read_dir(root.join("fuzz/seeds")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                parsers.contains(&name),
                "fuzz/seeds/{name} belongs to no parser"
            );
        }
    }
}
