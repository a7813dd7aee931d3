//! How answers are written: tables for people, JSON for programs.

pub(crate) mod cell;
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod units;

use std::io::{self, BufWriter, StdoutLock, Write};
use std::num::NonZeroU64;

pub(crate) use cell::Cell;
pub(crate) use table::{Align, Table};
pub(crate) use units::Sizes;

/// What the user chose about tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) sizes: Sizes,
    /// Write the names of the columns.
    pub(crate) header: bool,
    /// Cut the last column here.
    pub(crate) width: Option<usize>,
    /// Write the names of the columns in bold.
    pub(crate) color: bool,
}

impl Layout {
    /// For comparisons: base units, nothing cut.
    pub(crate) const RAW: Self = Self {
        sizes: Sizes::Whole(NonZeroU64::MIN),
        header: false,
        width: None,
        color: false,
    };
}

/// Standard output, in large pieces.
pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(64 << 10, io::stdout().lock())
}

/// Says something beside the answer, on one line of stderr.
pub(crate) fn note(message: &str) {
    let mut line = String::from("pslens: ");
    text::push(&mut line, message.as_ref());
    line.push('\n');
    // There is nowhere to complain about a stderr that is closed.
    let _ = io::stderr().write_all(line.as_bytes());
}
