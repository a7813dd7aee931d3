//! Temperatures, fans, batteries: none.
