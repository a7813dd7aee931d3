//! The one error of this crate: which source, which field, where.

use core::fmt;

/// Why bytes could not be decoded: which source, which field of it, and at which offset.
///
/// The offending bytes are never kept: they may hold secrets (command lines, environments).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseError {
    source: &'static str,
    field: &'static str,
    offset: usize,
    problem: Problem,
}

/// What was wrong with the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The field is mandatory and is not there.
    Missing,
    /// The field is there and is not what the kernel's format says (not a number, for instance).
    Malformed,
    /// The number does not fit the field's type.
    OutOfRange,
}

impl ParseError {
    /// Names the problem. `offset` counts bytes from the start of the input.
    #[cold]
    #[must_use]
    pub const fn new(
        source: &'static str,
        field: &'static str,
        offset: usize,
        problem: Problem,
    ) -> Self {
        Self {
            source,
            field,
            offset,
            problem,
        }
    }

    /// The kernel source, spelled as in the kernel's documentation (`/proc/[pid]/stat`).
    #[must_use]
    pub const fn source_name(&self) -> &'static str {
        self.source
    }

    /// The kernel's name of the field.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// Where in the input, in bytes from its start.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// What was wrong.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            Problem::Missing => "is missing",
            Problem::Malformed => "is malformed",
            Problem::OutOfRange => "is out of range",
        };
        write!(
            f,
            "{}: field {} {problem} at byte {}",
            self.source, self.field, self.offset
        )
    }
}

impl core::error::Error for ParseError {}
