//! `cargo xtask windows-test`: the tests of Windows, built with mingw and run under wine.
//!
//! Nothing is installed: what is missing is named, with how to get it. The wine prefix and everything that is
//! built are in the target directory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use pslens::availability::{Evidence, Kind, Row, System, TABLE};

use crate::originals::{install_packages, is_installed};
use crate::python::pytest_count;
use crate::step::{self, Outcome, watch};
use crate::suite::{self, Count};
use crate::toolchain::Toolchain;

const TARGET: &str = "x86_64-pc-windows-gnu";

/// Programs that are needed, and Debian's packages of them. The first two make import libraries and link.
const PROGRAMS: &[(&str, &str)] = &[
    ("x86_64-w64-mingw32-dlltool", "binutils-mingw-w64-x86-64"),
    ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"),
    (WINE, "wine64"),
];

/// Where Debian has it; the command of the same name needs a package more.
const WINE: &str = "/usr/lib/wine/wine64";

/// So many seconds a test program may run before it counts as hanging.
const PATIENCE: &str = "900";

/// What is tested, and with which arguments of `cargo test`.
const SUITES: &[(&str, &[&str])] = &[
    ("the decoders", &["--package", "pslens-parse", "--lib"]),
    (
        "the library",
        &[
            "--package",
            "pslens",
            "--all-features",
            "--lib",
            "--test",
            "windows",
        ],
    ),
    (
        "the examples",
        &["--package", "pslens", "--all-features", "--doc"],
    ),
    (
        "the program",
        &["--package", "pslens-cli", "--bins", "--test", "windows"],
    ),
];

pub(crate) fn run(args: &[String]) -> Outcome {
    if let Some(unknown) = args.first() {
        return Err(format!("unknown argument {unknown:?}; there are none"));
    }
    test(&mut Count::default())
}

/// What the gate does: installs what is missing where that can be done without a question, and tests; without
/// wine the step is skipped and says so.
pub(crate) fn gate(count: &mut Count) -> Outcome {
    let missing = missing();
    if !missing.is_empty() {
        step::timed("what Windows needs", || {
            let packages: Vec<&str> = missing
                .iter()
                .flat_map(|part| part.packages)
                .copied()
                .collect();
            if !install_packages(&packages) {
                println!("    not installed: {}", packages.join(" "));
            }
            Ok(())
        })?;
    }
    if !self::missing().is_empty() {
        println!("    skipped windows: {}", complaint(&self::missing()));
        count.skipped += 1;
        return Ok(());
    }
    test(count)
}

/// Something that is not here.
struct Missing {
    what: String,
    packages: &'static [&'static str],
}

fn missing() -> Vec<Missing> {
    let mut missing = Vec::new();
    for (program, package) in PROGRAMS {
        if !is_installed(program) {
            missing.push(Missing {
                what: format!("{program} (Debian: {package})"),
                packages: std::slice::from_ref(package),
            });
        }
    }
    if Toolchain::find(TARGET).is_none() {
        missing.push(Missing {
            what: format!(
                "Rust's standard library for {TARGET} ({})",
                Toolchain::ADVICE
            ),
            packages: Toolchain::PACKAGES,
        });
    }
    missing
}

fn complaint(missing: &[Missing]) -> String {
    let parts: Vec<_> = missing.iter().map(|part| part.what.as_str()).collect();
    format!("missing: {}", parts.join("; "))
}

fn test(count: &mut Count) -> Outcome {
    let missing = missing();
    let Some(toolchain) = Toolchain::find(TARGET).filter(|_| missing.is_empty()) else {
        return Err(complaint(&missing));
    };
    let prefix = step::target_dir().join("windows/wine");
    step::timed("wine prefix", || prepare(&prefix))?;
    let evidence = step::target_dir().join("windows/evidence.txt");
    let _ = fs::remove_file(&evidence);
    let mut sum = Count::default();
    let mut outcome = Ok(());
    for (name, args) in SUITES {
        let result = step::timed(&format!("{name} on Windows"), || {
            let mut command = cargo(&toolchain, "test", &prefix);
            command
                .args(["--no-fail-fast", "--color", "never"])
                .args(*args);
            command.env("PSLENS_EVIDENCE", &evidence);
            let (output, ok) = watch(&mut command)?;
            let mut this = suite::harness_count(&output);
            this.skipped = this.skipped.saturating_sub(parts_of_children(&output));
            sum.add(this);
            suite::verdict(this, ok)
        });
        outcome = outcome.and(result);
    }
    let program = step::timed("the program links", || {
        let mut build = cargo(&toolchain, "build", &prefix);
        build.args(["--quiet", "--package", "pslens-cli"]);
        step::run("pslens.exe", &mut build)
    });
    let python = step::timed("the Python package on Windows", || {
        sum.add(python(&toolchain, &prefix)?);
        Ok(())
    });
    let lints = lints(&toolchain, &prefix);
    count.add(sum);
    let seen = Seen::read(&evidence);
    let agreed = seen.report();
    println!(
        "    tests under wine: {} passed, {} failed, {} skipped",
        sum.passed, sum.failed, sum.skipped
    );
    outcome.and(program).and(python).and(lints).and(agreed)
}

/// Test programs start themselves again as children in a known state: what these do stands among the tests, and
/// is no test.
fn parts_of_children(output: &str) -> u64 {
    let parts = output
        .lines()
        .filter(|line| line.ends_with(" ... ignored, the part of a child"));
    u64::try_from(parts.count()).unwrap_or(0)
}

/// Links the extension and runs its tests with a Python of Windows, which pip fetches.
fn python(toolchain: &Toolchain, prefix: &Path) -> Result<Count, String> {
    let mut build = cargo(toolchain, "build", prefix);
    build.args(["--quiet", "--package", "pslens-python"]);
    // Its ABI is the stable one: no Windows Python is needed to compile against.
    build.env("PYO3_NO_PYTHON", "1");
    step::run("pslens-python", &mut build)?;
    let extension = toolchain.built(TARGET).join("_native.dll");
    let mut tests = Command::new("python3");
    tests
        .arg(step::root().join("crates/pslens-python/windows/under_wine.py"))
        .arg(extension)
        .arg(step::target_dir().join("windows/python"));
    under_wine(&mut tests, prefix);
    let (output, ok) = watch(&mut tests)?;
    let count = pytest_count(&output);
    suite::verdict(count, ok)?;
    Ok(count)
}

/// What compilers and clippy say of code that is compiled for Windows only; where there is no clippy that can
/// look at it, nothing.
fn lints(toolchain: &Toolchain, prefix: &Path) -> Outcome {
    if !toolchain.has("clippy") {
        println!("    skipped clippy on Windows: not installed (Debian: rust-web-clippy)");
        return Ok(());
    }
    let mut clippy = cargo(toolchain, "clippy", prefix);
    clippy.args(["--quiet", "--all-targets", "--all-features"]);
    for package in ["pslens-parse", "pslens", "pslens-cli"] {
        clippy.args(["--package", package]);
    }
    step::run("clippy on Windows", clippy.args(["--", "-D", "warnings"]))
}

/// A cargo that builds for Windows, and runs what it built under wine.
fn cargo(toolchain: &Toolchain, verb: &str, prefix: &Path) -> Command {
    let mut command = toolchain.cargo(verb, TARGET);
    let runner = format!("timeout --kill-after 10 {PATIENCE} {WINE}");
    command
        .env(
            "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER",
            "x86_64-w64-mingw32-gcc",
        )
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", runner);
    under_wine(&mut command, prefix);
    command
}

fn under_wine(command: &mut Command, prefix: &Path) {
    command
        .env("WINEPREFIX", prefix)
        .env("WINEDEBUG", "-all")
        // Wine would ask, in a window, whether to fetch .NET and a browser.
        .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
        .env_remove("DISPLAY");
}

/// A Windows 10 of our own.
fn prepare(prefix: &Path) -> Outcome {
    let ready = prefix.join(".ready");
    if ready.exists() {
        return Ok(());
    }
    let failed = |what: &Path, error: std::io::Error| format!("{}: {error}", what.display());
    fs::create_dir_all(prefix).map_err(|error| failed(prefix, error))?;
    for args in [&["wineboot", "-i"][..], &["winecfg", "/v", "win10"]] {
        let mut command = Command::new(WINE);
        under_wine(command.args(args), prefix);
        let output = command
            .output()
            .map_err(|error| format!("{WINE}: {error}"))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(format!(
                "wine {}: {}: {text}",
                args.join(" "),
                output.status
            ));
        }
    }
    random_numbers(prefix)?;
    fs::write(&ready, "").map_err(|error| failed(&ready, error))
}

/// Rust's standard library takes random numbers from a library that wine has since version 9 only: before, a
/// library of that one function is put in its place.
fn random_numbers(prefix: &Path) -> Outcome {
    const SOURCE: &str = "\
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE to, SIZE_T length)
{
    while (length > 0) {
        ULONG part = length > 65536 ? 65536 : (ULONG)length;
        if (!SystemFunction036(to, part))
            return FALSE;
        to += part;
        length -= part;
    }
    return TRUE;
}
";
    let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
    if library.exists() {
        return Ok(());
    }
    let source = prefix.join("bcryptprimitives.c");
    fs::write(&source, SOURCE).map_err(|error| format!("{}: {error}", source.display()))?;
    let mut compile = Command::new("x86_64-w64-mingw32-gcc");
    compile.args(["-O2", "-s", "-shared", "-o"]).arg(&library);
    compile.arg(&source).arg("-ladvapi32");
    step::run("ProcessPrng", &mut compile)
}

/// What the tests noted: by path of the availability table, what was missing in the answer, if anything.
#[derive(Debug, Default)]
struct Seen(BTreeMap<String, Vec<String>>);

impl Seen {
    fn read(file: &Path) -> Self {
        Self::parse(&fs::read_to_string(file).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let mut seen = Self::default();
        for line in text.lines() {
            let (path, why) = line.split_once('\t').unwrap_or((line, ""));
            let whys = seen.0.entry(path.to_owned()).or_default();
            if !whys.iter().any(|known| known == why) {
                whys.push(why.to_owned());
            }
        }
        seen
    }

    /// An answer that was checked once has data, whatever other calls found.
    fn evidence(&self, path: &str) -> Option<(Evidence, &str)> {
        let whys = self.0.get(path)?;
        if whys.iter().any(String::is_empty) {
            return Some((Evidence::Run, ""));
        }
        Some((Evidence::RunWithoutData, whys.first().map_or("", |why| why)))
    }

    /// Prints what was called, and compares it with what the availability table claims.
    fn report(&self) -> Outcome {
        let mut complaints = Vec::new();
        let mut called = BTreeMap::from([(Evidence::Run, 0), (Evidence::RunWithoutData, 0)]);
        println!("==> functions called under wine");
        for path in self.0.keys() {
            let Some((evidence, why)) = self.evidence(path) else {
                continue;
            };
            *called.entry(evidence).or_insert(0_u32) += 1;
            let remark = if why.is_empty() {
                String::new()
            } else {
                format!(": {why}")
            };
            println!("    {path:<44} {evidence}{remark}");
        }
        for row in TABLE {
            complaints.extend(self.disagreement(row));
        }
        println!(
            "    {} functions called: {} with data, {} without data in wine",
            self.0.len(),
            called[&Evidence::Run],
            called[&Evidence::RunWithoutData]
        );
        if complaints.is_empty() {
            return Ok(());
        }
        for complaint in &complaints {
            println!("    {complaint}");
        }
        Err(format!(
            "{} disagreements with the availability table",
            complaints.len()
        ))
    }

    fn disagreement(&self, row: &Row) -> Option<String> {
        let callable = matches!(row.kind, Kind::Function | Kind::Method);
        let path = row
            .windows_path
            .or(row.path)
            .filter(|_| callable && row.implemented.contains(System::Windows))?;
        let seen = self
            .evidence(path)
            .map_or(Evidence::Decoders, |(evidence, _)| evidence);
        (seen != row.windows_evidence).then(|| {
            format!(
                "{} ({path}): the table says \"{}\", the tests say \"{seen}\"",
                row.name, row.windows_evidence
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_checked_answer_outweighs_missing_data() {
        let seen = Seen::parse("a\t\nb\tno disks\na\tno data\nb\tno disks\n");
        assert_eq!(seen.evidence("a"), Some((Evidence::Run, "")));
        assert_eq!(
            seen.evidence("b"),
            Some((Evidence::RunWithoutData, "no disks"))
        );
        assert_eq!(seen.evidence("c"), None);
    }

    #[test]
    fn what_is_missing_is_named_with_how_to_get_it() {
        let missing = [Missing {
            what: "wine (Debian: wine)".into(),
            packages: &["wine"],
        }];
        assert_eq!(complaint(&missing), "missing: wine (Debian: wine)");
    }
}
