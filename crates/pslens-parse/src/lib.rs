//! Pure decoders of what kernels say about processes and the system.
//!
//! Bytes in, records out: nothing here opens a file, asks the clock, or knows which system it runs
//! on, so a file captured on one machine decodes on every other. Two shapes only: `parse` for one
//! record, `rows` for a table. Records borrow from the input, keep the kernel's field names and the
//! kernel's units, and say in each field's documentation since when it exists. Arbitrary bytes never
//! cause a panic, and memory use is proportional to the input.
//!
//! The public units, error kinds and policies are not here: they belong to the `pslens` crate.

#![forbid(unsafe_code)]
#![warn(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        reason = "tests may panic: that is how they fail"
    )
)]

pub mod error;
pub mod linux;
pub mod scan;
pub mod unix;
pub mod windows;

pub use error::{ParseError, Problem};
