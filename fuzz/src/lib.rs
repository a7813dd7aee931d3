//! The bodies of the fuzz targets: one function per parser, and where its seeds are.
//!
//! `cargo fuzz run linux_loadavg` fuzzes one (nightly); `cargo xtask fuzz-smoke` replays the seeds and
//! mutations of them through all (stable).

#![forbid(unsafe_code)]

mod linux;
mod unix;
mod windows;

pub use linux::*;
pub use unix::*;
pub use windows::*;

/// One parser to be fuzzed.
#[derive(Debug)]
pub struct Target {
    /// The name of its file in `fuzz_targets/`, and of its folder in `seeds/`.
    pub name: &'static str,
    /// Feeds bytes to the parser.
    pub run: fn(&[u8]),
    /// Which files of `fixtures/linux/*/` are seeds: path patterns with `*` for one component.
    pub fixtures: &'static [&'static str],
}

/// Every target, by name.
pub fn targets() -> impl Iterator<Item = &'static Target> {
    linux::TARGETS
        .iter()
        .chain(unix::TARGETS)
        .chain(windows::TARGETS)
}

/// Takes every row, as a backend does, and checks that the table ends: a parser that returns an error
/// without going on would loop forever.
fn drain<T>(input: &[u8], rows: impl Iterator<Item = T>) {
    let mut count = 0;
    for row in rows {
        core::hint::black_box(row);
        count += 1;
    }
    assert!(count <= input.len() + 1, "more rows than bytes");
}
