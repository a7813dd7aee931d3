//! What exists on one system only.
