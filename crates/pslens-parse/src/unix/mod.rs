//! What several Unix systems write in the same form.

pub mod utmpx;
