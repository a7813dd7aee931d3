//! What `import` costs in an interpreter that has imported nothing yet, and what it reads.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::Driver;

impl Driver {
    /// How long the import takes, without the start of the interpreter.
    pub fn import(&self) -> Result<Duration> {
        let program = format!(
            "from time import perf_counter_ns as now; start = now(); import {}; print(now() - start)",
            self.package
        );
        let output = Command::new(&self.python)
            .args(["-I", "-c", &program])
            .output()
            .context("cannot start Python")?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let nanoseconds = String::from_utf8(output.stdout)?;
        Ok(Duration::from_nanos(nanoseconds.trim().parse()?))
    }

    /// The files of `/proc` and `/sys` that the import opens and the interpreter alone does not, by
    /// strace; nothing where there is no strace.
    pub fn kernel_files_of_import(&self) -> Result<Option<BTreeSet<String>>> {
        let program = format!("import {}", self.package);
        let (Some(with), Some(without)) = (self.opened(&program)?, self.opened("pass")?) else {
            return Ok(None);
        };
        Ok(Some(with.difference(&without).cloned().collect()))
    }

    fn opened(&self, program: &str) -> Result<Option<BTreeSet<String>>> {
        let strace = Command::new("strace")
            .args(["-f", "-qq", "-e", "trace=%file"])
            .arg(&self.python)
            .args(["-I", "-c", program])
            .output();
        let output = match strace {
            Ok(output) => output,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("cannot start strace"),
        };
        let trace = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "strace of {program:?} failed: {trace}"
        );
        let paths = trace.lines().filter_map(|line| line.split('"').nth(1));
        Ok(Some(
            paths
                .filter(|path| path.starts_with("/proc/") || path.starts_with("/sys/"))
                .map(str::to_owned)
                .collect(),
        ))
    }
}
