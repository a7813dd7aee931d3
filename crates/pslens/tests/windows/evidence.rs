//! What was called, and what this Windows has no data for (wine has no disks to count, nobody is logged in).

use std::fs::OpenOptions;
use std::io::Write;

/// Where the notes go, if anybody wants them.
const FILE: &str = "PSLENS_EVIDENCE";

/// The function was called and its answer checked. `path` as in the availability table: `cpu::times`.
pub(crate) fn called(path: &str) {
    note(path, "");
}

/// The function was called; what is missing in its answer is not the library's fault.
pub(crate) fn without_data(path: &str, why: &str) {
    note(path, why);
}

fn note(path: &str, why: &str) {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .unwrap();
    // One write, so that tests that run at the same time do not mix their lines.
    file.write_all(format!("{path}\t{why}\n").as_bytes())
        .unwrap();
}
