//! `cargo xtask wheels`: the two Python packages as they are given away, tried with every Python that is here.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::python::Environment;
use crate::step::{self, Outcome};

/// What builds `pslens`; pip fetches what builds `pslens-psutil`.
const MATURIN: &str = "maturin>=1.16,<2";

/// A program that says what of a package works; it ends with an error if something does not.
const SMOKE_TEST: &str = "crates/pslens-python/programs/smoke.py";

/// Builds and tries; `args` are for `maturin build`.
pub(crate) fn run(args: &[String]) -> Outcome {
    let folder = build(args)?;
    try_all(&folder)?;
    for file in files(&folder)? {
        println!("{}", file.display());
    }
    Ok(())
}

/// The step of the gate.
pub(crate) fn check() -> Outcome {
    try_all(&build(&[])?)
}

/// Builds both packages and returns the folder with nothing else in it.
pub(crate) fn build(args: &[String]) -> Result<PathBuf, String> {
    let folder = step::target_dir().join("wheels");
    // Wheels of other versions would be found as well.
    let _ = std::fs::remove_dir_all(&folder);
    let zig = args.iter().any(|arg| arg == "--zig");
    let tools: &[&str] = if zig {
        &[MATURIN, "ziglang"]
    } else {
        &[MATURIN]
    };
    let environment = Environment::new("build", tools)?;
    let mut maturin = environment.command("maturin");
    if zig {
        // It asks the first Python of the path for it.
        maturin.env("PATH", environment.path());
    }
    maturin.args(["build", "--release", "--locked", "--quiet", "--out"]);
    step::run("wheel of pslens", maturin.arg(&folder).args(args))?;
    let mut pip = environment.command("python");
    pip.args(["-m", "pip", "--disable-pip-version-check", "wheel"]);
    pip.args(["--quiet", "--no-deps", "--wheel-dir"])
        .arg(&folder)
        .arg("crates/pslens-python/pslens-psutil");
    step::run("wheel of pslens-psutil", &mut pip)?;
    Ok(folder)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

/// Installs `pslens` into an environment of each Python that the package is for and that is here.
fn try_all(folder: &Path) -> Outcome {
    let mut absent = Vec::new();
    for version in versions()? {
        let Some(python) = interpreter(&version) else {
            absent.push(version);
            continue;
        };
        let environment = Environment::made_by(&python, &format!("smoke-{version}"), &[])?;
        environment.install_wheels(folder, &["pslens"])?;
        let mut smoke = environment.command("python");
        step::run(
            &format!("smoke test, Python {version}"),
            smoke.arg(SMOKE_TEST),
        )?;
    }
    if !absent.is_empty() {
        println!("    not here, so not tried: Python {}", absent.join(", "));
    }
    Ok(())
}

/// The versions that `pyproject.toml` promises.
fn versions() -> Result<Vec<String>, String> {
    let path = step::root().join("pyproject.toml");
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let versions = promised(&text);
    if versions.is_empty() {
        return Err("pyproject.toml names no versions of Python".into());
    }
    Ok(versions)
}

fn promised(pyproject: &str) -> Vec<String> {
    pyproject
        .lines()
        .filter_map(|line| line.split_once("Programming Language :: Python :: 3."))
        .filter_map(|(_, minor)| minor.split('"').next())
        .map(|minor| format!("3.{minor}"))
        .collect()
}

/// A Python of a version: by its name, or among those of pyenv.
fn interpreter(version: &str) -> Option<PathBuf> {
    let named = PathBuf::from(format!("python{version}"));
    if works(&named) {
        return Some(named);
    }
    let home = std::env::var_os("HOME")?;
    let installed = Path::new(&home).join(".pyenv/versions");
    files(&installed)
        .ok()?
        .into_iter()
        .rev()
        .filter(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.strip_prefix(version)
                .is_some_and(|rest| rest.starts_with('.'))
        })
        .map(|folder| folder.join("bin/python"))
        .find(|python| works(python))
}

/// Whether it is there and starts: a stand-in for a version that was not chosen does not.
fn works(python: &Path) -> bool {
    Command::new(python)
        .args(["-c", ""])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_what_the_classifiers_say() {
        let text = "\"Programming Language :: Python :: 3 :: Only\",\n\
                    \"Programming Language :: Python :: 3.9\",\n\
                    \"Programming Language :: Python :: 3.13\",\n";
        assert_eq!(promised(text), ["3.9", "3.13"]);
    }
}
