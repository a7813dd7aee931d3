//! The Python package: environments to try it in, its tests, and what it is compared with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{self, Outcome};
use crate::suite::Count;

/// A virtual environment in `target/python`, with its interpreter.
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Makes the environment, or takes the one that is there and was made for the same packages.
    pub(crate) fn new(name: &str, packages: &[&str]) -> Result<Self, String> {
        Self::made_by(Path::new("python3"), name, packages)
    }

    /// The same, with a certain Python.
    pub(crate) fn made_by(python: &Path, name: &str, packages: &[&str]) -> Result<Self, String> {
        let folder = step::target_dir().join("python").join(name);
        let environment = Self { folder };
        let note = environment.folder.join("packages.txt");
        let wanted = format!("{}\n{}", python.display(), packages.join("\n"));
        if std::fs::read_to_string(&note).is_ok_and(|made| made == wanted) {
            return Ok(environment);
        }
        let mut make = Command::new(python);
        make.args(["-m", "venv", "--clear"])
            .arg(&environment.folder);
        step::run("python environment", &mut make)?;
        if !packages.is_empty() {
            environment.pip(packages)?;
        }
        std::fs::write(note, wanted).map_err(|error| error.to_string())?;
        Ok(environment)
    }

    /// A program of the environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join("bin").join(program));
        command.current_dir(step::root());
        command
    }

    /// `PATH` with the programs of the environment before all others.
    pub(crate) fn path(&self) -> OsString {
        let mut path = self.folder.join("bin").into_os_string();
        if let Some(others) = std::env::var_os("PATH") {
            path.push(":");
            path.push(others);
        }
        path
    }

    pub(crate) fn pip(&self, arguments: &[&str]) -> Outcome {
        let mut install = self.command("python");
        install.args([
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
        ]);
        install.args(arguments);
        step::run("pip install", &mut install)
    }

    /// Installs the package of this repository, built as a user's pip builds it.
    pub(crate) fn install_pslens(&self) -> Outcome {
        self.pip(&["--force-reinstall", "--no-deps", "."])
    }

    /// Installs packages of this repository that were built into a folder.
    pub(crate) fn install_wheels(&self, folder: &Path, packages: &[&str]) -> Outcome {
        let folder = folder.to_string_lossy();
        let options = ["--force-reinstall", "--no-deps", "--no-index"];
        self.pip(&[&options, &["--find-links", &*folder][..], packages].concat())
    }
}

/// The tests of the package, and what they need.
const TESTS: &str = "crates/pslens-python/tests";

/// Installs the package into an environment of its own and runs its tests.
pub(crate) fn tests(count: &mut Count) -> Outcome {
    let packages = requirements(&Path::new(TESTS).join("requirements.txt"))?;
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    let environment = Environment::new("tests", &packages)?;
    environment.install_pslens()?;
    let mut python = environment.command("python");
    pytest("python tests", &mut python, Path::new(TESTS), count)
}

/// The packages that a file of the repository lists.
pub(crate) fn requirements(list: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(step::root().join(list))
        .map_err(|error| format!("{}: {error}", list.display()))?;
    let lines = text.lines().map(str::trim);
    Ok(lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

/// Runs tests with a Python that has pytest, and counts them.
pub(crate) fn pytest(name: &str, python: &mut Command, tests: &Path, count: &mut Count) -> Outcome {
    step::timed(name, || {
        python.args(["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]);
        let (output, ok) = step::watch(python.arg(tests))?;
        count.add(pytest_count(&output));
        if ok { Ok(()) } else { Err("see above".into()) }
    })
}

/// The numbers in pytest's last line: `3 failed, 40 passed, 2 skipped in 1.2s`.
pub(crate) fn pytest_count(output: &str) -> Count {
    let mut count = Count::default();
    let Some(summary) = output.lines().rev().find(|line| line.contains(" in ")) else {
        return count;
    };
    let words: Vec<&str> = summary
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    for pair in words.windows(2) {
        let number = pair[0].parse().unwrap_or(0);
        match pair[1] {
            "passed" => count.passed += number,
            "failed" | "error" | "errors" => count.failed += number,
            "skipped" => count.skipped += number,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pytest_says_how_many_did_what() {
        let count = pytest_count("...\n== 3 failed, 40 passed, 2 skipped, 1 error in 1.25s ==\n");
        assert_eq!((count.passed, count.failed, count.skipped), (40, 4, 2));
        assert_eq!(pytest_count("nothing"), Count::default());
    }
}
