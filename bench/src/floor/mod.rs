//! The floor: the tightest reader of the same information that we know how to write by hand.
//!
//! It returns owned data, reuses its buffers, parses by itself, and checks nothing: not whether the
//! process is still the same one, not whether a row is well formed. That is what a library is
//! measured against, not what one should look like. `trials.rs` times the alternatives; each
//! function here says what lost, on Linux 6.18.

pub mod host;
pub mod memory;
pub mod net;
pub mod one;
pub mod source;
pub mod table;
pub mod trials;
