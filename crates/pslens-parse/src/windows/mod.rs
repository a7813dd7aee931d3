//! Windows: one module per structure that the kernel or the API fills, named after it.
//!
//! Structures are those of 64-bit Windows unless a module says otherwise. Pointers in them are offsets once
//! the address is known at which the bytes stood; every decoder that follows one takes that address.

mod memory;

pub use memory::{Memory, Wide};
