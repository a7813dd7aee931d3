//! psutil's source distribution: where it is from, and how its tests are run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::python::Environment;
use crate::step;

const PSUTIL: &str = "psutil==7.2.2";

/// What psutil's tests need. psleak is psutil's own, for the tests of memory leaks.
const PACKAGES: &[&str] = &["pytest>=9,<10", "pytest-timeout>=2,<3", "psleak==0.1.6"];

/// Memory leaks are looked for with the C library's allocator, as psutil does it: without that these tests
/// leave themselves out.
const LEAKS: &str = "tests/test_memleaks.py";

/// Seconds for one test, and for all of them.
const TEST_LIMIT: &str = "60";
const RUN_LIMIT: &str = "900";

/// psutil's name for pslens. The distribution pslens-psutil works by a `.pth` file, which Python does not
/// look for in the folders of PYTHONPATH.
const SHIM: &str = "import pslens\n\npslens.install_as_psutil()\n";

/// What one test did; what weighs most comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Did {
    Pass,
    Skip,
    Fail,
}

/// What all tests of a run did. Those that a crash or a hanging run took with it are absent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcomes(pub(super) BTreeMap<String, Did>);

impl Outcomes {
    /// From what `outcomes.py` notes.
    pub(super) fn parse(notes: &str) -> Self {
        let mut outcomes = BTreeMap::new();
        for line in notes.lines() {
            let (did, test) = match line.split_once(' ') {
                Some(("passed", test)) => (Did::Pass, test),
                Some(("skipped", test)) => (Did::Skip, test),
                Some((_, test)) => (Did::Fail, test),
                None => continue,
            };
            let worst = outcomes.entry(test.to_owned()).or_insert(did);
            *worst = did.max(*worst);
        }
        Self(outcomes)
    }

    pub(super) fn passed(&self, test: &str) -> bool {
        self.0.get(test) == Some(&Did::Pass)
    }

    pub(super) fn any_passed(&self) -> bool {
        self.0.values().any(|did| *did == Did::Pass)
    }

    /// Takes over what a test did in another run.
    pub(super) fn replace(&mut self, test: &str, other: &Self) {
        if let Some(did) = other.0.get(test) {
            self.0.insert(test.to_owned(), *did);
        }
    }
}

/// The unpacked distribution, and the environment that its tests run in.
pub(super) struct Distribution {
    environment: Environment,
    folder: PathBuf,
}

impl Distribution {
    /// Downloads and unpacks it, unless that was done before.
    pub(super) fn fetch() -> Result<Self, String> {
        let environment = Environment::new("conformance", PACKAGES)?;
        let folder = step::target_dir().join("conformance");
        let distribution = Self {
            environment,
            folder,
        };
        let unpacked = distribution.tests();
        if unpacked.join("tests").is_dir() {
            return Ok(distribution);
        }
        let (download, parts) = (
            distribution.folder.join("download"),
            distribution.folder.join("parts"),
        );
        for folder in [&download, &parts, &unpacked] {
            remove(folder)?;
        }
        let mut fetch = distribution.environment.command("python");
        fetch.args(["-m", "pip", "--disable-pip-version-check", "download"]);
        fetch.args(["--quiet", "--no-deps", "--no-binary", "psutil", PSUTIL]);
        fetch.arg("--dest").arg(&download);
        step::run("psutil's source distribution", &mut fetch)?;
        let mut unpack = distribution.environment.command("python");
        unpack.args(["-m", "tarfile", "--extract"]);
        unpack.arg(only_entry(&download)?).arg(&parts);
        step::run("unpack", &mut unpack)?;
        let whole = only_entry(&parts)?;
        // Or the tests would find the sources, which are not compiled, in place of what is installed.
        rename(&whole.join("psutil"), &parts.join("psutil"))?;
        rename(&whole, &unpacked)?;
        Ok(distribution)
    }

    /// Everything but psutil itself: its tests look also at the scripts and documents beside them.
    fn tests(&self) -> PathBuf {
        self.folder.join("psutil")
    }

    /// A folder with psutil, for PYTHONPATH: the tests start interpreters that know nothing of the
    /// environment, and these must find the same package.
    pub(super) fn site_of_psutil(&self) -> Result<PathBuf, String> {
        let site = self.folder.join("site-psutil");
        if !site.join("psutil").is_dir() {
            self.install(&site, PSUTIL)?;
        }
        Ok(site)
    }

    /// A folder with pslens of this repository, and psutil's name for it.
    pub(super) fn site_of_pslens(&self) -> Result<PathBuf, String> {
        let site = self.folder.join("site-pslens");
        remove(&site)?;
        self.install(&site, ".")?;
        let package = site.join("psutil");
        fs::create_dir_all(&package)
            .and_then(|()| fs::write(package.join("__init__.py"), SHIM))
            .map_err(|error| format!("{}: {error}", package.display()))?;
        Ok(site)
    }

    fn install(&self, site: &Path, what: &str) -> step::Outcome {
        let site = site.display().to_string();
        self.environment
            .pip(&["--no-deps", "--target", &site, what])
    }

    /// Runs all tests, or the one that is named, with what `site` has for psutil.
    pub(super) fn run(
        &self,
        name: &str,
        site: &Path,
        test: Option<&str>,
    ) -> Result<Outcomes, String> {
        let notes = self.folder.join(format!("{name}.outcomes"));
        create(&notes)?;
        match test {
            Some(test) => self.pytest(name, site, &notes, &[test])?,
            None => {
                self.pytest(name, site, &notes, &["tests", "--ignore", LEAKS])?;
                self.pytest(&format!("{name}-leaks"), site, &notes, &[LEAKS])?;
            }
        }
        let notes = fs::read_to_string(&notes).map_err(|error| error.to_string())?;
        Ok(Outcomes::parse(&notes))
    }

    /// Runs pytest, which appends to `notes` what each test did. What pytest itself says goes to a log.
    fn pytest(&self, name: &str, site: &Path, notes: &Path, tests: &[&str]) -> step::Outcome {
        let plugin = step::root().join("xtask/src/conformance");
        let path = std::env::join_paths([site, &plugin]).map_err(|error| error.to_string())?;
        let mut pytest = self.environment.command("python");
        pytest.args(["-m", "pytest", "-p", "outcomes", "-p", "no:cacheprovider"]);
        // psutil's own configuration needs plugins that do not change what the tests do.
        pytest.args(["-c", "/dev/null", "--rootdir", "."]);
        pytest.args(["-o", "faulthandler_timeout=0", "-q", "--tb=short"]);
        pytest.args(["--timeout", TEST_LIMIT]).args(tests);
        // A test that hangs in a system call hangs pytest as well.
        let mut limited = Command::new("timeout");
        limited
            .args(["--kill-after=10", RUN_LIMIT])
            .arg(pytest.get_program())
            .args(pytest.get_args())
            .current_dir(self.tests())
            .env("PYTHONPATH", path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("CONFORMANCE_OUTCOMES", notes)
            .stdin(Stdio::null());
        if tests.iter().all(|test| test.starts_with(LEAKS)) {
            limited.env("PYTHONMALLOC", "malloc");
        }
        let log = self.folder.join(format!("{name}.log"));
        let output = create(&log)?;
        let errors = output.try_clone().map_err(|error| error.to_string())?;
        limited.stdout(output).stderr(errors);
        println!("    {}: {}", tests.join(" "), log.display());
        // Whether all passed is in the notes.
        limited
            .status()
            .map(drop)
            .map_err(|error| format!("cannot start `timeout`: {error}"))
    }
}

fn create(path: &Path) -> Result<fs::File, String> {
    fs::File::create(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn remove(folder: &Path) -> step::Outcome {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn rename(from: &Path, to: &Path) -> step::Outcome {
    fs::rename(from, to).map_err(|error| format!("{}: {error}", from.display()))
}

fn only_entry(folder: &Path) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries.flatten().map(|entry| entry.path());
    match (paths.next(), paths.next()) {
        (Some(path), None) => Ok(path),
        _ => Err(format!("{}: one entry was expected", folder.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_report_of_a_test_counts() {
        let notes = "passed a::b\nskipped a::c\npassed a::d\nfailed a::d\npassed a::d\n";
        let outcomes = Outcomes::parse(notes);
        assert!(outcomes.passed("a::b"));
        assert!(!outcomes.passed("a::c") && !outcomes.passed("a::d") && !outcomes.passed("a::e"));
        assert_eq!(outcomes.0["a::d"], Did::Fail);
        assert!(!Outcomes::parse("").any_passed());
    }
}
