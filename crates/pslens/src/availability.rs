//! Which function exists on which system: the one truth.
