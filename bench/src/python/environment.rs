//! The virtual environment that both Python packages are measured in.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::PSUTIL_VERSION;

/// What builds the package of this repository: kept in the environment, so that a build of what has not
/// changed takes seconds.
const BUILDER: &str = "maturin>=1.16,<2";

/// The interpreter of the environment, which is made on first use.
pub fn interpreter(directory: &Path) -> Result<PathBuf> {
    let environment = directory.join(format!("python-psutil-{PSUTIL_VERSION}"));
    let python = environment.join("bin/python");
    let check = format!("import maturin, psutil; assert psutil.__version__ == '{PSUTIL_VERSION}'");
    let works = || {
        Command::new(&python)
            .args(["-I", "-c", &check])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    if !works() {
        eprintln!("making {} ...", environment.display());
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&environment))?;
        let psutil = format!("psutil=={PSUTIL_VERSION}");
        pip(&python, &[BUILDER, &psutil])?;
        ensure!(
            works(),
            "the environment in {} does not work",
            environment.display()
        );
    }
    Ok(python)
}

/// Builds and installs the package of this repository, as it is now.
pub fn install_pslens(python: &Path) -> Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("bench/ is not in a repository")?;
    eprintln!("installing the Python package ...");
    let repository = repository.display().to_string();
    let options = ["--no-build-isolation", "--force-reinstall", "--no-deps"];
    pip(python, &[options.as_slice(), &[&repository]].concat())
}

fn pip(python: &Path, arguments: &[&str]) -> Result<()> {
    let programs = python.parent().context("the interpreter is in no folder")?;
    let path = std::env::var("PATH").unwrap_or_default();
    run(Command::new(python)
        .args(["-m", "pip", "--disable-pip-version-check", "install"])
        .arg("--quiet")
        .args(arguments)
        // The builder is a program beside the interpreter.
        .env("PATH", format!("{}:{path}", programs.display())))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("{command:?}"))?;
    ensure!(
        status.success(),
        "{command:?} failed: --without psutil,pslens-py measures the others"
    );
    Ok(())
}
