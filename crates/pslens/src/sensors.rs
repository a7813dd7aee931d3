//! Temperatures, fans, batteries.
