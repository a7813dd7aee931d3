//! Programs that nobody here wrote, run on pslens in place of psutil, each in its own environment.

use std::path::{Path, PathBuf};

use crate::python::{Environment, pytest, requirements};
use crate::step::{self, Outcome};
use crate::suite::Count;
use crate::wheels;

/// Here `test_NAME.py` runs a program, in an environment with what is in `NAME.txt`.
const FOLDER: &str = "crates/pslens-python/programs";

pub(crate) fn run(count: &mut Count) -> Outcome {
    let wheels = wheels::build(&[])?;
    let tests = tests()?;
    if tests.is_empty() {
        return Err(format!("no tests in {FOLDER}"));
    }
    for (name, test) in tests {
        let list = Path::new(FOLDER).join(format!("{name}.txt"));
        // The packages of this repository are those that were built just now.
        let (ours, others): (Vec<String>, Vec<String>) = requirements(&list)?
            .into_iter()
            .partition(|package| package.starts_with("pslens"));
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
        let environment = Environment::new(&format!("program-{name}"), &others)?;
        environment.install_wheels(&wheels, &ours)?;
        let mut command = environment.command("python");
        command.env("PSLENS_WHEELS", &wheels);
        pytest(&format!("program {name}"), &mut command, &test, count)?;
    }
    Ok(())
}

/// The names and paths of all tests, in order.
fn tests() -> Result<Vec<(String, PathBuf)>, String> {
    let folder = step::root().join(FOLDER);
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{FOLDER}: {error}"))?;
    let mut tests: Vec<(String, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let file = path.file_name()?.to_str()?;
            let name = file.strip_prefix("test_")?.strip_suffix(".py")?.to_owned();
            Some((name, path))
        })
        .collect();
    tests.sort();
    Ok(tests)
}
